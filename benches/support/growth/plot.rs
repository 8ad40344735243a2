// SPDX-License-Identifier: MIT OR Apache-2.0
//! The plot: one panel for each dimension, with points of time and memory, and the line through the first points.

use std::fmt::Write as _;

use crate::figure::{Series, line};

/// Size of a panel, and of the space around its axes.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 62.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 46.0;
const COLUMNS: usize = 2;

/// Colors that are readable on white and on black.
const TEXT: &str = "#7d7d7d";
const TIME: &str = "#3b82d6";
const MEMORY: &str = "#d07a1c";

/// Draws the panels. The text has no empty line, so that it can be part of a page in Markdown.
pub fn svg(series: &[Series]) -> String {
    let rows = series.len().div_ceil(COLUMNS);
    let (width, height) = (WIDTH * COLUMNS as f64, HEIGHT * rows as f64);
    let mut svg = String::new();
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" font-family="sans-serif" font-size="11" role="img" aria-label="Time and memory of a scan against the size of its input">"#
    )
    .unwrap();
    for (number, one) in series.iter().enumerate() {
        let (x, y) = ((number % COLUMNS) as f64 * WIDTH, (number / COLUMNS) as f64 * HEIGHT);
        writeln!(svg, r#"<g transform="translate({x} {y})">"#).unwrap();
        panel(&mut svg, one);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

fn panel(svg: &mut String, series: &Series) {
    let (left, right, top, bottom) = (LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM);
    text(svg, (WIDTH / 2.0, 18.0), "middle", TEXT, series.dimension.title);
    writeln!(
        svg,
        r#"<path d="M{left} {top}V{bottom}H{right}V{top}" fill="none" stroke="{TEXT}"/>"#
    )
    .unwrap();
    let most = series.figures.iter().map(|(size, _)| *size).max().unwrap() as f64;
    let x = |size: f64| left + (right - left) * size / most;
    for (size, _) in series.figures.iter().rev().take(3) {
        text(svg, (x(*size as f64), bottom + 14.0), "middle", TEXT, &size.to_string());
    }
    text(svg, (left, bottom + 14.0), "middle", TEXT, "0");
    text(svg, (WIDTH / 2.0, bottom + 30.0), "middle", TEXT, series.dimension.unit);
    points(svg, &x, &series.times(), TIME, (left - 5.0, "end"), "ms");
    points(svg, &x, &series.peaks(), MEMORY, (right + 5.0, "start"), "MiB");
}

/// Draws points with their axis, and the straight line through the first two points.
fn points(
    svg: &mut String,
    x: &impl Fn(f64) -> f64,
    points: &[(f64, f64)],
    color: &str,
    (axis, anchor): (f64, &str),
    unit: &str,
) {
    let (top, bottom) = (TOP, HEIGHT - BOTTOM);
    let largest = points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let most = rounded(largest * 1.05);
    let y = |value: f64| bottom - (bottom - top) * value / most;
    for share in [0.0, 0.5, 1.0] {
        let label = number(most * share);
        text(svg, (axis, y(most * share) + 4.0), anchor, color, &label);
    }
    text(svg, (axis, top - 10.0), anchor, color, unit);
    let (offset, slope) = line(points);
    let last = points.iter().map(|(size, _)| *size).fold(0.0, f64::max);
    // The line ends at the edge of the panel.
    let end = if slope > 0.0 { last.min((most - offset) / slope) } else { last };
    let start = if slope > 0.0 && offset < 0.0 { -offset / slope } else { 0.0 };
    writeln!(
        svg,
        r#"<path d="M{:.1} {:.1}L{:.1} {:.1}" stroke="{color}" stroke-dasharray="4 3" opacity="0.7"/>"#,
        x(start),
        y(offset + slope * start),
        x(end),
        y((offset + slope * end).max(0.0))
    )
    .unwrap();
    for (size, value) in points {
        let (x, y) = (x(*size), y(*value));
        writeln!(svg, r#"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{color}"/>"#).unwrap();
    }
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, color: &str, text: &str) {
    writeln!(
        svg,
        r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" fill="{color}">{text}</text>"#
    )
    .unwrap();
}

/// Returns the next number of the form 1, 2, 4, 5 or 8 times a power of ten.
fn rounded(number: f64) -> f64 {
    let power = 10_f64.powf(number.max(1e-6).log10().floor());
    let steps = [1.0, 2.0, 4.0, 5.0, 8.0, 10.0];
    let step = steps.iter().find(|step| **step * power >= number);
    step.unwrap_or(&10.0) * power
}

/// Returns a number with at most two decimals.
pub fn number(number: f64) -> String {
    let text = match number {
        10.0.. => format!("{number:.0}"),
        1.0.. => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    };
    if text.contains('.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}
