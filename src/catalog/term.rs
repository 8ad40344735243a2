// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Term`]: a word of Remote Desktop licensing, and what it means.

use alloc::string::String;
use core::fmt;

/// A word, a field of a token, an event of a log, or an error of a client. `calhive explain` prints the page of a
/// term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Kind of the term.
    pub kind: TermKind,
    /// Name of the term.
    pub name: &'static str,
    /// Other names of the term.
    pub also: &'static [&'static str],
    /// Meaning of the term, according to the cited texts.
    pub meaning: &'static str,
    /// What the term does not show. Empty if the meaning leaves nothing open.
    pub does_not_show: &'static str,
    /// Names of other terms, and codes of places and findings.
    pub see: &'static [&'static str],
    /// Sources, tagged as in the catalog.
    pub source: &'static str,
}

/// Kind of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TermKind {
    /// A word of reports and of Microsoft's texts.
    Word,
    /// A field of a token.
    TokenField,
    /// An event of a Windows event log.
    Event,
    /// An error that a client shows.
    ClientError,
}

impl Term {
    /// Whether the text is a name of the term. Case, hyphens and underscores do not matter.
    ///
    /// ```
    /// use calhive::catalog::terms;
    /// assert!(terms().any(|term| term.is_called("Grace-Period")));
    /// ```
    pub fn is_called(&self, text: &str) -> bool {
        self.names().any(|name| is_same(name, text))
    }

    /// Returns the name and the other names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        core::iter::once(self.name).chain(self.also.iter().copied())
    }
}

impl fmt::Display for TermKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Word => "word",
            Self::TokenField => "field of a token",
            Self::Event => "event of a Windows event log",
            Self::ClientError => "error of a client",
        })
    }
}

/// Whether two names are the same but for case, hyphens and underscores.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        let blank = |c| if matches!(c, '-' | '_') { ' ' } else { c };
        text.trim().chars().map(blank).flat_map(char::to_lowercase).collect()
    };
    plain(one) == plain(other)
}

/// Defines terms as a constant.
macro_rules! terms {
    ($(#[$doc:meta])* $terms:ident $($kind:ident $name:literal also [$($also:literal),*]
        means $meaning:literal
        not $not:literal
        see [$($see:literal),*]
        source $source:literal)*) => {
        $(#[$doc])*
        pub(super) const $terms: &[$crate::catalog::Term] = &[$($crate::catalog::Term {
            kind: $crate::catalog::TermKind::$kind,
            name: $name,
            also: &[$($also),*],
            meaning: $meaning,
            does_not_show: $not,
            see: &[$($see),*],
            source: $source,
        }),*];
    };
}
pub(super) use terms;

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn hyphens_underscores_and_case_do_not_matter() {
        assert!(is_same("grace_period", "Grace Period"));
        assert!(is_same(" HWID ", "hwid"));
        assert!(!is_same("grace period", "graceperiod"));
    }
}
