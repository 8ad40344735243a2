// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`TokenFault`]: what is wrong with a token or certificate, and where in it.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

/// What is wrong with a token or a certificate: why it cannot be read, or what of it is not as the
/// standards ask and did not stop the reader.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{structure} {problem}, at byte {offset:#x} of the token")]
pub struct TokenFault {
    structure: &'static str,
    problem: Cow<'static, str>,
    offset: usize,
}

impl TokenFault {
    pub(crate) fn new(
        structure: &'static str,
        problem: impl Into<Cow<'static, str>>,
        offset: usize,
    ) -> Self {
        Self { structure, problem: problem.into(), offset }
    }

    /// The structure that is at fault.
    pub const fn structure(&self) -> &'static str {
        self.structure
    }

    /// Where, in bytes from the start of the token.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> String {
        format!("{} {}", self.structure, self.problem)
    }

    /// The same, counted from a start that lies this much earlier.
    pub(crate) fn moved(self, by: usize) -> Self {
        Self { offset: self.offset.saturating_add(by), ..self }
    }
}
