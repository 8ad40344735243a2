// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive diff`: what differs between two hosts, copies or times.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use calhive::comparison::{compare_pairs, pairs};
use calhive::report::Host;
use calhive::{Options, Report};

use crate::args::{Diff, DiffFormat};
use crate::commands::scan::{page, reading};
use crate::interrupt;
use crate::messages::Messages;
use crate::open;
use crate::output::{diff_table, html, json};
use crate::screen;

/// Runs the subcommand.
///
/// # Errors
/// If a side has no hive or no such host, if no hosts belong together, or if writing fails.
pub(crate) fn run(args: &Diff, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    interrupt::note_requests()?;
    let (path_a, name_a) = side(&args.a, args.host_a.as_deref());
    let (path_b, name_b) = side(&args.b, args.host_b.as_deref());
    let (a, b) = (read(&path_a, args, messages)?, read(&path_b, args, messages)?);
    let (of_a, of_b) = (hosts(&a, name_a.as_deref())?, hosts(&b, name_b.as_deref())?);
    let pairs = pairs(&of_a, &of_b);
    if pairs.is_empty() {
        bail!(
            "no host of A has the name of a host of B; choose the hosts with --host-a and --host-b; A has {}; B \
             has {}",
            names(&of_a),
            names(&of_b)
        );
    }
    let comparison = compare_pairs(&a, &b, &pairs);
    match args.format {
        DiffFormat::Table => diff_table::write(out, &comparison, (&a, &b))?,
        DiffFormat::Json => json::write(out, &comparison)?,
        DiffFormat::Html => html::comparison::write(out, &comparison, (&a, &b))?,
    }
    Ok(())
}

/// Splits `PATH#HOST`, unless a file or folder has this name.
fn side(path: &Path, host: Option<&str>) -> (PathBuf, Option<String>) {
    let given = host.map(str::to_owned);
    let text = path.to_string_lossy();
    match text.rsplit_once('#') {
        Some((path_of, name)) if !path.exists() && !path_of.is_empty() && !name.is_empty() => {
            (path_of.into(), given.or_else(|| Some(name.to_owned())))
        }
        _ => (path.into(), given),
    }
}

fn read(path: &PathBuf, args: &Diff, messages: &Messages) -> Result<Report> {
    let mut options = Options::default().logs(open::log_choice(&args.reading));
    if !args.no_second_reader {
        options = options.second_reader();
    }
    let found = reading::search(&[path], &args.opening.search(), messages);
    reading::read(&found, &args.reading, &options, messages)
}

/// Returns the host of this name, or all hosts.
fn hosts<'r>(report: &'r Report, name: Option<&str>) -> Result<Vec<&'r Host>> {
    match name {
        Some(name) => Ok(vec![page::host(report, name)?]),
        None => Ok(report.hosts.iter().collect()),
    }
}

fn names(hosts: &[&Host]) -> String {
    let names = hosts.iter().map(|host| format!("{} ({})", screen::name(host), host.id));
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_follows_the_last_number_sign() {
        let of = |text: &str, host| side(Path::new(text), host);
        assert_eq!(of("no/such#PC1", None), ("no/such".into(), Some("PC1".into())));
        assert_eq!(of("no/a#b#PC1", None), ("no/a#b".into(), Some("PC1".into())));
        assert_eq!(of("no/such#PC1", Some("PC2")), ("no/such".into(), Some("PC2".into())));
        assert_eq!(of("no/such", None), ("no/such".into(), None));
        assert_eq!(of("no/such#", None), ("no/such#".into(), None));
        assert_eq!(of("#PC1", None), ("#PC1".into(), None));
    }
}
