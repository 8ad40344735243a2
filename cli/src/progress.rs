// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Progress`]: a line on a terminal that shows how far a long run is.

use core::time::Duration;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};

use crate::address_space;

/// Time between two drawings of the line. The line shows that the run goes on, even in a large file.
const TICK: Duration = Duration::from_millis(100);

const SEARCHING: &str = "{spinner} searching for hives: {human_pos} files, {elapsed}";
const READING: &str = "{bar:20} hive {msg} of {prefix}, {binary_bytes} of {binary_total_bytes}, \
                       {binary_bytes_per_sec}, {eta} left";
const BYTES: &str =
    "{bar:20} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";

/// A line on standard error that shows how far a run is. Hidden unless standard error is a terminal.
#[derive(Clone, Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Returns a line that is never shown.
    pub(crate) fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    /// Shows the number of files that a search has looked at.
    pub(crate) fn searching() -> Self {
        Self::styled(ProgressBar::new_spinner(), SEARCHING)
    }

    /// Shows how many bytes of these hives were read.
    pub(crate) fn reading(hives: &[PathBuf]) -> Self {
        let sizes = hives.iter().map(|path| path.metadata().map_or(0, |it| it.len()));
        let total = sizes.fold(0, u64::saturating_add);
        Self::styled(ProgressBar::new(total).with_prefix(hives.len().to_string()), READING)
    }

    /// Shows how many bytes of a file were read.
    pub(crate) fn bytes(total: u64) -> Self {
        Self::styled(ProgressBar::new(total), BYTES)
    }

    fn styled(bar: ProgressBar, template: &str) -> Self {
        // A test parses each template.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        // Drawn at once, even if the work is done before the first tick.
        bar.force_draw();
        // The ticks need a thread.
        if address_space::has_room_for_thread() {
            bar.enable_steady_tick(TICK);
        }
        Self(bar)
    }

    /// Counts a file that the search looks at.
    pub(crate) fn file(&self) {
        self.0.inc(1);
    }

    /// Shows that the next hive is read. `number` counts from 1.
    pub(crate) fn hive(&self, number: usize) {
        self.0.set_message(number.to_string());
    }

    /// Adds bytes that were read.
    pub(crate) fn read(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    /// Sets the number of bytes that were read.
    pub(crate) fn at(&self, bytes: u64) {
        self.0.set_position(bytes);
    }

    /// Removes the line, writes something to the terminal, and shows the line again.
    pub(crate) fn around<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    /// Removes the line.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_template_can_be_parsed() {
        for template in [SEARCHING, READING, BYTES] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
