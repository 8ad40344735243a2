// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Hive`]: a registry hive, and [`Violation`]: a broken rule of its format.

use std::path::PathBuf;
use std::sync::Arc;

use calhive::evidence::escape;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::fault::{Fault, detached};
use crate::key::{self, Key};
use crate::recovery;
use crate::source::Source;

/// A registry hive. Keeps its bytes.
#[pyclass(frozen, module = "calhive")]
#[derive(Debug)]
pub(crate) struct Hive {
    source: Arc<Source>,
}

/// A path, or the bytes themselves.
#[derive(Debug, FromPyObject)]
enum Input {
    Bytes(PyBackedBytes),
    Path(PathBuf),
}

/// A broken rule of the format.
#[pyclass(frozen, get_all, module = "calhive")]
#[derive(Debug)]
pub(crate) struct Violation {
    /// The fault, in words.
    message: String,
    /// Offset of the fault, from the start of the file.
    offset: u64,
    /// Effect of the fault.
    grade: String,
}

#[pymethods]
impl Violation {
    fn __repr__(&self) -> String {
        format!("Violation({:?}, offset={}, grade={:?})", self.message, self.offset, self.grade)
    }
}

#[pymethods]
impl Hive {
    #[new]
    #[pyo3(signature = (source, *, logs = true))]
    fn new(py: Python<'_>, source: Input, logs: bool) -> PyResult<Self> {
        let source = detached(py, move || match source {
            Input::Path(path) => Source::read(&path, logs),
            Input::Bytes(bytes) => Source::given(&bytes),
        })?;
        Ok(Self { source: Arc::new(source) })
    }

    #[getter]
    fn path(&self) -> String {
        escape::path(self.source.path())
    }

    #[getter]
    fn has_applied_logs(&self) -> bool {
        self.source.has_applied_logs()
    }

    #[getter]
    fn notices(&self) -> Vec<String> {
        self.source.notices.clone()
    }

    fn walk<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        detached(py, || key::walk(&self.source))?.into_python(py, &self.source)
    }

    fn key(&self, py: Python<'_>, path: &str) -> PyResult<Option<Key>> {
        detached(py, || key::at_path(&self.source, path))
    }

    fn values<'py>(&self, py: Python<'py>, path: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let values = detached(py, || {
            let key = key::at_path(&self.source, path)?;
            key.map(|key| key.read_values()).transpose()
        })?;
        values.map(|values| values.into_python(py, &self.source)).transpose()
    }

    fn recover<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        detached(py, || recovery::recover(&self.source))?.into_python(py, &self.source)
    }

    fn check(&self, py: Python<'_>) -> PyResult<Vec<Violation>> {
        detached(py, || check(&self.source))
    }

    fn __repr__(&self) -> String {
        format!("Hive({:?})", self.path())
    }
}

fn check(source: &Source) -> Result<Vec<Violation>, Fault> {
    let mut violations = Vec::new();
    source.hive()?.check(|it| {
        violations.push(Violation {
            message: it.error.to_string(),
            offset: it.error.offset().get(),
            grade: it.grade.to_string(),
        });
    });
    Ok(violations)
}
