// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`FindingPage`]: what a finding means, in words fit to be read aloud in court.

use crate::meaning::Certainty;
use crate::report::Severity;

/// The page about one kind of finding. `calhive explain CODE` prints this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingPage {
    /// Stable name of the finding.
    pub code: &'static str,
    /// Title of the finding.
    pub title: &'static str,
    /// How much the finding deserves a look. Never a statement of guilt. If the role of a host is unknown,
    /// the severity is [`Severity::Info`].
    pub severity: Severity,
    /// Certainty of the meaning.
    pub certainty: Certainty,
    /// Condition that raises the finding.
    pub rule: &'static str,
    /// What the finding shows.
    pub shows: &'static str,
    /// What the finding does not show.
    pub does_not_show: &'static str,
    /// Innocent explanations.
    pub innocent: &'static [&'static str],
    /// Data on which the rule was validated.
    pub validated_on: &'static str,
    /// How to reproduce the finding with another tool.
    pub reproduce: &'static str,
    /// Sources, tagged as in the catalog.
    pub source: &'static str,
}

/// Validation of rules about tokens.
pub(super) const TOKENS: &str = "forged tokens and one published token ([MS-RDPELE] 4.6); no public hive \
    with a real token is known";
/// Validation of all other rules.
pub(super) const FORGED: &str = "forged hives only";

/// Defines each page as a constant, and all pages in this order as `PAGES`.
macro_rules! pages {
    ($($name:ident $code:literal $title:literal $severity:ident $certainty:ident $validated:ident
        when $rule:literal
        shows $shows:literal
        not $not:literal
        innocent [$($innocent:literal),+ $(,)?]
        reproduce $reproduce:literal
        source $source:literal)*) => {
        $(pub(super) const $name: FindingPage = FindingPage {
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
        /// All pages of this module.
        pub(super) const PAGES: &[FindingPage] = &[$($name),*];
    };
}
pub(super) use pages;
