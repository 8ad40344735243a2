// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ordered`] and [`each`]: work on several threads, with results in the order of the items.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::num::NonZeroUsize;
use core::ops::ControlFlow;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Number of items that a thread takes at a time in [`each`].
const PIECE: usize = 8;

/// Works on each item, on this number of threads. Each thread makes a worker of its own.
///
/// `before` is called for each item in order. If it breaks, the work ends: the item and all later items get no result.
/// `after` takes each result, in order. Both run on the thread of the caller. Returns the number of items with a
/// result.
///
/// If the system refuses a thread, the threads before it share the work.
pub(crate) fn ordered<'i, I, T, W>(
    items: &'i [I],
    threads: NonZeroUsize,
    worker: impl Fn() -> W + Sync,
    before: impl FnMut(&'i I) -> ControlFlow<()>,
    after: impl FnMut(&'i I, T),
) -> usize
where
    I: Sync,
    T: Send,
    W: FnMut(&'i I) -> T,
{
    let threads = threads.get().min(items.len());
    if threads <= 1 {
        return in_turn(items, worker(), before, after);
    }
    on_threads(items, (0..threads).map(|_| thread::Builder::new()), &worker, before, after)
}

/// Works on each item, on the thread of the caller.
fn in_turn<'i, I, T>(
    items: &'i [I],
    mut work: impl FnMut(&'i I) -> T,
    mut before: impl FnMut(&'i I) -> ControlFlow<()>,
    mut after: impl FnMut(&'i I, T),
) -> usize {
    for (done, item) in items.iter().enumerate() {
        if before(item).is_break() {
            return done;
        }
        after(item, work(item));
    }
    items.len()
}

/// Works on each item, on these threads.
fn on_threads<'i, I, T, W>(
    items: &'i [I],
    threads: impl Iterator<Item = thread::Builder>,
    worker: &(impl Fn() -> W + Sync),
    mut before: impl FnMut(&'i I) -> ControlFlow<()>,
    mut after: impl FnMut(&'i I, T),
) -> usize
where
    I: Sync,
    T: Send,
    W: FnMut(&'i I) -> T,
{
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        let mut has_worker = false;
        for thread in threads {
            let (sender, next, is_over) = (sender.clone(), &next, &is_over);
            let started = thread.spawn_scoped(scope, move || {
                let mut work = worker();
                while !is_over.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    // Nobody listens after the end.
                    let _ = sender.send((index, work(item)));
                }
            });
            if started.is_err() {
                break;
            }
            has_worker = true;
        }
        drop(sender);
        if !has_worker {
            return in_turn(items, worker(), before, after);
        }
        let mut early = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            if before(item).is_break() {
                is_over.store(true, Ordering::Relaxed);
                return index;
            }
            let result = loop {
                match early.remove(&index) {
                    Some(result) => break result,
                    None => match results.recv() {
                        Ok((other, result)) => drop(early.insert(other, result)),
                        // A worker ended without its result. The scope reports why.
                        Err(_) => return index,
                    },
                }
            };
            after(item, result);
        }
        items.len()
    })
}

/// Returns the result of the work on each item, in the order of the items. The work receives the number of its item.
pub(crate) fn each<'i, I: Sync, T: Send>(
    threads: NonZeroUsize,
    items: &'i [I],
    work: impl Fn(usize, &'i I) -> T + Sync,
) -> Vec<T> {
    let pieces: Vec<(usize, &[I])> = (0..).step_by(PIECE).zip(items.chunks(PIECE)).collect();
    let worker = || {
        |(first, piece): &(usize, &'i [I])| {
            let numbered = (*first..).zip(*piece);
            numbered.map(|(number, item)| work(number, item)).collect::<Vec<T>>()
        }
    };
    let mut results = Vec::with_capacity(items.len());
    let goes_on = |_: &(usize, &[I])| ControlFlow::Continue(());
    ordered(&pieces, threads, worker, goes_on, |_, more| results.extend(more));
    results
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    fn squares(threads: usize, last: u64) -> (Vec<u64>, usize) {
        let items: Vec<u64> = (0..50).collect();
        let mut found = Vec::new();
        let worker = || {
            |item: &u64| {
                // Later items are faster.
                thread::sleep(Duration::from_micros(50 - item));
                item * item
            }
        };
        let before = |item: &u64| {
            if *item == last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let threads = NonZeroUsize::new(threads).unwrap();
        let done = ordered(&items, threads, worker, before, |_, square| found.push(square));
        (found, done)
    }

    #[test]
    fn results_have_the_order_of_the_items_on_any_number_of_threads() {
        let expected: Vec<u64> = (0..50).map(|item| item * item).collect();
        for threads in [1, 2, 7, 99] {
            assert_eq!(squares(threads, 50), (expected.clone(), 50), "{threads}");
            assert_eq!(squares(threads, 3), (expected[..3].to_vec(), 3), "{threads}");
        }
    }

    #[test]
    fn threads_that_the_system_refuses_leave_their_work_to_the_others() {
        let items: Vec<u64> = (0..50).collect();
        let goes_on = |_: &u64| ControlFlow::Continue(());
        for started in [0, 1, 3] {
            // No system has so much memory for a stack.
            let refused = || thread::Builder::new().stack_size(usize::MAX / 4);
            let threads = (0..started).map(|_| thread::Builder::new()).chain([refused()]);
            let (mut found, worker) = (Vec::new(), || |item: &u64| item * item);
            let done = on_threads(&items, threads, &worker, goes_on, |_, it| found.push(it));
            assert_eq!(found, items.iter().map(|item| item * item).collect::<Vec<_>>());
            assert_eq!(done, 50, "{started}");
        }
    }

    #[test]
    fn each_result_has_the_place_of_its_item_on_any_number_of_threads() {
        let items: Vec<usize> = (100..200).collect();
        let expected: Vec<usize> = (0..100).map(|number| number + 100 + number).collect();
        for threads in [1, 2, 7, 500] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let found = each(threads, &items, |number, item| number + item);
            assert_eq!(found, expected, "{threads}");
        }
    }
}
