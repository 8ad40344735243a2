// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive walk`: all keys and values of a hive.

use std::io::{self, Write};

use anyhow::Result;
use calhive::{AccessPattern, Data, Error, ErrorKind, Hive, Key, Name, Value};

use clap::CommandFactory as _;

use crate::args::{Args, Walk, WalkFormat};
use crate::lookup::{self, Found};
use crate::messages::{Messages, Reasons, count};
use crate::open;
use crate::origins::Origins;
use crate::output::canonical::{self, Canonical};
use crate::output::recovery::{Recoveries, State};
use crate::output::{hidden, jsonl, tree};
use crate::text::escape;

/// Runs the subcommand.
///
/// # Errors
/// If the hive or key does not exist, or if writing fails.
pub(crate) fn run(args: &Walk, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    if (args.hidden || args.recovered) && args.format == WalkFormat::Canonical {
        let message = "--hidden and --recovered do not work with --format canonical, which holds only \
                       the tree that Windows would show";
        Args::command().error(clap::error::ErrorKind::ArgumentConflict, message).exit();
    }
    let input = open::hive(&args.hive, &args.reading, AccessPattern::Sequential, messages)?;
    let hive = input.hive()?;
    let start = match &args.path {
        Some(path) => Some(lookup::key(hive, path, messages)?),
        None => None,
    };
    let is_fragment = input.shift().is_some();
    let (mut unread, mut faults) = (messages.reasons(), messages.reasons());
    match args.format {
        WalkFormat::Tree => {
            let mut shown = Tree { out };
            walk(hive, start.as_ref(), is_fragment, &mut shown, &mut unread, &mut faults)?;
        }
        WalkFormat::Jsonl => {
            let origins = Origins::new(&input);
            let mut shown = Jsonl { out, path: jsonl::Path::default(), origins };
            walk(hive, start.as_ref(), is_fragment, &mut shown, &mut unread, &mut faults)?;
        }
        WalkFormat::Canonical => {
            let mut shown = Lines { path: Vec::new(), lines: Canonical::default() };
            walk(hive, start.as_ref(), is_fragment, &mut shown, &mut unread, &mut faults)?;
            shown.lines.write(out)?;
        }
    }
    let below = start.as_ref().map(|found| found.names.as_slice()).unwrap_or_default();
    if args.hidden {
        let items = write_hidden(out, args.format, hive, below, &mut unread)?;
        messages.note(format_args!("{} outside the tree", count(items, "item")));
    }
    if args.recovered {
        let items = write_recovered(out, args.format, hive, below, &mut unread)?;
        messages.note(format_args!("{} recovered", count(items, "item")));
    }
    messages.not_whole(escape::path(&args.hive), &unread);
    messages.faults(escape::path(&args.hive), &faults);
    open::finish(input, messages);
    Ok(())
}

/// Writes the hidden items at and below `start`. Returns the number of hidden items in the hive.
fn write_hidden(
    out: &mut dyn Write,
    format: WalkFormat,
    hive: Hive<'_>,
    start: &[Name<'_>],
    unread: &mut Reasons,
) -> io::Result<u64> {
    let items = hive.hidden();
    match format {
        WalkFormat::Jsonl => hidden::lines(out, &items, start)?,
        _ => hidden::text(out, &items, start)?,
    }
    items.faults().iter().for_each(|fault| unread.add(fault));
    Ok(items.len() as u64)
}

/// Writes the recovered items at and below `start`. Returns the number of items written.
fn write_recovered(
    out: &mut dyn Write,
    format: WalkFormat,
    hive: Hive<'_>,
    start: &[Name<'_>],
    unread: &mut Reasons,
) -> io::Result<u64> {
    let recovery = hive.recover();
    let mut recoveries = Recoveries::new(&recovery, start);
    let mut written = 0_u64;
    if format == WalkFormat::Tree && !recovery.is_empty() {
        writeln!(out, "\nRecovered from bytes outside the tree")?;
    }
    for found in recovery.iter() {
        let is_written = match format {
            WalkFormat::Jsonl => recoveries.line(out, found, State::Now)?,
            _ => recoveries.text(out, found, State::Now)?,
        };
        written = written.saturating_add(u64::from(is_written));
    }
    recovery.faults().iter().for_each(|fault| unread.add(fault));
    recoveries.faults().for_each(|fault| unread.add(fault));
    Ok(written)
}

/// An output format of `walk`. `walk` calls these functions for each item, in the order of the hive.
trait Show<'d> {
    /// Writes a key. Adds unreadable parts of the key to `unread`.
    fn key(
        &mut self,
        depth: usize,
        names: &mut dyn Iterator<Item = Name<'d>>,
        key: Key<'d>,
        unread: &mut Reasons,
    ) -> io::Result<()>;

    /// Writes a value with its readable data.
    fn value(
        &mut self,
        depth: usize,
        value: Value<'d>,
        data: Option<Data<'d>>,
        error: Option<Error>,
    ) -> io::Result<()>;

    /// Writes a fault. `is_lost`: the fault made a key or value unreadable.
    fn fault(&mut self, depth: usize, error: Error, is_lost: bool) -> io::Result<()>;
}

fn walk<'d>(
    hive: Hive<'d>,
    start: Option<&Found<'d>>,
    is_fragment: bool,
    shown: &mut dyn Show<'d>,
    unread: &mut Reasons,
    faults: &mut Reasons,
) -> io::Result<()> {
    let above = start.map(|found| found.names.as_slice()).unwrap_or_default();
    let walk = start.map_or_else(|| hive.walk(), |found| found.key.walk());
    let mut walk = walk.with_values(true);
    let mut depth = 0;
    while let Some(entry) = walk.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                unread.add(error);
                shown.fault(depth, error, true)?;
                continue;
            }
        };
        depth = entry.depth;
        let key = entry.key;
        shown.key(depth, &mut above.iter().copied().chain(walk.path().names()), key, unread)?;
        for value in entry.values {
            show_value(value, depth, &mut walk, above, shown, unread)?;
        }
    }
    for error in walk.faults() {
        let is_root_fault = Some(*error) == hive.root_fault();
        // calhive made up the base block of a fragment, so a fault of the root key has no meaning.
        if is_fragment && is_root_fault {
            continue;
        }
        // A root found by search may be the wrong key.
        let reasons = if is_root_fault || is_loss(*error) { &mut *unread } else { &mut *faults };
        reasons.add(error);
        shown.fault(0, *error, false)?;
    }
    Ok(())
}

