// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Paint`]: colors of text for a terminal. Color repeats what words say.

use std::env;
use std::io::{self, IsTerminal as _};

use calhive::report::Severity;
use clap::ColorChoice;
use clap::builder::styling::{AnsiColor, Style};

use crate::screen::{Kind, Line};
use crate::text::escape;

/// Whether text has colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    /// Returns the colors for standard output. With `auto`, text is colored on a terminal, unless the
    /// environment sets `NO_COLOR` or names a terminal without colors.
    pub(crate) fn chosen(choice: ColorChoice) -> Self {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = || env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self(match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb(),
        })
    }

    /// Returns the text of a line, escaped, with its colors. Each word has its own color, so that a line can
    /// be wrapped.
    pub(crate) fn line(self, line: &Line) -> String {
        line.0.iter().map(|span| self.span(span.kind, &escape::message(&span.text))).collect()
    }

    /// Returns the label of a section.
    pub(crate) fn label(self, label: &str) -> String {
        if self.0 { styled(Style::new().bold(), label) } else { label.to_owned() }
    }

    fn span(self, kind: Kind, text: &str) -> String {
        let style = match kind {
            Kind::Name => Style::new().bold(),
            Kind::Severity(Severity::Attention) => AnsiColor::Red.on_default().bold(),
            Kind::Severity(Severity::Notice) | Kind::Warning => AnsiColor::Yellow.on_default(),
            Kind::InEffect => AnsiColor::Green.on_default(),
            Kind::Muted => Style::new().dimmed(),
            _ => return text.to_owned(),
        };
        if !self.0 {
            return text.to_owned();
        }
        let words = text.split_inclusive([' ', '\\', '/']);
        words
            .map(|word| {
                let text = word.trim_end_matches(' ');
                let blanks = word.get(text.len()..).unwrap_or_default();
                if text.is_empty() {
                    blanks.to_owned()
                } else {
                    format!("{}{blanks}", styled(style, text))
                }
            })
            .collect()
    }
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
