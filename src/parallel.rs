// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`in_batches`]: work on several threads, with results in the order of the items and in bounded memory.

use alloc::vec::Vec;
use core::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::thread;

/// Works on each item, on this number of threads. `after` takes each result, in the order of the items, on the thread
/// of the caller.
///
/// The results of one batch are in memory at a time. A batch has this number of items for each thread.
pub(crate) fn in_batches<'i, I: Sync, T: Send>(
    threads: NonZeroUsize,
    batch: NonZeroUsize,
    items: &'i [I],
    work: impl Fn(&'i I) -> T + Sync,
    mut after: impl FnMut(T),
) {
    if threads == NonZeroUsize::MIN {
        return items.iter().for_each(|item| after(work(item)));
    }
    for items in items.chunks(batch.saturating_mul(threads).get()) {
        let shares = items.chunks(items.len().div_ceil(threads.get()).max(1));
        let all = |share: &'i [I]| share.iter().map(&work).collect::<Vec<T>>();
        thread::scope(|scope| {
            let mut shares = shares.into_iter();
            let first = shares.next().unwrap_or_default();
            let others: Vec<_> = shares.map(|share| scope.spawn(move || all(share))).collect();
            all(first).into_iter().for_each(&mut after);
            for other in others {
                let results = other.join().unwrap_or_else(|panic| resume_unwind(panic));
                results.into_iter().for_each(&mut after);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_have_the_order_of_the_items_on_any_number_of_threads() {
        let items: Vec<u64> = (0..50).collect();
        let expected: Vec<u64> = (0..50).map(|item| item * item).collect();
        for (threads, batch) in [(1, 1), (2, 1), (2, 8), (3, 5), (7, 100)] {
            let [threads, batch] = [threads, batch].map(|it| NonZeroUsize::new(it).unwrap());
            let mut found = Vec::new();
            in_batches(threads, batch, &items, |item| item * item, |square| found.push(square));
            assert_eq!(found, expected, "{threads} {batch}");
        }
    }
}
