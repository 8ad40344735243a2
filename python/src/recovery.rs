// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Recovered`]: a deleted key or value.

use calhive::regf::Budget;
use calhive::regf::recover::{Recovered as RawRecovered, RecoveredPath};
use calhive::{FileTime, Limit};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::fault::Fault;
use crate::listing::Listing;
use crate::source::Source;
use crate::time;

/// Bytes of paths to return, for each byte of the hive.
const PATH_BYTES: u64 = 8;

/// A deleted key or value.
#[pyclass(frozen, module = "calhive")]
#[derive(Debug)]
pub(crate) struct Recovered {
    /// `key` or `value`.
    #[pyo3(get)]
    item: &'static str,
    /// Known part of the path of the key. For a value, of its key.
    #[pyo3(get)]
    path: Option<String>,
    /// Whether the path leads to the root.
    #[pyo3(get)]
    path_is_whole: bool,
    /// Name of the key or value.
    #[pyo3(get)]
    name: String,
    /// Offset of the record, from the start of the hive.
    #[pyo3(get)]
    offset: u64,
    /// Kind of space that holds the record.
    #[pyo3(get)]
    origin: String,
    /// Confidence: `high`, `medium` or `low`.
    #[pyo3(get)]
    confidence: String,
    /// Reasons for the confidence.
    #[pyo3(get)]
    why: String,
    /// Type of a value, as a number.
    #[pyo3(get)]
    r#type: Option<u32>,
    /// Windows name of the type.
    #[pyo3(get)]
    type_name: Option<&'static str>,
    /// Size of the data as stored, in bytes.
    #[pyo3(get)]
    size: Option<u32>,
    last_written: Option<FileTime>,
    data: Option<Vec<u8>>,
}

#[pymethods]
impl Recovered {
    #[getter]
    fn last_written<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.last_written.map(|it| time::object(py, it)).transpose()
    }

    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.data.as_ref().map(|data| PyBytes::new(py, data))
    }

    fn __repr__(&self) -> String {
        format!("Recovered({}, {:?}, offset={})", self.item, self.name, self.offset)
    }
}

/// Recovers deleted keys and values.
pub(crate) fn recover(source: &Source) -> Result<Listing<Recovered>, Fault> {
    let mut listing = Listing::of(source);
    let recovery = source.hive()?.recover();
    let mut look_ups = recovery.look_ups();
    let mut paths = Budget::new(Limit::Paths, source.length().saturating_mul(PATH_BYTES));
    for found in recovery.iter() {
        listing.push(Recovered::new(found, &mut look_ups, &mut paths));
    }
    let limits = recovery.faults().iter().copied().chain(recovery.limits_of_records());
    limits.chain(look_ups.fault()).chain(paths.fault()).for_each(|limit| listing.fault(limit));
    Ok(listing)
}

impl Recovered {
    fn new(found: RawRecovered<'_, '_>, look_ups: &mut Budget, paths: &mut Budget) -> Self {
        let path = found.key_path_within(look_ups);
        let confidence = found.confidence_along(path.as_ref());
        let value = found.value();
        Self {
            item: if value.is_some() { "value" } else { "key" },
            path_is_whole: path.as_ref().is_some_and(|path| path.is_whole),
            path: path.map(|path| shown(path, found, paths)),
            name: found.name().to_string(),
            offset: found.offset().get(),
            origin: word(&found.space()),
            confidence: word(&confidence.level),
            why: confidence.to_string(),
            r#type: value.map(|value| value.value_type().0),
            type_name: value.and_then(|value| value.value_type().name()),
            size: value.map(|value| value.data_size()),
            last_written: found.last_written(),
            data: value.map(|_| found.data().to_bytes()),
        }
    }
}

/// Returns the text of a path. All paths together have a limit: many keys can be below one long path.
fn shown(path: RecoveredPath, found: RawRecovered<'_, '_>, paths: &mut Budget) -> String {
    let text = path.names.to_string();
    let is_within = paths.take(text.len() as u64, found.offset());
    if is_within { text } else { path.shortened().names.to_string() }
}

/// Returns the word that stands for a variant in JSON.
fn word(variant: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(variant).ok();
    word.as_ref().and_then(|it| it.as_str()).unwrap_or_default().into()
}
