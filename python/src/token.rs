// SPDX-License-Identifier: MIT OR Apache-2.0
//! `token`: decodes a license token.

use calhive::report::TokenKind;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::fault::{Fault, detached};

/// Decodes the bytes of a token. Returns the report on it as JSON.
#[pyfunction]
pub(crate) fn token(py: Python<'_>, bytes: PyBackedBytes) -> PyResult<String> {
    detached(py, move || {
        let report = calhive::describe_token(&bytes, TokenKind::File);
        serde_json::to_string(&report).map_err(|error| Fault::internal(&error))
    })
}
