// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Key`] and [`Value`]: what the tree of a hive holds.

use std::iter;
use std::sync::Arc;

use calhive::regf::hive::path::ToNames;
use calhive::regf::hive::violation::Grade;
use calhive::{CellOffset, Error, FileTime, Key as RawKey, Value as RawValue, Walk};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::fault::{Fault, detached};
use crate::listing::Listing;
use crate::source::Source;
use crate::time;

/// A key. Keeps the bytes of its hive.
#[pyclass(frozen, module = "calhive")]
#[derive(Debug)]
pub(crate) struct Key {
    source: Arc<Source>,
    node: Arc<Node>,
}

/// A key, and the keys above it.
#[derive(Debug)]
struct Node {
    /// The key above. None for the root key.
    parent: Option<Arc<Self>>,
    name: String,
    cell: CellOffset,
    last_written: FileTime,
}

/// A value, with the data that could be read.
#[pyclass(frozen, module = "calhive")]
#[derive(Debug)]
pub(crate) struct Value {
    /// Name. Empty for the default value.
    #[pyo3(get)]
    name: String,
    /// Type, as a number.
    #[pyo3(get)]
    r#type: u32,
    /// Windows name of the type.
    #[pyo3(get)]
    type_name: Option<&'static str>,
    /// Offset of the value, from the start of the hive.
    #[pyo3(get)]
    offset: u64,
    /// Size of the data as stored, in bytes.
    #[pyo3(get)]
    size: u32,
    /// Whether all data could be read.
    #[pyo3(get)]
    is_whole: bool,
    data: Vec<u8>,
}

#[pymethods]
impl Key {
    #[getter]
    fn name(&self) -> &str {
        &self.node.name
    }

    #[getter]
    fn path(&self) -> String {
        self.node.path()
    }

    #[getter]
    fn offset(&self) -> u64 {
        self.node.cell.file_offset().get()
    }

    #[getter]
    fn last_written<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        time::object(py, self.node.last_written)
    }

    fn subkeys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        detached(py, || self.read_subkeys())?.into_python(py, &self.source)
    }

    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        detached(py, || self.read_values())?.into_python(py, &self.source)
    }

    fn __repr__(&self) -> String {
        format!("Key({:?}, offset={})", self.path(), self.offset())
    }
}

#[pymethods]
impl Value {
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.data)
    }

    fn __repr__(&self) -> String {
        let type_name = self.type_name.map_or_else(|| self.r#type.to_string(), ToOwned::to_owned);
        format!("Value({:?}, {type_name}, offset={})", self.name, self.offset)
    }
}

impl Key {
    fn new(source: &Arc<Source>, node: Arc<Node>) -> Self {
        Self { source: Arc::clone(source), node }
    }

    fn read_subkeys(&self) -> Result<Listing<Self>, Fault> {
        let mut listing = Listing::of(&self.source);
        for subkey in self.raw()?.subkeys() {
            match subkey {
                Ok(subkey) => {
                    let node = Node::new(Some(&self.node), subkey);
                    listing.push(Self::new(&self.source, node));
                }
                Err(error) => listing.fault(error),
            }
        }
        Ok(listing)
    }

    /// Reads the values with their data. The limits of a walk apply: many values can claim the same bytes.
    pub(crate) fn read_values(&self) -> Result<Listing<Value>, Fault> {
        let mut listing = Listing::of(&self.source);
        let mut walk = self.raw()?.walk().with_values(true);
        let Some(Ok(entry)) = walk.next() else { return Ok(listing) };
        for value in entry.values {
            match value {
                Ok(value) => {
                    let (value, fault) = Value::read(value, &mut walk);
                    listing.push(value);
                    fault.into_iter().for_each(|error| listing.fault(error));
                }
                Err(error) => listing.fault(error),
            }
        }
        Ok(listing)
    }

    fn raw(&self) -> Result<RawKey<'_>, Fault> {
        let key = self.source.hive()?.key_at(self.node.cell);
        key.map_err(|error| Fault::format(self.source.path(), &error))
    }
}

impl Value {
    /// Returns the value, and the fault if data are missing.
    fn read<'d>(value: RawValue<'d>, walk: &mut Walk<'d>) -> (Self, Option<Error>) {
        let (data, fault) = walk.available(value);
        let value = Self {
            name: value.name().to_string(),
            r#type: value.value_type().0,
            type_name: value.value_type().name(),
            offset: value.offset().get(),
            size: value.data_size(),
            is_whole: fault.is_none(),
            data: data.map(|data| data.to_bytes().into_owned()).unwrap_or_default(),
        };
        (value, fault)
    }
}

impl Node {
    fn new(parent: Option<&Arc<Self>>, key: RawKey<'_>) -> Arc<Self> {
        Arc::new(Self {
            parent: parent.cloned(),
            name: key.name().to_string(),
            cell: key.cell_offset(),
            last_written: key.last_written(),
        })
    }

    /// Returns the path, from the root of the hive.
    fn path(&self) -> String {
        let above = iter::successors(Some(self), |node| node.parent.as_deref());
        let below_root = above.filter(|node| node.parent.is_some());
        let mut names: Vec<&str> = below_root.map(|node| node.name.as_str()).collect();
        names.reverse();
        names.join("\\")
    }
}

/// Returns the key at a path. Every list on the path is read. If a part of these lists is lost, the key is not
/// absent: the result is an error.
pub(crate) fn at_path(source: &Arc<Source>, path: &str) -> Result<Option<Key>, Fault> {
    let fault = |error| Fault::format(source.path(), &error);
    let mut key = source.hive()?.root().map_err(fault)?;
    let mut node = Node::new(None, key);
    for name in path.to_names() {
        let mut first = None;
        let mut lost = |error: Error| {
            if Grade::of(error.kind()) == Grade::Loss {
                first = first.or(Some(error));
            }
        };
        let Some(below) = key.subkey_thorough(name, &mut lost) else {
            return first.map_or(Ok(None), |error| Err(fault(error)));
        };
        node = Node::new(Some(&node), below);
        key = below;
    }
    Ok(Some(Key::new(source, node)))
}

/// Traverses all keys.
pub(crate) fn walk(source: &Arc<Source>) -> Result<Listing<Key>, Fault> {
    let mut listing = Listing::of(source);
    let mut walk = source.hive()?.walk();
    let mut above: Vec<Arc<Node>> = Vec::new();
    for entry in walk.by_ref() {
        match entry {
            Ok(entry) => {
                above.truncate(entry.depth);
                let node = Node::new(above.last(), entry.key);
                above.push(Arc::clone(&node));
                listing.push(Key::new(source, node));
            }
            Err(error) => listing.fault(error),
        }
    }
    walk.faults().iter().for_each(|error| listing.fault(*error));
    Ok(listing)
}
