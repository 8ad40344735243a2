// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Files`]: the wanted files of a volume, found in one pass over the `$MFT`.

use core::fmt;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::field::{invalid, u64_at};
use crate::ntfs::attribute::{Attribute, kind};
use crate::ntfs::bitmap::Bitmap;
use crate::ntfs::content::Content;
use crate::ntfs::damage::Damage;
use crate::ntfs::file_name::FileName;
use crate::ntfs::folders::Folders;
use crate::ntfs::mft::Mft;
use crate::ntfs::record::{Record, Reference};
use crate::tree::Omission;

/// Number of bytes of the `$MFT` read at a time.
const PIECE: usize = 1 << 20;
/// Largest deleted file whose clusters are looked up in `$Bitmap`: the largest hive.
const LARGEST_HIVE: u64 = 1 << 32;

/// Choice of files. Both functions see names in the form that paths have.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'w> {
    /// Returns whether a file of this name can matter.
    pub(crate) name: &'w dyn Fn(&str) -> bool,
    /// Returns whether a file at this path can matter. For a deleted file, this is the path before the deletion. A
    /// file without a known path always matters.
    pub(crate) path: &'w dyn Fn(&Path) -> bool,
    /// Returns whether the list of names of the folder at this path is compared with the files found.
    pub(crate) folder: &'w dyn Fn(&Path) -> bool,
}

impl fmt::Debug for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wanted").finish_non_exhaustive()
    }
}

/// The wanted files of a volume.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// The files, sorted by path. No two have the same path.
    pub(crate) found: Vec<NtfsFile>,
    /// What could not be read. Paths start at the root of the volume.
    pub(crate) omissions: Vec<Omission>,
}

/// A file of an NTFS volume under one of its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NtfsFile {
    /// Number of the MFT record.
    pub(crate) record: u64,
    /// Number of the use of the record.
    pub(crate) sequence: u16,
    /// Path below the root of the volume. A deleted file has the path `deleted/RECORD/NAME`, a file without a known
    /// folder `orphan/RECORD/NAME`. If two files have one path, the second gets `same path/RECORD/` before it.
    pub(crate) path: PathBuf,
    /// Path below the root of the volume, if known: for a deleted file the path before the deletion.
    pub(crate) full_path: Option<PathBuf>,
    /// Size in bytes.
    pub(crate) size: u64,
    /// Whether the MFT record is not in use.
    pub(crate) is_deleted: bool,
    /// Number of clusters of a deleted file that are in use again. If it is not 0, the content is doubtful. If the
    /// use is not known, all clusters count.
    pub(crate) overwritten_clusters: u64,
    /// Time of creation: 100-nanosecond intervals since 1601, UTC.
    pub(crate) created: u64,
    /// Time of the last change of the content: 100-nanosecond intervals since 1601, UTC.
    pub(crate) modified: u64,
}

/// Finds the wanted files in one pass. Returns also the folders of the volume.
pub(super) fn find(
    mft: &Mft,
    bitmap: &io::Result<Bitmap>,
    cluster: u64,
    wanted: &Wanted<'_>,
) -> (Files, Folders) {
    let mut pass = Pass::new(mft, wanted);
    pass.read_all();
    let Pass { mut folders, mut names, damage, .. } = pass;
    folders.sort();
    names.sort_by_key(|it| it.file.record);
    let resolver = Resolver { mft, bitmap, cluster, folders, wanted };
    let mut files = Files::default();
    files.omissions.extend(damage.into_omissions());
    for name in &names {
        match resolver.file(name) {
            Ok(file) => files.found.extend(file),
            Err(omission) => files.omissions.push(omission),
        }
    }
    files.make_paths_unique();
    (files, resolver.folders)
}

impl Files {
    fn make_paths_unique(&mut self) {
        self.found.sort_by(|one, other| (&one.path, one.record).cmp(&(&other.path, other.record)));
        self.found.dedup_by(|next, kept| next.path == kept.path && next.record == kept.record);
        let mut paths = HashSet::new();
        for file in &mut self.found {
            if !paths.insert(file.path.clone()) {
                let record = file.record;
                file.path =
                    [Path::new(&format!("same path/{record}")), &file.path].iter().collect();
                paths.insert(file.path.clone());
            }
        }
        self.found.sort_by(|one, other| one.path.cmp(&other.path));
    }
}

/// A wanted name of a file.
#[derive(Debug)]
struct NamedFile {
    file: Reference,
    parent: Reference,
    name: Box<str>,
    /// Further record that has the name, with whether it is in use. `None` for the base record.
    further: Option<(u64, bool)>,
}

