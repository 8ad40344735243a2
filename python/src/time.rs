// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times, in the form that a report has.

use calhive::FileTime;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Returns a `calhive.report.FileTime`.
pub(crate) fn object(py: Python<'_>, time: FileTime) -> PyResult<Bound<'_, PyAny>> {
    let class = py.import("calhive.report")?.getattr("FileTime")?;
    let fields = PyDict::new(py);
    fields.set_item("utc", time.to_string())?;
    fields.set_item("filetime", time.raw().to_string())?;
    class.call((), Some(&fields))
}