/// Shows a value of the key that the walk showed most recently.
fn show_value<'d>(
    value: Result<Value<'d>, Error>,
    depth: usize,
    walk: &mut calhive::Walk<'d>,
    above: &[Name<'d>],
    shown: &mut dyn Show<'d>,
    unread: &mut Reasons,
) -> io::Result<()> {
    let value = match value {
        Ok(value) => value,
        Err(error) => {
            unread.add(error);
            return shown.fault(depth.saturating_add(1), error, true);
        }
    };
    let (data, error) = walk.available(value);
    if let Some(error) = error {
        let names: Vec<Name<'_>> = above.iter().copied().chain(walk.path().names()).collect();
        let key = lookup::shown(&names);
        unread.add(format_args!("value {} of {key}: {error}", value.name()));
    }
    shown.value(depth, value, data, error)
}

/// Whether data are missing because of this fault of a readable key. Data are missing with a truncated
/// name, but not with an inconsistent parent link.
const fn is_loss(error: Error) -> bool {
    matches!(error.kind(), ErrorKind::Truncated { .. })
}

struct Tree<'o> {
    out: &'o mut dyn Write,
}

impl<'d> Show<'d> for Tree<'_> {
    fn key(
        &mut self,
        depth: usize,
        _: &mut dyn Iterator<Item = Name<'d>>,
        key: Key<'d>,
        _: &mut Reasons,
    ) -> io::Result<()> {
        tree::key(self.out, depth, key)
    }

    fn value(
        &mut self,
        depth: usize,
        value: Value<'d>,
        data: Option<Data<'d>>,
        error: Option<Error>,
    ) -> io::Result<()> {
        tree::value(self.out, depth, value, data, error)
    }

    fn fault(&mut self, depth: usize, error: Error, is_lost: bool) -> io::Result<()> {
        if is_lost { tree::fault(self.out, depth, error) } else { Ok(()) }
    }
}

struct Jsonl<'o, 'i> {
    out: &'o mut dyn Write,
    /// Path of the current key.
    path: jsonl::Path,
    origins: Origins<'i>,
}

impl<'d> Show<'d> for Jsonl<'_, '_> {
    fn key(
        &mut self,
        _: usize,
        names: &mut dyn Iterator<Item = Name<'d>>,
        key: Key<'d>,
        unread: &mut Reasons,
    ) -> io::Result<()> {
        self.path = names.collect();
        let mut faults = Vec::new();
        jsonl::key(self.out, &self.path, key, &self.origins, |error| faults.push(error))?;
        for error in faults {
            unread.add(error);
            jsonl::fault(self.out, error)?;
        }
        Ok(())
    }

    fn value(
        &mut self,
        _: usize,
        value: Value<'d>,
        data: Option<Data<'d>>,
        error: Option<Error>,
    ) -> io::Result<()> {
        jsonl::value(self.out, &self.path, value, (data, error), &self.origins)
    }

    fn fault(&mut self, _: usize, error: Error, _: bool) -> io::Result<()> {
        jsonl::fault(self.out, error)
    }
}

struct Lines {
    /// Path of the current key.
    path: Vec<u8>,
    lines: Canonical,
}

impl<'d> Show<'d> for Lines {
    fn key(
        &mut self,
        _: usize,
        names: &mut dyn Iterator<Item = Name<'d>>,
        key: Key<'d>,
        _: &mut Reasons,
    ) -> io::Result<()> {
        self.path = canonical::path(names);
        self.lines.key(&self.path, key.last_written());
        Ok(())
    }

    fn value(
        &mut self,
        _: usize,
        value: Value<'d>,
        data: Option<Data<'d>>,
        error: Option<Error>,
    ) -> io::Result<()> {
        // The hash of incomplete data would look like the hash of other data.
        if let (Some(data), None) = (data, error) {
            self.lines.value(&self.path, value, data);
        }
        Ok(())
    }

    fn fault(&mut self, _: usize, _: Error, _: bool) -> io::Result<()> {
        Ok(())
    }
}
