// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Stream`]: the bytes of a content.

use alloc::sync::Arc;
use core::fmt;
use std::io;

use crate::disk::{Disk, past_end};
use crate::field::{in_place, invalid};
use crate::ntfs::compression::{UnitCache, unpack};
use crate::ntfs::content::{Content, Store};
use crate::ntfs::runs::Runs;

/// Largest compression unit in bytes. Windows compresses with clusters up to 4 KiB: 64 KiB.
const LARGEST_UNIT: u64 = 1 << 20;

/// The bytes of a content. Bytes that were never written are zeros.
pub(super) struct Stream {
    disk: Arc<dyn Disk>,
    record: u64,
    cluster: u64,
    size: u64,
    initialized: u64,
    store: Store,
    compression: Option<Compression>,
}

/// Compression of a content.
struct Compression {
    unit_clusters: u64,
    unit: u64,
    cache: UnitCache,
}

impl Stream {
    /// Returns the bytes of a content in this record. `cluster` is the size of a cluster in bytes.
    ///
    /// # Errors
    /// If the compression unit is too large.
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        record: u64,
        cluster: u64,
        content: Content,
    ) -> io::Result<Self> {
        let Content { size, initialized, store, unit, .. } = content;
        let compression = match unit {
            0 => None,
            exponent => {
                let unit_clusters = 1_u64.checked_shl(u32::from(exponent)).unwrap_or(u64::MAX);
                let unit = unit_clusters.saturating_mul(cluster);
                if unit > LARGEST_UNIT {
                    return Err(invalid(format!(
                        "compression units of {unit} bytes are too large"
                    )));
                }
                Some(Compression { unit_clusters, unit, cache: UnitCache::default() })
            }
        };
        Ok(Self { disk, record, cluster, size, initialized, store, compression })
    }

    /// Returns the data runs, so that further extents can be added. A resident content has none.
    pub(super) const fn runs_mut(&mut self) -> Option<&mut Runs> {
        match &mut self.store {
            Store::Clusters(runs) => Some(runs),
            Store::Resident(_) => None,
        }
    }

    /// Returns the data runs. A resident content has none.
    pub(super) const fn runs(&self) -> Option<&Runs> {
        match &self.store {
            Store::Clusters(runs) => Some(runs),
            Store::Resident(_) => None,
        }
    }

    /// Returns the number of bytes that were written.
    pub(super) const fn initialized(&self) -> u64 {
        self.initialized
    }

    /// Returns the place of a byte on the volume. `None` in a hole, after the end or in a resident content.
    pub(super) fn place(&self, offset: u64) -> Option<u64> {
        let run = self.runs()?.find(offset.checked_div(self.cluster)?)?;
        let skipped = offset.checked_sub(run.first.checked_mul(self.cluster)?)?;
        run.place?.checked_mul(self.cluster)?.checked_add(skipped)
    }

    fn read_written(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        match (&self.store, &self.compression) {
            (Store::Resident(bytes), _) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let part = bytes.get(start..).and_then(|rest| rest.get(..buffer.len()));
                buffer.copy_from_slice(part.ok_or_else(|| invalid("the resident data end"))?);
                Ok(())
            }
            (Store::Clusters(runs), None) => self.read_runs(runs, offset, buffer),
            (Store::Clusters(runs), Some(units)) => self.read_units(runs, units, offset, buffer),
        }
    }

    fn read_runs(&self, runs: &Runs, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut offset = offset;
        let mut rest = buffer;
        while !rest.is_empty() {
            let cluster = offset.checked_div(self.cluster).unwrap_or(0);
            let run = runs.find(cluster).ok_or_else(|| {
                invalid(format!("expected a data run for cluster {cluster}, found none"))
            })?;
            let skipped = offset.saturating_sub(run.first.saturating_mul(self.cluster));
            let left = run.clusters.saturating_mul(self.cluster).saturating_sub(skipped);
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
            let (part, after) = rest.split_at_mut(length);
            match run.place {
                None => part.fill(0),
                Some(place) => {
                    let start = place.checked_mul(self.cluster);
                    let at = start.and_then(|start| start.checked_add(skipped));
                    let at = at.ok_or_else(|| invalid("a data run is after the volume"))?;
                    self.disk.read_at(at, part).map_err(|error| {
                        in_place(format_args!("cluster {cluster} of the data"), &error)
                    })?;
                }
            }
            offset = offset.saturating_add(length as u64);
            rest = after;
        }
        Ok(())
    }

    fn read_units(
        &self,
        runs: &Runs,
        compression: &Compression,
        offset: u64,
        buffer: &mut [u8],
    ) -> io::Result<()> {
        let mut offset = offset;
        let mut rest = buffer;
        while !rest.is_empty() {
            let number = offset.checked_div(compression.unit).unwrap_or(0);
            let unit =
                compression.cache.find_or_read(number, || self.unit(runs, compression, number))?;
            let start = offset.saturating_sub(number.saturating_mul(compression.unit));
            let start = usize::try_from(start).unwrap_or(usize::MAX);
            let bytes = unit.get(start..).unwrap_or_default();
            let length = bytes.len().min(rest.len());
            let (part, after) = rest.split_at_mut(length);
            part.copy_from_slice(bytes.get(..length).unwrap_or_default());
            if length == 0 {
                return Err(invalid("a compression unit is empty"));
            }
            offset = offset.saturating_add(length as u64);
            rest = after;
        }
        Ok(())
    }

    /// Returns a decompressed unit. A unit with all its clusters is not compressed. A unit without clusters is zeros.
    fn unit(&self, runs: &Runs, compression: &Compression, number: u64) -> io::Result<Vec<u8>> {
        let first = number.saturating_mul(compression.unit_clusters);
        let end = first.saturating_add(compression.unit_clusters);
        let mut stored = first;
        while let Some(run) = runs.find(stored).filter(|run| run.place.is_some()) {
            stored = run.first.saturating_add(run.clusters).min(end);
            if stored == end {
                break;
            }
        }
        let size = usize::try_from(compression.unit).map_err(|_| invalid("unit too large"))?;
        let stored_size = stored.saturating_sub(first).saturating_mul(self.cluster);
        let mut packed = vec![0; usize::try_from(stored_size).unwrap_or(0).min(size)];
        self.read_runs(runs, first.saturating_mul(self.cluster), &mut packed)?;
        if packed.len() == size {
            return Ok(packed);
        }
        unpack(&packed, size)
            .map_err(|error| in_place(format_args!("compression unit {number}"), &error))
    }
}

impl Disk for Stream {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= self.size);
        if end.is_none() {
            return Err(past_end(offset, buffer.len(), self.size));
        }
        let written = self.initialized.saturating_sub(offset);
        let written = usize::try_from(written).unwrap_or(usize::MAX).min(buffer.len());
        let (data, zeros) = buffer.split_at_mut(written);
        zeros.fill(0);
        if data.is_empty() {
            return Ok(());
        }
        self.read_written(offset, data).map_err(|error| {
            let record = self.record;
            in_place(format_args!("data at offset {offset:#x} of MFT record {record}"), &error)
        })
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("record", &self.record).field("size", &self.size).finish()
    }
}
