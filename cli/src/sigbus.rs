// SPDX-License-Identifier: GPL-3.0-or-later
//! Maps files that can be truncated while they are mapped.
//!
//! Access to a mapped page raises SIGBUS if the file no longer has the page, or if the disk cannot read
//! it. The SIGBUS handler in this module maps a page of zeros in place of the lost page, and marks the
//! file. The command then continues, and reports the marked file at the end. This module maps a file only
//! if the handler is installed.
#![allow(unsafe_code, reason = "a signal handler, and the mapping that it stands behind")]

use std::path::Path;

use calhive::{AccessPattern, FileError, Image};
use calhive_evidence::Held;
use calhive_regf::LostBytes;
use calhive_regf::log::Plan;

/// An image whose lost pages read as zeros.
#[derive(Debug)]
pub(crate) struct Guarded {
    image: Image,
    #[cfg(all(unix, not(calhive_portable)))]
    slot: Option<&'static handler::Slot>,
}

impl Guarded {
    /// Maps a file. Reads the file into memory instead if the handler cannot guard the mapping.
    ///
    /// # Errors
    /// If the file cannot be opened, mapped or read.
    pub(crate) fn map(path: &Path, access: AccessPattern) -> Result<Self, FileError> {
        #[cfg(all(unix, not(calhive_portable)))]
        if handler::install() {
            // SAFETY: evidence can change while it is mapped. If the file is truncated, the handler
            // replaces the lost pages by zeros. If bytes change, the library computes wrong values but
            // makes no invalid access: it loads each number once and checks the number on use.
            // `OpenHive::finish` reports an input that has changed.
            let image = unsafe { Image::map(path, access)? };
            let slot = handler::guard(image.bytes(), false);
            if slot.is_some() || image.bytes().is_empty() {
                return Ok(Self { image, slot });
            }
        }
        #[cfg(any(not(unix), calhive_portable))]
        let _ = access;
        Self::read(path)
    }

    /// Reads a file into memory.
    ///
    /// # Errors
    /// If the file cannot be opened or read.
    pub(crate) fn read(path: &Path) -> Result<Self, FileError> {
        Ok(Self::of(Image::read(path)?))
    }
}

impl Held for Guarded {
    fn of(image: Image) -> Self {
        Self {
            image,
            #[cfg(all(unix, not(calhive_portable)))]
            slot: None,
        }
    }

    fn image(&self) -> &Image {
        &self.image
    }

    /// Guards the copy if the file is guarded: unmodified pages of the copy are still pages of the file.
    fn replay(&self, plan: &Plan<'_>) -> Result<Self, FileError> {
        #[cfg(all(unix, not(calhive_portable)))]
        let mut slot = None;
        let image = self.image.replay_by(plan, |copy| {
            #[cfg(all(unix, not(calhive_portable)))]
            if self.slot.is_some() {
                slot = handler::guard(copy, true);
            }
            #[cfg(any(not(unix), calhive_portable))]
            let _ = copy;
        })?;
        Ok(Self {
            image,
            #[cfg(all(unix, not(calhive_portable)))]
            slot,
        })
    }

    /// Returns the pages that could not be read and were replaced by zeros.
    fn lost(&self) -> Option<LostBytes> {
        #[cfg(all(unix, not(calhive_portable)))]
        let mapped = self.slot.and_then(handler::Slot::lost);
        #[cfg(any(not(unix), calhive_portable))]
        let mapped = None;
        mapped.or_else(|| self.image.lost())
    }
}

#[cfg(all(unix, not(calhive_portable)))]
impl Drop for Guarded {
    fn drop(&mut self) {
        // Release the slot before the image is unmapped. Other data can use the addresses afterwards.
        if let Some(slot) = self.slot {
            slot.release();
        }
    }
}

#[cfg(all(unix, not(calhive_portable)))]
mod handler {
    use core::ffi::{c_int, c_void};
    use core::ptr;
    use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::OnceLock;

    use calhive_regf::LostBytes;

    /// Maximum number of guarded images at a time.
    const SLOTS: usize = 64;

    /// Guarded address ranges, for the handler. The handler must neither lock nor allocate, so the table is
    /// fixed and atomic.
    static TABLE: [Slot; SLOTS] = [const { Slot::new() }; SLOTS];
    static PAGE: AtomicUsize = AtomicUsize::new(0);

    /// A guarded range of addresses.
    #[derive(Debug)]
    pub(super) struct Slot {
        taken: AtomicBool,
        /// Start of the range; zero if the range is not valid.
        start: AtomicUsize,
        end: AtomicUsize,
        /// Whether the range is a private copy that this process writes to.
        is_written: AtomicBool,
        /// Number of lost pages.
        lost: AtomicUsize,
        /// Offset of the first lost page, from the start of the range.
        first_lost: AtomicUsize,
    }

