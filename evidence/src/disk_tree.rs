// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`DiskTree`]: the wanted files on the volumes of a disk image, in shadow copies and among deleted files.

mod budget;
#[cfg(test)]
mod tests;

use alloc::sync::Arc;
use core::fmt;
use core::ops::ControlFlow;
use std::collections::HashSet;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use calhive_regf::{GapReader, LostBytes};

use crate::carving::{CarveSignatures, CarvedMatch};
use crate::container::FileContainer;
use crate::disk::{Counted, Cursor, Disk, Window};
use crate::disk_image::{self, OpenDisk};
use crate::free_clusters::{self, CarvedFile};
use crate::image_hash::{ImageHash, ImageHashState};
use crate::locator::{Locator, ShadowCopy, VolumePlace};
use crate::ntfs::{NtfsFile, Volume, Wanted};
use crate::partitions::{Gaps, Partition, Partitions, Scheme, partitions};
use crate::shadow_copy::ShadowCopies;
use crate::source_file::Unreadable;
use crate::structure::{bytes_at, damaged, head_of};
use crate::tree::{Member, Omission, Tree};
use crate::volume::{self, VolumeKind};
use crate::{Recognized, bitlocker, escape, name_filter};

/// Largest file: a hive has offsets of 32 bits.
const LARGEST_FILE: u64 = 1 << 32;
/// Number of bytes read at a time.
const PIECE: u64 = 4 << 20;
/// Number of bytes that tell a deleted hive from another file.
const HIVE_HEAD: usize = 4100;

/// The files of a disk image.
pub(crate) struct DiskTree {
    image: OpenDisk,
    disk: Arc<Counted<Arc<dyn Disk>>>,
    volumes: Vec<OpenVolume>,
    members: Vec<Member>,
    /// For each member: its volume and its content there.
    files: Vec<(usize, DiskFile)>,
    omissions: Vec<Omission>,
}

/// The content of a member.
#[derive(Debug)]
enum DiskFile {
    /// A file of the volume.
    Ntfs(NtfsFile),
    /// Bytes in unallocated clusters.
    Carved(CarvedFile),
}

/// A volume in use, or a shadow copy of one.
#[derive(Debug)]
pub(crate) struct OpenVolume {
    /// Path of the volume below the image. Empty if the image is one volume.
    pub(crate) path: PathBuf,
    /// Place of the volume. The file is not set.
    pub(crate) place: VolumePlace,
    /// The file system.
    pub(crate) ntfs: Volume,
    /// Bytes of the volume, decrypted.
    pub(crate) bytes: VolumeBytes,
}

/// Bytes of a volume.
#[derive(Clone)]
pub(crate) struct VolumeBytes(pub(crate) Arc<dyn Disk>);

impl fmt::Debug for VolumeBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VolumeBytes").field(&self.0.size()).finish()
    }
}

impl fmt::Debug for DiskTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (image, members) = (&self.image, &self.members);
        f.debug_struct("DiskTree").field("image", image).field("members", members).finish()
    }
}

impl DiskTree {
    /// Opens a disk image and finds the wanted files on it.
    ///
    /// # Errors
    /// If the image cannot be opened, or its start cannot be read. A volume that cannot be read is an omission.
    pub(crate) fn open(
        path: &Path,
        container: FileContainer,
        recovery_passwords: &[String],
    ) -> io::Result<Self> {
        Self::of(path, disk_image::open(path, container)?, recovery_passwords)
    }

    /// Finds the wanted files on an open disk. `input` is the path of the image, virtual if the image lies inside
    /// another input.
    ///
    /// # Errors
    /// If the start of the disk cannot be read.
    pub(crate) fn of(
        input: &Path,
        image: OpenDisk,
        recovery_passwords: &[String],
    ) -> io::Result<Self> {
        let disk = Arc::new(Counted::new(Arc::clone(&image.disk)));
        disk.limit(budget::of_listing(image.stored));
        let table = partitions(&*disk)?;
        let mut search = Search {
            input,
            format: &image.format,
            recovery_passwords,
            volumes: Vec::new(),
            found: Vec::new(),
            omissions: Vec::new(),
        };
        for fault in image.faults.iter().chain(&table.faults) {
            search.omit(Path::new(""), fault.clone(), true);
        }
        if table.scheme == Scheme::None {
            let bytes: Arc<dyn Disk> = Arc::clone(&disk) as _;
            search.read(bytes, PathBuf::new(), VolumePlace::default(), "");
        }
        for partition in &table.list {
            search.read_partition(&disk, partition);
        }
        search.read_gaps(&disk, &table, !image.faults.is_empty());
        search.keep_within(image.stored, disk.size());
        disk.limit(u64::MAX);
        let Search { volumes, mut found, mut omissions, .. } = search;
        make_paths_unique(&mut found);
        omissions.sort_by(|one, other| (&one.path, &one.why).cmp(&(&other.path, &other.why)));
        let (mut members, mut files) = (Vec::new(), Vec::new());
        for (member, volume, file) in found {
            members.push(member);
            files.push((volume, DiskFile::Ntfs(file)));
        }
        Ok(Self { image, disk, volumes, members, files, omissions })
    }

