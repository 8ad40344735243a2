// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Tool`]: the library that made a report.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

/// The library that made a report.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Tool {
    /// Name of the library.
    pub name: String,
    /// Version of the library.
    pub version: String,
    /// Features that the library was built with, by name.
    pub features: Vec<String>,
}

impl Tool {
    /// Returns this library, as it was built.
    pub fn this() -> Self {
        let features = [
            ("grace-end", cfg!(feature = "grace-end")),
            ("mmap", cfg!(feature = "mmap")),
            ("nt-hive", cfg!(feature = "nt-hive")),
            ("serde", cfg!(feature = "serde")),
            ("token", cfg!(feature = "token")),
            ("x509", cfg!(feature = "x509")),
        ];
        let built = features.into_iter().filter(|(_, is_on)| *is_on);
        Self {
            name: String::from(env!("CARGO_PKG_NAME")),
            version: String::from(env!("CARGO_PKG_VERSION")),
            features: built.map(|(name, _)| String::from(name)).collect(),
        }
    }
}
