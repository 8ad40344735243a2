// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of the segments of an `EnCase` image: `.E01` to `.E99`, `.EAA` to `.ZZZ`.

use std::io;
use std::path::{Path, PathBuf};

use super::split::{folder_of, missing_segment, name};
use crate::container::FileContainer;
use crate::real_path::refuse_link;

/// Number of the segment with extension `.ZZZ`, if the first one is `.E01`.
const LAST: u32 = 99 + 22 * 26 * 26;

/// Returns the number of a segment by its extension, from 1.
fn number(path: &Path) -> Option<u32> {
    let extension = path.extension()?.to_str()?.to_ascii_uppercase();
    let [first @ b'A'..=b'Z', rest @ ..] = extension.as_bytes() else { return None };
    let letter = |byte: u8| byte.is_ascii_uppercase().then(|| u32::from(byte.wrapping_sub(b'A')));
    match rest {
        [b'0'..=b'9', b'0'..=b'9'] => extension.get(1..)?.parse().ok().filter(|it| *it > 0),
        [second, third] => {
            // E99 and S99 lead to EAA and SAA.
            let start = [b'S', b'E'].into_iter().find(|start| first >= start)?;
            let high = u32::from(first.wrapping_sub(start)).checked_mul(676)?;
            let low = letter(*second)?.checked_mul(26)?.checked_add(letter(*third)?)?;
            high.checked_add(low)?.checked_add(100)
        }
        _ => None,
    }
}

/// Returns the path of a segment by its number. `first` is the path of the first segment.
fn segment(first: &Path, number: u32) -> PathBuf {
    let start = first.extension().and_then(|it| it.to_str()).and_then(|it| it.chars().next());
    let start = start.unwrap_or('E');
    let after = number.saturating_sub(100);
    let letter = |start: char, by: u32| {
        u32::from(start).checked_add(by).and_then(char::from_u32).unwrap_or(start)
    };
    let base = if start.is_ascii_lowercase() { 'a' } else { 'A' };
    let extension = if number < 100 {
        format!("{start}{number:02}")
    } else {
        let (second, third) = (letter(base, after / 26 % 26), letter(base, after % 26));
        format!("{}{second}{third}", letter(start, after / 676))
    };
    first.with_extension(extension)
}

/// Returns the first segment, if this path is a later one.
pub(crate) fn first_segment(path: &Path) -> Option<PathBuf> {
    let later = number(path).filter(|number| *number > 1)?;
    let extension = path.extension()?.to_str()?;
    let start = extension.chars().next()?;
    let starts = if later < 100 { vec![start] } else { vec!['E', 'e', 'S', 's'] };
    let first =
        |start: &char| Some(path.with_extension(format!("{start}01"))).filter(|it| it.is_file());
    starts.iter().find_map(first)
}

/// Returns the segments of an image by the path of the first one, and the name of the segment after them.
///
/// # Errors
/// If a segment is missing between two others, or if the path is a later segment.
pub(crate) fn segments(path: &Path) -> io::Result<(Vec<PathBuf>, String)> {
    match number(path) {
        Some(1) => {}
        Some(_) => {
            let Some(first) = first_segment(path) else {
                return Ok((vec![path.to_path_buf()], "2".to_owned()));
            };
            let message = format!("this is a later segment of an E01 image; name {}", name(&first));
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        // The extension is unknown: one segment, if its header agrees.
        _ => return Ok((vec![path.to_path_buf()], "2".to_owned())),
    }
    let end = (2..LAST).find(|number| !segment(path, *number).exists()).unwrap_or(LAST);
    let mut last = 0;
    for entry in folder_of(path).read_dir()? {
        let other = entry?.path();
        if other.file_stem() == path.file_stem() {
            let number = number(&other).filter(|number| segment(path, *number) == other);
            let number = number.filter(|number| *number > end && is_segment(&other));
            last = last.max(number.unwrap_or(0));
        }
    }
    if last > end {
        return Err(missing_segment(&segment(path, end), &segment(path, last)));
    }
    let files: Vec<PathBuf> = (1..end).map(|number| segment(path, number)).collect();
    for part in files.iter().skip(1) {
        refuse_link("segment", part, path)?;
    }
    Ok((files, name(&segment(path, end))))
}

/// Whether a file starts like a segment. Other files can have an extension of three letters.
fn is_segment(path: &Path) -> bool {
    let head = crate::file::head(path).unwrap_or_default();
    FileContainer::of(&head) == Some(FileContainer::Ewf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_extensions_match() {
        for (extension, expected) in
            [("E01", 1), ("E99", 99), ("EAA", 100), ("EAZ", 125), ("EZZ", 775), ("FAA", 776)]
        {
            let path = PathBuf::from(format!("/x/disk.{extension}"));
            assert_eq!(number(&path), Some(expected), "{extension}");
            assert_eq!(segment(Path::new("/x/disk.E01"), expected), path);
        }
        let folder = crate::scratch::Scratch::new("ewf_names");
        let first = folder.file("disk.E01", b"EVF\x09\x0D\x0A\xFF\0");
        folder.file("disk.EXE", b"MZ");
        assert_eq!(segments(&first).unwrap(), (vec![first], "disk.E02".to_owned()));
        assert_eq!(segment(Path::new("disk.e01"), 101), Path::new("disk.eab"));
        for other in ["disk", "disk.E1", "disk.aaa", "disk.001", "disk.E00"] {
            assert_eq!(number(Path::new(other)), None, "{other}");
        }
    }
}