    /// Returns the volume of a file, and its content. `at` is the index of the file.
    fn content(&self, at: usize) -> io::Result<(&OpenVolume, &DiskFile)> {
        let (volume, file) = self.files.get(at).ok_or_else(|| damaged("no such file"))?;
        let volume = self.volumes.get(*volume).ok_or_else(|| damaged("no such volume"))?;
        Ok((volume, file))
    }

    /// Carves the unallocated clusters of a volume in use. Breaks if `goes_on` breaks.
    fn carve_volume(
        &mut self,
        input: &Path,
        number: usize,
        signatures: CarveSignatures,
        goes_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(volume) = self.volumes.get(number) else { return ControlFlow::Continue(()) };
        // A shadow copy repeats the unallocated clusters of the volume.
        if volume.place.shadow_copy.is_some() {
            return ControlFlow::Continue(());
        }
        let deleted = self.files.iter().filter_map(|(of, file)| match file {
            DiskFile::Ntfs(file) if *of == number && file.is_deleted => Some(file),
            _ => None,
        });
        let deleted: Vec<&NtfsFile> = deleted.collect();
        let bytes = (&volume.ntfs, &*volume.bytes.0);
        let unused = free_clusters::carve(bytes, &deleted, signatures, goes_on);
        let path = input.join(&volume.path).join("unallocated");
        let omitted = unused.left_out.into_iter();
        self.omissions.extend(omitted.map(|why| Omission {
            path: path.clone(),
            why,
            is_loss: true,
        }));
        for item in unused.items {
            let path = item.path();
            let place = VolumePlace { unallocated: Some(item.place()), ..volume.place.clone() };
            let locator = Locator {
                input: escape::path(input),
                format: self.image.format.clone(),
                path: escape::path(&path),
                volume: Some(place),
            };
            let path = volume.path.join(path);
            self.members.push(Member { path, size: item.length, locator });
            self.files.push((number, DiskFile::Carved(item)));
        }
        if unused.is_interrupted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Sorts the members by path, with their contents.
    fn sort(&mut self) {
        let members = core::mem::take(&mut self.members);
        let mut both: Vec<(Member, (usize, DiskFile))> =
            members.into_iter().zip(core::mem::take(&mut self.files)).collect();
        both.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
        both.dedup_by(|(one, _), (other, _)| one.path == other.path);
        (self.members, self.files) = both.into_iter().unzip();
    }

    /// Opens a file to read it whole.
    fn open_whole(&self, at: usize) -> io::Result<Arc<dyn Disk>> {
        let file = self.open_file(at)?;
        let size = file.size();
        if size > LARGEST_FILE || size > self.disk.size() {
            return Err(damaged(format!(
                "a file of {size} bytes is larger than any hive or than its disk"
            )));
        }
        Ok(file)
    }

    /// Opens a file without reading it whole. `at` is the index of the file.
    ///
    /// # Errors
    /// If the record of the file is damaged, or its content is of a form that calhive does not read.
    pub(crate) fn open_file(&self, at: usize) -> io::Result<Arc<dyn Disk>> {
        match self.content(at)? {
            (volume, DiskFile::Ntfs(file)) => volume.ntfs.open_file(file),
            (volume, DiskFile::Carved(item)) => {
                Ok(Arc::new(item.head(&*volume.bytes.0, LARGEST_FILE)?))
            }
        }
    }
}

/// Reads the next bytes of a file.
fn piece(file: &dyn Disk, offset: u64) -> io::Result<Vec<u8>> {
    let length = file.size().saturating_sub(offset).min(PIECE);
    bytes_at(file, offset, usize::try_from(length).unwrap_or(0))
}

/// Reads the next bytes of a file, with zeros for each block that cannot be read.
fn piece_with_gaps(file: &Arc<dyn Disk>, offset: u64) -> io::Result<(Vec<u8>, Option<LostBytes>)> {
    let window = Window::new(Arc::clone(file), offset, PIECE);
    let (mut bytes, length) = (Vec::new(), window.size());
    let mut reader = GapReader::new(Cursor::new(window), length).of_part();
    reader.read_to_end(&mut bytes)?;
    let lost =
        reader.lost().map(|lost| LostBytes { first: lost.first.saturating_add(offset), ..lost });
    Ok((bytes, lost))
}

impl Tree for DiskTree {
    fn format(&self) -> &str {
        &self.image.format
    }

