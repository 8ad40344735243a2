// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`each`]: the same work on each item, on several threads.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Number of items that a thread takes at a time.
const PIECE: usize = 8;

/// Returns the result of the work on each item, in the order of the items. The work receives the number of its item.
pub(super) fn each<'i, I: Sync, T: Send>(
    threads: NonZeroUsize,
    items: &'i [I],
    work: impl Fn(usize, &'i I) -> T + Sync,
) -> Vec<T> {
    let pieces: Vec<&[I]> = items.chunks(PIECE).collect();
    let threads = threads.get().min(pieces.len());
    let piece = |at: usize| {
        let first = at.saturating_mul(PIECE);
        let items = pieces.get(at).copied()?.iter().zip(first..);
        Some(items.map(|(item, number)| work(number, item)).collect::<Vec<T>>())
    };
    if threads <= 1 {
        return items.iter().enumerate().map(|(number, item)| work(number, item)).collect();
    }
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = BTreeMap::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(results) = piece(at) else { return done };
            done.insert(at, results);
        }
    };
    let done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(worker)).collect();
        let mut done = worker();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.into_values().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items_on_any_number_of_threads() {
        let items: Vec<usize> = (100..200).collect();
        let expected: Vec<usize> = (0..100).map(|number| number + 100 + number).collect();
        for threads in [1, 2, 7, 500] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let found = each(threads, &items, |number, item| number + item);
            assert_eq!(found, expected, "{threads}");
        }
    }
}
