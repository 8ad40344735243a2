// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Fault`]: why a call failed, and the exception that it becomes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use calhive::evidence::{NotRead, OpenError, escape};
use calhive::{Error, FileError, ScanError};
use pyo3::prelude::*;

/// Name of a class in `calhive.errors`.
type Class = &'static str;

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Fault {
    class: Class,
    message: String,
    path: Option<String>,
    offset: Option<u64>,
    not_read: Vec<(String, String)>,
}

impl Fault {
    fn new(class: Class, message: String) -> Self {
        Self { class, message, path: None, offset: None, not_read: Vec::new() }
    }

    fn at(self, path: &Path) -> Self {
        Self { path: Some(escape::path(path)), ..self }
    }

    /// Returns a fault of calhive itself.
    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Self {
        Self::new("InternalError", format!("calhive has a fault: {error}"))
    }

    /// Returns a fault in the bytes of a hive.
    pub(crate) fn format(path: &Path, error: &Error) -> Self {
        let message = format!("{}: {error}", escape::path(path));
        Self { offset: Some(error.offset().get()), ..Self::new("FormatError", message).at(path) }
    }

    /// Returns the exception.
    pub(crate) fn raise(self, py: Python<'_>) -> PyErr {
        let class = py.import("calhive.errors").and_then(|errors| errors.getattr(self.class));
        let made = class.and_then(|class| {
            if self.class == "NothingReadError" {
                class.call1((self.message, self.not_read))
            } else {
                class.call1((self.message, self.path, self.offset))
            }
        });
        made.map_or_else(|error| error, PyErr::from_value)
    }
}

impl From<FileError> for Fault {
    fn from(error: FileError) -> Self {
        Self::new("FileError", error.to_string()).at(error.path())
    }
}

impl From<OpenError> for Fault {
    fn from(error: OpenError) -> Self {
        match &error {
            OpenError::Hive { path, error } => Self::format(path, error),
            other => Self::new("FileError", other.to_string()).at(other.path()),
        }
    }
}

impl From<ScanError> for Fault {
    fn from(error: ScanError) -> Self {
        let message = error.to_string();
        match error {
            ScanError::NothingRead { not_read } => {
                let one = |it: NotRead| (it.path, it.message);
                let not_read = not_read.into_iter().map(one).collect();
                Self { not_read, ..Self::new("NothingReadError", message) }
            }
            _ => Self::new("Error", message),
        }
    }
}

/// Does the work without the lock of the interpreter. A panic becomes an exception.
pub(crate) fn detached<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Fault> + Send,
) -> PyResult<T> {
    let result = py.detach(|| catch_unwind(AssertUnwindSafe(work)));
    match result {
        Ok(result) => result.map_err(|fault| fault.raise(py)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(Fault::internal(&text.unwrap_or("a panic without a message")).raise(py))
        }
    }
}
