// SPDX-License-Identifier: GPL-3.0-or-later
//! Cells of several rows, aligned in columns of a limited width.

use textwrap::core::display_width;

use crate::text::wrap;

/// Blanks between two columns.
const GAP: usize = 2;
/// Widest word that a column keeps whole. A wider word continues in the next line of its cell.
const WORD: usize = 44;
/// Blanks before the cells of a row whose cells are below each other.
const STEP: usize = 2;

/// Returns the lines of each row. The last cell of a row takes the rest of the line. If the columns do not
/// fit beside each other, the cells of each row are below each other.
pub(crate) fn lay_out(rows: &[Vec<String>], width: usize) -> Vec<Vec<String>> {
    match widths(rows, width) {
        Some(widths) => rows.iter().map(|row| beside(row, &widths, width)).collect(),
        None => rows.iter().map(|row| below(row, width)).collect(),
    }
}

/// Returns the width of each column except the last one; `None` if they do not fit.
fn widths(rows: &[Vec<String>], width: usize) -> Option<Vec<usize>> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let cells = |column: usize| {
        // A last cell before the last column does not shape its column.
        let is_shaping =
            move |row: &&Vec<String>| row.len() > column.saturating_add(1) || row.len() == columns;
        rows.iter().filter(is_shaping).filter_map(move |row| row.get(column))
    };
    let natural = |column| cells(column).map(|cell| widest_line(cell)).max().unwrap_or_default();
    let least = |column| {
        let words = cells(column).map(|cell| wrap::widest_word(cell).min(WORD));
        words.max().unwrap_or_default()
    };
    let natural: Vec<usize> = (0..columns).map(natural).collect();
    let least: Vec<usize> = (0..columns).map(least).collect();
    let room = width.checked_sub(GAP.saturating_mul(columns.saturating_sub(1)))?;
    let total = |limit: usize| -> usize {
        let both = natural.iter().zip(&least);
        both.map(|(natural, least)| limit.clamp(*least, (*natural).max(*least))).sum()
    };
    if total(0) > room {
        return None;
    }
    let mut widths = natural.clone();
    // The widest column gives way first, down to half of its width.
    let widest = natural.iter().enumerate().max_by_key(|(_, width)| **width).map(|(at, _)| at);
    if let Some((own, least)) = widest.and_then(|at| Some((widths.get_mut(at)?, least.get(at)?))) {
        let others = natural.iter().sum::<usize>().saturating_sub(*own);
        *own = room.saturating_sub(others).clamp((*own / 2).max(*least), (*own).max(*least));
    }
    if widths.iter().sum::<usize>() > room {
        let limit = (0..=width).rev().find(|limit| total(*limit) <= room)?;
        let both = natural.iter().zip(&least);
        widths = both.map(|(natural, least)| limit.clamp(*least, (*natural).max(*least))).collect();
    }
    widths.pop();
    Some(widths)
}

fn widest_line(cell: &str) -> usize {
    cell.lines().map(display_width).max().unwrap_or_default()
}

/// Returns the lines of a row whose cells are beside each other.
fn beside(row: &[String], widths: &[usize], width: usize) -> Vec<String> {
    let last = row.len().saturating_sub(1);
    let mut start = 0_usize;
    let mut cells: Vec<(usize, Vec<String>)> = Vec::new();
    for (column, cell) in row.iter().enumerate() {
        let rest = width.saturating_sub(start).max(1);
        let own = widths.get(column).copied().filter(|_| column < last).unwrap_or(rest);
        cells.push((start, wrap::lines(cell, own)));
        start = start.saturating_add(own).saturating_add(GAP);
    }
    let height = cells.iter().map(|(_, lines)| lines.len()).max().unwrap_or_default();
    (0..height)
        .map(|line| {
            let mut text = String::new();
            for (start, lines) in &cells {
                let Some(part) = lines.get(line).filter(|part| !part.is_empty()) else { continue };
                pad(&mut text, *start);
                text.push_str(part);
            }
            text
        })
        .collect()
}

/// Returns the lines of a row whose cells are below each other.
fn below(row: &[String], width: usize) -> Vec<String> {
    let blanks = " ".repeat(STEP);
    let mut lines = Vec::new();
    for (column, cell) in row.iter().filter(|cell| !cell.is_empty()).enumerate() {
        let indent = if column == 0 { "" } else { blanks.as_str() };
        lines.extend(wrap::lines_between(cell, indent, indent, width));
    }
    lines
}

/// Adds blanks up to a column.
pub(crate) fn pad(text: &mut String, column: usize) {
    let missing = column.saturating_sub(display_width(text));
    text.extend(core::iter::repeat_n(' ', missing));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rows: &[&[&str]], width: usize) -> Vec<String> {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        lay_out(&rows, width).concat()
    }

    #[test]
    fn cells_are_aligned_in_columns() {
        let rows: [&[&str]; 2] = [&["a", "long cell", "x"], &["long", "b", "y"]];
        assert_eq!(text(&rows, 40), ["a     long cell  x", "long  b          y"]);
    }

    #[test]
    fn last_cell_of_a_short_row_takes_the_rest_of_the_line() {
        let rows: [&[&str]; 2] = [&["a", "b", "c"], &["one two three"]];
        assert_eq!(text(&rows, 40), ["a  b  c", "one two three"]);
    }

    #[test]
    fn widest_column_gives_way_first() {
        let rows: [&[&str]; 1] = [&["ab", "one two three four", "x y z"]];
        assert_eq!(text(&rows, 20), ["ab  one two    x y z", "    three", "    four"]);
    }

    #[test]
    fn cells_that_do_not_fit_are_below_each_other() {
        let time = "2023-10-02 05:30:44";
        let rows: [&[&str]; 1] = [&[time, time, "one two"]];
        assert_eq!(text(&rows, 30), [time, &format!("  {time}"), "  one two"]);
    }
}
