// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tables of docs/growth.md.

use std::fmt::Write as _;

use crate::figure::{Series, line, mebibytes};
use crate::plot::number;

const BEGIN: &str = "<!-- figures: written by `cargo bench --bench growth` -->\n";
const END: &str = "<!-- end of figures -->";

/// Replaces the tables between the markers of the page.
pub fn with_tables(page: &str, series: &[Series]) -> String {
    let (head, rest) = page.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let tables: String = series.iter().map(table).collect();
    format!("{head}{BEGIN}\n{tables}{END}{tail}")
}

fn table(series: &Series) -> String {
    let mut table = format!(
        "### {}\n\n| {} | Time, ms | Line, ms | Memory, MiB | Line, MiB | Allocations | Findings |\n|--:|--:|--:|--:|--:|--:|--:|\n",
        series.dimension.title, series.dimension.unit
    );
    let (time, memory) = (line(&series.times()), line(&series.peaks()));
    let at =
        |(offset, slope): (f64, f64), size: usize| number((offset + slope * size as f64).max(0.0));
    for (size, figure) in &series.figures {
        writeln!(
            table,
            "| {size} | {} | {} | {} | {} | {} | {} |",
            number(figure.milliseconds),
            at(time, *size),
            number(mebibytes(figure.peak)),
            at(memory, *size),
            figure.allocations,
            figure.findings
        )
        .unwrap();
    }
    table.push('\n');
    table
}
