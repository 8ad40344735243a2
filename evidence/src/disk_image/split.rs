// SPDX-License-Identifier: MIT OR Apache-2.0
//! Split raw images: `disk.001`, `disk.002` and so on.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::raw::RawFile;
use crate::disk::{Disk, past_end};
use crate::real_path::refuse_link;
use crate::structure::damaged;

/// Most segments of an image. Names with three digits end at 999.
const MOST_SEGMENTS: u32 = 99_999;

/// Disks one after the other.
pub(crate) struct Concat<D> {
    /// Each part with the offset of its end.
    parts: Vec<(u64, D)>,
    size: u64,
}

impl<D: Disk> Concat<D> {
    /// Joins disks in this order.
    ///
    /// # Errors
    /// If the sum of the sizes overflows.
    pub(crate) fn new(disks: Vec<D>) -> io::Result<Self> {
        let mut size = 0_u64;
        let mut parts = Vec::new();
        for disk in disks {
            let end = size.checked_add(disk.size());
            size = end.ok_or_else(|| damaged("the sizes of the segments overflow 64 bits"))?;
            parts.push((size, disk));
        }
        Ok(Self { parts, size })
    }
}

impl<D: Disk> Disk for Concat<D> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let length = buffer.len();
        let (mut at, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            let index = self.parts.partition_point(|(end, _)| *end <= at);
            let error = || past_end(offset, length, self.size);
            let (end, disk) = self.parts.get(index).ok_or_else(error)?;
            let start = end.saturating_sub(disk.size());
            let most = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
            let (now, later) = rest.split_at_mut(most.min(rest.len()));
            disk.read_at(at.saturating_sub(start), now)?;
            at = at.saturating_add(now.len() as u64);
            rest = later;
        }
        Ok(())
    }
}

/// Number of a segment by its name: digits as the last extension, at least two.
fn number(path: &Path) -> Option<(u32, usize)> {
    let digits = path.extension()?.to_str()?;
    let is_number = (2..=5).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
    Some((digits.parse().ok().filter(|_| is_number)?, digits.len()))
}

/// Returns the path of another segment of the same image.
fn segment(path: &Path, number: u32, width: usize) -> PathBuf {
    path.with_extension(format!("{number:0width$}"))
}

/// Returns the first segment, if this path is a later one and all segments between exist.
pub(crate) fn first_segment(path: &Path) -> Option<PathBuf> {
    let (number, width) = number(path)?;
    let before = |number: u32| segment(path, number, width);
    let first = (0..number).rev().take_while(|number| before(*number).is_file()).last()?;
    (first <= 1).then(|| before(first))
}

