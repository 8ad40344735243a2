// SPDX-License-Identifier: MIT OR Apache-2.0
//! `scan` and `scan_in_memory`, and [`Scan`]: the report of a scan, as JSON.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use calhive::evidence::{Found, SearchOptions, find_in_memory, find_with};
use calhive::{FileTime, Image, Options, Report, ScanError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use serde_json::value::RawValue;

use crate::fault::{Fault, detached};

/// Time between two checks for Ctrl-C. Each check needs the lock of the interpreter.
const INTERVAL: Duration = Duration::from_millis(100);

/// The report of a scan.
#[pyclass(frozen, module = "calhive._native")]
#[derive(Debug)]
pub(crate) struct Scan {
    report: Report,
    /// Fields of the JSON document, made at first use.
    fields: OnceLock<Fields>,
}

/// Fields of a JSON document, each as text.
type Fields = BTreeMap<String, Box<RawValue>>;

#[pymethods]
impl Scan {
    /// Returns a field of the JSON document, as JSON. None if the field is absent.
    fn field(&self, py: Python<'_>, name: &str) -> PyResult<Option<String>> {
        detached(py, || {
            if self.fields.get().is_none() {
                let fields = fields(&self.report).map_err(|error| Fault::internal(&error))?;
                // If another thread was faster, its fields are the same.
                self.fields.set(fields).ok();
            }
            let field = self.fields.get().and_then(|fields| fields.get(name));
            Ok(field.map(|field| field.get().to_owned()))
        })
    }

    /// Returns the records of these kinds, each as one line of JSON. None returns all records.
    fn records(&self, py: Python<'_>, kinds: Option<Vec<String>>) -> PyResult<String> {
        let is_wanted = |kind| kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|it| it == kind));
        detached(py, || {
            let mut lines = String::new();
            for record in self.report.records().filter(|record| is_wanted(record.kind())) {
                let line = serde_json::to_string(&record);
                lines.push_str(&line.map_err(|error| Fault::internal(&error))?);
                lines.push('\n');
            }
            Ok(lines)
        })
    }
}

fn fields(report: &Report) -> Result<Fields, serde_json::Error> {
    serde_json::from_str(&serde_json::to_string(report)?)
}

/// Scans files and folders.
#[pyfunction]
pub(crate) fn scan(
    py: Python<'_>,
    paths: Vec<PathBuf>,
    logs: bool,
    reference_time: Option<u64>,
    threads: NonZeroUsize,
) -> PyResult<Scan> {
    scanned(py, options(logs, reference_time, threads), move |search, goes_on| {
        find_with(&paths, search, &mut |_| goes_on())
    })
}

/// Scans files whose bytes are in memory. `root` stands for their folder.
#[pyfunction]
pub(crate) fn scan_in_memory(
    py: Python<'_>,
    root: PathBuf,
    files: Vec<(PathBuf, PyBackedBytes)>,
    logs: bool,
    reference_time: Option<u64>,
    threads: NonZeroUsize,
) -> PyResult<Scan> {
    scanned(py, options(logs, reference_time, threads), move |search, goes_on| {
        let files: BTreeMap<PathBuf, Vec<u8>> =
            files.into_iter().map(|(path, bytes)| (path, bytes.to_vec())).collect();
        find_in_memory(&root, files, search, &mut |_| goes_on())
    })
}

fn options(logs: bool, reference_time: Option<u64>, threads: NonZeroUsize) -> Options {
    let time = reference_time.map(FileTime::from_raw);
    let options = Options::default().reference_time(time).threads(threads);
    if logs { options } else { options.no_replay() }
}

/// Finds hives and scans them. Ctrl-C ends the work at the next file.
fn scanned(
    py: Python<'_>,
    options: Options,
    find: impl FnOnce(&SearchOptions, &mut dyn FnMut() -> ControlFlow<()>) -> Found + Send,
) -> PyResult<Scan> {
    detached(py, move || {
        let (mut interrupt, mut asked) = (None, Instant::now());
        let mut goes_on = || {
            if interrupt.is_none() && asked.elapsed() >= INTERVAL {
                interrupt = Python::attach(|py| py.check_signals()).err();
                asked = Instant::now();
            }
            if interrupt.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let found = find(&SearchOptions::default(), &mut goes_on);
        let open = |path: &std::path::Path, _| Image::read(path);
        let scanned: Result<Report, ScanError> =
            calhive::scan_found(&found, &options, open, |_| goes_on());
        match interrupt {
            Some(interrupt) => Ok(Err(interrupt)),
            None => Ok(Ok(Scan { report: scanned?, fields: OnceLock::new() })),
        }
    })?
}
