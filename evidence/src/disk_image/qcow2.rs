// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Qcow2Disk`]: a disk of QEMU, plain or compressed.
//!
//! Own reader: the crate `qcow2-core` decompresses without a limit, and returns zeros for a compressed cluster
//! that is cut short.

use alloc::sync::Arc;
use std::io;
use std::sync::{Mutex, PoisonError};

use super::inflate::{Form, inflate};
use crate::disk::{Disk, read_pieces};
use crate::structure::{Fields as _, block_of, bytes_at, damaged, head_of, unsupported};

/// Offset of a table or cluster in an entry.
const OFFSET: u64 = 0x00FF_FFFF_FFFF_FE00;
/// In an entry: the cluster is compressed.
const COMPRESSED: u64 = 1 << 62;
/// In an entry: the cluster reads as zeros.
const ZEROS: u64 = 1;
/// Decompressed clusters in memory.
const CACHED: usize = 2;

/// The disk in a QCOW2 file.
pub(crate) struct Qcow2Disk {
    file: Arc<dyn Disk>,
    size: u64,
    cluster_bits: u32,
    /// Offset of the first table, and its number of entries.
    tables: (u64, u64),
    faults: Vec<String>,
    clusters: Mutex<Vec<(u64, Arc<Vec<u8>>)>>,
}

impl Qcow2Disk {
    /// Opens a disk of QEMU.
    ///
    /// # Errors
    /// If the header is damaged, or if the disk needs what calhive does not read: a backing file, encryption,
    /// an external data file, extended tables, or compression by zstd.
    pub(crate) fn open(file: Arc<dyn Disk>) -> io::Result<Self> {
        let header = head_of(&*file, 112)?;
        if !header.has(0, b"QFI\xFB") {
            return Err(damaged("no QCOW2 signature at offset 0"));
        }
        let version = header.be32(4);
        if !(2..=3).contains(&version) {
            return Err(unsupported(format!(
                "QCOW of version {version}; convert it: qemu-img convert -O raw"
            )));
        }
        refuse(&header, version)?;
        let cluster_bits = header.be32(20);
        if !(9..=21).contains(&cluster_bits) {
            return Err(damaged(format!(
                "clusters of 2^{cluster_bits} bytes; expected 2^9 to 2^21"
            )));
        }
        let tables = (header.be64(40), u64::from(header.be32(36)));
        let end = tables.1.checked_mul(8).and_then(|length| length.checked_add(tables.0));
        if end.is_none_or(|end| end > file.size()) {
            return Err(damaged(format!(
                "the L1 table at offset {:#x} ends after the file",
                tables.0
            )));
        }
        let (mut faults, snapshots) = (Vec::new(), header.be32(60));
        if snapshots > 0 {
            faults.push(format!(
                "{snapshots} internal snapshots of QEMU were not read; convert each: qemu-img convert \
                 -l NAME"
            ));
        }
        if version == 3 && header.be64(72) & 2 != 0 {
            faults.push("QEMU marked the file as corrupt".to_owned());
        }
        let size = header.be64(24);
        Ok(Self { file, size, cluster_bits, tables, faults, clusters: Mutex::default() })
    }

    /// Returns what the file holds and the disk does not show.
    pub(crate) fn faults(&self) -> &[String] {
        &self.faults
    }

    const fn cluster_size(&self) -> u64 {
        1 << self.cluster_bits
    }

    /// Returns the entry of a cluster; 0 if no table has it.
    fn entry(&self, cluster: u64) -> io::Result<u64> {
        let per_table = self.cluster_size() / 8;
        let (first, second) = block_of(cluster, per_table);
        if first >= self.tables.1 {
            return Err(damaged(format!("the L1 table has no entry {first}")));
        }
        let at = self.tables.0.saturating_add(first.saturating_mul(8));
        let table = bytes_at(&*self.file, at, 8)?.be64(0) & OFFSET;
        if table == 0 {
            return Ok(0);
        }
        let at = table.saturating_add(second.saturating_mul(8));
        Ok(bytes_at(&*self.file, at, 8)?.be64(0))
    }

