// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Line`]: a text in spans, each with its [`Kind`].

use calhive::FileTime;
use calhive::report::Severity;

/// A text in spans. Its text is as in the report, and not escaped for any format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line(pub(crate) Vec<Span>);

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// What the text is.
    pub(crate) kind: Kind,
    /// The text.
    pub(crate) text: String,
}

/// What the text of a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A word of the page itself.
    Plain,
    /// A name or other text from the evidence.
    Name,
    /// A time, UTC. A writer never splits a time.
    Time,
    /// A path or an identifier. A writer breaks it between its parts only.
    Path,
    /// Severity of a finding.
    Severity(Severity),
    /// Code of a finding.
    Code,
    /// The value in effect.
    InEffect,
    /// A remark of less importance, such as an overridden value.
    Muted,
    /// Something that needs care: not readable, incomplete, or possibly refused.
    Warning,
}

impl Line {
    /// Returns a line with one span of this kind.
    pub(crate) fn of(kind: Kind, text: &str) -> Self {
        Self::default().and(kind, text)
    }

    /// Returns a line with one plain span.
    pub(crate) fn plain(text: &str) -> Self {
        Self::of(Kind::Plain, text)
    }

    /// Adds a span. An empty text adds nothing.
    pub(crate) fn and(mut self, kind: Kind, text: &str) -> Self {
        if !text.is_empty() {
            self.0.push(Span { kind, text: text.to_owned() });
        }
        self
    }

    /// Adds a plain span.
    pub(crate) fn then(self, text: &str) -> Self {
        self.and(Kind::Plain, text)
    }

    /// Adds a time, in whole seconds.
    pub(crate) fn time(self, time: FileTime) -> Self {
        self.and(Kind::Time, &seconds(time))
    }

    /// Adds the spans of another line.
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Gives its plain spans another kind.
    pub(crate) fn recolor(mut self, kind: Kind) -> Self {
        let plain = self.0.iter_mut().filter(|span| span.kind == Kind::Plain);
        plain.for_each(|span| span.kind = kind);
        self
    }

    /// Returns the text without kinds.
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|span| span.text.as_str()).collect()
    }

    /// Whether the line has no text.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Returns a time for people: UTC, in whole seconds.
pub(crate) fn seconds(time: FileTime) -> String {
    let text = time.to_string();
    let whole = text.split('.').next().unwrap_or_default();
    whole.replace('T', " ")
}
