// SPDX-License-Identifier: GPL-3.0-or-later
//! The address space that the process may still use, and the number of threads that fit into it.
//!
//! A limit on the address space, such as `ulimit -v`, counts stacks and reserved heaps in full, even if no page of them
//! is in use.

use core::num::NonZeroUsize;
use std::fs::FileType;
use std::io::Read as _;
use std::path::Path;

use calhive_regf::image::open_without_waiting;

/// Address space that a thread takes, in bytes: its stack, and the heap that the C library reserves for it.
const OF_THREAD: u64 = 160 << 20;

/// Returns the number of threads, but at most as many as fit into half of the address space that is left. The other half
/// is for the evidence.
pub(crate) fn threads(wanted: NonZeroUsize) -> NonZeroUsize {
    left().map_or(wanted, |left| fit(wanted, left))
}

/// Whether the address space has room for a thread beside the work.
pub(crate) fn has_room_for_thread() -> bool {
    left().is_none_or(|left| left / 2 >= OF_THREAD)
}

/// Returns the address space that is left, in bytes; `None` without a limit.
fn left() -> Option<u64> {
    let limits = text("/proc/self/limits")?;
    let status = text("/proc/self/status")?;
    Some(limit(&limits)?.saturating_sub(used(&status)?))
}

/// Returns the content of a file of the kernel.
fn text(path: &str) -> Option<String> {
    let (mut file, _) = open_without_waiting(Path::new(path), FileType::is_file).ok()?;
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    Some(text)
}

/// Returns the limit in a text in the form of `/proc/self/limits`, in bytes; `None` if it is unlimited.
fn limit(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space "))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Returns the address space in use, of a text in the form of `/proc/self/status`, in bytes.
fn used(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

fn fit(wanted: NonZeroUsize, left: u64) -> NonZeroUsize {
    let beside = usize::try_from(left / 2 / OF_THREAD).unwrap_or(usize::MAX);
    wanted.min(NonZeroUsize::MIN.saturating_add(beside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_and_use_are_read_in_bytes() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max cpu time              unlimited            unlimited            seconds   \n\
                      Max address space         536870912            unlimited            bytes     \n";
        assert_eq!(limit(limits), Some(512 << 20));
        assert_eq!(limit(&limits.replace("536870912", "unlimited")), None);
        assert_eq!(limit(""), None);
        assert_eq!(
            used("Name:\tcalhive\nVmPeak:\t    9000 kB\nVmSize:\t    4096 kB\n"),
            Some(4 << 20)
        );
        assert_eq!(used("VmSize:\n"), None);
    }

    #[test]
    fn threads_take_at_most_half_of_the_space_left() {
        let eight = NonZeroUsize::new(8).unwrap();
        for (left, expected) in
            [(0, 1), (300 << 20, 1), (320 << 20, 2), (640 << 20, 3), (1 << 40, 8)]
        {
            assert_eq!(fit(eight, left).get(), expected, "{left}");
        }
        assert_eq!(fit(NonZeroUsize::MIN, 1 << 40).get(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn use_of_this_process_is_known() {
        let status = text("/proc/self/status").unwrap();
        assert!(used(&status).unwrap() > 1 << 20);
        let limits = text("/proc/self/limits").unwrap();
        assert!(limits.lines().any(|line| line.starts_with("Max address space ")));
    }
}
