// SPDX-License-Identifier: GPL-3.0-or-later
//! What is said on standard error, and whether it changes the exit code: one goes with the other, so
//! that no input can be read in part without being named.

use core::cell::Cell;
use core::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use crate::output::escape;

/// Reasons that are given for one input unless all are asked for.
const FIRST_REASONS: usize = 3;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// What changes the exit code.
    Quiet,
    /// Also what a reader should know.
    Normal,
    /// Also each step, and all reasons.
    Verbose,
}

/// The way to standard error.
#[derive(Debug)]
pub(crate) struct Messages {
    level: Level,
    incomplete: Cell<bool>,
}

impl Messages {
    pub(crate) const fn new(level: Level) -> Self {
        Self { level, incomplete: Cell::new(false) }
    }

    /// Why nothing more can be done.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        say(&format!("{error:#}"));
    }

    /// An input that could not be read, or not whole.
    pub(crate) fn incomplete(&self, what: impl Display) {
        self.incomplete.set(true);
        say(&what.to_string());
    }

    /// An input that could not be read whole, unless there are no reasons to say so.
    pub(crate) fn not_whole(&self, input: impl Display, reasons: &Reasons) {
        if reasons.total == 0 {
            return;
        }
        self.incomplete(format_args!(
            "{input}: not read whole ({})",
            count(reasons.total, "fault")
        ));
        self.list(reasons);
    }

    /// A dirty hive whose logs could not be applied, or not all of them, unless there are no reasons to
    /// say so.
    pub(crate) fn not_applied(&self, input: impl Display, reasons: &Reasons) {
        if reasons.total > 0 {
            let logs = count(reasons.total, "log");
            self.incomplete(format_args!("{input}: {logs} not applied, or not to the end"));
            self.list(reasons);
        }
    }

    /// Faults that did not stop anything, unless there are none.
    pub(crate) fn faults(&self, input: impl Display, reasons: &Reasons) {
        if reasons.total > 0 && self.level > Level::Quiet {
            let faults = count(reasons.total, "fault");
            say(&format!("{input}: {faults} that did not keep it from being read"));
            self.list(reasons);
        }
    }

    fn list(&self, reasons: &Reasons) {
        if self.level == Level::Quiet {
            return;
        }
        reasons.shown.iter().for_each(|reason| say_below(reason));
        let more = reasons.total.saturating_sub(reasons.shown.len() as u64);
        if more > 0 {
            // -v gives those that were kept.
            let hint = if self.level == Level::Verbose { "" } else { " (-v gives more of them)" };
            say_below(&format!("and {more} more{hint}"));
        }
    }

    /// Something that a reader should know.
    pub(crate) fn note(&self, what: impl Display) {
        if self.level > Level::Quiet {
            say(&what.to_string());
        }
    }

    /// Whether how far the work is may be shown.
    pub(crate) fn shows_progress(&self) -> bool {
        self.level > Level::Quiet && io::stderr().is_terminal()
    }

    /// A step.
    pub(crate) fn step(&self, what: impl Display) {
        if self.level == Level::Verbose {
            say(&what.to_string());
        }
    }

    /// Collects reasons, as many as will be shown.
    pub(crate) const fn reasons(&self) -> Reasons {
        let most = if matches!(self.level, Level::Verbose) { usize::MAX } else { FIRST_REASONS };
        Reasons { shown: Vec::new(), most, total: 0 }
    }

    /// Whether an input was named that could not be read, or not whole.
    pub(crate) const fn is_incomplete(&self) -> bool {
        self.incomplete.get()
    }
}

/// Why an input could not be read whole.
#[derive(Debug)]
pub(crate) struct Reasons {
    shown: Vec<String>,
    most: usize,
    total: u64,
}

impl Reasons {
    /// One more; put into words only if it will be shown.
    pub(crate) fn add(&mut self, reason: impl Display) {
        self.total = self.total.saturating_add(1);
        if self.shown.len() < self.most {
            self.shown.push(reason.to_string());
        }
    }

    /// Reasons of which only the first are known: they are so many in all.
    pub(crate) fn counted(mut self, total: u64) -> Self {
        self.total = self.total.max(total);
        self
    }
}

/// "1 fault", "2 faults".
pub(crate) fn count(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// A line. Names of files come from the evidence too, so nothing gets to the terminal as it is.
fn say(line: &str) {
    // There is nowhere to tell that standard error is closed.
    let _ = writeln!(io::stderr(), "calhive: {}", escape::message(line));
}

fn say_below(line: &str) {
    let _ = writeln!(io::stderr(), "  {}", escape::message(line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_beyond_the_first_are_counted() {
        let mut reasons = Messages::new(Level::Normal).reasons();
        (0..5).for_each(|number| reasons.add(number));
        assert_eq!((reasons.shown.len(), reasons.total), (FIRST_REASONS, 5));
        let mut reasons = Messages::new(Level::Verbose).reasons();
        (0..5).for_each(|number| reasons.add(number));
        assert_eq!(reasons.shown.len(), 5);
    }

    #[test]
    fn whoever_is_named_changes_the_exit_code() {
        let messages = Messages::new(Level::Quiet);
        messages.not_whole("a", &messages.reasons());
        messages.note("a");
        assert!(!messages.is_incomplete());
        let mut reasons = messages.reasons();
        reasons.add("b");
        messages.not_whole("a", &reasons);
        assert!(messages.is_incomplete());
    }
}