    impl Slot {
        const fn new() -> Self {
            Self {
                taken: AtomicBool::new(false),
                start: AtomicUsize::new(0),
                end: AtomicUsize::new(0),
                is_written: AtomicBool::new(false),
                lost: AtomicUsize::new(0),
                first_lost: AtomicUsize::new(usize::MAX),
            }
        }

        /// Returns the lost pages; `None` if all could be read.
        pub(super) fn lost(&self) -> Option<LostBytes> {
            let pages = self.lost.load(Ordering::Acquire);
            let first = self.first_lost.load(Ordering::Acquire) as u64;
            let count = pages.saturating_mul(PAGE.load(Ordering::Acquire)) as u64;
            (pages > 0).then_some(LostBytes { first, count })
        }

        /// Counts the page of this address as lost. Runs in the handler.
        fn lose(&self, address: usize) {
            let page = address & !PAGE.load(Ordering::Acquire).wrapping_sub(1);
            let offset = page.saturating_sub(self.start.load(Ordering::Acquire));
            self.first_lost.fetch_min(offset, Ordering::AcqRel);
            self.lost.fetch_add(1, Ordering::AcqRel);
        }

        pub(super) fn release(&self) {
            self.start.store(0, Ordering::Release);
            self.taken.store(false, Ordering::Release);
        }

        fn holds(&self, address: usize) -> bool {
            let start = self.start.load(Ordering::Acquire);
            start != 0 && start <= address && address < self.end.load(Ordering::Acquire)
        }
    }