    fn read_cluster(&self, cluster: u64, inside: u64, buffer: &mut [u8]) -> io::Result<()> {
        let entry = self.entry(cluster)?;
        if entry & COMPRESSED != 0 {
            let bytes = self.decompress(entry)?;
            let from = usize::try_from(inside).ok().and_then(|at| bytes.get(at..));
            let from = from.and_then(|rest| rest.get(..buffer.len()));
            buffer.copy_from_slice(from.ok_or_else(|| damaged("short cluster"))?);
            return Ok(());
        }
        let start = entry & OFFSET;
        if start == 0 || entry & ZEROS != 0 {
            buffer.fill(0);
            return Ok(());
        }
        self.file.read_at(start.saturating_add(inside), buffer)
    }

    /// Returns the bytes of a compressed cluster.
    fn decompress(&self, entry: u64) -> io::Result<Arc<Vec<u8>>> {
        let clusters = self.clusters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = clusters.iter().find(|(cached, _)| *cached == entry) {
            return Ok(Arc::clone(found));
        }
        drop(clusters);
        // 62 bits: offset in the file, then the number of further sectors.
        let split = 62_u32.saturating_sub(self.cluster_bits.saturating_sub(8));
        let low = |bits: u32| 1_u64.checked_shl(bits).unwrap_or(0).wrapping_sub(1);
        let start = entry & low(split);
        let sectors = (entry & low(62)).checked_shr(split).unwrap_or(0).saturating_add(1);
        let length = sectors.saturating_mul(512).saturating_sub(start % 512);
        let length = length.min(self.file.size().saturating_sub(start));
        let cluster_size = usize::try_from(self.cluster_size()).unwrap_or(usize::MAX);
        let packed = bytes_at(&*self.file, start, usize::try_from(length).unwrap_or(usize::MAX))?;
        let about = |error: io::Error| {
            io::Error::new(error.kind(), format!("cluster at offset {start:#x}: {error}"))
        };
        let bytes = inflate(&packed, cluster_size, Form::Raw).map_err(about)?;
        if bytes.len() != cluster_size {
            let length = bytes.len();
            let message = format!("the cluster at offset {start:#x} holds {length} bytes");
            return Err(damaged(format!("{message}, not {cluster_size}")));
        }
        let bytes = Arc::new(bytes);
        let mut clusters = self.clusters.lock().unwrap_or_else(PoisonError::into_inner);
        if clusters.len() >= CACHED {
            clusters.remove(0);
        }
        clusters.push((entry, Arc::clone(&bytes)));
        Ok(bytes)
    }
}

/// Returns an error if a disk needs what calhive does not read.
fn refuse(header: &[u8], version: u32) -> io::Result<()> {
    let convert = |what: &str| {
        unsupported(format!("QCOW2 {what}; convert it where it was made: qemu-img convert -O raw"))
    };
    let features = if version == 3 { header.be64(72) } else { 0 };
    let has_type = version == 3 && header.be32(100) > 104 && features & 8 != 0;
    if header.be64(8) != 0 {
        return Err(convert("with a backing file"));
    }
    if header.be32(32) != 0 {
        return Err(convert("with encryption"));
    }
    if features & 4 != 0 {
        return Err(convert("with an external data file"));
    }
    if has_type && header.get(104).is_some_and(|kind| *kind != 0) {
        return Err(convert("compressed by zstd"));
    }
    if features & 16 != 0 {
        return Err(convert("with extended L2 entries"));
    }
    if features & !0x1F != 0 {
        return Err(convert(&format!("with unknown features {features:#x}")));
    }
    Ok(())
}

impl Disk for Qcow2Disk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        read_pieces(self.size, offset, buffer, |at, rest| {
            let (cluster, inside) = block_of(at, self.cluster_size());
            let in_cluster = self.cluster_size().saturating_sub(inside).max(1);
            let length = usize::try_from(in_cluster).unwrap_or(usize::MAX).min(rest.len());
            self.read_cluster(cluster, inside, rest.get_mut(..length).unwrap_or_default())?;
            Ok(length)
        })
    }
}
