// SPDX-License-Identifier: MIT OR Apache-2.0
//! Limits on the bytes of files and tables, in proportion to the bytes that an image stores.
//!
//! A virtual disk can claim far more than its file stores, and several files of a volume can share clusters.

use crate::name_filter::is_read_whole;
use crate::ntfs::NtfsFile;
use crate::tree::Member;

/// Largest ratio of bytes read to bytes that the image stores.
const RATIO: u64 = 16;
/// Sum of the sizes of all files up to which the ratio does not count.
const FREE_FILES: u64 = 64 << 20;
/// Bytes of file records and tables up to which the ratio does not count.
const FREE_LISTING: u64 = 256 << 20;

/// A file with its volume, as the search for files adds it.
pub(super) type FoundFile = (Member, usize, NtfsFile);

/// Returns the number of bytes that calhive reads to list the files of an image that stores so many bytes.
pub(super) const fn of_listing(stored: u64) -> u64 {
    stored.saturating_mul(RATIO).saturating_add(FREE_LISTING)
}

/// Returns the largest sum of the sizes of all files of an image that stores so many bytes.
const fn of_files(stored: u64) -> u64 {
    let most = stored.saturating_mul(RATIO);
    if most > FREE_FILES { most } else { FREE_FILES }
}

/// Removes the files beyond the largest sum, and returns them with the reason. Files in use count first, then those of
/// shadow copies and deleted files; small files count before large ones. `largest` is the size of the largest file that
/// can be read.
pub(super) fn refuse(
    found: &mut Vec<FoundFile>,
    stored: u64,
    largest: u64,
) -> (Vec<FoundFile>, String) {
    found.sort_by_cached_key(|(member, _, file)| {
        let is_copy = member.locator.volume.as_ref().is_some_and(|it| it.shadow_copy.is_some());
        (file.is_deleted, is_copy, file.size, member.path.clone())
    });
    let (most, mut sum) = (of_files(stored), 0_u64);
    let mut is_within = |(member, _, file): &mut FoundFile| {
        // A larger file is refused when it is opened.
        let is_counted = file.size <= largest && is_read_whole(&member.path);
        let next = if is_counted { sum.saturating_add(file.size) } else { sum };
        let is_within = next <= most;
        sum = if is_within { next } else { sum };
        is_within
    };
    let refused = found.extract_if(.., |file| !is_within(file)).collect();
    let why = format!(
        "not read: with it, the hives, logs and exports of the image would have more than {most} bytes, and the \
         image stores {stored} (limit: {RATIO} times); it can be a hole, or share clusters with other files: \
         extract it, and give the file"
    );
    (refused, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locator::{Locator, ShadowCopy, VolumePlace};

    fn file(path: &str, size: u64, is_deleted: bool, is_copy: bool) -> FoundFile {
        let shadow_copy = is_copy.then(ShadowCopy::default);
        let volume = Some(VolumePlace { shadow_copy, ..VolumePlace::default() });
        let locator = Locator { volume, ..Locator::default() };
        let (record, sequence, overwritten_clusters, created, modified) = Default::default();
        let (path, full_path) = (path.into(), None);
        let member = Member { path, size, locator };
        let path = member.path.clone();
        let file = NtfsFile {
            record,
            sequence,
            path,
            full_path,
            size,
            is_deleted,
            overwritten_clusters,
            created,
            modified,
        };
        (member, 0, file)
    }

    fn refused(mut found: Vec<FoundFile>, stored: u64) -> Vec<String> {
        let (refused, _) = refuse(&mut found, stored, 1 << 32);
        refused.iter().map(|(member, ..)| member.path.display().to_string()).collect()
    }

    #[test]
    fn files_beyond_the_ratio_are_refused_and_those_in_use_and_small_ones_are_kept() {
        let most = 16 * (10 << 20);
        let files = || {
            vec![
                file("deleted/SYSTEM", 2, true, false),
                file("copy/SYSTEM", 2, false, true),
                file("a/SYSTEM", most - 6, false, false),
                file("a/SAM", 6, false, false),
                file("a/x.evtx", 1 << 30, false, false),
            ]
        };
        assert_eq!(refused(files(), 10 << 20), ["copy/SYSTEM", "deleted/SYSTEM"]);
        assert_eq!(refused(files(), (10 << 20) + 1), Vec::<String>::new());
        let large = vec![file("SYSTEM", 64 << 20, false, false), file("SAM", 1, false, false)];
        assert_eq!(refused(large, 0), ["SYSTEM"]);
        assert!(refused(vec![file("SYSTEM", 64 << 20, false, false)], 0).is_empty());
        assert!(refused(vec![file("SYSTEM", 1 << 33, false, false)], 0).is_empty());
    }
}
