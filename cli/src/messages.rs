// SPDX-License-Identifier: GPL-3.0-or-later
//! Messages on standard error. A message about an incomplete input also sets the exit code, so a nonzero
//! exit code always has a message.

use core::cell::{Cell, RefCell};
use core::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use crate::progress::Progress;
use crate::text::escape;

/// Maximum number of reasons shown for one input, unless the level is verbose.
const FIRST_REASONS: usize = 3;
/// Exit code if an input was not read completely, or changed during the run.
const INCOMPLETE: u8 = 3;
/// Exit code if a finding is one that `scan --fail-on` names.
const FAILED_ON_FINDING: u8 = 4;

/// Selection of messages on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Messages that explain a nonzero exit code.
    Quiet,
    /// All messages of `Quiet`, and notes.
    Normal,
    /// All messages of `Normal`, each step, and all reasons.
    Verbose,
}

/// Writes messages to standard error, and remembers whether an input was incomplete.
#[derive(Debug)]
pub(crate) struct Messages {
    level: Level,
    incomplete: Cell<bool>,
    /// Whether a finding is one that `scan --fail-on` names.
    failed_on_finding: Cell<bool>,
    /// Exit code for a report without content.
    if_empty: Cell<u8>,
    /// Messages so far, for the manifest of an output folder.
    said: RefCell<Vec<String>>,
    /// The line of progress on the terminal.
    progress: RefCell<Progress>,
}

impl Messages {
    pub(crate) fn new(level: Level) -> Self {
        Self {
            level,
            incomplete: Cell::new(false),
            failed_on_finding: Cell::new(false),
            if_empty: Cell::new(0),
            said: RefCell::new(Vec::new()),
            progress: RefCell::new(Progress::hidden()),
        }
    }

    /// Returns messages about one of several inputs, with an exit code of their own.
    pub(crate) fn of_input(&self) -> Self {
        Self::new(self.level)
    }

    /// Takes the exit code and the messages about one input over.
    pub(crate) fn absorb(&self, of_input: Self) {
        self.incomplete.set(self.incomplete.get() || of_input.incomplete.get());
        self.failed_on_finding
            .set(self.failed_on_finding.get() || of_input.failed_on_finding.get());
        self.said.borrow_mut().extend(of_input.said.into_inner());
    }