    fn image_hash(&self) -> Option<ImageHash> {
        self.image.image_hash.report(ImageHashState::NotVerified)
    }

    fn segments(&self) -> &[PathBuf] {
        &self.image.files
    }

    fn members(&self) -> &[Member] {
        &self.members
    }

    fn head(&self, at: usize, most: usize) -> io::Result<Vec<u8>> {
        match self.content(at)? {
            (volume, DiskFile::Carved(item)) => item.head(&*volume.bytes.0, most as u64),
            _ => head_of(&*self.open_file(at)?, most),
        }
    }

    fn read(&self, at: usize) -> io::Result<(Vec<u8>, Option<LostBytes>)> {
        let file = self.open_whole(at)?;
        let (mut bytes, mut lost, mut offset) = (Vec::new(), None::<LostBytes>, 0);
        while offset < file.size() {
            let piece = match piece(&*file, offset) {
                Err(error) if Unreadable::is_cause_of(&error) => {
                    let (piece, gap) = piece_with_gaps(&file, offset)?;
                    lost = lost.map_or(gap, |lost| Some(gap.map_or(lost, |gap| lost.and(gap))));
                    piece
                }
                piece => piece?,
            };
            offset = offset.saturating_add(piece.len() as u64);
            bytes.extend_from_slice(&piece);
        }
        match lost {
            Some(lost) if lost.count >= file.size() => {
                Err(damaged("no byte of the file could be read"))
            }
            lost => Ok((bytes, lost)),
        }
    }

    fn omissions(&self) -> &[Omission] {
        &self.omissions
    }

    fn carve(
        &mut self,
        input: &Path,
        signatures: CarveSignatures,
        goes_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut volumes = 0..self.volumes.len();
        let result =
            volumes.try_for_each(|number| self.carve_volume(input, number, signatures, goes_on));
        self.sort();
        result
    }

    fn carved(&self, at: usize) -> Option<CarvedMatch> {
        match &self.files.get(at)?.1 {
            DiskFile::Carved(item) => item.matched(),
            DiskFile::Ntfs(_) => None,
        }
    }

    fn bytes_read(&self) -> u64 {
        self.disk.bytes_read()
    }
}

/// The search for files on a disk.
struct Search<'s> {
    input: &'s Path,
    format: &'s str,
    recovery_passwords: &'s [String],
    volumes: Vec<OpenVolume>,
    found: Vec<(Member, usize, NtfsFile)>,
    omissions: Vec<Omission>,
}

