// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `explain`.

/// Explain a finding, a place in the registry, a word, a field or an event
///
/// TOPIC is one of these, in upper or lower case:
///   - the code of a finding or of a place, such as client.token.temporary
///   - the name of a registry value or key that calhive reads, such as LicensingMode
///   - a word, such as token or grace period
///   - a field of a token or of the JSON report, such as client_reported_user
///   - the number of an event or of an error of a client, such as 1004 or 2056
///
/// Each page names its sources. Without TOPIC, `explain` lists all topics.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "\
Examples:
  calhive explain client.token.temporary
  calhive explain grace period
  calhive explain 2056")]
pub(crate) struct Explain {
    /// What to explain; several words are one topic
    pub(crate) topic: Vec<String>,
}
