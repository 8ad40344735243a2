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

mod findings;
mod line;
mod section;

use calhive::report::{Host, Report};

pub(crate) use line::{Kind, Line, Span};
pub(crate) use section::{Row, Section, Weight};

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
    let name = host.system.computer_name.as_ref().map_or(host.id.as_str(), |it| it.text.as_str());
    Screen {
        title: vec![Line::of(Kind::Name, name)],
        sections: vec![findings::section(report, host)],
        closing: Vec::new(),
        hint: Line::plain("More: --details, --format json"),
    }
}

/// Returns the page about all hosts of the evidence.
pub(crate) fn evidence(report: &Report) -> Screen {
    let hosts = report.hosts.iter().map(|host| {
        let name = host.system.computer_name.as_ref().map_or("", |it| it.text.as_str());
        Row::item(Line::of(Kind::Name, &host.id), [Line::of(Kind::Name, name)])
    });
    Screen {
        title: vec![Line::plain(&format!("{} hosts", report.hosts.len()))],
        sections: vec![Section::new("HOSTS", "host").rows(hosts)],
        closing: Vec::new(),
        hint: Line::plain("More: --hosts, --host NAME, --format json"),
    }
}