/// The pass over the `$MFT`.
struct Pass<'p> {
    mft: &'p Mft,
    wanted: &'p Wanted<'p>,
    folders: Folders,
    names: Vec<NamedFile>,
    damage: Damage,
    name: String,
}

impl<'p> Pass<'p> {
    fn new(mft: &'p Mft, wanted: &'p Wanted<'p>) -> Self {
        let (folders, names, damage) = Default::default();
        Self { mft, wanted, folders, names, damage, name: String::new() }
    }

    fn read_all(&mut self) {
        let size = self.mft.record_size();
        let per_piece = PIECE.checked_div(size).unwrap_or(0).max(1) as u64;
        let records = self.mft.records();
        let mut buffer = Vec::new();
        let mut first = 0_u64;
        while first < records {
            let count = records.saturating_sub(first).min(per_piece);
            let length = usize::try_from(count).unwrap_or(0).saturating_mul(size);
            buffer.resize(length, 0);
            match self.mft.read_bytes(first, &mut buffer) {
                Ok(()) => {
                    for (number, bytes) in (first..).zip(buffer.chunks_exact_mut(size)) {
                        self.read_record(number, bytes);
                    }
                }
                // No later record can be read either.
                Err(error) if error.kind() == io::ErrorKind::QuotaExceeded => {
                    self.damage.add_up_to(first, records, || self.mft.in_record(first, &error));
                    return;
                }
                Err(_) => self.read_each(first, count),
            }
            first = first.saturating_add(count);
        }
    }

    /// Reads records one by one, after the read of all together failed.
    fn read_each(&mut self, first: u64, count: u64) {
        let mut bytes = vec![0; self.mft.record_size()];
        for number in first..first.saturating_add(count) {
            match self.mft.read_bytes(number, &mut bytes) {
                Ok(()) => self.read_record(number, &mut bytes),
                Err(error) => self.damage.add(number, || self.mft.in_record(number, &error)),
            }
        }
    }

    fn read_record(&mut self, number: u64, bytes: &mut [u8]) {
        let result = match Record::parse(number, bytes) {
            Ok(None) => return,
            Ok(Some(record)) => self.read_names(&record),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            self.damage.add(number, || self.mft.in_record(number, &error));
        }
    }

    fn read_names(&mut self, record: &Record<'_>) -> io::Result<()> {
        let mut short = None;
        self.name.clear();
        // A short name counts only if no record of the file can have the long one.
        let mut has_long = record.base().is_some();
        for attribute in record.attributes() {
            let attribute = attribute?;
            if attribute.kind > kind::FILE_NAME {
                break;
            }
            has_long |= attribute.kind == kind::ATTRIBUTE_LIST;
            match file_name(&attribute)? {
                Some(name) if name.is_short => short = Some(name),
                Some(name) => {
                    has_long = true;
                    self.add_name(record, &name);
                }
                None => {}
            }
        }
        if let Some(short) = short.filter(|_| !has_long) {
            self.add_name(record, &short);
        }
        if record.is_folder() && (self.wanted.name)(&self.name) && has_data(record)? {
            return Err(invalid("it is marked as a folder, and has the data of a file"));
        }
        Ok(())
    }

    fn add_name(&mut self, record: &Record<'_>, name: &FileName<'_>) {
        self.name.clear();
        name.append_to(&mut self.name);
        let base = record.base();
        let file = base.unwrap_or(record.reference());
        // A further record does not say whether the file is a folder.
        if record.is_folder() || base.is_some() {
            self.folders.add(file, record.is_in_use(), name.parent, &self.name);
        }
        if !record.is_folder() && (self.wanted.name)(&self.name) {
            let (parent, name) = (name.parent, self.name.as_str().into());
            let further = base.map(|_| (record.number, record.is_in_use()));
            self.names.push(NamedFile { file, parent, name, further });
        }
    }
}

/// Whether a record has the data of a file, or a part.
fn has_data(record: &Record<'_>) -> io::Result<bool> {
    for attribute in record.attributes() {
        let attribute = attribute?;
        if attribute.kind == kind::DATA && attribute.name.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn file_name<'r>(attribute: &Attribute<'r>) -> io::Result<Option<FileName<'r>>> {
    if attribute.kind != kind::FILE_NAME {
        return Ok(None);
    }
    let name = attribute.resident().and_then(FileName::parse);
    name.map(Some).ok_or_else(|| invalid("a file name goes past the end of its attribute"))
}

