// SPDX-License-Identifier: GPL-3.0-or-later
//! The timeline as drawings: a lane a host, with bars, marks and the reference time.

use alloc::collections::BTreeMap;

use maud::{Markup, html};

use crate::messages::count;
use crate::output::html::axis::{Axis, LEFT, RIGHT};
use crate::output::html::grid::{AXIS, LANES_IN_DRAWING, grid, place, short};
use crate::output::html::lane::{Bar, Lane, Mark, Shape};
use crate::output::html::moment::seconds;
use crate::output::html::months;
use crate::output::html::page::Page;
use crate::output::html::prose::text;

/// Maximum number of lanes. More lanes become one lane a license server.
const LANES: usize = 200;
/// Maximum number of bars in a lane.
const BARS: usize = 12;
/// Maximum number of events that the title of a mark names.
const TITLES: usize = 6;
const BAR: f64 = 13.0;
/// Height of both rows of marks.
const MARKS: f64 = 20.0;
const GAP: f64 = 6.0;

/// Returns the drawings, or nothing if no host has a time.
pub(super) fn drawings(page: &Page<'_>) -> Markup {
    let lanes = Lane::all(page.report);
    if lanes.len() > LANES {
        return months::drawings(&lanes);
    }
    let ends = lanes.iter().flat_map(|lane| &lane.bars).filter_map(|bar| bar.until);
    let times = lanes.iter().flat_map(|lane| {
        let starts = lane.bars.iter().filter_map(|bar| bar.from);
        starts.chain(lane.marks.iter().map(|mark| mark.time)).chain(lane.reference)
    });
    let Some(axis) = Axis::over(times, ends) else {
        return html! { p { "No host has a plausible time." } };
    };
    html! {
        (legend())
        @for group in lanes.chunks(LANES_IN_DRAWING) { (drawing(&axis, group)) }
    }
}

fn drawing(axis: &Axis, lanes: &[Lane<'_>]) -> Markup {
    let heights: Vec<f64> = lanes.iter().map(height).collect();
    let total = AXIS + heights.iter().sum::<f64>();
    let names = lanes.iter().map(Lane::name).collect::<Vec<_>>().join(", ");
    let mut top = AXIS;
    html! {
        svg.chart viewBox={ "0 0 1000 " (total) } role="img"
            aria-label={ "Timeline of " (text(names)) ". The table of events below has every time." } {
            (grid(axis, total))
            @for (lane, height) in lanes.iter().zip(heights) {
                (lane_at(axis, lane, top, height))
                @let () = top += height;
            }
        }
    }
}

fn height(lane: &Lane<'_>) -> f64 {
    lane.bars.iter().take(BARS).fold(MARKS + GAP, |height, _| height + BAR)
}

fn lane_at(axis: &Axis, lane: &Lane<'_>, top: f64, height: f64) -> Markup {
    let mut y = top + GAP / 2.0;
    let bottom = top + height;
    html! {
        g.lane data-host=(lane.host.id) {
            line.floor x1="0" x2="1000" y1=(place(bottom)) y2=(place(bottom)) {}
            text.name x="4" y=(place(top + 15.0)) {
                title { (text(lane.name())) " (" (lane.host.id) ")" }
                (short(lane.name()))
            }
            @for one in lane.bars.iter().take(BARS) {
                (bar(axis, one, y))
                @let () = y += BAR;
            }
            @for (key, marks) in grouped(axis, &lane.marks) {
                (mark(axis, key, &marks, y))
            }
            @if let Some(time) = lane.reference {
                line.reference x1=(place(axis.x(time))) x2=(place(axis.x(time)))
                    y1=(place(top + 1.0)) y2=(place(bottom - 1.0)) {
                    title { "Reference time of " (text(lane.name())) ": " (seconds(time)) " UTC" }
                }
            }
            @if lane.bars.len() > BARS {
                text.more x="4" y=(place(top + 27.0)) { (lane.bars.len().saturating_sub(BARS)) " more" }
            }
        }
    }
}

fn bar(axis: &Axis, bar: &Bar<'_>, y: f64) -> Markup {
    let from = bar.from.map_or(LEFT, |time| axis.x(time));
    let until = bar.until.map_or(RIGHT, |time| axis.x(time));
    let until = until.max(from + 2.0);
    let goes_on = bar.until.is_none_or(|time| !axis.has(time));
    let class = if bar.is_recovered { "bar recovered" } else { "bar" };
    let (top, bottom) = (y + 1.0, y + BAR - 3.0);
    html! {
        g class=(class) data-token=(bar.token.id) {
            title { (describe(bar)) }
            rect x=(place(from)) y=(place(top)) width=(place(until - from)) height=(place(bottom - top)) {}
            @if bar.is_recovered {
                rect.hatch x=(place(from)) y=(place(top)) width=(place(until - from))
                    height=(place(bottom - top)) fill="url(#hatch)" {}
            }
            // An arrow: the license ends after the last time of the axis.
            @if goes_on {
                path d={ "M" (place(until)) " " (place(top - 1.5)) "l9 " (place((bottom - top) / 2.0 + 1.5))
                    "l-9 " (place((bottom - top) / 2.0 + 1.5)) "z" } {}
            }
        }
    }
}

fn describe(bar: &Bar<'_>) -> String {
    let time = |time: Option<_>| time.map_or_else(|| String::from("unknown"), seconds);
    let place = if bar.is_recovered { "recovered, not in the tree" } else { "stored" };
    let license = bar.token.license.as_ref();
    let issuer = license.and_then(|license| license.license_server_in_words());
    let issuer = issuer.map(|name| format!(", license server {}", text(name))).unwrap_or_default();
    let (from, until) = (time(bar.from), time(bar.until));
    format!(
        "{} ({place}{issuer}): {from} to {until} UTC, by the license server's clock",
        bar.token.id
    )
}

/// Place, shape and kind of a mark.
type Key = (i64, Shape, bool);

/// Groups marks of one shape at one place.
fn grouped<'m, 'r>(axis: &Axis, marks: &'m [Mark<'r>]) -> BTreeMap<Key, Vec<&'m Mark<'r>>> {
    let mut groups: BTreeMap<Key, Vec<&Mark<'_>>> = BTreeMap::new();
    for mark in marks {
        #[expect(clippy::cast_possible_truncation, reason = "a place is between 0 and 1000")]
        let x = axis.x(mark.time).round() as i64;
        groups.entry((x, mark.shape, mark.is_recovered)).or_default().push(mark);
    }
    groups
}

