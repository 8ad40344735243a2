// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`zeros`]: words that are 0 and in memory.

use alloc::vec;
use alloc::vec::Vec;
use core::hint::black_box;

/// Bytes in a page of memory.
const PAGE: usize = 4096;

/// Returns words, or groups of words, that are 0, each page of them written.
///
/// A page that is read first costs two page faults: one at the read, which maps the page of zeros, and
/// one at the write. The second one also interrupts all threads of the process.
pub(crate) fn zeros<T: Copy + Default>(count: usize) -> Vec<T> {
    crate::meter::count(count.saturating_mul(size_of::<T>()) / 64);
    let mut words = vec![T::default(); count];
    let step = PAGE.checked_div(size_of::<T>()).unwrap_or(PAGE).max(1);
    words.iter_mut().step_by(step).for_each(|word| *word = black_box(T::default()));
    words
}