/// Turns names into files with paths.
struct Resolver<'r> {
    mft: &'r Mft,
    bitmap: &'r io::Result<Bitmap>,
    cluster: u64,
    folders: Folders,
    wanted: &'r Wanted<'r>,
}

impl Resolver<'_> {
    /// Returns the file, or `None` if it is not wanted or holds nothing.
    fn file(&self, name: &NamedFile) -> Result<Option<NtfsFile>, Omission> {
        let mut buffer = Vec::new();
        let record = match self.mft.read(name.file.record, &mut buffer) {
            Ok(record) => record,
            Err(error) if name.further.is_some_and(|(_, is_in_use)| is_in_use) => {
                let why = format!("the file cannot be read: {error}");
                return Err(Omission { path: PathBuf::from(&*name.name), why, is_loss: true });
            }
            Err(error) if error.kind() == io::ErrorKind::QuotaExceeded => {
                let why = format!("the file cannot be read: {error}");
                return Err(Omission { path: PathBuf::from(&*name.name), why, is_loss: true });
            }
            // The pass reported a damaged record.
            Err(_) => return Ok(None),
        };
        let is_base = record.base().is_none() && !record.is_folder();
        let is_meant = name.file.means(record.reference().sequence, record.is_in_use());
        if let Some((further, true)) = name.further
            && !(record.base().is_none() && is_meant && self.mft.lists(&record, further))
        {
            let (place, base) = (self.mft.place(further), name.file.record);
            let why = format!(
                "{place} belongs to MFT record {base}, which does not list it: a file can be missing"
            );
            return Err(Omission { path: PathBuf::from(&*name.name), why, is_loss: true });
        }
        if !is_base || name.further.is_some() && !is_meant {
            return Ok(None);
        }
        let is_deleted = !record.is_in_use();
        let full_path = self.folders.path(name.parent, &name.name, !is_deleted);
        if full_path.as_deref().is_some_and(|path| !(self.wanted.path)(path)) {
            return Ok(None);
        }
        let number = name.file.record;
        let below = |folder: &str| PathBuf::from(format!("{folder}/{number}/{}", name.name));
        let path = match &full_path {
            _ if is_deleted => below("deleted"),
            Some(path) => path.clone(),
            None => below("orphan"),
        };
        let content = match self.mft.content(&record, kind::DATA, &[]) {
            Ok(Some(content)) => content,
            // Files of NTFS itself hold other attributes.
            Ok(None) if is_deleted || name.name.starts_with('$') => return Ok(None),
            Ok(None) => {
                let why = format!("{}: the file has no content", self.mft.place(number));
                return Err(Omission { path, why, is_loss: true });
            }
            // Windows uses the records of a deleted file again one by one.
            Err(error) => {
                let why = format!("the file cannot be read: {error}");
                return Err(Omission { path, why, is_loss: !is_deleted });
            }
        };
        let size = content.size;
        if is_deleted && size == 0 {
            return Ok(None);
        }
        let overwritten_clusters = if is_deleted { self.overwritten_clusters(&content) } else { 0 };
        let (created, modified) = times(&record);
        let sequence = record.reference().sequence;
        Ok(Some(NtfsFile {
            record: number,
            sequence,
            path,
            full_path,
            size,
            is_deleted,
            overwritten_clusters,
            created,
            modified,
        }))
    }

    fn overwritten_clusters(&self, content: &Content) -> u64 {
        let Some(runs) = content.runs() else { return 0 };
        let mut left = content.size.div_ceil(self.cluster.max(1));
        let mut overwritten = 0_u64;
        for run in runs.iter() {
            let clusters = run.clusters.min(left);
            left = left.saturating_sub(clusters);
            let Some(place) = run.place else { continue };
            let in_use = match self.bitmap {
                Ok(bitmap) if content.size <= LARGEST_HIVE => bitmap.in_use(place, clusters),
                _ => Ok(clusters),
            };
            overwritten = overwritten.saturating_add(in_use.unwrap_or(clusters));
        }
        overwritten
    }
}

/// Returns the times of creation and of the last change.
fn times(record: &Record<'_>) -> (u64, u64) {
    let attribute = record.attributes().map_while(Result::ok).next();
    let information = attribute.filter(|it| it.kind == kind::STANDARD_INFORMATION);
    let content = information.and_then(|it| it.resident()).unwrap_or_default();
    (u64_at(content, 0).unwrap_or(0), u64_at(content, 8).unwrap_or(0))
}
