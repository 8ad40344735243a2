// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`SecondReading`]: result of a second reader for a fact.

use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::ValueType;

/// What a second reader did with a source.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum SecondReader {
    /// There was no second reader.
    #[default]
    NotAsked,
    /// The second reader opened the hive. Each fact carries its result.
    Asked,
    /// The second reader cannot open the hive. The text is its error.
    Refused(String),
}

/// Result of a second reader for a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecondReading {
    /// Both readers read the same: name, type and data of a value, or no value.
    Agreed,
    /// The second reader reads something different. `why` states the difference.
    Differs {
        /// The difference, in words.
        why: String,
        /// Type and data as the second reader reads them, if it reads a value.
        value: Option<(ValueType, Vec<u8>)>,
    },
    /// The second reader could not read the place. The text is its error.
    NotReadable(String),
}
