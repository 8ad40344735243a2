// SPDX-License-Identifier: MIT OR Apache-2.0
//! Meanings of plain numbers, times and text.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_regf::FileTime;
use calhive_regf::ValueType;

use crate::meaning::proprietary_certificate::ProprietaryCertificate;
use crate::meaning::{Certainty, Explanation};
use crate::meaning::{system, text};

pub(crate) fn observed(shown: Option<String>, label: &str) -> Explanation {
    Explanation { shown, label: Some(String::from(label)), certainty: Certainty::Observed }
}

pub(crate) fn unexpected(data: &[u8], expected: &str) -> Explanation {
    observed(Some(size(data)), expected)
}

pub(crate) fn size(data: &[u8]) -> String {
    format!("{} bytes", data.len())
}

/// Returns the text of a string type, the number in four bytes, or otherwise the size of the data.
pub(crate) fn shown(data: &[u8], value_type: ValueType) -> String {
    match value_type {
        ValueType::SZ | ValueType::EXPAND_SZ | ValueType::MULTI_SZ => {
            let strings: Vec<String> =
                text::strings(data, value_type).iter().map(|it| it.as_text().to_string()).collect();
            strings.join(", ")
        }
        _ => dword(data).map_or_else(|| size(data), |number| number.to_string()),
    }
}

pub(crate) fn dword(data: &[u8]) -> Option<u32> {
    data.try_into().ok().map(u32::from_le_bytes)
}

/// Explains a value that can contain the RSA key that a session host creates for itself.
pub(crate) fn certificate(data: &[u8]) -> Explanation {
    match ProprietaryCertificate::parse(data) {
        Some(ProprietaryCertificate { bits, .. }) => Explanation {
            shown: Some(size(data)),
            label: Some(format!(
                "an RSA key of {bits} bits in a PROPRIETARYSERVERCERTIFICATE, a structure that carries no signature of \
                 a license server; shown by its size and hash"
            )),
            certainty: Certainty::Documented,
        },
        None => observed(Some(size(data)), "shown by its size and hash"),
    }
}

/// Explains the state of a role. Microsoft documents 0 as not installed; hosts with the role have
/// 1.
pub(crate) fn install_state(data: &[u8]) -> Explanation {
    let documented = number(data, &[(0, "not installed")]);
    match dword(data) {
        Some(1) => Explanation {
            label: Some(String::from("treated as installed")),
            certainty: Certainty::Inferred,
            ..documented
        },
        _ => documented,
    }
}

pub(crate) fn number(data: &[u8], meanings: &[(u32, &str)]) -> Explanation {
    let Some(number) = dword(data) else {
        return unexpected(data, "expected a number of four bytes");
    };
    let shown = Some(number.to_string());
    match meanings.iter().find(|(value, _)| *value == number) {
        Some((_, meaning)) => Explanation {
            shown,
            label: Some(String::from(*meaning)),
            certainty: Certainty::Documented,
        },
        // A plain number needs no label: the title of the value already explains the number.
        None if meanings.is_empty() => {
            Explanation { shown, label: None, certainty: Certainty::Observed }
        }
        None => observed(shown, "no documented meaning"),
    }
}

pub(crate) fn file_time(data: &[u8]) -> Explanation {
    match data.try_into().map(u64::from_le_bytes) {
        Ok(ticks) => {
            observed(Some(FileTime::from_raw(ticks).to_string()), "time of this machine, UTC")
        }
        Err(_) => unexpected(data, "expected a time of eight bytes"),
    }
}

pub(crate) fn unix_time(data: &[u8]) -> Explanation {
    match dword(data).and_then(|seconds| FileTime::from_unix_seconds(i64::from(seconds))) {
        Some(time) => observed(Some(time.to_string()), "time of this machine, UTC"),
        None => unexpected(data, "expected a time of four bytes"),
    }
}

pub(crate) fn bias(data: &[u8]) -> Explanation {
    match data.try_into().map(i32::from_le_bytes) {
        Ok(minutes) => {
            let shown = format!("{minutes} ({})", system::offset_from_utc(minutes));
            observed(Some(shown), "minutes to add to local time to get UTC")
        }
        Err(_) => unexpected(data, "expected a number of four bytes"),
    }
}
