// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Block`]: the lines of a section of a page, and the rows that were left out of it.

use textwrap::core::display_width;

use crate::output::form::Form;
use crate::screen::{Kind, Line, Row, Section, Weight};
use crate::text::columns;
use crate::text::wrap;

/// Columns of the labels.
const GUTTER: usize = 18;
/// Largest gutter of a section whose rows all have short labels.
const NARROW: usize = 14;
/// Largest gutter of a table.
const WIDE: usize = 32;
/// Blanks before the label of a row, for each level.
const INDENT: usize = 2;
/// Number of lines of a head and of the title on a page without room.
pub(super) const SHORT: usize = 2;
/// Largest number of codes in the line that counts what was left out.
const CODES: usize = 8;
/// Largest number of findings that explanations give way to.
const FEW: usize = 3;
/// Largest number of lines of an explanation.
const EXPLAINED: usize = 3;
/// Largest number of lines of a row, of the title and of a closing line.
const TALL: usize = 5;

/// The lines of a section.
pub(super) struct Block {
    head: Vec<String>,
    /// The head in few lines.
    short_head: Vec<String>,
    rows: Vec<BlockRow>,
    noun: &'static str,
    gutter: usize,
    /// Rows that were left out, in this order.
    left_out: Vec<BlockRow>,
}

/// The lines of a row.
struct BlockRow {
    /// Place of the row in its section.
    index: usize,
    weight: Weight,
    /// Level below the section.
    depth: usize,
    lines: Vec<String>,
    /// Code of the finding that the row is about.
    code: Option<String>,
    /// Whether the row continues the row above it.
    is_continued: bool,
}

impl Block {
    pub(super) fn new(section: &Section, form: Form) -> Self {
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
        let label_width = display_width(&section.label);
        let first = cut(first, width);
        let head = beside(&label, label_width, first.clone(), gutter.max(GUTTER));
        let short = cut_to(SHORT, first, width.saturating_sub(GUTTER.saturating_sub(gutter)));
        let short_head = beside(&label, label_width, short, gutter.max(GUTTER));
        let rows = rows.iter().zip(laid_out);
        let rows = rows.map(|(row, lines)| BlockRow {
            index: 0,
            weight: row.weight,
            depth: row.depth,
            lines: labeled(row, cut(lines, width), gutter, form),
            code: code(row),
            is_continued: row.label.is_empty(),
        });
        // A page has no room for a long explanation.
        let is_short = |row: &BlockRow| row.weight != Weight::Extra || row.lines.len() <= EXPLAINED;
        let rows = rows.filter(is_short).enumerate().map(|(index, row)| BlockRow { index, ..row });
        Self {
            head,
            short_head,
            rows: rows.collect(),
            noun: section.noun,
            gutter,
            left_out: Vec::new(),
        }
    }

    /// Returns the lines of the section, with a line that counts what was left out.
    pub(super) fn lines(&self, form: Form) -> Vec<String> {
        let mut lines = self.head.clone();
        lines.extend(self.rows.iter().flat_map(|row| row.lines.iter().cloned()));
        let Some(text) = self.more() else { return lines };
        let blanks = " ".repeat(self.gutter);
        lines.extend(wrap::lines_between(&text, &blanks, &blanks, form.width));
        lines
    }

    /// Returns the number of rows of this weight.
    pub(super) fn number(&self, weight: Weight, kept: usize) -> usize {
        self.places(weight, kept).len()
    }

    /// Returns the number of rows.
    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Leaves out the last row of this weight, with the rows below it. Returns whether there was one.
    pub(super) fn leave_out(&mut self, weight: Weight, kept: usize) -> bool {
        let Some(at) = self.places(weight, kept).last().copied() else { return false };
        let depth = self.rows.get(at).map(|row| row.depth).unwrap_or_default();
        let rest = self.rows.iter().skip(at.saturating_add(1));
        let below = rest.take_while(|row| row.depth > depth).count();
        let mut out: Vec<BlockRow> = self.rows.drain(at..=at.saturating_add(below)).collect();
        out.retain(|row| row.weight != Weight::Extra);
        // The row above comes back first.
        self.left_out.extend(out.into_iter().rev());
        true
    }

    /// Cuts off a long head.
    pub(super) fn shorten_head(&mut self) {
        self.head.clone_from(&self.short_head);
    }

