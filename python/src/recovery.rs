// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Recovered`]: a deleted key or value.

use calhive::evidence::{OpenHive, escape};
use calhive::regf::log::Plan;
use calhive::regf::recover::{
    LogPlace, Recovered as RawRecovered, RecoveredPath, recover_from_logs, recover_overwritten,
};
use calhive::regf::{Budget, Error};
use calhive::{FileTime, Hive, Image, Limit};
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
    /// State of the hive that holds the record: `now`, `before_replay` or `log`.
    #[pyo3(get)]
    state: &'static str,
    /// Path of the log that holds the record.
    #[pyo3(get)]
    log: Option<String>,
    /// Offset of the record in this log.
    #[pyo3(get)]
    log_offset: Option<u64>,
    /// Sequence number of the log entry that holds the record.
    #[pyo3(get)]
    sequence: Option<u32>,
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
    let hive = source.hive()?;
    let recovery = hive.recover();
    let mut look_ups = recovery.look_ups();
    let mut paths = Budget::new(Limit::Paths, source.length().saturating_mul(PATH_BYTES));
    let mut push = |found: RawRecovered<'_, '_>, state| {
        listing.push(Recovered::new(found, state, &mut look_ups, &mut paths));
    };
    recovery.iter().for_each(|found| push(found, State::Now));
    let file = source.file().filter(|file| !file.is_logs_alone());
    let of_logs = file.map(|file| recover_beside(file, hive, push)).transpose();
    let of_logs = of_logs.map_err(|error| Fault::format(source.path(), &error))?;
    let limits = recovery.faults().iter().copied().chain(recovery.limits_of_records());
    let limits = limits.chain(of_logs.unwrap_or_default());
    limits.chain(look_ups.fault()).chain(paths.fault()).for_each(|limit| listing.fault(limit));
    Ok(listing)
}

/// Recovers what the logs overwrite in a file, and what is left over in the logs. Returns the limits that the search
/// reached.
fn recover_beside(
    file: &OpenHive<Image>,
    hive: Hive<'_>,
    mut push: impl FnMut(RawRecovered<'_, '_>, State),
) -> Result<Vec<Error>, Error> {
    let mut limits = Vec::new();
    if file.patches().is_some() {
        let overwritten = |found: RawRecovered<'_, '_>| push(found, State::BeforeReplay);
        limits.extend(recover_overwritten(file.base_bytes(), hive, overwritten)?);
    }
    let logs: Vec<&[u8]> = file.log_bytes().collect();
    let names: Vec<String> = file.logs().map(escape::path).collect();
    let plan = Plan::new(file.base_bytes(), &logs);
    limits.extend(recover_from_logs(&plan, hive, |from, found| {
        push(found, State::Log(Page::of(&from, found, &names)));
    }));
    Ok(limits)
}

/// State of the hive that holds a record.
enum State {
    Now,
    BeforeReplay,
    Log(Page),
}

impl State {
    const fn word(&self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::BeforeReplay => "before_replay",
            Self::Log(_) => "log",
        }
    }
}

/// Page of a log that holds a record.
struct Page {
    log: Option<String>,
    offset: Option<u64>,
    sequence: Option<u32>,
}

impl Page {
    fn of(from: &LogPlace<'_, '_>, found: RawRecovered<'_, '_>, names: &[String]) -> Self {
        Self {
            log: names.get(from.entry.log).cloned(),
            offset: from.log_offset(found.offset()).map(|offset| offset.get()),
            sequence: from.entry.sequence,
        }
    }
}

impl Recovered {
    fn new(
        found: RawRecovered<'_, '_>,
        state: State,
        look_ups: &mut Budget,
        paths: &mut Budget,
    ) -> Self {
        let path = found.key_path_within(look_ups);
        let confidence = found.confidence_along(path.as_ref());
        let value = found.value();
        let word = state.word();
        let page = if let State::Log(page) = state { Some(page) } else { None };
        let (log, log_offset, sequence) =
            page.map_or((None, None, None), |page| (page.log, page.offset, page.sequence));
        Self {
            state: word,
            log,
            log_offset,
            sequence,
            item: if value.is_some() { "value" } else { "key" },
            path_is_whole: path.as_ref().is_some_and(|path| path.is_whole),
            path: path.map(|path| shown(path, found, paths)),
            name: found.name().to_string(),
            offset: found.offset().get(),
            origin: json_word(&found.space()),
            confidence: json_word(&confidence.level),
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
fn json_word(variant: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(variant).ok();
    word.as_ref().and_then(|it| it.as_str()).unwrap_or_default().into()
}