impl Search<'_> {
    /// Records what was not read. `path` is below the image.
    fn omit(&mut self, path: &Path, why: String, is_loss: bool) {
        let path = self.input.iter().chain(path).collect();
        self.omissions.push(Omission { path, why, is_loss });
    }

    fn read_partition(&mut self, disk: &Arc<Counted<Arc<dyn Disk>>>, partition: &Partition) {
        let Partition { number, offset, size, what } = partition;
        let path = PathBuf::from(format!("partition {number}"));
        let window = Window::new(Arc::clone(disk), *offset, *size);
        if window.size() == 0 {
            let why = format!(
                "the partition ({what}) starts at offset {offset:#x}, after the end of the disk"
            );
            return self.omit(&path, why, true);
        }
        let (partition, offset) = (Some(*number), *offset);
        let place = VolumePlace { partition, offset, ..VolumePlace::default() };
        self.read(Arc::new(window), path, place, what);
    }

    /// Reads the volumes that no entry of the partition table covers. The faults of an image report the parts that it
    /// lacks.
    fn read_gaps(
        &mut self,
        disk: &Arc<Counted<Arc<dyn Disk>>>,
        table: &Partitions,
        has_faults: bool,
    ) {
        let gaps = match Gaps::of(&**disk, table) {
            Ok(gaps) => gaps,
            Err(error) => {
                let why =
                    format!("space outside the partitions was not searched for volumes: {error}");
                return self.omit(Path::new(""), why, !has_faults);
            }
        };
        for (offset, size) in gaps.volumes {
            let path = PathBuf::from(format!("volume at offset {offset:#x}"));
            let why = "no entry of the partition table covers the volume; calhive read it";
            self.omit(&path, why.to_owned(), false);
            let place = VolumePlace { offset, ..VolumePlace::default() };
            self.read(Arc::new(Window::new(Arc::clone(disk), offset, size)), path, place, "");
        }
        if let Some(offset) = gaps.not_searched {
            let why = format!(
                "space outside the partitions was not searched for volumes from offset {offset:#x} on"
            );
            self.omit(Path::new(""), why, false);
        }
    }

    /// Leaves out the files beyond the limit of an image that stores so many bytes, and reports them.
    fn keep_within(&mut self, stored: u64, size: u64) {
        let largest = LARGEST_FILE.min(size);
        let (refused, why) = budget::refuse(&mut self.found, stored, largest);
        for (member, ..) in refused {
            self.omit(&member.path, why.clone(), true);
        }
    }

    /// Reads a volume. `what` is its type by the partition table.
    fn read(&mut self, bytes: Arc<dyn Disk>, path: PathBuf, mut place: VolumePlace, what: &str) {
        let head = match head_of(&*bytes, volume::HEAD) {
            Ok(head) => head,
            Err(error) => {
                return self.omit(&path, format!("the volume cannot be read: {error}"), true);
            }
        };
        match VolumeKind::of(&head) {
            VolumeKind::Ntfs => self.read_ntfs(bytes, path, place),
            VolumeKind::Unknown | VolumeKind::Empty if ends_with_ntfs(&*bytes) => {
                self.read_ntfs(bytes, path, place);
            }
            VolumeKind::BitLocker => match bitlocker::open(bytes, self.recovery_passwords) {
                Ok(decrypted) => {
                    place.is_bitlocker = true;
                    self.read_decrypted(decrypted, path, place);
                }
                Err(error) => self.omit(&path, error.to_string(), true),
            },
            kind => {
                let is_loss = can_hold_hives(kind, what);
                self.omit(&path, not_read(kind, what), is_loss);
            }
        }
    }

    fn read_decrypted(&mut self, bytes: Arc<dyn Disk>, path: PathBuf, place: VolumePlace) {
        let kind = head_of(&*bytes, volume::HEAD).map(|head| VolumeKind::of(&head));
        match kind {
            Ok(VolumeKind::Ntfs) => self.read_ntfs(bytes, path, place),
            Ok(kind) => {
                let why = format!("decrypted with BitLocker: {}", not_read(kind, ""));
                self.omit(&path, why, can_hold_hives(kind, ""));
            }
            Err(error) => {
                self.omit(&path, format!("the decrypted volume cannot be read: {error}"), true)
            }
        }
    }

    /// Reads a volume in use, then its shadow copies.
    fn read_ntfs(&mut self, bytes: Arc<dyn Disk>, path: PathBuf, place: VolumePlace) {
        self.read_files(Arc::clone(&bytes), path.clone(), place.clone());
        let copies = match ShadowCopies::of(bytes) {
            Ok(copies) => copies,
            Err(error) => {
                return self.omit(&path, format!("shadow copies were not read: {error}"), true);
            }
        };
        for copy in copies.list() {
            let path = path.join(format!("shadow copy {}", copy.number));
            let (number, id, created) = (copy.number, copy.id.clone(), copy.created);
            let shadow_copy = Some(ShadowCopy { number, id, created });
            let place = VolumePlace { shadow_copy, ..place.clone() };
            match copies.disk(number) {
                Ok(bytes) => self.read_files(bytes, path, place),
                Err(error) => {
                    self.omit(&path, format!("the shadow copy cannot be read: {error}"), true)
                }
            }
        }
    }

    fn read_files(&mut self, bytes: Arc<dyn Disk>, path: PathBuf, place: VolumePlace) {
        let ntfs = match Volume::open(Arc::clone(&bytes)) {
            Ok(ntfs) => ntfs,
            Err(error) => {
                return self.omit(&path, format!("the NTFS volume cannot be read: {error}"), true);
            }
        };
        let files = ntfs.files(&Wanted {
            name: &name_filter::is_wanted_name,
            path: &name_filter::is_wanted,
            folder: &name_filter::is_folder_of_windows,
        });
        for Omission { path: below, why, is_loss } in files.omissions {
            self.omit(&path.join(below), why, is_loss);
        }
        let is_snapshot = place.shadow_copy.is_some();
        for file in files.found {
            // A shadow copy repeats the deleted files of the volume.
            if file.is_deleted && (is_snapshot || !self.is_deleted_hive(&ntfs, &path, &file)) {
                continue;
            }
            self.add(&path, &place, file);
        }
        self.volumes.push(OpenVolume { path, place, ntfs, bytes: VolumeBytes(bytes) });
    }

    /// Whether a deleted file still holds a hive or a log.
    fn is_deleted_hive(&mut self, ntfs: &Volume, path: &Path, file: &NtfsFile) -> bool {
        let head = ntfs.open_file(file).and_then(|disk| head_of(&*disk, HIVE_HEAD));
        let Ok(head) = head else { return false };
        let kind = Recognized::of(&head);
        if !matches!(kind, Recognized::Hive | Recognized::TransactionLog) {
            return false;
        }
        if file.overwritten_clusters > 0 {
            let why = format!(
                "{} clusters of the deleted file are in use again: bytes of other files can be in it",
                file.overwritten_clusters
            );
            self.omit(&path.join(&file.path), why, false);
        }
        true
    }

    fn add(&mut self, path: &Path, place: &VolumePlace, file: NtfsFile) {
        let is_plain = file.path.components().all(|part| matches!(part, Component::Normal(_)));
        if !is_plain {
            let why = format!(
                "a file in MFT record {} has a path that leads out of the volume",
                file.record
            );
            return self.omit(path, why, true);
        }
        let on_volume = file.full_path.as_ref().unwrap_or(&file.path);
        let volume = VolumePlace {
            mft_record: Some(file.record),
            is_deleted: file.is_deleted,
            ..place.clone()
        };
        let locator = Locator {
            input: escape::path(self.input),
            format: self.format.to_owned(),
            path: escape::path(on_volume),
            volume: Some(volume),
        };
        let member = Member { path: path.join(&file.path), size: file.size, locator };
        self.found.push((member, self.volumes.len(), file));
    }
}

