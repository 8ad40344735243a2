// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ShadowCopies`]: the shadow copies of a volume.

use alloc::sync::Arc;
use core::fmt;
use std::io;
use std::sync::OnceLock;

use crate::disk::Disk;
use crate::field::{in_place, invalid};
use crate::shadow_copy::block_list::BlockList;
use crate::shadow_copy::catalog::{self, Store};
use crate::shadow_copy::snapshot::SnapshotDisk;
use crate::shadow_copy::unused_blocks::UnusedBlocks;

/// The shadow copies of a volume.
pub(crate) struct ShadowCopies {
    volume: Arc<dyn Disk>,
    stores: Vec<Store>,
    list: Vec<Snapshot>,
    /// Block lists, read on first use.
    block_lists: Vec<OnceLock<Result<Arc<BlockList>, String>>>,
}

/// A shadow copy of a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Number in the order of creation, from 1. vshadowmount numbers them in the same way.
    pub(crate) number: u32,
    /// Identifier of the store, as a GUID.
    pub(crate) id: String,
    /// Time of creation: 100-nanosecond intervals since 1601, UTC.
    pub(crate) created: u64,
}

impl ShadowCopies {
    /// Reads the catalog of a volume. A volume without a catalog has no shadow copies.
    ///
    /// # Errors
    /// If the catalog is damaged.
    pub(crate) fn of(volume: Arc<dyn Disk>) -> io::Result<Self> {
        let stores = catalog::read(&volume)?;
        let snapshot = |(number, store): (u32, &Store)| Snapshot {
            number,
            id: catalog::guid(&store.id),
            created: store.created,
        };
        let list = (1..).zip(&stores).map(snapshot).collect();
        let block_lists = stores.iter().map(|_| OnceLock::new()).collect();
        Ok(Self { volume, stores, list, block_lists })
    }

    /// Returns the shadow copies in the order of creation.
    pub(crate) fn list(&self) -> &[Snapshot] {
        &self.list
    }

    /// Returns the volume as it was when the shadow copy with this number was made.
    ///
    /// # Errors
    /// If no shadow copy has this number, or the store of this or of a later shadow copy is damaged.
    pub(crate) fn disk(&self, number: u32) -> io::Result<Arc<dyn Disk>> {
        let at = number.checked_sub(1).and_then(|at| usize::try_from(at).ok());
        let store = at.and_then(|at| self.stores.get(at));
        let (Some(at), Some(store)) = (at, store) else {
            return Err(invalid(format!("the volume has no shadow copy {number}")));
        };
        let stores = (at..self.stores.len()).map(|at| self.block_list(at));
        let stores = stores.collect::<io::Result<_>>()?;
        // Before the newest shadow copy, a later one can have made use of a block that was unused.
        let unused = match self.stores.get(at.saturating_add(1)) {
            Some(_) => UnusedBlocks::default(),
            None => UnusedBlocks::read(&self.volume, store)
                .map_err(|error| in_place(format_args!("shadow copy {number}"), &error))?,
        };
        let size = store.volume_size.min(self.volume.size());
        Ok(Arc::new(SnapshotDisk { volume: Arc::clone(&self.volume), stores, unused, size }))
    }

    fn block_list(&self, at: usize) -> io::Result<Arc<BlockList>> {
        let (Some(store), Some(list)) = (self.stores.get(at), self.block_lists.get(at)) else {
            return Err(invalid("no such store"));
        };
        let read = || BlockList::read(&self.volume, store.block_list).map(Arc::new);
        let list = list.get_or_init(|| read().map_err(|error| error.to_string()));
        list.clone()
            .map_err(|error| invalid(format!("shadow copy {}: {error}", at.saturating_add(1))))
    }
}

impl fmt::Debug for ShadowCopies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShadowCopies").field("list", &self.list).finish_non_exhaustive()
    }
}
