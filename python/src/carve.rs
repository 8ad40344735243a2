// SPDX-License-Identifier: MIT OR Apache-2.0
//! `carve`: hives, logs, records and tokens in raw bytes.

use std::fs::File;
use std::path::PathBuf;

use calhive::FileError;
use calhive::regf::recover::carve as regf_carve;
use calhive::regf::recover::carve::Kind;
use pyo3::prelude::*;

use crate::fault::{Fault, detached};

/// An item found by carving.
#[pyclass(frozen, get_all, module = "calhive")]
#[derive(Debug)]
pub(crate) struct Carved {
    /// Kind of the item.
    kind: String,
    /// Offset in the source, in bytes.
    offset: u64,
    /// Length in bytes, decompressed.
    length: u64,
    /// Whether the item is complete.
    is_whole: bool,
    /// Offset in the decompressed bytes. None for an uncompressed item.
    unpacked_at: Option<u64>,
}

#[pymethods]
impl Carved {
    fn __repr__(&self) -> String {
        format!("Carved({:?}, offset={}, length={})", self.kind, self.offset, self.length)
    }
}

/// Carves a file.
#[pyfunction]
pub(crate) fn carve(py: Python<'_>, path: PathBuf) -> PyResult<Vec<Carved>> {
    detached(py, move || {
        let mut found = Vec::new();
        let signatures = calhive::carve_signatures();
        let scanner = (signatures.scanner)();
        let read = File::open(&path).and_then(|file| {
            regf_carve::carve(
                file,
                Some(scanner.as_ref()),
                |_| {},
                |item| {
                    found.push(Carved {
                        kind: kind(item.kind, signatures.name),
                        offset: item.place.offset.get(),
                        length: item.place.length,
                        is_whole: item.is_whole,
                        unpacked_at: item.place.unpacked.map(|unpacked| unpacked.at),
                    });
                    Ok(())
                },
            )
        });
        match read {
            Ok(_) => Ok(found),
            Err(error) => Err(Fault::from(FileError::new(path, error))),
        }
    })
}

fn kind(kind: Kind<'_>, name: fn(u32) -> Option<&'static str>) -> String {
    match kind {
        Kind::Hive { .. } => "hive".into(),
        Kind::Bins { .. } => "bins".into(),
        Kind::Log { .. } => "log".into(),
        Kind::LogEntry { .. } => "log entry".into(),
        Kind::Key { .. } => "key".into(),
        Kind::Value { .. } => "value".into(),
        Kind::Signature { tag, .. } => name(tag).unwrap_or("remains of a token").into(),
        _ => "other".into(),
    }
}
