// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the data of a fact mean: each meaning of the catalogue, handed to whoever knows it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::hive::value::ValueType;
use crate::licensing::fact::{Fact, State};
use crate::licensing::locations::Meaning;
use crate::licensing::proprietary_certificate::ProprietaryCertificate;
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
    let explanation = match fact.location.meaning {
        Meaning::Anomaly => anomaly(fact, shown(data, value_type)),
        _ if fact.state == State::Key => observed(None, "the key is there"),
        _ if fact.state == State::Incomplete => {
            let shown = format!("{} of {} bytes", data.len(), fact.size);
            observed(Some(shown), "not all could be read: not interpreted")
        }
        Meaning::Number(_) | Meaning::InstallState | Meaning::UnixTime | Meaning::Bias
            if text::is_text(value_type) =>
        {
            observed(Some(shown(data, value_type)), "text, where a number is expected")
        }
        Meaning::HardwareId => hardware_id::explain(data),
        Meaning::StoredLicense => store::explain(name, data, value_type),
        Meaning::LicensingMode if fact.location.code.starts_with("host.policy_ac_on") => {
            session_host::explain_policy_ac_on(data, value_type)
        }
        Meaning::LicensingMode => session_host::explain_mode(data, value_type),
        Meaning::LicenseServers => session_host::explain_servers(data, value_type),
        Meaning::GracePeriod => grace_period::explain(name, data, value_type),
        Meaning::LicenseServerParameter => license_server::explain(name, data, value_type),
        Meaning::Certificate => certificate(data),
        Meaning::Secret => observed(Some(size(data)), "a secret, told by its size and hash alone"),
        Meaning::Presence => observed(Some(shown(data, value_type)), "its presence is what counts"),
        Meaning::Marker(says) => Explanation {
            shown: Some(shown(data, value_type)),
            label: Some(String::from(says)),
            certainty: Certainty::Documented,
        },
        Meaning::HostCertificate => Explanation {
            shown: Some(size(data)),
            label: Some(format!(
                "hosts have one only from a licence server ([MS-RDPELE] 3.2.1.3); told by its size \
                 and hash, {}",
                store::TAKEN_APART
            )),
            certainty: Certainty::Inferred,
        },
        Meaning::ServiceLibrary => service_library(shown(data, value_type)),
        Meaning::InstallState => install_state(data),
        Meaning::Number(meanings) => number(data, meanings),
        Meaning::Text | Meaning::Texts => Explanation {
            shown: Some(shown(data, value_type)),
            label: None,
            certainty: Certainty::Observed,
        },
        Meaning::FileTime => file_time(data),
        Meaning::UnixTime => unix_time(data),
        Meaning::Bias => bias(data),
    };
    // A meaning is no surer than that this is the place for it.
    let is_place_documented = fact.location.source.starts_with("[MS]");
    Some(match explanation.certainty {
        Certainty::Documented if !is_place_documented => {
            Explanation { certainty: Certainty::Inferred, ..explanation }
        }
        _ => explanation,
    })
}

/// Whether the data are told by their size and hash alone.
pub(crate) fn is_withheld(fact: &Fact) -> bool {
    /// How a blob of the Data Protection API begins: its version, and the id of the provider.
    const PROTECTED: &[u8] = &[1, 0, 0, 0, 0xD0, 0x8C, 0x9D, 0xDF, 1, 0x15, 0xD1, 0x11];
    if fact.provenance.recovered.is_some() && fact.data.starts_with(PROTECTED) {
        // What a recovered value leads to may be of another one.
        return true;
    }
    match fact.location.meaning {
        Meaning::Secret | Meaning::Certificate | Meaning::HostCertificate => true,
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

/// A key of the host's own, where it is one.
fn certificate(data: &[u8]) -> Explanation {
    match ProprietaryCertificate::parse(data) {
        Some(ProprietaryCertificate { bits, .. }) => Explanation {
            shown: Some(size(data)),
            label: Some(format!(
                "an RSA key of {bits} bits that the host made itself (PROPRIETARYSERVERCERTIFICATE); no \
                 licence server signed it; told by its size and hash"
            )),
            certainty: Certainty::Documented,
        },
        None => observed(Some(size(data)), "told by its size and hash"),
    }
}

/// What stands where both views share a key, and a copy of it should not exist.
fn anomaly(fact: &Fact, shown: String) -> Explanation {
    let shown = (fact.state != State::Key).then_some(shown);
    let label = "not expected: Windows shares this key between both views; not used for what is in \
                 effect";
    Explanation { shown, label: Some(String::from(label)), certainty: Certainty::Inferred }
}

fn service_library(shown: String) -> Explanation {
    let name = shown.rsplit(['\\', '/']).next().unwrap_or_default();
    let is_own = name.eq_ignore_ascii_case("termsrv.dll");
    let label = (!is_own).then(|| String::from("not termsrv.dll, which Windows has here"));
    Explanation { shown: Some(shown), label, certainty: Certainty::Observed }
}

/// 0 is documented; 1 is what stands where the role is installed.
fn install_state(data: &[u8]) -> Explanation {
    let documented = number(data, &[(0, "not installed")]);
    match dword(data) {
        Some(1) => Explanation {
            label: Some(String::from("taken for installed")),
            certainty: Certainty::Inferred,
            ..documented
        },
        _ => documented,
    }
}

fn number(data: &[u8], meanings: &[(u32, &str)]) -> Explanation {
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
        assert_eq!(number(&[1], &[]).label.unwrap(), "expected a number of four bytes");
        assert_eq!(number(&[2, 0, 0, 0], &[(2, "two")]).label.as_deref(), Some("two"));
        assert_eq!(file_time(&[0; 4]).shown.as_deref(), Some("4 bytes"));
        assert_eq!(bias(&(-60_i32).to_le_bytes()).shown.as_deref(), Some("-60 (UTC+01:00)"));
    }
}
