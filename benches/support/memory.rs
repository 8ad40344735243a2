// SPDX-License-Identifier: MIT OR Apache-2.0
//! Allocations and private memory of one round of a reader.
#![allow(dead_code, reason = "not by every reader")]
#![allow(unsafe_code, reason = "an allocator has no safe interface")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

/// Passes each call on to the system. Counts only between [`begin`] and [`end`].
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static IS_COUNTING: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
/// Bytes on the heap, relative to the start of the round.
static LIVE: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);
/// Private bytes of the process at the start of the round.
static START: AtomicU64 = AtomicU64::new(0);

/// Allocations of a round, and its largest private memory in bytes.
pub struct Memory {
    pub allocations: u64,
    pub peak: u64,
}

/// Begins to count.
pub fn begin() {
    [&LIVE, &PEAK].iter().for_each(|counter| counter.store(0, Relaxed));
    ALLOCATIONS.store(0, Relaxed);
    START.store(private_dirty(), Relaxed);
    IS_COUNTING.store(true, Relaxed);
}

/// Ends the count.
pub fn end() -> Memory {
    IS_COUNTING.store(false, Relaxed);
    let peak = u64::try_from(PEAK.load(Relaxed)).unwrap_or(0);
    Memory { allocations: ALLOCATIONS.load(Relaxed), peak }
}

/// Includes the present private memory of the process, such as copied pages of a mapping.
pub fn sample() {
    if IS_COUNTING.swap(false, Relaxed) {
        let growth = private_dirty().saturating_sub(START.load(Relaxed));
        PEAK.fetch_max(i64::try_from(growth).unwrap_or(0), Relaxed);
        IS_COUNTING.store(true, Relaxed);
    }
}

fn private_dirty() -> u64 {
    let memory = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = memory.lines().find_map(|line| line.strip_prefix("Private_Dirty:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

fn grow(bytes: usize) {
    ALLOCATIONS.fetch_add(1, Relaxed);
    let bytes = bytes as i64;
    PEAK.fetch_max(LIVE.fetch_add(bytes, Relaxed) + bytes, Relaxed);
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if IS_COUNTING.load(Relaxed) {
            grow(layout.size());
        }
        // SAFETY: the contract of the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if IS_COUNTING.load(Relaxed) {
            grow(layout.size());
        }
        // SAFETY: the contract of the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if IS_COUNTING.load(Relaxed) {
            LIVE.fetch_sub(layout.size() as i64, Relaxed);
            grow(size);
        }
        // SAFETY: the contract of the caller.
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        if IS_COUNTING.load(Relaxed) {
            LIVE.fetch_sub(layout.size() as i64, Relaxed);
        }
        // SAFETY: the contract of the caller.
        unsafe { System.dealloc(at, layout) }
    }
}