fn mark(axis: &Axis, (_, shape, is_recovered): Key, marks: &[&Mark<'_>], y: f64) -> Markup {
    let x = marks.first().map_or(LEFT, |mark| axis.x(mark.time));
    // Each shape has its own row, so that no mark covers one of another shape.
    let (class, row) = match shape {
        Shape::KeyLastWritten => ("mark", 0.25),
        Shape::Other => ("mark other", 0.75),
    };
    let class = format!("{class}{}", if is_recovered { " recovered" } else { "" });
    html! {
        g class=(class) data-events=(marks.len()) {
            title { (titles(marks)) }
            (shape_at(shape, is_recovered, x, y + MARKS * row))
        }
    }
}

/// Returns the shape of a mark: a circle for a last-written time, else a diamond.
fn shape_at(shape: Shape, is_recovered: bool, x: f64, y: f64) -> Markup {
    html! {
        @match shape {
            Shape::KeyLastWritten => {
                circle cx=(place(x)) cy=(place(y)) r="4" {}
                @if is_recovered { circle.hatch cx=(place(x)) cy=(place(y)) r="4" fill="url(#hatch)" {} }
            }
            Shape::Other => {
                path d={ "M" (place(x)) " " (place(y - 4.5)) "l4 4.5l-4 4.5l-4 -4.5z" } {}
            }
        }
    }
}

fn titles(marks: &[&Mark<'_>]) -> String {
    let line =
        |mark: &&Mark<'_>| format!("{} UTC: {}", seconds(mark.time), text(&mark.event.meaning));
    let mut lines: Vec<String> = marks.iter().take(TITLES).map(line).collect();
    let more = marks.len().saturating_sub(TITLES) as u64;
    if more > 0 {
        lines.push(format!("and {}", count(more, "more event")));
    }
    lines.join("\n")
}

fn legend() -> Markup {
    let sample =
        |drawn: Markup| html! { svg.sample viewBox="0 0 24 14" aria-hidden="true" { (drawn) } };
    let bar = |class: &str, hatch: bool| {
        html! {
            g class=(class) {
                rect x="1" y="3" width="22" height="8" {}
                @if hatch { rect.hatch x="1" y="3" width="22" height="8" fill="url(#hatch)" {} }
            }
        }
    };
    let mark = |class: &str, shape, hatch| html! { g class=(class) { (shape_at(shape, hatch, 12.0, 7.0)) } };
    html! {
        p.legend {
            span { (sample(bar("bar", false))) " license, from issue or renewal to expiry (license server's clock)" }
            span { (sample(html! { g.bar { path d="M6 1l10 6l-10 6z" {} } })) " expiry after the last time shown" }
            span { (sample(bar("bar recovered", true))) " recovered, not in the tree" }
            span { (sample(mark("mark", Shape::KeyLastWritten, false))) " last-written time of a key (machine's clock)" }
            span { (sample(mark("mark other", Shape::Other, false))) " other time" }
            span { (sample(html! { line.reference x1="12" x2="12" y1="0" y2="14" {} })) " reference time of the host" }
        }
    }
}
