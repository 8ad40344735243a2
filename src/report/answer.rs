// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Answer`]: an answer to a question that calhive examines a host for.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use crate::meaning::Certainty;
use crate::report::text::Text;

/// An answer to one of the questions that calhive examines a host for.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Answer {
    /// Stable name of the question.
    pub code: String,
    /// The question, in words.
    pub question: Text,
    /// What the given hives show, in words.
    pub shown: Text,
    /// What the given hives do not show, in words. Empty if the question does not apply to the host.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Text::is_empty"))]
    pub not_shown: Text,
    /// How certain the answer is.
    pub certainty: Certainty,
    /// Ids of the facts behind the answer.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
    /// Ids of the tokens behind the answer.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub tokens: Vec<String>,
    /// Other explanations that would leave the same traces. Can be empty.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub alternatives: Vec<Text>,
    /// Further evidence to look at, in words.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub next_evidence: Vec<Text>,
}
