// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of `token`.

use std::path::PathBuf;

use super::InfoFormat;

/// Decode licenses from a binary or text file, or from a folder of .cal files
///
/// The file can contain:
///   - the value ClientLicense of a client, or a .cal file of FreeRDP, rdesktop or WALLIX
///   - a NEW_LICENSE_INFO structure or a whole licensing message from the network
///   - the certificates of a session host, or a single certificate
///
/// Text can be hex, a hex dump, decimal bytes, a JSON array of bytes, base64, PEM, the output of
/// `reg query`, or a .reg file of `reg export`. A file with several licenses gives all of them, and
/// JSON is then a list.
///
/// `token` never compares dates in the license with the current time.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "\
Examples:
  calhive token license.cal
  calhive get SOFTWARE 'Microsoft\\MSLicensing\\Store\\LICENSE000' ClientLicense \\
      --format raw | calhive token -")]
pub(crate) struct Token {
    /// File to decode, up to 4 MiB, or a folder of .cal files; - reads standard input
    pub(crate) file: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: InfoFormat,
}
