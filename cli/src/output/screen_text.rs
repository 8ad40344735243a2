// SPDX-License-Identifier: GPL-3.0-or-later
//! A [`Screen`] as text: at most 30 lines, within the width of the output.
//!
//! If a page is too long, explanations are left out first, then blank lines, remarks and items. A line counts
//! the remarks and items that were left out of a section.

use std::io::{self, Write};

use textwrap::core::display_width;

use crate::output::paint::Paint;
use crate::screen::{Line, Row, Screen, Section, Weight};
use crate::text::columns;
use crate::text::wrap;

/// Largest number of lines of a page.
pub(crate) const LINES: usize = 30;
/// Columns of the labels.
const GUTTER: usize = 18;
/// Largest gutter of a section whose rows all have short labels.
const NARROW: usize = 14;
/// Largest gutter of a table.
const WIDE: usize = 32;
/// Blanks before the label of a row, for each level.
const INDENT: usize = 2;
/// Largest number of lines of a row, of the title and of a closing line.
const TALL: usize = 5;

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

/// The lines of a section.
struct Block {
    head: Vec<String>,
    rows: Vec<(Weight, Vec<String>)>,
    noun: &'static str,
    gutter: usize,
    /// Numbers of items and of remarks that were left out.
    left_out: [usize; 2],
}

impl Page {
    fn new(screen: &Screen, form: Form) -> Self {
        let paragraph = |line: &Line| {
            let lines = wrap::lines_between(&form.paint.line(line), "", "  ", form.width);
            cut(lines, form.width)
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
            let is_apart =
                block.rows.len() > 1 && lines.last().is_some_and(|line| !line.is_empty());
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
        for weight in [Weight::Extra, Weight::Detail, Weight::Item, Weight::Always] {
            if weight == Weight::Detail && self.lines().len() > most {
                self.has_gaps = false;
            }
            while self.lines().len() > most {
                // The section with most rows gives way; of two, the later one.
                let number =
                    |block: &Block| block.rows.iter().filter(|row| row.0 == weight).count();
                let longest = self.blocks.iter_mut().filter(|block| number(block) > 0);
                let Some(block) = longest.max_by_key(|block| number(block)) else { break };
                block.leave_out(weight);
            }
        }
        while self.lines().len() > most && self.closing.len() > 1 {
            self.closing.remove(0);
        }
    }
}

impl Block {
    fn new(section: &Section, form: Form) -> Self {
        let gutter = gutter(section);
        let width = form.width.saturating_sub(gutter);
        let text = |cells: &[Line]| cells.iter().map(|line| form.paint.line(line)).collect();
        let (head, rows) = split(section);
        let all = rows.iter().map(|row| row.cells.as_slice());
        let all: Vec<Vec<String>> = [head].into_iter().chain(all).map(text).collect();
        let mut laid_out = columns::lay_out(&all, width).into_iter();
        let mut first = laid_out.next().unwrap_or_default();
        if gutter < GUTTER {
            // The labels of the rows are short, and the head is one cell.
            let text: String = head.iter().map(|line| form.paint.line(line)).collect();
            first = wrap::lines(&text, form.width.saturating_sub(GUTTER));
        }
        let label = form.paint.label(&section.label);
        let head =
            beside(&label, display_width(&section.label), cut(first, width), gutter.max(GUTTER));
        let rows = rows.iter().zip(laid_out);
        let rows =
            rows.map(|(row, lines)| (row.weight, labeled(row, cut(lines, width), gutter, form)));
        Self { head, rows: rows.collect(), noun: section.noun, gutter, left_out: [0; 2] }
    }

    fn lines(&self, form: Form) -> Vec<String> {
        let mut lines = self.head.clone();
        lines.extend(self.rows.iter().flat_map(|(_, lines)| lines.iter().cloned()));
        let [items, remarks] = self.left_out;
        let text = match (items, remarks) {
            (0, 0) => return lines,
            (0, 1) => String::from("1 more row: --details"),
            (0, remarks) => format!("{remarks} more rows: --details"),
            (1, _) => format!("1 more {}: --details", self.noun),
            (items, _) => format!("{items} more {}: --details", plural(self.noun)),
        };
        let blanks = " ".repeat(self.gutter);
        lines.extend(wrap::lines_between(&text, &blanks, &blanks, form.width));
        lines
    }

    /// Leaves out the last row of this weight.
    fn leave_out(&mut self, weight: Weight) {
        let Some(at) = self.rows.iter().rposition(|row| row.0 == weight) else { return };
        self.rows.remove(at);
        let [items, remarks] = self.left_out;
        self.left_out = match weight {
            Weight::Extra => [items, remarks],
            Weight::Item => [items.saturating_add(1), remarks],
            Weight::Detail | Weight::Always => [items, remarks.saturating_add(1)],
        };
    }
}

/// Returns head and rows of a section. A row without a label is the head of a section without one.
fn split(section: &Section) -> (&[Line], &[Row]) {
    match section.rows.split_first() {
        Some((first, rest)) if section.head.is_empty() && first.label.is_empty() => {
            (&first.cells, rest)
        }
        _ => (&section.head, &section.rows),
    }
}

/// Returns the plural of a noun of the page.
fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    }
}

/// Returns the columns of the labels of a section.
fn gutter(section: &Section) -> usize {
    let widths = section.rows.iter().map(|row| {
        let indent = INDENT.saturating_mul(row.depth.saturating_add(1));
        display_width(&row.label.text()).saturating_add(indent)
    });
    let widest = widths.max().unwrap_or(GUTTER).saturating_add(INDENT);
    match () {
        () if section.is_compact && widest <= NARROW => widest,
        // The labels of a table are the names of hosts.
        () if section.head.len() > 1 && (GUTTER..=WIDE).contains(&widest) => widest,
        () => GUTTER,
    }
}

fn labeled(row: &Row, lines: Vec<String>, gutter: usize, form: Form) -> Vec<String> {
    let indent = INDENT.saturating_mul(row.depth.saturating_add(1));
    let label = form.paint.line(&row.label);
    let width = display_width(&label);
    if width.saturating_add(indent) < gutter {
        let label = format!("{}{label}", " ".repeat(indent));
        return beside(&label, width.saturating_add(indent), lines, gutter);
    }
    let blanks = " ".repeat(indent);
    let label = wrap::lines_between(&label, &blanks, &blanks, form.width);
    let mut all = cut(label, form.width);
    all.extend(beside("", 0, lines, gutter));
    all
}

/// Returns lines with a label before the first one.
fn beside(label: &str, width: usize, lines: Vec<String>, gutter: usize) -> Vec<String> {
    let blanks = " ".repeat(gutter);
    let first = format!("{label}{}", " ".repeat(gutter.saturating_sub(width)));
    if lines.is_empty() {
        return vec![first];
    }
    let lines = lines.into_iter().enumerate();
    lines
        .map(|(index, line)| format!("{}{line}", if index == 0 { &first } else { &blanks }))
        .collect()
}

/// Cuts off lines after the largest number of lines.
fn cut(mut lines: Vec<String>, width: usize) -> Vec<String> {
    if lines.len() > TALL {
        lines.truncate(TALL);
        if let Some(last) = lines.last_mut() {
            let kept = wrap::lines(last, width.saturating_sub(INDENT)).into_iter().next();
            *last = format!("{} …", kept.unwrap_or_default());
        }
    }
    lines
}
