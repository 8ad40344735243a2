// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Text`]: words for people.

use alloc::string::String;
use core::borrow::Borrow;
use core::fmt;
use core::ops::Deref;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

/// Words for people, which can change with each version of calhive. In JSON, an object with the field `text`.
///
/// A `Text` reads like a `&str`:
///
/// ```
/// use calhive::report::Text;
/// let text = Text::from("no license server is named");
/// assert!(text.starts_with("no license"));
/// assert_eq!(text.to_string(), "no license server is named");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Text {
    /// The words.
    text: String,
}

impl Text {
    /// Whether there are no words.
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns the words.
    pub const fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// Adds words at the end.
    pub(crate) fn push_str(&mut self, more: &str) {
        self.text.push_str(more);
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { text }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self { text: String::from(text) }
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.text
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}
