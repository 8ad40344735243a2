// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive walk`: all keys and values of a hive.

use std::io::{self, Write};

use anyhow::Result;
use calhive::{Access, Data, Error, ErrorKind, Hive, Key, KeyPath, Name, Value};

use clap::CommandFactory as _;

use crate::args::{Args, Walk, WalkFormat};
use crate::lookup::{self, Found};
use crate::messages::{Messages, Reasons, count};
use crate::open::Input;
use crate::origins::Origins;
use crate::output::canonical::{self, Canonical};
use crate::output::recovered::{Recoveries, State};
use crate::output::{hidden, jsonl, tree};

/// Runs it.
///
/// # Errors
/// Where there is no hive or no such key, or it cannot be written.
pub(crate) fn run(args: &Walk, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    if (args.hidden || args.recovered) && args.format == WalkFormat::Canonical {
        let message = "--hidden and --recovered: the canonical form holds the tree that Windows would \
                       show, nothing else";
        Args::command().error(clap::error::ErrorKind::ArgumentConflict, message).exit();
    }
    let input = Input::open_one(&args.hive, &args.reading, Access::Sequential, messages)?;
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
    if args.hidden {
        let hidden = hive.hidden();
        let start = start.as_ref().map(|found| found.names.as_slice()).unwrap_or_default();
        match args.format {
            WalkFormat::Jsonl => hidden::lines(out, &hidden, start)?,
            _ => hidden::text(out, &hidden, start)?,
        }
        hidden.faults().iter().for_each(|fault| unread.add(fault));
        messages.note(format_args!("{} outside the tree", count(hidden.len() as u64, "item")));
    }
    if args.recovered {
        let start = start.as_ref().map(|found| found.names.as_slice()).unwrap_or_default();
        let recovery = hive.recover();
        let mut recoveries = Recoveries::new(hive.file_length(), start);
        let mut shown = 0_u64;
        if args.format == WalkFormat::Tree && !recovery.is_empty() {
            writeln!(out, "\nRecovered from bytes that the tree does not lead to")?;
        }
        for found in recovery.iter() {
            let is_shown = match args.format {
                WalkFormat::Jsonl => recoveries.line(out, found, State::Now)?,
                _ => recoveries.text(out, found, State::Now)?,
            };
            shown = shown.saturating_add(u64::from(is_shown));
        }
        recovery.faults().iter().for_each(|fault| unread.add(fault));
        messages.note(format_args!("{} recovered", count(shown, "item")));
    }
    messages.not_whole(args.hive.display(), &unread);
    messages.faults(args.hive.display(), &faults);
    input.finish(messages);
    Ok(())
}

/// A format of `walk`: it is told of everything in the order of the hive. It adds what it learns of
/// itself that cannot be read to `unread`.
trait Show<'d> {
    fn key(
        &mut self,
        depth: usize,
        names: &mut dyn Iterator<Item = Name<'d>>,
        key: Key<'d>,
        unread: &mut Reasons,
    ) -> io::Result<()>;

    fn value(
        &mut self,
        depth: usize,
        value: Value<'d>,
        data: Option<Data<'d>>,
        error: Option<Error>,
    ) -> io::Result<()>;

    /// Something that could not be read (`is_lost`), or was read and is not as it should be.
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
        {
            let path = walk.path();
            let mut names = above.iter().copied().chain(path.names());
            shown.key(depth, &mut names, entry.key, unread)?;
        }
        for value in entry.values {
            let value = match value {
                Ok(value) => value,
                Err(error) => {
                    unread.add(error);
                    shown.fault(depth.saturating_add(1), error, true)?;
                    continue;
                }
            };
            let (data, error) = walk.available(value);
            if let Some(error) = error {
                let path: KeyPath = above.iter().copied().chain(walk.path().names()).collect();
                unread.add(format_args!("value {} of {path}: {error}", value.name()));
            }
            shown.value(depth, value, data, error)?;
        }
    }
    for error in walk.faults() {
        if is_fragment && Some(*error) == hive.root_fault() {
            // Of a base block that was made up.
            continue;
        }
        // A name that its cell cuts short is not read whole; a parent that disagrees is.
        // A root that was searched for may not be the one.
        let is_cut = matches!(error.kind(), ErrorKind::Truncated { .. })
            || Some(*error) == hive.root_fault();
        if is_cut {
            unread.add(error)
        } else {
            faults.add(error)
        }
        shown.fault(0, *error, false)?;
    }
    Ok(())
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
    /// Of the key that was shown last.
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
    /// Of the key that was shown last.
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
        // A hash over a part of the data would look like another value.
        if let (Some(data), None) = (data, error) {
            self.lines.value(&self.path, value, data);
        }
        Ok(())
    }

    fn fault(&mut self, _: usize, _: Error, _: bool) -> io::Result<()> {
        Ok(())
    }
}
