// SPDX-License-Identifier: GPL-3.0-or-later
//! Parts that all drawings share: the lines of the axis, places and short names.

use maud::{Markup, html};

use crate::output::html::axis::Axis;
use crate::output::html::prose::text;

/// Lanes of one drawing. A drawing fits on a printed page.
pub(super) const LANES_IN_DRAWING: usize = 20;
/// Height of the axis.
pub(super) const AXIS: f64 = 24.0;
/// Maximum number of characters of a name beside its lane.
const NAME: usize = 22;

/// Returns the ticks of the axis, each with a line across all lanes.
pub(super) fn grid(axis: &Axis, bottom: f64) -> Markup {
    html! {
        g.axis {
            @for tick in axis.ticks() {
                line x1=(place(tick.x)) x2=(place(tick.x)) y1="16" y2=(place(bottom)) {}
                text x=(place(tick.x)) y="11" text-anchor="middle" { (tick.label) }
            }
        }
    }
}

/// Returns a name of limited length.
pub(super) fn short(name: &str) -> String {
    let name = text(name);
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name,
    }
}

/// Returns a place with one digit after the point.
pub(super) fn place(number: f64) -> String {
    format!("{number:.1}")
}
