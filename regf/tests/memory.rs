// SPDX-License-Identifier: MIT OR Apache-2.0
//! Allocations of a piece of work, counted for its own thread: other tests run at the same time.
#![allow(unsafe_code, reason = "an allocator cannot be counted without being one")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static LIVE: Cell<i64> = const { Cell::new(0) };
    static PEAK: Cell<i64> = const { Cell::new(0) };
    static TOTAL: Cell<u64> = const { Cell::new(0) };
}

/// The allocator of the system, with counters.
pub(crate) struct Counting;

fn count(more: usize, less: usize) {
    // A thread that ends frees memory after its counters are gone.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + more as i64 - less as i64);
        PEAK.with(|peak| peak.set(peak.get().max(live.get())));
    });
    if more > 0 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        let _ = TOTAL.try_with(|total| total.set(total.get() + more as u64));
    }
}

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: the caller keeps the contract.
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(at, layout) }
    }
}

/// Allocations of a piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    /// Number of allocations.
    pub(crate) allocations: u64,
    /// Largest number of bytes at one time, beyond the bytes allocated before.
    pub(crate) peak: u64,
    /// Sum of the bytes of all allocations.
    pub(crate) total: u64,
}

/// Does the work. Returns its result and its allocations on this thread.
pub(crate) fn measure<T>(work: impl FnOnce() -> T) -> (T, Used) {
    let (allocations, live, total) = (ALLOCATIONS.get(), LIVE.get(), TOTAL.get());
    PEAK.set(live);
    let result = work();
    let used = Used {
        allocations: ALLOCATIONS.get() - allocations,
        peak: u64::try_from(PEAK.get() - live).unwrap(),
        total: TOTAL.get() - total,
    };
    (result, used)
}

#[test]
fn allocations_of_two_vectors_are_counted() {
    let ((), used) = measure(|| {
        drop(std::hint::black_box(vec![1_u8; 1000]));
        drop(std::hint::black_box(vec![1_u8; 3000]));
    });
    assert_eq!(used, Used { allocations: 2, peak: 3000, total: 4000 });
}
