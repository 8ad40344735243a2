// SPDX-License-Identifier: GPL-3.0-or-later
//! The page of a scan: of one host, of all hosts, or parts of the whole report.

use std::io::Write;

use anyhow::{Result, bail};
use calhive::Report;
use calhive::report::Host;

use crate::args::Scan;
use crate::output::form::Form;
use crate::output::margin::Margin;
use crate::output::paint::Paint;
use crate::output::report_table;
use crate::output::screen_text;
use crate::screen::{self, Screen};
use crate::text::width;

/// Writes the page, or the parts of the whole report that were asked for.
pub(super) fn write(
    out: &mut dyn Write,
    report: &Report,
    args: &Scan,
    host_name: Option<&str>,
    paint: Paint,
) -> Result<()> {
    if let Some(parts) = &args.details {
        let hosts = match host_name {
            Some(name) => vec![host(report, name)?],
            None => report.hosts.iter().collect(),
        };
        let mut out = Margin::new(out, Some(width::columns()));
        report_table::write(&mut out, report, &hosts, parts)?;
        return Ok(out.flush()?);
    }
    let lines = (!args.hosts).then_some(screen_text::LINES);
    let form = Form { width: width::columns(), lines, paint };
    Ok(screen_text::write(out, &of(report, args, host_name)?, form)?)
}

/// Returns the page that was asked for: of a host, of all hosts, or with one line for each host.
pub(super) fn of(report: &Report, args: &Scan, host_name: Option<&str>) -> Result<Screen> {
    Ok(match (host_name, report.hosts.as_slice()) {
        (Some(name), _) => screen::host(report, host(report, name)?),
        (None, _) if args.hosts => screen::hosts(report),
        (None, [host]) => screen::host(report, host),
        (None, _) => screen::evidence(report),
    })
}

/// Returns the host with this id or computer name, in upper or lower case.
pub(in crate::commands) fn host<'r>(report: &'r Report, name: &str) -> Result<&'r Host> {
    let is_it = |host: &&Host| {
        host.id.eq_ignore_ascii_case(name)
            || screen::name(host).to_lowercase() == name.to_lowercase()
    };
    let mut found = report.hosts.iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(host), None) => Ok(host),
        (Some(_), Some(_)) => {
            let ids = report.hosts.iter().filter(is_it).map(|host| host.id.as_str());
            bail!(
                "several hosts have the name {name}; give one of their ids: {}",
                ids.collect::<Vec<_>>().join(", ")
            )
        }
        (None, _) => {
            let names =
                report.hosts.iter().map(|host| format!("{} ({})", screen::name(host), host.id));
            bail!(
                "no host has the name or id {name}; the evidence has: {}",
                names.collect::<Vec<_>>().join(", ")
            )
        }
    }
}
