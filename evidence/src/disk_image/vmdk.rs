// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`VmdkDisk`]: a disk of `VMware` with its extents and parents. Sparse extents go through `vmdk-core`.
//!
//! Own layers: the chain of the crate shows the parent where a delta stores zeros, and opens any path that a
//! descriptor names.

use alloc::sync::Arc;
use std::io;
use std::path::{Path, PathBuf};

use vmdk::VmdkReader;

use super::raw::RawFile;
use super::split::{folder_of, name};
use super::vmdk_descriptor::{Descriptor, ExtentKind};
use crate::containment::{Contained, contained};
use crate::disk::{Cursor, Disk, Window, read_pieces};
use crate::real_path::refuse_link;
use crate::structure::{Fields as _, block_of, bytes_at, damaged, head_of, unsupported};

const SECTOR: u64 = 512;
/// Most disks from a delta to its base.
const MOST_LAYERS: usize = 64;
/// Most bytes of a descriptor.
const MOST_TEXT: u64 = 1 << 20;

type Sparse = Contained<VmdkReader<Cursor<Arc<dyn Disk>>>>;

/// A disk, from the newest layer to the base.
pub(crate) struct VmdkDisk {
    layers: Vec<Vec<Extent>>,
    size: u64,
}

/// A part of a layer.
struct Extent {
    end: u64,
    size: u64,
    data: Data,
}

enum Data {
    Flat(Window<Arc<dyn Disk>>),
    /// With the size of a grain.
    Sparse(Box<Sparse>, u64),
    Zeros,
}

impl VmdkDisk {
    /// Opens a disk by its path, with all files that it names in its folder.
    ///
    /// # Errors
    /// If a file is missing or damaged, or has a form that calhive does not read.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Vec<PathBuf>)> {
        let (mut layers, mut files, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
        let (mut path, mut expected) = (path.to_path_buf(), None);
        loop {
            if files.contains(&path) || layers.len() >= MOST_LAYERS {
                return Err(damaged(format!(
                    "the parents of the disk lead to {} again",
                    name(&path)
                )));
            }
            let about = |error: io::Error| {
                io::Error::new(error.kind(), format!("{}: {error}", name(&path)))
            };
            if let Some(main) = files.first() {
                refuse_link("parent", &path, main)?;
            }
            let layer = read_layer(&path).map_err(about)?;
            if expected.is_some_and(|expected| expected != layer.descriptor.content) {
                return Err(damaged(format!(
                    "{} changed after the snapshot: its content ID is {:08x}, and the snapshot expects \
                     {:08x}",
                    name(&path),
                    layer.descriptor.content,
                    expected.unwrap_or_default()
                )));
            }
            let folder = folder_of(&path).to_path_buf();
            sizes.push(layer.extents.last().map_or(0, |extent| extent.end));
            files.extend(layer.files);
            layers.push(layer.extents);
            let Some((parent, hint)) = layer.descriptor.parent else { break };
            if layer.has_hidden_zeros {
                return Err(unsupported(
                    "VMDK snapshot that stores zeros by reference; consolidate the snapshots and give \
                     the whole disk",
                ));
            }
            (path, expected) = (folder.join(hint), Some(parent));
        }
        let size = sizes.first().copied().unwrap_or(0);
        Ok((Self { layers, size }, files))
    }

    /// Opens a disk that is one file without a parent.
    ///
    /// # Errors
    /// If the file is damaged, or refers to other files.
    pub(crate) fn open_single(file: Arc<dyn Disk>) -> io::Result<Self> {
        let descriptor = embedded_descriptor(&*file)?;
        if descriptor.parent.is_some() || head_of(&*file, 1)?.has(0, b"#") {
            return Err(unsupported("VMDK with further files; unpack all of them into one folder"));
        }
        let extent = Extent::sparse(file, 0, None)?;
        let size = extent.end;
        Ok(Self { layers: vec![vec![extent]], size })
    }

    /// Fills the start of a buffer from one extent, and returns the number of bytes.
    fn read_some(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = buffer.len();
        for layer in &self.layers {
            let index = layer.partition_point(|extent| extent.end <= at);
            // A parent can be smaller than the disk.
            let Some(extent) = layer.get(index) else { continue };
            let inside = at.saturating_sub(extent.end.saturating_sub(extent.size));
            let rest = usize::try_from(extent.end.saturating_sub(at)).unwrap_or(usize::MAX);
            length = length.min(rest);
            let part = buffer.get_mut(..length).unwrap_or_default();
            match &extent.data {
                Data::Flat(window) => {
                    window.read_at(inside, part)?;
                    return Ok(length);
                }
                Data::Zeros => {
                    part.fill(0);
                    return Ok(length);
                }
                Data::Sparse(sparse, grain) => {
                    let in_grain = grain.saturating_sub(block_of(inside, *grain).1).max(1);
                    length = length.min(usize::try_from(in_grain).unwrap_or(usize::MAX));
                    let part = buffer.get_mut(..length).unwrap_or_default();
                    if self.layers.len() == 1
                        || sparse.call(|reader| reader.is_allocated(inside / SECTOR))?
                    {
                        sparse.read_at(inside, part)?;
                        return Ok(length);
                    }
                }
            }
        }
        buffer.get_mut(..length).unwrap_or_default().fill(0);
        Ok(length)
    }
}