/// Whether the last sector is a boot sector of NTFS: the copy of a damaged first sector.
fn ends_with_ntfs(bytes: &dyn Disk) -> bool {
    let at = bytes.size().checked_sub(512);
    let last = at.and_then(|at| bytes_at(bytes, at, 512).ok());
    last.is_some_and(|last| VolumeKind::of(&last) == VolumeKind::Ntfs)
}

/// Returns why a volume was not read, and what to do.
fn not_read(kind: VolumeKind, what: &str) -> String {
    let what = if what.is_empty() { String::new() } else { format!(" ({what})") };
    match kind.next_step() {
        Some(step) => format!("{kind}{what}, which calhive does not read; {step}"),
        None => format!("{kind}{what}: nothing to read"),
    }
}

/// Whether hives can be on a volume that was not read. `what` is its type by the partition table.
fn can_hold_hives(kind: VolumeKind, what: &str) -> bool {
    let is_of_the_system =
        ["EFI system", "Microsoft reserved"].iter().any(|it| what.starts_with(it));
    kind.can_hold_hives() && !is_of_the_system
}

/// Sorts files by path. A folder on a volume can have the name of a shadow copy.
fn make_paths_unique(found: &mut [(Member, usize, NtfsFile)]) {
    let mut paths = HashSet::new();
    for (member, _, file) in found.iter_mut() {
        if !paths.insert(member.path.clone()) {
            member.path = Path::new(&format!("same path/{}", file.record)).join(&member.path);
            paths.insert(member.path.clone());
        }
    }
    found.sort_by(|(one, ..), (other, ..)| one.path.cmp(&other.path));
}
