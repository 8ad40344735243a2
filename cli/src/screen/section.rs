// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Section`]: a block of rows with a label.

use crate::screen::Line;

/// A block of rows with a label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Section {
    /// Subject of the rows, in capitals.
    pub(crate) label: String,
    /// Cells beside the label: the first row, a summary, or the heads of columns.
    pub(crate) head: Vec<Line>,
    /// The rows.
    pub(crate) rows: Vec<Row>,
    /// Noun for an item of the section, in the singular.
    pub(crate) noun: &'static str,
    /// Whether the labels of the rows are short, and the cells of the rows need the room.
    pub(crate) is_compact: bool,
}

/// A row of a section. Cells of several rows are aligned in columns; the last cell of a row takes the rest
/// of the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// Level below the section, from 0.
    pub(crate) depth: usize,
    /// Subject of the row. Empty if the row continues the row above it.
    pub(crate) label: Line,
    /// Content of the row.
    pub(crate) cells: Vec<Line>,
    /// Whether the row can be left out if the page is too long.
    pub(crate) weight: Weight,
}

/// Importance of a row if the page is too long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// An explanation. Left out before everything else, and not counted.
    Extra,
    /// A remark about the item above it. Left out before items.
    Detail,
    /// An item of the section. Left out last, and then counted.
    Item,
    /// Never left out.
    #[default]
    Always,
}

impl Section {
    /// Returns a section without rows.
    pub(crate) fn new(label: &str, noun: &'static str) -> Self {
        Self { label: label.to_owned(), noun, ..Self::default() }
    }

    /// Sets the cells beside the label.
    pub(crate) fn head(mut self, cells: impl IntoIterator<Item = Line>) -> Self {
        self.head = cells.into_iter().collect();
        self
    }

    /// Gives the room beside short labels to the cells.
    pub(crate) fn compact(self) -> Self {
        Self { is_compact: true, ..self }
    }

    /// Adds rows.
    pub(crate) fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.rows.extend(rows);
        self
    }
}

impl Row {
    /// Returns a row that is never left out.
    pub(crate) fn always(label: Line, cells: impl IntoIterator<Item = Line>) -> Self {
        Self { depth: 0, label, cells: cells.into_iter().collect(), weight: Weight::Always }
    }

    /// Returns a row that is an item of its section.
    pub(crate) fn of_item(label: Line, cells: impl IntoIterator<Item = Line>) -> Self {
        Self::always(label, cells).item()
    }

    /// Makes the row an item of its section.
    pub(crate) fn item(self) -> Self {
        Self { weight: Weight::Item, ..self }
    }

    /// Puts the row below an item.
    pub(crate) fn below(self) -> Self {
        Self { depth: 1, ..self }
    }

    /// Makes the row an explanation, for a page with room only.
    pub(crate) fn extra(self) -> Self {
        Self { weight: Weight::Extra, ..self }
    }

    /// Makes the row one that is left out before items.
    pub(crate) fn light(self) -> Self {
        Self { weight: Weight::Detail, ..self }
    }
}
