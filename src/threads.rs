// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Threads`]: threads that have no work, and [`Taken::both`]: two parts of the work at the same time.

use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::panic::resume_unwind;
use std::thread;

/// Number of threads that a scan may use and that have no work.
#[derive(Debug)]
pub(crate) struct Threads {
    idle: AtomicUsize,
}

/// A thread that works. On drop, the thread is idle again.
#[derive(Debug)]
pub(crate) struct Taken<'t>(&'t Threads);

impl Threads {
    /// Returns the threads beside this number of workers. Each worker that ends leaves one more thread.
    pub(crate) fn beside(all: NonZeroUsize, workers: usize) -> Self {
        Self { idle: AtomicUsize::new(all.get().saturating_sub(workers.max(1))) }
    }

    /// Returns the thread of a worker.
    pub(crate) const fn work(&self) -> Taken<'_> {
        Taken(self)
    }
}

impl Taken<'_> {
    /// Takes an idle thread; `None` if all threads work.
    fn take(&self) -> Option<Self> {
        let less = |idle: usize| idle.checked_sub(1);
        let taken = self.0.idle.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        taken.ok().map(|_| Self(self.0))
    }

    /// Carries out two parts of the work: `here` on this thread, `there` on an idle thread. If all threads
    /// work, or if the system refuses a thread, one part follows the other.
    pub(crate) fn both<A, B: Send>(
        &self,
        here: impl FnOnce() -> A,
        there: impl Fn() -> B + Sync,
    ) -> (A, B) {
        self.both_on(thread::Builder::new(), here, there)
    }

    fn both_on<A, B: Send>(
        &self,
        idle: thread::Builder,
        here: impl FnOnce() -> A,
        there: impl Fn() -> B + Sync,
    ) -> (A, B) {
        let Some(taken) = self.take() else { return (here(), there()) };
        let there = &there;
        thread::scope(|scope| {
            let other = idle.spawn_scoped(scope, move || {
                let result = there();
                drop(taken);
                result
            });
            let here = here();
            let Ok(other) = other else { return (here, there()) };
            (here, other.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })
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
    fn both_parts_run_and_leave_the_thread_idle() {
        let threads = Threads::beside(NonZeroUsize::new(2).unwrap(), 1);
        let worker = threads.work();
        let here = thread::current().id();
        let id = || thread::current().id();
        let (first, second) = worker.both(id, id);
        assert!(first == here && second != here);
        let inner = worker.both(|| (), || threads.work().both(id, id)).1;
        assert_eq!(inner.0, inner.1, "both threads work");
        assert!(worker.take().is_some());
    }

    #[test]
    fn both_parts_run_if_the_system_refuses_a_thread() {
        let threads = Threads::beside(NonZeroUsize::new(2).unwrap(), 1);
        let worker = threads.work();
        // No system has so much memory for a stack.
        let idle = thread::Builder::new().stack_size(usize::MAX / 4);
        let id = || thread::current().id();
        let here = id();
        assert_eq!(worker.both_on(idle, id, id), (here, here));
        assert!(worker.take().is_some());
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
