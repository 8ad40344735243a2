// SPDX-License-Identifier: MIT OR Apache-2.0
//! Counter of the reader's work, for tests that compare work with the size of a hive.
//!
//! Feature `meter` turns the counter on. Without the feature, `count` does nothing.
//!
//! ```
//! # let bytes = &hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default()).bytes;
//! let before = calhive_regf::meter::work();
//! calhive_regf::Hive::parse(bytes)?.check(drop);
//! # #[cfg(feature = "meter")]
//! assert!(calhive_regf::meter::work() > before);
//! # Ok::<(), calhive_regf::Error>(())
//! ```

#[cfg(feature = "meter")]
std::thread_local! {
    static WORK: core::cell::Cell<u64> = const { core::cell::Cell::new(0) };
}

/// Counts work of this thread. One unit is one small step: reading a cell, a list element, or a unit of
/// a name, or searching eight or more bytes.
#[cfg(feature = "meter")]
#[inline]
pub(crate) fn count(units: usize) {
    // A thread that ends can work after its counter is gone.
    let _ = WORK.try_with(|work| work.set(work.get().saturating_add(units as u64)));
}

/// Counts work of this thread. Without feature `meter`, the function does nothing.
#[cfg(not(feature = "meter"))]
#[inline(always)]
pub(crate) const fn count(_: usize) {}

/// Returns the units of work that this thread has counted; 0 without feature `meter`.
#[must_use]
pub fn work() -> u64 {
    #[cfg(feature = "meter")]
    return WORK.with(core::cell::Cell::get);
    #[cfg(not(feature = "meter"))]
    0
}
