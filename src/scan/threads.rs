// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Threads`]: the threads of a scan that have no work.

use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicUsize, Ordering};

/// Number of threads that a scan may use and that have no work.
#[derive(Debug)]
pub(super) struct Threads {
    idle: AtomicUsize,
}

/// A thread that works. On drop, the thread is idle again.
#[derive(Debug)]
pub(super) struct Taken<'t>(&'t Threads);

impl Threads {
    /// Returns the threads beside this number of workers. Each worker that ends leaves one more thread.
    pub(super) fn beside(all: NonZeroUsize, workers: usize) -> Self {
        Self { idle: AtomicUsize::new(all.get().saturating_sub(workers.max(1))) }
    }

    /// Returns the thread of a worker.
    pub(super) const fn work(&self) -> Taken<'_> {
        Taken(self)
    }
}

impl Taken<'_> {
    /// Takes an idle thread; `None` if all threads work.
    pub(super) fn take(&self) -> Option<Self> {
        let less = |idle: usize| idle.checked_sub(1);
        let taken = self.0.idle.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        taken.ok().map(|_| Self(self.0))
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.idle.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_is_idle_beside_the_workers_and_after_their_end() {
        let four = NonZeroUsize::new(4).unwrap();
        let threads = Threads::beside(four, 3);
        let (first, second) = (threads.work(), threads.work());
        let taken = first.take();
        assert!(taken.is_some() && second.take().is_none());
        drop(taken);
        drop(second);
        let (taken, other) = (first.take(), first.take());
        assert!(taken.is_some() && other.is_some() && first.take().is_none());
    }

    #[test]
    fn no_thread_is_idle_if_all_work() {
        for (all, workers) in [(1, 0), (1, 1), (2, 2), (2, 9)] {
            let threads = Threads::beside(NonZeroUsize::new(all).unwrap(), workers);
            let worker = threads.work();
            assert!(worker.take().is_none(), "{all} {workers}");
        }
    }
}
