// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Page`]: what a finding means, in words that may be read out.

use crate::licensing::report::{Certainty, Severity};

/// What is said of every finding of one kind: the page that `calhive explain CODE` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its stable name.
    pub code: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// How much it matters to look at it; never guilt. Where the role of a host is unknown it is
    /// [`Severity::Info`].
    pub severity: Severity,
    /// How sure its meaning is.
    pub certainty: Certainty,
    /// When it is raised.
    pub rule: &'static str,
    /// What it shows.
    pub shows: &'static str,
    /// What it does not show.
    pub does_not_show: &'static str,
    /// Explanations that nobody has to answer for.
    pub innocent: &'static [&'static str],
    /// What the rule was validated on.
    pub validated_on: &'static str,
    /// How to see the same with another tool.
    pub reproduce: &'static str,
    /// Who says so: the tags of the catalogue of places.
    pub source: &'static str,
}

/// Rules about tokens.
pub(super) const TOKENS: &str = "forged tokens, and one published token ([MS-RDPELE] 4.6); no public hive \
    with a real token is known";
/// Rules about everything else.
pub(super) const FORGED: &str = "forged hives only";

/// Pages in the order in which they are written, under their names.
macro_rules! pages {
    ($($name:ident $code:literal $title:literal $severity:ident $certainty:ident $validated:ident
        when $rule:literal
        shows $shows:literal
        not $not:literal
        innocent [$($innocent:literal),+ $(,)?]
        reproduce $reproduce:literal
        source $source:literal)*) => {
        $(pub(super) const $name: Page = Page {
            code: $code,
            title: $title,
            severity: Severity::$severity,
            certainty: Certainty::$certainty,
            rule: $rule,
            shows: $shows,
            does_not_show: $not,
            innocent: &[$($innocent),+],
            validated_on: $validated,
            reproduce: $reproduce,
            source: $source,
        };)*
        /// All of them.
        pub(super) const PAGES: &[Page] = &[$($name),*];
    };
}
pub(super) use pages;
