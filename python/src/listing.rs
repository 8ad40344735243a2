// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Listing`]: items of a hive, with the faults of reading them.

use calhive::regf::Budget;
use calhive::{Error, Limit};
use pyo3::prelude::*;

use crate::fault::Fault;
use crate::source::Source;

/// Number of faults that even a small hive can have.
const FEW_FAULTS: u64 = 4096;

/// Items of a hive, with the faults of reading them. In Python, a `calhive.Listing`.
#[derive(Debug)]
pub(crate) struct Listing<T> {
    items: Vec<T>,
    faults: Vec<Error>,
    /// Faults to keep, in proportion to the hive.
    room: Budget,
}

impl<T> Listing<T> {
    /// Returns an empty listing for items of a hive.
    pub(crate) fn of(source: &Source) -> Self {
        let most = (source.length() / 64).saturating_add(FEW_FAULTS);
        Self { items: Vec::new(), faults: Vec::new(), room: Budget::new(Limit::Faults, most) }
    }

    pub(crate) fn push(&mut self, item: T) {
        self.items.push(item);
    }

    pub(crate) fn fault(&mut self, error: Error) {
        if self.room.take(1, error.offset()) {
            self.faults.push(error);
        }
    }
}

impl<'py, T: IntoPyObject<'py>> Listing<T> {
    /// Returns the object for Python.
    pub(crate) fn into_python(
        self,
        py: Python<'py>,
        source: &Source,
    ) -> PyResult<Bound<'py, PyAny>> {
        let faults = self.faults.into_iter().chain(self.room.fault());
        let faults: Vec<Bound<'_, PyAny>> = faults
            .map(|error| {
                Ok(Fault::format(source.path(), &error)
                    .raise(py)
                    .into_value(py)
                    .into_bound(py)
                    .into_any())
            })
            .collect::<PyResult<_>>()?;
        py.import("calhive.listing")?.getattr("Listing")?.call1((self.items, faults))
    }
}
