// SPDX-License-Identifier: GPL-3.0-or-later
//! A [`Screen`] as text: at most 30 lines, within the width of the output.
//!
//! If a page is too long, explanations are left out first, then blank lines, remarks and items. A line counts
//! the remarks and items that were left out of a section.

use std::io::{self, Write};

use crate::output::block::{self, Block};
use crate::output::paint::Paint;
use crate::screen::{Line, Screen, Weight};
use crate::text::wrap;

/// Largest number of lines of a page.
pub(crate) const LINES: usize = 30;
/// How a page is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// Width, in columns.
    pub(crate) width: usize,
    /// Largest number of lines. `None` for a page of any length.
    pub(crate) lines: Option<usize>,
    pub(crate) paint: Paint,
}

/// Writes the page.
pub(crate) fn write(out: &mut dyn Write, screen: &Screen, form: Form) -> io::Result<()> {
    let mut page = Page::new(screen, form);
    if let Some(most) = form.lines {
        page.shorten(most);
    }
    page.lines().iter().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

/// The lines of a page, before it is shortened.
struct Page {
    title: Vec<String>,
    blocks: Vec<Block>,
    closing: Vec<String>,
    has_gaps: bool,
    form: Form,
}

impl Page {
    fn new(screen: &Screen, form: Form) -> Self {
        let paragraph = |line: &Line| {
            let lines = wrap::lines_between(&form.paint.line(line), "", "  ", form.width);
            block::cut(lines, form.width)
        };
        let title = screen.title.iter().flat_map(paragraph).collect();
        let closing = screen.closing.iter().chain([&screen.hint]);
        Self {
            title,
            blocks: screen.sections.iter().map(|section| Block::new(section, form)).collect(),
            closing: closing.filter(|line| !line.is_empty()).flat_map(paragraph).collect(),
            has_gaps: true,
            form,
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = self.title.clone();
        lines.push(String::new());
        for block in &self.blocks {
            let is_apart = block.len() > 1 && lines.last().is_some_and(|line| !line.is_empty());
            if self.has_gaps && is_apart {
                lines.push(String::new());
            }
            lines.extend(block.lines(self.form));
        }
        if self.has_gaps && !self.blocks.is_empty() {
            lines.push(String::new());
        }
        lines.extend(self.closing.iter().cloned());
        lines
    }

    /// Leaves out rows until the page has this number of lines.
    fn shorten(&mut self, most: usize) {
        for block in &mut self.blocks {
            let order = [Weight::Extra, Weight::Detail, Weight::Item];
            while block.len() > most && order.iter().any(|weight| block.leave_out(*weight)) {}
        }
        for weight in [Weight::Extra, Weight::Detail, Weight::Item, Weight::Always] {
            if weight == Weight::Detail && self.lines().len() > most {
                self.has_gaps = false;
            }
            while self.lines().len() > most {
                // The section with most rows gives way; of two, the later one.
                let longest = self.blocks.iter_mut().max_by_key(|block| block.number(weight));
                if !longest.is_some_and(|block| block.leave_out(weight)) {
                    break;
                }
            }
        }
        // The last row that was left out may have been a long one.
        for at in (0..self.blocks.len()).rev() {
            let room = most.saturating_sub(self.lines().len());
            if let Some(block) = self.blocks.get_mut(at).filter(|_| room > 0) {
                block.put_back(room, self.form);
            }
        }
        while self.lines().len() > most && self.closing.len() > 1 {
            self.closing.remove(0);
        }
    }
}
