// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Volume`]: an NTFS volume.

use alloc::sync::Arc;
use std::io;
use std::path::PathBuf;

use crate::disk::Disk;
use crate::field::{in_place, invalid, u32_at};
use crate::ntfs::attribute::kind;
use crate::ntfs::bitmap::Bitmap;
use crate::ntfs::boot_sector::BootSector;
use crate::ntfs::damage::of_mft;
use crate::ntfs::files::{self, Files, NtfsFile, Wanted};
use crate::ntfs::hidden_files;
use crate::ntfs::mft::Mft;
use crate::ntfs::record::Record;
use crate::tree::Omission;

/// Reparse tag of files that Windows compresses as a whole (WOF, `compact /exe`).
const WOF: u32 = 0x8000_0017;
/// Reparse tag of files whose content the server role Data Deduplication keeps elsewhere.
const DEDUPLICATED: u32 = 0x8000_0013;

/// An NTFS volume.
#[derive(Debug)]
pub(crate) struct Volume {
    boot: BootSector,
    mft: Mft,
    bitmap: io::Result<Bitmap>,
    omissions: Vec<Omission>,
}

impl Volume {
    /// Opens the volume on this disk or partition. Reads the boot sector and the records of the `$MFT` itself.
    ///
    /// # Errors
    /// If the disk holds no NTFS volume, or the start of the `$MFT` and its copy are damaged.
    pub(crate) fn open(disk: Arc<dyn Disk>) -> io::Result<Self> {
        let (boot, fault) = BootSector::read(&disk)?;
        let mut omissions = Vec::new();
        let mut report = |path, why, is_loss| {
            omissions.push(Omission { path: PathBuf::from(path), why, is_loss });
        };
        if let Some(fault) = fault {
            report("$Boot", format!("{fault}; calhive read its copy at the end"), false);
        }
        if disk.size() < boot.size {
            let (volume, disk) = (boot.size, disk.size());
            let why = format!(
                "the volume has {volume} bytes, but only {disk} are in the input; get the input again if it is \
                 truncated"
            );
            report("$Boot", why, true);
        }
        let (mft, lost) = Mft::open(Arc::clone(&disk), boot)?;
        omissions.extend(lost.into_iter().map(of_mft));
        let bitmap = Bitmap::open(&mft, boot.clusters());
        Ok(Self { boot, mft, bitmap, omissions })
    }

    /// Lists the wanted files in one pass over the `$MFT`, and what could not be read.
    pub(crate) fn files(&self, wanted: &Wanted<'_>) -> Files {
        let (mut files, folders) = files::find(&self.mft, &self.bitmap, self.boot.cluster, wanted);
        hidden_files::report(&self.mft, &folders, wanted, &mut files);
        let has_deleted = files.found.iter().any(|file| file.is_deleted);
        if let (Err(error), true) = (&self.bitmap, has_deleted) {
            let why =
                format!("calhive cannot check deleted files for overwritten clusters: {error}");
            files.omissions.push(Omission { path: PathBuf::from("$Bitmap"), why, is_loss: false });
        }
        files.omissions.splice(0..0, self.omissions.iter().cloned());
        files
    }

    /// Opens the content of a file. Bytes that were never written are zeros.
    ///
    /// # Errors
    /// If the record changed, the data runs are damaged, or the content is encrypted (EFS), compressed as a whole
    /// (WOF) or deduplicated.
    pub(crate) fn open_file(&self, file: &NtfsFile) -> io::Result<Arc<dyn Disk>> {
        let mut buffer = Vec::new();
        let record = self.record_of(file, &mut buffer)?;
        let place = || self.mft.place(file.record);
        let content = self.mft.content(&record, kind::DATA, &[])?;
        let content = content.ok_or_else(|| invalid(format!("{}: no content", place())))?;
        if content.is_encrypted {
            return Err(unsupported(format!(
                "{}: the file is encrypted with EFS; copy it on the computer and in the account that can open it",
                place()
            )));
        }
        if let Some(reason) = self.stored_elsewhere(&record) {
            return Err(unsupported(format!("{}: {reason}", place())));
        }
        Ok(Arc::new(self.mft.stream(file.record, content)?))
    }

    /// Reads the record of a file.
    fn record_of<'b>(&self, file: &NtfsFile, buffer: &'b mut Vec<u8>) -> io::Result<Record<'b>> {
        let record = self.mft.read(file.record, buffer)?;
        if record.reference().sequence != file.sequence {
            let place = self.mft.place(file.record);
            return Err(invalid(format!("{place}: the record belongs to another file")));
        }
        Ok(record)
    }

    /// Returns the free clusters, as offsets and lengths in bytes. After an error, the iterator ends.
    pub(crate) fn unallocated(&self) -> impl Iterator<Item = io::Result<(u64, u64)>> + '_ {
        let cluster = self.boot.cluster;
        let (free, error) = match &self.bitmap {
            Ok(bitmap) => (Some(bitmap.free()), None),
            Err(error) => (None, Some(Err(in_place("$Bitmap", error)))),
        };
        let bytes = move |(first, count): (u64, u64)| {
            (first.saturating_mul(cluster), count.saturating_mul(cluster))
        };
        error.into_iter().chain(free.into_iter().flatten().map(move |run| run.map(bytes)))
    }

    /// Returns the data runs of a file, as offset on the volume and length in bytes. A hole has no offset. A resident
    /// content has no data runs.
    ///
    /// # Errors
    /// If the record of the file is damaged, or belongs to another file.
    pub(crate) fn extents(&self, file: &NtfsFile) -> io::Result<Vec<(Option<u64>, u64)>> {
        let mut buffer = Vec::new();
        let record = self.record_of(file, &mut buffer)?;
        let content = self.mft.content(&record, kind::DATA, &[])?;
        let cluster = self.boot.cluster;
        let bytes = |clusters: u64| clusters.saturating_mul(cluster);
        let runs = content.iter().filter_map(|content| content.runs()).flat_map(|it| it.iter());
        Ok(runs.map(|run| (run.place.map(bytes), bytes(run.clusters))).collect())
    }

    /// Returns why the content is not in the data of the file, and what to do.
    fn stored_elsewhere(&self, record: &Record<'_>) -> Option<&'static str> {
        let reparse_point = self.mft.content(record, kind::REPARSE_POINT, &[]).ok()??;
        let mut tag = [0; 4];
        self.mft.stream(record.number, reparse_point).ok()?.read_at(0, &mut tag).ok()?;
        match u32_at(&tag, 0)? {
            WOF => Some(
                "Windows compressed the file as a whole (WOF, CompactOS); mount the image in Windows and copy the \
                 file",
            ),
            DEDUPLICATED => Some(
                "Data Deduplication keeps the content elsewhere; mount the image in Windows Server with this role \
                 and copy the file",
            ),
            _ => None,
        }
    }
}

fn unsupported(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, message)
}
