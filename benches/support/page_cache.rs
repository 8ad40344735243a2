// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pages of a file in the page cache.
#![allow(unsafe_code, reason = "there are no safe calls for the page cache")]

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::Path;

/// Removes a file from the page cache.
pub fn evict(path: &Path) {
    let file = File::open(path).unwrap();
    // Pages that are not on disk yet would remain.
    file.sync_all().unwrap();
    // SAFETY: the file of the descriptor is open, and the call takes only numbers.
    let refused = unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
    assert_eq!(refused, 0, "the page cache cannot be emptied");
    assert_eq!(resident(path), Vec::<usize>::new(), "pages stay in memory");
}

/// Numbers of the pages in memory, whichever program read them.
pub fn resident(path: &Path) -> Vec<usize> {
    // SAFETY: no program writes to the hive while the benchmark runs.
    let image =
        unsafe { calhive_regf::Image::map(path, calhive_regf::AccessPattern::Random).unwrap() };
    let bytes = image.bytes();
    // SAFETY: the call takes a number and returns a number.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap();
    let mut pages = vec![0_u8; bytes.len().div_ceil(page)];
    // SAFETY: the range is that of a live mapping, and `pages` has a byte for each of its pages.
    // The call does not write to the mapping.
    let failed =
        unsafe { libc::mincore(bytes.as_ptr().cast_mut().cast(), bytes.len(), pages.as_mut_ptr()) };
    assert_eq!(failed, 0, "{}", std::io::Error::last_os_error());
    (0..pages.len()).filter(|&number| pages[number] & 1 == 1).collect()
}
