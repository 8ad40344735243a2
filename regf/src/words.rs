// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`zeros`]: words that are 0 and in memory.

use alloc::vec;
use alloc::vec::Vec;
use core::hint::black_box;

/// Words in a page of memory.
const PAGE: usize = 512;

/// Returns words that are 0, each page of them written.
///
/// A page that is read first costs two page faults: one at the read, which maps the page of zeros, and
/// one at the write. The second one also interrupts all threads of the process.
pub(crate) fn zeros(count: usize) -> Vec<u64> {
    let mut words = vec![0; count];
    words.iter_mut().step_by(PAGE).for_each(|word| *word = black_box(0));
    words
}