    /// Returns the places of the rows of this weight. Rows below an item are left out with it.
    fn places(&self, weight: Weight, kept: usize) -> Vec<usize> {
        let codes = self.rows.iter().filter(|row| row.code.is_some()).count();
        let has_few = kept > 0 && codes <= FEW && weight == Weight::Always;
        let mut is_below_item = false;
        let mut places = Vec::new();
        for (at, row) in self.rows.iter().enumerate() {
            if row.depth == 0 {
                is_below_item = row.weight == Weight::Item;
            }
            let is_free = row.depth == 0 || !is_below_item || weight != Weight::Always;
            let is_kept = has_few && row.code.is_some();
            if row.weight == weight && is_free && !is_kept {
                places.push(at);
            }
        }
        places
    }

    /// Puts back the rows that were left out as far as the page has room for this number of further lines. The
    /// row that was left out last is the first one to return.
    pub(super) fn put_back(&mut self, room: usize, form: Form, only_findings: bool) {
        let most = self.lines(form).len().saturating_add(room);
        for index in (0..self.left_out.len()).rev() {
            let row = self.left_out.remove(index);
            if only_findings && (row.code.is_none() || row.weight != Weight::Always) {
                self.left_out.insert(index, row);
                continue;
            }
            let at = self.rows.partition_point(|other| other.index < row.index);
            let above = at.checked_sub(1).and_then(|above| self.rows.get(above));
            let is_below = above.is_some_and(|above| above.index.saturating_add(1) == row.index);
            // A row that continues or describes another one has no meaning without it.
            let is_item_out = self.left_out.iter().any(|other| {
                other.depth < row.depth
                    && other.index < row.index
                    && above.is_none_or(|above| above.index < other.index)
            });
            let has_place = (is_below || !row.is_continued) && !is_item_out;
            // A token returns with its properties only.
            let is_below = |other: &&BlockRow| {
                other.index > row.index && other.depth > row.depth && other.weight == Weight::Always
            };
            let below: usize =
                self.left_out.iter().filter(is_below).map(|other| other.lines.len()).sum();
            self.rows.insert(at, row);
            if !has_place || self.lines(form).len().saturating_add(below) > most {
                let row = self.rows.remove(at);
                self.left_out.insert(index, row);
            }
        }
    }

    /// Returns the number of rows that were left out, and the codes of the findings among them.
    fn more(&self) -> Option<String> {
        let items: Vec<_> = self.left_out.iter().filter(|row| row.weight == Weight::Item).collect();
        let codes: Vec<&str> = items.iter().rev().filter_map(|row| row.code.as_deref()).collect();
        let codes = match codes.get(..CODES.min(codes.len())) {
            None | Some([]) => String::new(),
            Some(first) if first.len() < codes.len() => format!(" ({}, …)", first.join(", ")),
            Some(codes) => format!(" ({})", codes.join(", ")),
        };
        // Without a row above, nothing else is there to add to.
        let more = if self.rows.is_empty() { "" } else { "more " };
        Some(match (items.len(), self.left_out.len()) {
            (0, 0) => return None,
            (0, 1) => format!("1 {more}row: --details"),
            (0, rows) => format!("{rows} {more}rows: --details"),
            (1, _) => format!("1 {more}{}{codes}: --details", self.noun),
            (items, _) => format!("{items} {more}{}{codes}: --details", plural(self.noun)),
        })
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

/// Returns the code of the finding that a row is about.
fn code(row: &Row) -> Option<String> {
    let mut spans = row.cells.iter().flat_map(|cell| &cell.0);
    spans.find(|span| span.kind == Kind::Code).map(|span| span.text.clone())
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
    let widest = widths.max().unwrap_or_default().saturating_add(INDENT);
    match () {
        () if section.is_compact && (INDENT..=NARROW).contains(&widest) => widest,
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
pub(super) fn cut(lines: Vec<String>, width: usize) -> Vec<String> {
    cut_to(TALL, lines, width)
}

/// Cuts off lines after this number of lines.
pub(super) fn cut_to(most: usize, mut lines: Vec<String>, width: usize) -> Vec<String> {
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            let kept = wrap::lines(last, width.saturating_sub(INDENT)).into_iter().next();
            *last = format!("{} …", kept.unwrap_or_default());
        }
    }
    lines
}
