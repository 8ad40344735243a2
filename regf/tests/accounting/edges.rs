// SPDX-License-Identifier: MIT OR Apache-2.0
//! Edges of the control flow that each entry point takes, over every family at two sizes.
//!
//! [`calhive_regf::meter`] counts the steps that the reader declares. Here, undeclared steps count too: LLVM
//! calls a function at each edge of our code, and of the generic code of others that is compiled with ours.
//! Compiled only with the flags of the step "edges" in `.ci/run`.
#![allow(unsafe_code, reason = "LLVM calls the counter by its name")]

use std::cell::Cell;

use hive_forge::family;

use crate::entries;
use crate::families::SHARED;

thread_local! {
    static EDGES: Cell<u64> = const { Cell::new(0) };
}

/// Called at each edge. LLVM does not instrument a function whose name begins like this one.
// SAFETY: no other function has this name.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_trace_pc_guard(_: *mut u32) {
    let _ = EDGES.try_with(|edges| edges.set(edges.get().wrapping_add(1)));
}

// SAFETY: no other function has this name.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_trace_pc_guard_init(_: *mut u32, _: *mut u32) {}

/// Bytes of the smaller input. In the larger one of 384 KiB, a loop over all pairs of 4,000 keys takes 40
/// edges for each byte.
const SIZE: usize = 96 << 10;
/// Most edges for each byte. Items that [share](SHARED) content take more of them, the larger the input.
const MOST: f64 = 2000.0;
/// Edges for each byte that are too few to judge their growth.
const FEW: f64 = 4.0;
/// Largest ratio between the edges for each byte of the larger input and of the smaller one.
const GROWTH: f64 = 1.4;

/// Returns the edges of a piece of work on this thread.
fn edges<T>(work: impl FnOnce() -> T) -> u64 {
    let before = EDGES.get();
    std::hint::black_box(work());
    EDGES.get() - before
}

/// Checks a part of the table, so that several tests share the work.
fn check(part: usize, parts: usize) {
    let families = family::all();
    let mut faults = Vec::new();
    for entry in entries::all().iter().skip(part).step_by(parts) {
        for family in &families {
            let [small, large] = [SIZE, 4 * SIZE].map(|size| {
                let case = (family.make)(size);
                edges(|| (entry.run)(&case)) as f64 / case.length() as f64
            });
            let grows = large > FEW && large > GROWTH * small && !SHARED.contains(&family.name);
            if large > MOST || grows {
                faults.push(format!("{}: {}: {small:.1} {large:.1}", entry.name, family.name));
            }
        }
    }
    assert!(faults.is_empty(), "edges for each byte:\n{}", faults.join("\n"));
}

#[test]
fn edges_of_each_entry_point_grow_with_the_bytes_given_first_part() {
    check(0, 2);
}

#[test]
fn edges_of_each_entry_point_grow_with_the_bytes_given_second_part() {
    check(1, 2);
}

/// The search of a slice is code of the standard library, compiled with ours.
#[test]
fn edges_of_a_loop_grow_with_its_steps() {
    let search = |length: u32| {
        let words: Vec<u32> = (0..length).collect();
        edges(|| std::hint::black_box(&words).contains(&length))
    };
    let (short, long) = (search(1000), search(4000));
    assert!(short > 50 && long > 3 * short && long < 5 * short, "{short} {long}");
}