impl Disk for VmdkDisk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        read_pieces(self.size, offset, buffer, |at, rest| self.read_some(at, rest))
    }
}

impl Extent {
    fn sparse(file: Arc<dyn Disk>, start: u64, sectors: Option<u64>) -> io::Result<Self> {
        let damaged_extent = |error: vmdk::VmdkError| match error {
            vmdk::VmdkError::Io(error) => error,
            error => damaged(format!("VMDK: {error}")),
        };
        let (reader, grain) = contained(|| {
            let reader = VmdkReader::open(Cursor::new(file)).map_err(damaged_extent)?;
            let grain = reader.info().grain_size_bytes;
            Ok((reader, grain))
        })?;
        let own = reader.virtual_disk_size();
        let size = sectors.map_or(own, |sectors| sectors.saturating_mul(SECTOR));
        if size > own {
            return Err(damaged(format!(
                "the extent holds {own} bytes, and the descriptor says {size}"
            )));
        }
        let data = Data::Sparse(Box::new(Contained::new(reader, own)), grain);
        Ok(Self { end: start.saturating_add(size), size, data })
    }
}

/// A layer: its descriptor, its extents and the files that were opened.
struct Layer {
    descriptor: Descriptor,
    extents: Vec<Extent>,
    files: Vec<PathBuf>,
    has_hidden_zeros: bool,
}

fn open_file(path: &Path) -> io::Result<Arc<dyn Disk>> {
    let about = |error: io::Error| {
        io::Error::new(error.kind(), format!("extent {} cannot be opened: {error}", name(path)))
    };
    if !path.is_file() && path.exists() {
        return Err(about(damaged("not a regular file")));
    }
    Ok(Arc::new(RawFile::open(path).map_err(about)?))
}

/// Opens an extent of the disk with this descriptor.
fn open_extent(path: &Path, main: &Path) -> io::Result<Arc<dyn Disk>> {
    refuse_link("extent", path, main)?;
    open_file(path)
}

fn read_layer(main: &Path) -> io::Result<Layer> {
    let file = open_file(main)?;
    let mut files = vec![main.to_path_buf()];
    if !head_of(&*file, 1)?.has(0, b"#") {
        let has_hidden_zeros = has_hidden_zeros(&*file)?;
        let descriptor = embedded_descriptor(&*file)?;
        let extents = vec![Extent::sparse(file, 0, None)?];
        return Ok(Layer { descriptor, extents, files, has_hidden_zeros });
    }
    if file.size() > MOST_TEXT {
        return Err(damaged(format!("VMDK descriptor of more than {MOST_TEXT} bytes")));
    }
    let text = head_of(&*file, usize::try_from(MOST_TEXT).unwrap_or(0))?;
    let descriptor = Descriptor::parse(&text)?;
    let (mut extents, mut start, mut has_hidden) = (Vec::new(), 0_u64, false);
    for named in &descriptor.extents {
        let size = named.sectors.saturating_mul(SECTOR);
        let path = folder_of(main).join(&named.file);
        let data = match named.kind {
            ExtentKind::Zeros => Data::Zeros,
            ExtentKind::Flat => {
                let disk = open_extent(&path, main)?;
                let window = Window::new(disk, named.offset.saturating_mul(SECTOR), size);
                files.push(path);
                Data::Flat(window)
            }
            ExtentKind::Sparse => {
                let disk = open_extent(&path, main)?;
                has_hidden |= has_hidden_zeros(&*disk)?;
                files.push(path);
                Extent::sparse(disk, start, Some(named.sectors))?.data
            }
        };
        start = start.saturating_add(size);
        extents.push(Extent { end: start, size, data });
    }
    Ok(Layer { descriptor, extents, files, has_hidden_zeros: has_hidden })
}

/// Whether an extent can store zeros in place of the parent's bytes, in a way that the crate does not show.
fn has_hidden_zeros(file: &dyn Disk) -> io::Result<bool> {
    const SPARSE_VMFS: &[u8] = b"\xBE\xBA\xFE\xCA\0\0\0\0";
    const ZEROED_GRAINS: u32 = 4;
    let head = head_of(file, 512)?;
    Ok(head.has(0, SPARSE_VMFS) || (head.has(0, b"KDMV") && head.le32(8) & ZEROED_GRAINS != 0))
}

/// Returns the descriptor inside a sparse extent; an empty one if the extent has none.
fn embedded_descriptor(file: &dyn Disk) -> io::Result<Descriptor> {
    let head = head_of(file, 512)?;
    let (at, size) = (head.le64(28).saturating_mul(SECTOR), head.le64(36).saturating_mul(SECTOR));
    if !head.has(0, b"KDMV") || at == 0 || size == 0 {
        return Ok(Descriptor::default());
    }
    let length = usize::try_from(size.min(MOST_TEXT)).unwrap_or(0);
    Descriptor::parse(&bytes_at(file, at, length)?)
}
