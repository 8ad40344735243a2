// SPDX-License-Identifier: MIT OR Apache-2.0
//! Native part of the Python package `calhive`. `calhive/__init__.py` and `calhive/_native.pyi` document it.
//!
//! Each function releases the lock of the interpreter while it reads. A panic becomes an exception.

use pyo3::prelude::*;

mod carve;
mod fault;
mod hive;
mod key;
mod listing;
mod recovery;
mod scan;
mod source;
mod time;
mod token;

#[pymodule(gil_used = false)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("VERSION", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(scan::scan, module)?)?;
    module.add_function(wrap_pyfunction!(scan::scan_in_memory, module)?)?;
    module.add_function(wrap_pyfunction!(carve::carve, module)?)?;
    module.add_function(wrap_pyfunction!(token::token, module)?)?;
    module.add_class::<scan::Scan>()?;
    module.add_class::<hive::Hive>()?;
    module.add_class::<hive::Violation>()?;
    module.add_class::<key::Key>()?;
    module.add_class::<key::Value>()?;
    module.add_class::<recovery::Recovered>()?;
    module.add_class::<carve::Carved>()?;
    Ok(())
}