/// Returns the segments of a split image by the path of the first segment; one path if it is not split.
///
/// # Errors
/// If a number is missing between two segments, or if the path is a later segment.
pub(crate) fn segments(path: &Path) -> io::Result<Vec<PathBuf>> {
    let Some((start, width)) = number(path) else { return Ok(vec![path.to_path_buf()]) };
    if let Some(first) = first_segment(path) {
        let message = format!("this is a later segment of a split image; name {}", name(&first));
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let exists = |number: &u32| segment(path, *number, width).exists();
    let end = (start..=MOST_SEGMENTS).find(|number| !exists(number)).unwrap_or(MOST_SEGMENTS);
    if let Some(later) = last_number(path, width)?.filter(|last| *last > end) {
        let (missing, later) = (segment(path, end, width), segment(path, later, width));
        return Err(missing_segment(&missing, &later));
    }
    if end <= start.saturating_add(1) {
        return Ok(vec![path.to_path_buf()]);
    }
    if start > 1 {
        let first = segment(path, start.saturating_sub(1), width);
        return Err(missing_segment(&first, path));
    }
    Ok((start..end).map(|number| segment(path, number, width)).collect())
}

/// Returns the error about a missing segment, with a later segment that is there.
pub(crate) fn missing_segment(missing: &Path, later: &Path) -> io::Error {
    let (missing, later) = (name(missing), name(later));
    let message = format!(
        "segment {missing} is missing, and {later} is there; copy {missing} beside the other segments"
    );
    io::Error::new(io::ErrorKind::NotFound, message)
}

/// Returns the name of a file for a message.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}

/// Returns the folder of a file. For a bare name, the current folder.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns the highest number of a segment in the folder.
fn last_number(path: &Path, width: usize) -> io::Result<Option<u32>> {
    let mut last = None;
    for entry in folder_of(path).read_dir()? {
        let other = entry?.path();
        if other.file_stem() == path.file_stem() {
            last = last.max(number(&other).filter(|it| it.1 == width).map(|it| it.0));
        }
    }
    Ok(last)
}

/// Opens a raw image, split or in one file.
///
/// # Errors
/// If a segment is missing or cannot be opened.
pub(crate) fn open(path: &Path) -> io::Result<(Concat<RawFile>, Vec<PathBuf>)> {
    let files = if path.is_file() { segments(path)? } else { vec![path.to_path_buf()] };
    for part in files.iter().filter(|part| *part != path) {
        refuse_link("segment", part, path)?;
    }
    let open = |path: &PathBuf| {
        let with_name = |error: io::Error| {
            io::Error::new(error.kind(), format!("segment {}: {error}", name(path)))
        };
        RawFile::open(path).map_err(|error| if files.len() > 1 { with_name(error) } else { error })
    };
    let disks = files.iter().map(open).collect::<io::Result<Vec<_>>>()?;
    Ok((Concat::new(disks)?, files))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[cfg(unix)]
    #[test]
    fn segment_that_is_a_link_out_of_the_folder_is_refused() {
        let (folder, other) = (Scratch::new("split-link"), Scratch::new("split-link-to"));
        let first = folder.file("disk.001", &[1; 512]);
        let secret = other.file("secret", &[2; 512]);
        std::os::unix::fs::symlink(&secret, folder.0.join("disk.002")).unwrap();
        let error = open(&first).map(|_| ()).unwrap_err().to_string();
        assert!(error.starts_with("segment disk.002 is a link out of the folder"), "{error}");
        // A link to a segment in the folder of the first one is followed.
        std::fs::remove_file(folder.0.join("disk.002")).unwrap();
        std::os::unix::fs::symlink(folder.file("part", &[2; 512]), folder.0.join("disk.002"))
            .unwrap();
        assert_eq!(open(&first).unwrap().0.size(), 1024);
    }

    fn split(folder: &Scratch, names: &[&str]) -> Vec<PathBuf> {
        names.iter().zip(1_u8..).map(|(name, byte)| folder.file(name, &[byte; 700])).collect()
    }

    #[test]
    fn segments_are_joined_in_order() {
        for names in [["d.001", "d.002", "d.003"], ["d.dd.000", "d.dd.001", "d.dd.002"]] {
            let folder = Scratch::new("split");
            let paths = split(&folder, &names);
            let (disk, files) = open(&paths[0]).unwrap();
            assert_eq!(files, paths);
            let mut bytes = vec![0; 2100];
            disk.read_at(0, &mut bytes).unwrap();
            assert_eq!(bytes, [[1; 700], [2; 700], [3; 700]].concat());
            let mut two = [0; 2];
            disk.read_at(1399, &mut two).unwrap();
            assert_eq!(two, [2, 3]);
            assert!(disk.read_at(2099, &mut two).is_err());
        }
    }

    #[test]
    fn missing_segment_is_named() {
        let folder = Scratch::new("split_gap");
        let paths = split(&folder, &["d.001", "d.002", "d.004"]);
        let error = open(&folder.file("e.003", b"")).err();
        assert!(error.is_none());
        folder.file("e.004", b"");
        let error = open(&folder.0.join("e.003")).err().unwrap();
        assert!(error.to_string().starts_with("segment e.002 is missing, and e.003 is there"));
        let error = open(&paths[0]).err().unwrap();
        assert_eq!(
            error.to_string(),
            "segment d.003 is missing, and d.004 is there; copy d.003 beside the other segments"
        );
    }

    #[test]
    fn later_segment_leads_to_the_first() {
        let folder = Scratch::new("split_later");
        let paths = split(&folder, &["d.001", "d.002"]);
        assert_eq!(first_segment(&paths[1]).as_ref(), Some(&paths[0]));
        assert_eq!(first_segment(&paths[0]), None);
        let error = open(&paths[1]).err().unwrap();
        assert_eq!(error.to_string(), "this is a later segment of a split image; name d.001");
    }

    #[test]
    fn single_file_with_a_number_is_not_split() {
        let folder = Scratch::new("split_single");
        let paths = split(&folder, &["d.001", "e.2024"]);
        for path in &paths {
            assert_eq!(&open(path).unwrap().1, core::slice::from_ref(path));
        }
    }
}
