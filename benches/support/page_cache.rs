// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which pages of a file are in memory.
#![allow(unsafe_code, reason = "there are no safe calls for the page cache")]

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::Path;

/// Takes a file out of the page cache.
pub fn evict(path: &Path) {
    let file = File::open(path).unwrap();
    // Pages that are not on disk yet would stay.
    file.sync_all().unwrap();
    // SAFETY: the descriptor is that of an open file; only numbers are handed over.
    let refused = unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
    assert_eq!(refused, 0, "the page cache cannot be emptied");
    assert_eq!(resident(path), Vec::<usize>::new(), "pages stay in memory");
}

/// The numbers of the pages that are in memory, whoever brought them there.
pub fn resident(path: &Path) -> Vec<usize> {
    // SAFETY: nobody writes to the hive while the benchmark runs.
    let image = unsafe { calhive::Image::map(path, calhive::Access::Random).unwrap() };
    let bytes = image.bytes();
    // SAFETY: takes a number and gives one.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap();
    let mut pages = vec![0_u8; bytes.len().div_ceil(page)];
    // SAFETY: the range is that of a mapping that lives, and there is a byte for each page of it. The
    // mapping is not written to.
    let failed =
        unsafe { libc::mincore(bytes.as_ptr().cast_mut().cast(), bytes.len(), pages.as_mut_ptr()) };
    assert_eq!(failed, 0, "{}", std::io::Error::last_os_error());
    (0..pages.len()).filter(|&number| pages[number] & 1 == 1).collect()
}
