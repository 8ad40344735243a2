// SPDX-License-Identifier: GPL-3.0-or-later
//! The timeline of many hosts: a lane a license server, with the licenses of each month.

use alloc::collections::BTreeMap;

use calhive::FileTime;
use maud::{Markup, html};

use crate::messages::count;
use crate::output::html::axis::{Axis, Month};
use crate::output::html::grid::{AXIS, LANES_IN_DRAWING, grid, place, short};
use crate::output::html::lane::Lane;
use crate::output::html::prose::text;

/// Height of a lane.
const LANE: f64 = 46.0;
/// Height of the tallest column.
const COLUMN: f64 = 36.0;
/// Name in place of a missing issuer.
const NO_SERVER: &str = "no license server named";

/// Licenses of one month.
#[derive(Debug, Default)]
struct Licenses {
    /// Number of stored licenses.
    stored: u64,
    /// Number of recovered licenses.
    recovered: u64,
    /// First start of validity in the month.
    first: Option<FileTime>,
}

impl Licenses {
    const fn total(&self) -> u64 {
        self.stored.saturating_add(self.recovered)
    }
}

/// Licenses by license server and month of issue.
type Servers = BTreeMap<String, BTreeMap<Month, Licenses>>;

/// Returns the drawings and the table with their numbers.
pub(super) fn drawings(lanes: &[Lane<'_>]) -> Markup {
    let servers = servers(lanes);
    let most = servers.values().flat_map(|months| months.values().map(Licenses::total)).max();
    let times = lanes.iter().flat_map(|lane| lane.bars.iter().filter_map(|bar| bar.from));
    let axis = Axis::over(times, []);
    let all: Vec<_> = servers.iter().collect();
    html! {
        p {
            "The timeline shows one lane for each license server, since " (count(lanes.len() as u64, "host"))
            " are too many for a lane each. A column is the number of licenses issued or renewed in a month, "
            "by the license server's clock. The hatched part was recovered. The table of events has every time."
        }
        @if let (Some(axis), Some(most)) = (axis, most) {
            @for group in all.chunks(LANES_IN_DRAWING) { (drawing(&axis, group, most)) }
            (table(&servers))
        } @else { p { "No host holds a dated license." } }
    }
}

fn servers(lanes: &[Lane<'_>]) -> Servers {
    let mut servers = Servers::new();
    for bar in lanes.iter().flat_map(|lane| &lane.bars) {
        let Some(from) = bar.from else { continue };
        let license = bar.token.license.as_ref();
        let server = license.and_then(|license| license.license_server_in_words());
        let server = server.unwrap_or_else(|| NO_SERVER.to_owned());
        let month = servers.entry(server).or_default().entry(Month::of_time(from)).or_default();
        let number = if bar.is_recovered { &mut month.recovered } else { &mut month.stored };
        *number = number.saturating_add(1);
        month.first = Some(month.first.map_or(from, |first| first.min(from)));
    }
    servers
}

fn drawing(axis: &Axis, servers: &[(&String, &BTreeMap<Month, Licenses>)], most: u64) -> Markup {
    let mut top = AXIS;
    let total = servers.iter().fold(AXIS, |height, _| height + LANE);
    html! {
        svg.chart viewBox={ "0 0 1000 " (total) } role="img"
            aria-label="Licenses by license server and month. The table below has the numbers." {
            (grid(axis, total))
            @for (server, months) in servers {
                (lane(axis, server, months, (top, most)))
                @let () = top += LANE;
            }
        }
    }
}

fn lane(
    axis: &Axis,
    server: &str,
    months: &BTreeMap<Month, Licenses>,
    (top, most): (f64, u64),
) -> Markup {
    let floor = top + LANE - 2.0;
    html! {
        g.lane data-server=(text(server)) {
            line.floor x1="0" x2="1000" y1=(place(floor)) y2=(place(floor)) {}
            text.name x="4" y=(place(top + 18.0)) { title { (text(server)) } (short(server)) }
            @for (month, licenses) in months {
                (column(axis, *month, licenses, (floor, most)))
            }
        }
    }
}

fn column(axis: &Axis, month: Month, licenses: &Licenses, (floor, most): (f64, u64)) -> Markup {
    let x = licenses.first.map_or(0.0, |time| axis.x(time)) - 3.0;
    let all = height(licenses.total(), most);
    let recovered = height(licenses.recovered, most).min(all);
    html! {
        g.bar data-licenses=(licenses.total()) {
            title {
                (month.label()) ": " (licenses.stored) " stored, " (licenses.recovered) " recovered"
            }
            rect x=(place(x)) y=(place(floor - all)) width="6" height=(place(all)) {}
            @if licenses.recovered > 0 {
                rect.hatch x=(place(x)) y=(place(floor - recovered)) width="6" height=(place(recovered))
                    fill="url(#hatch)" {}
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a height has fewer digits than a number")]
fn height(number: u64, most: u64) -> f64 {
    (number as f64 / most.max(1) as f64 * COLUMN).max(if number > 0 { 2.0 } else { 0.0 })
}

fn table(servers: &Servers) -> Markup {
    html! {
        table.grid {
            caption { "Licenses by license server and month of issue or renewal" }
            thead { tr {
                th scope="col" { "License server (self-reported)" }
                th scope="col" { "Month" }
                th scope="col" { "Stored" }
                th scope="col" { "Recovered" }
            } }
            tbody {
                @for (server, months) in servers {
                    @for (month, licenses) in months {
                        tr {
                            td { (text(server)) }
                            td { (month.label()) }
                            td { (licenses.stored) }
                            td { (licenses.recovered) }
                        }
                    }
                }
            }
        }
    }
}
