// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Parts`]: the items of one file, held until their order is known or their number is large.

use std::fs::FileType;
use std::path::Path;

use anyhow::{Context as _, Result};
use calhive_regf::GapReader;
use calhive_regf::image::open_without_waiting;
use calhive_regf::log::pages_as_hive;
use calhive_regf::recover::carve::extract;

use crate::commands::carve::find::{self, Find};
use crate::commands::carve::listing::Listing;
use crate::commands::write_new::write_new;
use crate::text::escape;

/// Limit of the items in memory, in bytes. With their rows in a table, the items of a part take about
/// four times this size.
pub(super) const MOST_HELD: u64 = 8 << 20;

/// Folder for the items of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'t> {
    /// File that is searched.
    pub(super) path: &'t Path,
    /// Number of the file, counted from 1.
    pub(super) number: u32,
    /// Folder for the items; `None` if the items are only listed.
    pub(super) folder: Option<&'t Path>,
    /// Whether existing files are overwritten.
    pub(super) force: bool,
}

/// Items of one file. If the items exceed [`MOST_HELD`], they are listed in parts, and each part is in
/// order of offset.
pub(super) struct Parts<'t, 'l, 'o> {
    target: Target<'t>,
    shown: String,
    held: Vec<Find>,
    weight: u64,
    listing: &'l mut Listing<'o>,
}

impl<'t, 'l, 'o> Parts<'t, 'l, 'o> {
    pub(super) fn new(target: Target<'t>, listing: &'l mut Listing<'o>) -> Self {
        let shown = escape::path(target.path);
        Self { target, shown, held: Vec::new(), weight: 0, listing }
    }

    /// Returns the path of the file as text.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Adds an item.
    pub(super) fn add(&mut self, found: Find) -> Result<()> {
        self.weight = self.weight.saturating_add(found.weight());
        self.held.push(found);
        if self.weight < MOST_HELD {
            return Ok(());
        }
        // The entries of a log belong to the log, and the pages of a run of entries to its first entry.
        let (entries, mut others): (Vec<Find>, Vec<Find>) =
            core::mem::take(&mut self.held).into_iter().partition(Find::is_of_log);
        let of_entries: u64 = entries.iter().map(Find::weight).sum();
        if of_entries < MOST_HELD / 2 {
            (self.held, self.weight) = (entries, of_entries);
        } else {
            others.extend(entries);
            self.weight = 0;
        }
        self.prepare(&mut others)?;
        self.listing.part(&self.shown, &others)?;
        Ok(())
    }

    /// Lists the remaining items of the file, which has `size` bytes.
    pub(super) fn finish(mut self, size: u64) -> Result<()> {
        let mut held = core::mem::take(&mut self.held);
        self.prepare(&mut held)?;
        self.listing.end(&self.shown, size, &held)?;
        Ok(())
    }

    fn prepare(&self, found: &mut [Find]) -> Result<()> {
        found.sort_by_key(Find::order);
        find::mark_entries_of_logs(found);
        match self.target.folder {
            Some(folder) => self.write_out(folder, found),
            None => Ok(()),
        }
    }

    /// Writes each item to its own file. Skips keys, values and items inside another item. For each
    /// log, also writes a hive built from the pages of the log.
    fn write_out(&self, folder: &Path, found: &mut [Find]) -> Result<()> {
        let Target { path, number, force, .. } = self.target;
        let opened = open_without_waiting(path, FileType::is_file);
        let (file, metadata) = opened.with_context(|| escape::path(path))?;
        // The search reports what could not be read.
        let mut file = GapReader::new(file, metadata.len());
        for find in found.iter_mut().filter(|find| !find.is_within) {
            let bytes = extract(&mut file, find.place).with_context(|| escape::path(path))?;
            let target = folder.join(find.file_name(number));
            write_new(&target, &bytes, force)?;
            find.written_to = Some(escape::path(&target));
        }
        for (index, place) in find::logs(found) {
            let bytes = extract(&mut file, place).with_context(|| escape::path(path))?;
            let (Some(pages), Some(find)) = (pages_as_hive(&[&bytes]), found.get_mut(index)) else {
                continue;
            };
            let target = folder.join(find.pages_name(number));
            write_new(&target, &pages, force)?;
            find.pages_written_to = Some(escape::path(&target));
        }
        Ok(())
    }
}