    /// Takes a slot for these bytes; `None` if all slots are taken or `bytes` is empty.
    pub(super) fn guard(bytes: &[u8], is_written: bool) -> Option<&'static Slot> {
        let range = bytes.as_ptr_range();
        let take = |slot: &&Slot| {
            let (free, taken) = (false, true);
            slot.taken.compare_exchange(free, taken, Ordering::AcqRel, Ordering::Acquire).is_ok()
        };
        let slot = (!bytes.is_empty()).then(|| TABLE.iter().find(take))??;
        slot.lost.store(0, Ordering::Release);
        slot.first_lost.store(usize::MAX, Ordering::Release);
        slot.is_written.store(is_written, Ordering::Release);
        slot.end.store(range.end.addr(), Ordering::Release);
        slot.start.store(range.start.addr(), Ordering::Release);
        Some(slot)
    }

    /// Installs the handler on the first call. Returns whether the handler is installed.
    pub(super) fn install() -> bool {
        static INSTALLED: OnceLock<bool> = OnceLock::new();
        *INSTALLED.get_or_init(|| {
            // SAFETY: `sysconf` takes and returns integers only.
            let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
            let Some(page) = usize::try_from(page).ok().filter(|page| page.is_power_of_two())
            else {
                return false;
            };
            PAGE.store(page, Ordering::Release);
            // SA_ONSTACK: the handler runs on the signal stack of the thread, if the thread has one.
            set_action(on_bus_error as *const () as usize, libc::SA_SIGINFO | libc::SA_ONSTACK)
        })
    }

    /// Sets the action for SIGBUS. Returns whether the system accepted it.
    fn set_action(action: libc::sighandler_t, flags: c_int) -> bool {
        // SAFETY: zeros are valid for every field of `sigaction`; the code below sets the needed fields.
        // `new` outlives the calls that get pointers to it. `on_bus_error` has the signature that
        // SA_SIGINFO requires. The default action needs no handler.
        unsafe {
            let mut new: libc::sigaction = core::mem::zeroed();
            new.sa_sigaction = action;
            new.sa_flags = flags;
            libc::sigemptyset(&raw mut new.sa_mask);
            libc::sigaction(libc::SIGBUS, &raw const new, ptr::null_mut()) == 0
        }
    }

    /// Handles SIGBUS. Only loads and stores atomics, and calls `mmap`, `sigaction` and `raise`.
    extern "C" fn on_bus_error(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
        // SAFETY: the kernel passes a valid pointer to a handler installed with SA_SIGINFO. For SIGBUS,
        // the kernel sets the address.
        let (code, address) = unsafe { ((*info).si_code, (*info).si_addr().addr()) };
        // The kernel uses codes above zero. A signal sent by a process has no address.
        let slot = TABLE.iter().find(|slot| code > 0 && slot.holds(address));
        if let Some(slot) = slot
            && map_zeros(address, slot.is_written.load(Ordering::Acquire))
        {
            slot.lose(address);
            return;
        }
        // The address is not guarded, so the default action must end the process. After a memory fault,
        // the access raises SIGBUS again when the handler returns. After a signal sent by a process,
        // `raise` must send the signal again.
        set_action(libc::SIG_DFL, 0);
        if code <= 0 {
            // SAFETY: `raise` takes an integer only. The signal stays blocked until the handler returns.
            unsafe { libc::raise(signal) };
        }
    }

    /// Replaces the page at this address by a page of zeros. Returns whether the mapping succeeded.
    fn map_zeros(address: usize, is_written: bool) -> bool {
        let page = PAGE.load(Ordering::Acquire);
        let start = address & !page.wrapping_sub(1);
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
        let access = if is_written { libc::PROT_READ | libc::PROT_WRITE } else { libc::PROT_READ };
        // SAFETY: the page belongs to a mapping in the table. That mapping is read-only or a private copy.
        // The mapping leaves the table before it is unmapped.
        let mapped =
            unsafe { libc::mmap(ptr::without_provenance_mut(start), page, access, flags, -1, 0) };
        mapped != libc::MAP_FAILED
    }

    #[cfg(test)]
    mod tests {
        use super::super::Guarded;
        use super::*;
        use calhive::AccessPattern;
        use calhive_evidence::Held as _;
        use calhive_regf::log::Plan;
        use std::fs;

        #[test]
        fn a_file_cut_under_its_mapping_reads_as_zeros_and_is_noticed() {
            let page = 65_536;
            let name = format!("calhive-sigbus-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::write(&path, vec![7_u8; 3 * page]).unwrap();
            let guarded = Guarded::map(&path, AccessPattern::Normal).unwrap();
            let other = Guarded::map(&path, AccessPattern::Normal).unwrap();
            assert!(guarded.slot.is_some());
            let byte = |at: usize| {
                // SAFETY: the byte is in the image. A volatile read happens exactly here.
                unsafe { ptr::read_volatile(&raw const guarded.image().bytes()[at]) }
            };
            assert_eq!(byte(2 * page), 7);
            fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(page as u64).unwrap();
            assert_eq!(guarded.lost(), None);
            assert_eq!((byte(0), byte(2 * page), byte(3 * page - 1)), (7, 0, 0));
            let size = PAGE.load(Ordering::Acquire) as u64;
            let lost = LostBytes { first: 2 * page as u64, count: 2 * size };
            assert_eq!((guarded.lost(), other.lost()), (Some(lost), None));
            assert!(guarded.image().has_changed());
            fs::remove_file(&path).unwrap();
        }

        #[test]
        fn a_private_copy_of_a_file_that_is_cut_can_be_read_and_written_to() {
            let page = 65_536;
            let name = format!("calhive-sigbus-copy-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            let states = hive_forge::log::states();
            let dirty = states.iter().find(|it| it.name == "nothing written, one log").unwrap();
            let mut hive = dirty.primary.clone();
            hive.resize(hive.len() + 4 * page, 7);
            fs::write(&path, &hive).unwrap();
            let log = path.with_extension("LOG1");
            fs::write(&log, &dirty.logs[0].1.bytes).unwrap();
            let base = Guarded::map(&path, AccessPattern::Normal).unwrap();
            let logs = [Guarded::map(&log, AccessPattern::Normal).unwrap()];
            let logs: Vec<&[u8]> = logs.iter().map(|log| log.image().bytes()).collect();
            let plan = Plan::new(base.image().bytes(), &logs);
            let copy = base.replay(&plan).unwrap();
            assert!(plan.outcome().is_applied() && copy.slot.is_some());
            fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(page as u64).unwrap();
            let last = copy.image().bytes().len() - 1;
            assert_eq!(copy.lost(), None);
            let place = (&raw const copy.image().bytes()[last]).cast_mut();
            // SAFETY: the byte is in the private copy, which is mapped as writable. No reference to the
            // byte exists here.
            unsafe { ptr::write_volatile(place, 9) };
            // SAFETY: the byte is in the private copy, as above.
            assert_eq!(unsafe { ptr::read_volatile(place) }, 9);
            assert!(copy.lost().is_some() && base.lost().is_none());
            fs::remove_file(&path).unwrap();
            fs::remove_file(&log).unwrap();
        }

        #[test]
        fn slots_are_given_back() {
            let bytes = [0_u8; 16];
            for _ in 0..2 * SLOTS {
                let slot = guard(&bytes, false).unwrap();
                assert!(slot.holds(bytes.as_ptr().addr()));
                assert!(!slot.holds(bytes.as_ptr_range().end.addr()));
                slot.release();
                assert!(!slot.holds(bytes.as_ptr().addr()));
            }
            assert!(guard(&[], false).is_none());
        }
    }
}
