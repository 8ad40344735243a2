// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Code`]: the stable name of a catalog entry.

use core::fmt;

use crate::catalog::{Code, Subject};

impl Subject {
    /// Returns the subject of a code, by the prefix of the code.
    pub(super) const fn of(code: &str) -> Self {
        match code.as_bytes() {
            [b'c', b'l', b'i', b'e', b'n', b't', b'.', ..] => Self::Client,
            [b'h', b'o', b's', b't', b'.', ..] => Self::SessionHost,
            [b'l', b'i', b'c', b'e', b'n', b's', b'e', b'_', ..] => Self::LicenseServer,
            _ => Self::System,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Code {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }

    fn inline_schema() -> bool {
        true
    }
}
