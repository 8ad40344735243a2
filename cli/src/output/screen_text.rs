// SPDX-License-Identifier: GPL-3.0-or-later
//! A [`Screen`] as text: at most 30 lines, within the width of the output.
//!
//! If a page is too long, explanations are left out first, then blank lines, remarks and items. A line counts
//! the remarks and items that were left out of a section.

use std::io::{self, Write};

use crate::output::block::{self, Block};
use crate::output::form::Form;
use crate::screen::{Line, Screen, Weight};
use crate::text::wrap;

/// Largest number of lines of a page.
pub(crate) const LINES: usize = 30;
/// Weights of rows in the order in which they are left out, with the number of rows that a section keeps.
const ORDER: [(Weight, usize); 8] = [
    (Weight::Extra, 0),
    (Weight::Detail, 0),
    (Weight::Item, 2),
    (Weight::Item, 1),
    (Weight::Always, 2),
    (Weight::Always, 1),
    (Weight::Item, 0),
    (Weight::Always, 0),
];

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
    /// The title in few lines.
    short_title: Vec<String>,
    blocks: Vec<Block>,
    /// The lines of each paragraph below the sections.
    closing: Vec<Vec<String>>,
    has_gaps: bool,
    form: Form,
}

impl Page {
    fn new(screen: &Screen, form: Form) -> Self {
        let paragraph = |line: &Line| {
            let lines = wrap::lines_between(&form.paint.line(line), "", "  ", form.width);
            block::cut(lines, form.width)
        };
        let short = |line| block::cut_to(block::SHORT, paragraph(line), form.width);
        let title = screen.title.iter().flat_map(paragraph).collect();
        let closing = screen.closing.iter().chain([&screen.hint]);
        Self {
            title,
            short_title: screen.title.iter().flat_map(short).collect(),
            blocks: screen.sections.iter().map(|section| Block::new(section, form)).collect(),
            closing: closing.filter(|line| !line.is_empty()).map(paragraph).collect(),
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
        lines.extend(self.closing.iter().flatten().cloned());
        lines
    }

    /// Leaves out rows until the page has this number of lines.
    fn shorten(&mut self, most: usize) {
        for block in &mut self.blocks {
            let order = [Weight::Extra, Weight::Detail, Weight::Item];
            while block.len() > most && order.iter().any(|weight| block.leave_out(*weight, 0)) {}
        }
        for (weight, kept) in ORDER {
            if weight == Weight::Detail && self.lines().len() > most {
                self.has_gaps = false;
            }
            if weight == Weight::Always && self.lines().len() > most {
                self.title.clone_from(&self.short_title);
                self.blocks.iter_mut().for_each(Block::shorten_head);
            }
            if (weight, kept) == (Weight::Item, 0) && self.lines().len() > most {
                self.leave_out_reference();
            }
            while self.lines().len() > most {
                // The section with most rows gives way; of two, the later one.
                let longest = self.blocks.iter_mut().max_by_key(|block| block.number(weight, kept));
                let longest = longest.filter(|block| block.number(weight, kept) > kept);
                if !longest.is_some_and(|block| block.leave_out(weight, kept)) {
                    break;
                }
            }
        }
        // The last row that was left out may have been a long one.
        // Findings that deserve a look come first.
        let blocks = 0..self.blocks.len();
        let order = blocks.clone().map(|at| (at, true)).chain(blocks.map(|at| (at, false)));
        for (at, only_findings) in order {
            let room = most.saturating_sub(self.lines().len());
            if let Some(block) = self.blocks.get_mut(at).filter(|_| room > 0) {
                block.put_back(room, self.form, only_findings);
            }
        }
        while self.lines().len() > most && self.closing.len() > 2 {
            self.closing.remove(0);
        }
    }

    /// Leaves out the reference time and the second reader, above the hint.
    fn leave_out_reference(&mut self) {
        if let Some(at) = self.closing.len().checked_sub(2).filter(|at| *at > 0) {
            self.closing.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::paint::Paint;
    use crate::screen::{Kind, Row, Section};

    /// Returns a page with findings, each with an explanation, beside a section with remarks.
    fn screen(findings: usize, remarks: usize) -> Screen {
        let finding = |number: usize| {
            let code = Line::of(Kind::Code, &format!("code.{number}"));
            let row = Row::of_item(Line::plain(&format!("f{number}")), [code, Line::plain("x")]);
            [row, Row::always(Line::default(), [Line::plain("because")]).extra()]
        };
        let remark = |number: usize| {
            Row::always(Line::plain(&format!("r{number}")), [Line::plain("remark")]).below().light()
        };
        let head = || [Line::plain("head")];
        let remarks = (0..remarks).map(remark);
        Screen {
            title: vec![Line::plain("title")],
            sections: vec![
                Section::new("FINDINGS", "finding")
                    .head(head())
                    .rows((0..findings).flat_map(finding)),
                Section::new("REMARKS", "row").head(head()).rows(remarks),
            ],
            closing: vec![Line::plain("closing")],
            hint: Line::plain("hint"),
        }
    }

    fn page(screen: &Screen, lines: Option<usize>) -> Vec<String> {
        let mut out = Vec::new();
        write(&mut out, screen, Form { width: 100, lines, paint: Paint(false) }).unwrap();
        String::from_utf8(out).unwrap().lines().map(String::from).collect()
    }

    #[test]
    fn page_with_room_is_whole() {
        let lines = page(&screen(3, 2), Some(30));
        assert_eq!(lines, page(&screen(3, 2), None));
        assert_eq!(lines.iter().filter(|line| line.contains("because")).count(), 3);
        assert!(!lines.iter().any(|line| line.contains("more")), "{lines:?}");
    }

    #[test]
    fn explanations_are_left_out_first_and_not_counted() {
        let lines = page(&screen(3, 2), Some(14));
        assert_eq!(lines.len(), 14, "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains("more")), "{lines:?}");
        assert_eq!(lines.iter().filter(|line| line.contains("because")).count(), 1, "{lines:?}");
    }

    #[test]
    fn items_without_room_are_counted_and_named() {
        let lines = page(&screen(20, 9), Some(12));
        assert_eq!(lines.len(), 12, "{lines:?}");
        let more = lines.iter().find(|line| line.contains("more findings")).unwrap();
        assert!(more.contains("(code."), "{more}");
        assert!(lines.iter().any(|line| line.contains("9 rows: --details")), "{lines:?}");
        assert_eq!(lines.last().unwrap(), "hint");
    }

    #[test]
    fn page_of_many_rows_is_short() {
        let lines = page(&screen(5_000, 5_000), Some(LINES));
        assert!((LINES - 1..=LINES).contains(&lines.len()), "{lines:?}");
    }

    #[test]
    fn room_that_a_long_row_leaves_is_used() {
        let mut screen = screen(3, 0);
        let long = vec!["word"; 70].join(" ");
        screen.sections[1].rows.push(Row::of_item(Line::plain("long"), [Line::plain(&long)]));
        screen.sections[1]
            .rows
            .extend((0..3).map(|_| Row::always(Line::plain("always"), [Line::plain("x")])));
        assert!((9..20).all(|most| page(&screen, Some(most)).len() <= most));
        // One line less than the long row needs.
        let lines = page(&screen, Some(14));
        assert!(!lines.iter().any(|line| line.contains("word")), "{lines:?}");
        assert_eq!(lines.iter().filter(|line| line.contains("  code.")).count(), 3, "{lines:?}");
    }
}
