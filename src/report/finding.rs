// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Finding`]: something to look at, with its [`Severity`].

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use crate::meaning::Certainty;
use crate::report::text::Text;

/// Something to look at: one sentence, with a card of explanations.
///
/// The JSON document has the card once for each code, in its table `finding_pages`.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Finding {
    /// Id of the finding: `finding-1` and so on.
    pub id: String,
    /// Stable name of the finding. `calhive explain CODE` prints its page.
    pub code: &'static str,
    /// Subject of the finding.
    pub title: Text,
    /// How much the finding deserves a look. Never a statement of guilt.
    pub severity: Severity,
    /// How certain the meaning is.
    pub certainty: Certainty,
    /// Ids of the hosts that the finding is about.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub hosts: Vec<String>,
    /// What was found, in one sentence.
    pub statement: Text,
    /// The bytes behind the finding, and their places.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub observed: Vec<Text>,
    /// Ids of the facts behind the finding.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
    /// Ids of the tokens behind the finding.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub tokens: Vec<String>,
    /// What the finding shows.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub shows: Text,
    /// What the finding does not show.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub does_not_show: Text,
    /// Innocent explanations for the finding.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub innocent_explanations: Vec<Text>,
    /// Evidence that the rule of the finding was validated on.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub validated_on: Text,
    /// How to see the same with another tool.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub reproduce: Text,
    /// Published source for the finding.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub reference: String,
}

/// How much a finding deserves a look. Never a statement of guilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Severity {
    /// For information.
    Info,
    /// Worth a look.
    Notice,
    /// To be looked at before anyone relies on the evidence.
    Attention,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Attention => "attention",
        })
    }
}
