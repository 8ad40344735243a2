// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Screen`]: what one page says about a host, or about all hosts of the evidence.
//!
//! A screen has no widths, colors or escapes: `output` writes it as text, Markdown and HTML. Texts of a
//! screen are those of the report, so a writer escapes every span for its own format.
//!
//! ```text
//! title
//!
//! LABEL            head cell   head cell
//!   row label      cell        cell
//!
//! closing lines
//! hint
//! ```

mod attention;
mod closing;
mod copies;
mod damage;
mod effect;
mod evidence;
mod findings;
mod holders;
mod identity;
mod license_server;
mod line;
mod profiles;
mod registration;
mod removal;
mod section;
mod seen_servers;
mod session_hosts;
mod settings;
mod statement;
mod tokens;
mod view;

use calhive::report::{Host, Report};

pub(crate) use evidence::{evidence, hosts};
pub(crate) use line::{Kind, Line, seconds};
pub(crate) use section::{Row, Section, Weight};
use view::View;
pub(crate) use view::name;

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Name and product of the host, or the evidence as a whole.
    pub(crate) title: Vec<Line>,
    /// Blocks of rows, in order of importance for the reader.
    pub(crate) sections: Vec<Section>,
    /// Notes and limits of the page.
    pub(crate) closing: Vec<Line>,
    /// Options of the command that show more. A file for another reader has no use for this line.
    pub(crate) hint: Line,
}

/// Returns the page about a host.
pub(crate) fn host(report: &Report, host: &Host) -> Screen {
    let view = View::new(report, host);
    let mut sections: Vec<Section> = damage::section(&view).into_iter().collect();
    sections.extend(tokens::sections(&view));
    sections.extend(profiles::section(&view));
    let removal = removal::section(&view);
    let (first, last) = if view.is_client() { (removal, None) } else { (None, removal) };
    sections.extend(first);
    sections.extend(settings::sections(&view));
    sections.extend(registration::sections(&view));
    sections.extend(last);
    sections.extend(license_server::sections(&view));
    sections.extend(copies::section(&view));
    sections.push(findings::section(&view));
    sections.extend(attention::not_read(report));
    Screen {
        title: identity::lines(&view),
        closing: closing::lines(&view, &sections),
        sections,
        hint: Line::of(
            Kind::Muted,
            "More: --details, --details=findings,timeline, --format json, -o DIR",
        ),
    }
}
