// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Explanation`]: meaning of the data of a value. [`Certainty`]: how certain a meaning is.

use alloc::string::String;
use core::fmt;

/// How certain a meaning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Certainty {
    /// The report shows the bytes without a meaning.
    Observed,
    /// A text that Microsoft published states the meaning.
    Documented,
    /// The meaning follows from other facts. No Microsoft text states the meaning.
    Inferred,
    /// The given hives do not show the meaning.
    NotDeterminable,
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Observed => "observed",
            Self::Documented => "documented",
            Self::Inferred => "inferred",
            Self::NotDeterminable => "not determinable",
        })
    }
}

/// Meaning of the data of a value.
#[derive(Clone, Debug)]
pub(crate) struct Explanation {
    pub(crate) shown: Option<String>,
    /// Meaning in words; `None` if the shown data need no explanation.
    pub(crate) label: Option<String>,
    pub(crate) certainty: Certainty,
}
