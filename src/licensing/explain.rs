// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the data of a fact mean: each meaning of the catalogue, handed to whoever knows it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::hive::value::ValueType;
use crate::licensing::fact::{Fact, State};
use crate::licensing::locations::Meaning;
use crate::licensing::report::{Certainty, Explanation};
use crate::licensing::{grace_period, hardware_id, license_server, session_host, store, text};
use crate::registry::system;
use crate::time::FileTime;

/// What a fact says; `None` where nothing was found.
pub(crate) fn explain(fact: &Fact) -> Option<Explanation> {
    if !fact.state.is_found() {
        return None;
    }
    let value_type = fact.provenance.value_place.map_or(ValueType::SZ, |(_, kind)| kind);
    let name = fact.provenance.value.as_deref().unwrap_or_default();
    let data = fact.data.as_slice();
    Some(match fact.location.meaning {
        _ if fact.state == State::Key => observed(None, "the key is there"),
        _ if fact.state == State::Incomplete => {
            let shown = format!("{} of {} bytes", data.len(), fact.size);
            observed(Some(shown), "not all could be read: not interpreted")
        }
        Meaning::HardwareId => hardware_id::explain(data),
        Meaning::StoredLicense => store::explain(name, data, value_type),
        Meaning::LicensingMode => session_host::explain_mode(data),
        Meaning::LicenseServers => session_host::explain_servers(data, value_type),
        Meaning::GracePeriod => grace_period::explain(name, data, value_type),
        Meaning::LicenseServerParameter => license_server::explain(name, data, value_type),
        Meaning::Certificate => observed(Some(size(data)), "told by its size and hash"),
        Meaning::Secret => observed(Some(size(data)), "a secret, told by its size and hash alone"),
        Meaning::Presence => observed(Some(shown(data, value_type)), "its presence is what counts"),
        Meaning::Number(meanings) => number(data, meanings, fact.location.source),
        Meaning::Text | Meaning::Texts => Explanation {
            shown: Some(shown(data, value_type)),
            label: None,
            certainty: Certainty::Observed,
        },
        Meaning::FileTime => file_time(data),
        Meaning::UnixTime => unix_time(data),
        Meaning::Bias => bias(data),
    })
}

/// Whether the data are told by their size and hash alone.
pub(crate) fn is_withheld(fact: &Fact) -> bool {
    match fact.location.meaning {
        Meaning::Secret | Meaning::Certificate => true,
        // Only a number is no blob.
        Meaning::GracePeriod => fact.data.len() > 8,
        _ => false,
    }
}

fn observed(shown: Option<String>, label: &str) -> Explanation {
    Explanation { shown, label: Some(String::from(label)), certainty: Certainty::Observed }
}

fn unexpected(data: &[u8], expected: &str) -> Explanation {
    observed(Some(size(data)), expected)
}

fn size(data: &[u8]) -> String {
    format!("{} bytes", data.len())
}

/// Text where it is text, a number where it is one, else the size.
fn shown(data: &[u8], value_type: ValueType) -> String {
    match value_type {
        ValueType::SZ | ValueType::EXPAND_SZ | ValueType::MULTI_SZ => {
            let strings: Vec<String> =
                text::strings(data, value_type).iter().map(|it| it.as_text().to_string()).collect();
            strings.join(", ")
        }
        _ => dword(data).map_or_else(|| size(data), |number| number.to_string()),
    }
}

fn dword(data: &[u8]) -> Option<u32> {
    data.try_into().ok().map(u32::from_le_bytes)
}

fn number(data: &[u8], meanings: &[(u32, &str)], source: &str) -> Explanation {
    let Some(number) = dword(data) else {
        return unexpected(data, "expected a number of four bytes");
    };
    let shown = Some(number.to_string());
    match meanings.iter().find(|(value, _)| *value == number) {
        Some((_, meaning)) => {
            let documented = source.starts_with("[MS]");
            let certainty = if documented { Certainty::Documented } else { Certainty::Inferred };
            Explanation { shown, label: Some(String::from(*meaning)), certainty }
        }
        // A plain number, which its title explains.
        None if meanings.is_empty() => {
            Explanation { shown, label: None, certainty: Certainty::Observed }
        }
        None => observed(shown, "no documented meaning"),
    }
}

fn file_time(data: &[u8]) -> Explanation {
    match data.try_into().map(u64::from_le_bytes) {
        Ok(ticks) => {
            observed(Some(FileTime::from_raw(ticks).to_string()), "time of this machine, UTC")
        }
        Err(_) => unexpected(data, "expected a time of eight bytes"),
    }
}

fn unix_time(data: &[u8]) -> Explanation {
    match dword(data).and_then(|seconds| FileTime::from_unix_seconds(i64::from(seconds))) {
        Some(time) => observed(Some(time.to_string()), "time of this machine, UTC"),
        None => unexpected(data, "expected a time of four bytes"),
    }
}

fn bias(data: &[u8]) -> Explanation {
    match data.try_into().map(i32::from_le_bytes) {
        Ok(minutes) => {
            let shown = format!("{minutes} ({})", system::offset_from_utc(minutes));
            observed(Some(shown), "minutes that are added to local time to get UTC")
        }
        Err(_) => unexpected(data, "expected a number of four bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_another_form_are_told_as_such() {
        assert_eq!(number(&[1], &[], "").label.unwrap(), "expected a number of four bytes");
        assert_eq!(number(&[2, 0, 0, 0], &[(2, "two")], "[MS]").label.as_deref(), Some("two"));
        assert_eq!(file_time(&[0; 4]).shown.as_deref(), Some("4 bytes"));
        assert_eq!(bias(&(-60_i32).to_le_bytes()).shown.as_deref(), Some("-60 (UTC+01:00)"));
    }
}
