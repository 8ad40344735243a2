// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Pool`]: the few largest things in memory that several members of an archive use.

use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Things that belong to owners with a number, each with a weight. If the pool is full, the oldest things leave it.
pub(crate) struct Pool<T> {
    room: u64,
    owners: AtomicU64,
    things: Mutex<Vec<Held<T>>>,
}

struct Held<T> {
    owner: u64,
    weight: u64,
    thing: T,
}

impl<T> Pool<T> {
    /// Returns an empty pool with room for things of this weight.
    pub(crate) const fn new(room: u64) -> Self {
        Self { room, owners: AtomicU64::new(0), things: Mutex::new(Vec::new()) }
    }

    /// Returns the number of a new owner.
    pub(crate) fn owner(&self) -> u64 {
        self.owners.fetch_add(1, Ordering::Relaxed)
    }

    /// Takes the newest thing of an owner that fits.
    pub(crate) fn take(&self, owner: u64, fits: impl Fn(&T) -> bool) -> Option<T> {
        let mut things = self.things();
        let at = things.iter().rposition(|held| held.owner == owner && fits(&held.thing))?;
        Some(things.remove(at).thing)
    }

    /// Puts a thing of an owner into the pool.
    pub(crate) fn put(&self, owner: u64, weight: u64, thing: T) {
        let mut things = self.things();
        while !things.is_empty() {
            let weights = things.iter().map(|held| held.weight);
            if weights.fold(weight, u64::saturating_add) <= self.room {
                break;
            }
            things.remove(0);
        }
        things.push(Held { owner, weight, thing });
    }

    /// Empties the pool.
    pub(crate) fn clear(&self) {
        self.things().clear();
    }

    fn things(&self) -> MutexGuard<'_, Vec<Held<T>>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_pool_drops_its_oldest_thing() {
        let pool = Pool::new(2);
        let (one, two) = (pool.owner(), pool.owner());
        pool.put(one, 1, 'a');
        pool.put(two, 1, 'b');
        pool.put(one, 1, 'c');
        assert_eq!(pool.take(one, |_| true), Some('c'));
        assert_eq!(pool.take(one, |_| true), None);
        assert_eq!(pool.take(two, |thing| *thing != 'b'), None);
        assert_eq!(pool.take(two, |_| true), Some('b'));
        pool.put(one, 1, 'a');
        pool.put(one, 2, 'b');
        assert_eq!(pool.take(one, |_| true), Some('b'));
        assert_eq!(pool.take(one, |_| true), None);
    }
}