    /// Reports a fatal error.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        self.say(&format!("{error:#}"));
    }

    /// Reports an input that was not read, or was read only in part.
    pub(crate) fn incomplete(&self, what: impl Display) {
        self.incomplete.set(true);
        let what = what.to_string();
        self.say(&what);
        self.said.borrow_mut().push(what);
    }

    /// Reports why an input could not be read completely; writes nothing without reasons.
    pub(crate) fn not_whole(&self, input: impl Display, reasons: &Reasons) {
        if reasons.total == 0 {
            return;
        }
        self.incomplete(format_args!(
            "{input}: could not be read completely ({})",
            count(reasons.total, "fault")
        ));
        self.list(reasons);
    }

    /// Reports why logs of a dirty hive were not applied completely; writes nothing without reasons.
    pub(crate) fn not_applied(&self, input: impl Display, reasons: &Reasons) {
        if reasons.total > 0 {
            let logs = count(reasons.total, "log");
            self.incomplete(format_args!("{input}: {logs} not applied, or applied only in part"));
            self.list(reasons);
        }
    }

    /// Reports faults that did not stop reading; writes nothing without faults.
    pub(crate) fn faults(&self, input: impl Display, reasons: &Reasons) {
        if reasons.total > 0 && self.level > Level::Quiet {
            let faults = count(reasons.total, "fault");
            self.say(&format!("{input}: {faults}; reading continued"));
            self.list(reasons);
        }
    }

    /// Writes a line, escaped because file names can come from the evidence.
    fn say(&self, line: &str) {
        self.write(format_args!("calhive: {}", escape::message(line)));
    }

    fn say_below(&self, line: &str) {
        self.write(format_args!("  {}", escape::message(line)));
    }

    fn write(&self, line: impl Display) {
        // If standard error is closed, the message is lost.
        let write = || drop(writeln!(io::stderr(), "{line}"));
        self.progress.borrow().around(write);
    }

    fn list(&self, reasons: &Reasons) {
        if self.level == Level::Quiet {
            return;
        }
        reasons.shown.iter().for_each(|reason| self.say_below(reason));
        let more = reasons.total.saturating_sub(reasons.shown.len() as u64);
        if more > 0 {
            // With -v, the list already has every reason that is known.
            let hint = if self.level == Level::Verbose { "" } else { " (-v shows more)" };
            self.say_below(&format!("and {more} more{hint}"));
        }
    }

    /// Reports that a file changed during the run.
    pub(crate) fn changed(&self, file: impl Display) {
        self.incomplete(format_args!(
            "{file}: changed while it was read; the output may mix two states of the file"
        ));
    }

    /// Writes a note. A note does not change the exit code.
    pub(crate) fn note(&self, what: impl Display) {
        let what = what.to_string();
        if self.level > Level::Quiet {
            self.say(&what);
        }
        self.said.borrow_mut().push(what);
    }

    /// Reports a finding that `scan --fail-on` names.
    pub(crate) fn failed_on(&self, finding: impl Display) {
        self.failed_on_finding.set(true);
        self.say(&finding.to_string());
    }

    /// Sets the exit code for a report without content.
    pub(crate) fn empty(&self, code: u8) {
        self.if_empty.set(code);
    }

    /// Returns the notes, and the messages about incomplete inputs, even if the level hides them.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.borrow().clone()
    }

    /// Shows a line of progress on a terminal, in place of the line before. Returns the line, which is hidden in a
    /// pipe or if the level is quiet.
    pub(crate) fn progress(&self, line: impl FnOnce() -> Progress) -> Progress {
        let is_shown = self.level > Level::Quiet && io::stderr().is_terminal();
        let line = if is_shown { line() } else { Progress::hidden() };
        self.progress.replace(line.clone()).end();
        line
    }

    /// Reports a step, if the level is verbose.
    pub(crate) fn step(&self, what: impl Display) {
        if self.level == Level::Verbose {
            self.say(&what.to_string());
        }
    }

    /// Returns an empty list of reasons. The list keeps only the reasons that this level shows.
    pub(crate) const fn reasons(&self) -> Reasons {
        let most = if matches!(self.level, Level::Verbose) { usize::MAX } else { FIRST_REASONS };
        Reasons { shown: Vec::new(), most, total: 0 }
    }

    /// Returns the exit code of a run without a fatal error.
    pub(crate) const fn exit_code(&self) -> u8 {
        match (self.failed_on_finding.get(), self.incomplete.get()) {
            (true, _) => FAILED_ON_FINDING,
            (_, true) => INCOMPLETE,
            _ => self.if_empty.get(),
        }
    }
}

/// Reasons why an input could not be read completely.
#[derive(Debug)]
pub(crate) struct Reasons {
    shown: Vec<String>,
    most: usize,
    total: u64,
}

impl Reasons {
    /// Adds a reason. Formats the reason only if it is shown.
    pub(crate) fn add(&mut self, reason: impl Display) {
        self.total = self.total.saturating_add(1);
        if self.shown.len() < self.most {
            self.shown.push(reason.to_string());
        }
    }

    /// Sets the total number of reasons, for a list that was given only the first reasons.
    pub(crate) fn counted(mut self, total: u64) -> Self {
        self.total = self.total.max(total);
        self
    }
}

/// Formats a number with its noun: "1 fault", "2 faults".
pub(crate) fn count(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_beyond_the_limit_are_counted_but_not_kept() {
        let mut reasons = Messages::new(Level::Normal).reasons();
        (0..5).for_each(|number| reasons.add(number));
        assert_eq!((reasons.shown.len(), reasons.total), (FIRST_REASONS, 5));
        let mut reasons = Messages::new(Level::Verbose).reasons();
        (0..5).for_each(|number| reasons.add(number));
        assert_eq!(reasons.shown.len(), 5);
    }

    #[test]
    fn only_inputs_with_reasons_count_as_incomplete() {
        let messages = Messages::new(Level::Quiet);
        messages.not_whole("a", &messages.reasons());
        messages.note("a");
        assert_eq!(messages.exit_code(), 0);
        let mut reasons = messages.reasons();
        reasons.add("b");
        messages.not_whole("a", &reasons);
        assert_eq!(messages.exit_code(), INCOMPLETE);
    }

    #[test]
    fn named_finding_outranks_incomplete_input_and_both_outrank_emptiness() {
        let messages = Messages::new(Level::Quiet);
        messages.empty(9);
        assert_eq!(messages.exit_code(), 9);
        messages.incomplete("a");
        assert_eq!(messages.exit_code(), INCOMPLETE);
        messages.failed_on("b");
        assert_eq!(messages.exit_code(), FAILED_ON_FINDING);
        assert_eq!(messages.said(), ["a"]);
    }
}
