// SPDX-License-Identifier: MIT OR Apache-2.0
//! Explains the data of a fact according to the meaning in the catalog.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use calhive_regf::ValueType;
use calhive_regf::hive::hidden::HiddenBy;
use calhive_regf::hive::name::Name;
use calhive_regf::recover::SpaceKind;

use crate::catalog::{Authority, Meaning};
use crate::fact::{Fact, Origin, State};
use crate::meaning::plain::{
    bias, certificate, file_time, install_state, number, observed, shown, size, unix_time,
};
use crate::meaning::{Certainty, Explanation};
use crate::meaning::{
    grace_period, hardware_id, license_server_parameter, license_servers, licensing_mode,
    primary_domain, service_library, stored_license, task_actions, text,
};

/// Explains the data of a fact; `None` if nothing was found.
pub(crate) fn explain(fact: &Fact) -> Option<Explanation> {
    if !fact.state.is_found() {
        return None;
    }
    let value_type = fact.provenance.value_type().unwrap_or(ValueType::SZ);
    let name = fact.provenance.value.as_deref().unwrap_or_default();
    let data = fact.data.as_slice();
    if fact.provenance.hidden.is_some_and(|it| it.by == HiddenBy::Terminator) {
        return Some(after_the_text(data));
    }
    let explanation = match fact.location.meaning {
        Meaning::Anomaly => anomaly(fact, shown(data, value_type)),
        _ if fact.state == State::Key => observed(None, "the key exists"),
        _ if fact.state == State::Incomplete => {
            let shown = format!("{} of {} bytes", data.len(), fact.size);
            observed(Some(shown), "not all could be read: not interpreted")
        }
        Meaning::Number(_) | Meaning::InstallState | Meaning::UnixTime | Meaning::Bias
            if text::is_text(value_type) =>
        {
            observed(Some(shown(data, value_type)), "text instead of the expected number")
        }
        Meaning::HardwareId => hardware_id::explain(data),
        Meaning::StoredLicense if is_token_alone(fact) => stored_license::explain_token(data),
        Meaning::StoredLicense => stored_license::explain(name, data, value_type),
        Meaning::PolicyAcOn => licensing_mode::explain_policy_ac_on(data, value_type),
        Meaning::LicensingMode => licensing_mode::explain(data, value_type),
        Meaning::LicenseServers => license_servers::explain(data, value_type),
        Meaning::GracePeriod => grace_period::explain(name, data, value_type),
        Meaning::LicenseServerParameter => {
            license_server_parameter::explain(name, data, value_type)
        }
        Meaning::Certificate => certificate(data),
        Meaning::Secret => observed(Some(size(data)), "a secret, shown by its size and hash alone"),
        Meaning::Presence => observed(Some(shown(data, value_type)), "its presence is what counts"),
        Meaning::Marker(says) => Explanation {
            shown: Some(shown(data, value_type)),
            label: Some(String::from(says)),
            certainty: Certainty::Documented,
        },
        Meaning::Labeled(known) => observed(Some(shown(data, value_type)), known),
        Meaning::TaskActions => task_actions::explain(data),
        Meaning::PrimaryDomainName => primary_domain::explain_name(data),
        Meaning::PrimaryDomainSid => primary_domain::explain_sid(data),
        Meaning::HostCertificate => host_certificate(data),
        Meaning::ServiceLibrary => service_library::explain(shown(data, value_type)),
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
    // The meaning cannot be more certain than the place.
    let is_place_documented = fact.location.authority == Authority::Microsoft;
    Some(match explanation.certainty {
        Certainty::Documented if !is_place_documented => {
            Explanation { certainty: Certainty::Inferred, ..explanation }
        }
        _ => explanation,
    })
}

/// Explains the certificate that a session host keeps.
fn host_certificate(data: &[u8]) -> Explanation {
    Explanation {
        shown: Some(size(data)),
        label: Some(format!(
            "hosts have one only from a license server ([MS-RDPELE] 3.2.1.3); shown by its size \
             and hash, {}",
            stored_license::DECODED
        )),
        certainty: Certainty::Inferred,
    }
}

/// Explains bytes that follow the terminator of a text: the strings in them, if all are ASCII.
fn after_the_text(data: &[u8]) -> Explanation {
    let is_wide = |string: &[u8]| {
        string.as_chunks::<2>().0.iter().all(|[low, high]| *high == 0 && matches!(low, b' '..=b'~'))
    };
    let units = data.as_chunks::<2>().0.split(|pair| *pair == [0, 0]);
    let strings: Vec<&[u8]> =
        units.map(<[[u8; 2]]>::as_flattened).filter(|it| !it.is_empty()).collect();
    let shown = if !strings.is_empty() && strings.iter().all(|string| is_wide(string)) {
        let names = strings.into_iter().map(|it| Name::utf16(it).as_text().to_string());
        names.collect::<Vec<_>>().join(", ")
    } else {
        size(data)
    };
    observed(Some(shown), "follows the terminator: not part of the text")
}

/// Whether a report shows only size and hash of the data.
pub(crate) fn is_withheld(fact: &Fact) -> bool {
    /// Start of a blob of the Data Protection API: its version, and the ID of the provider.
    const PROTECTED: &[u8] = &[1, 0, 0, 0, 0xD0, 0x8C, 0x9D, 0xDF, 1, 0x15, 0xD1, 0x11];
    if fact.provenance.recovered.is_some() && fact.data.starts_with(PROTECTED) {
        // A recovered value can refer to a cell that now holds the data of another value.
        return true;
    }
    match fact.location.meaning {
        Meaning::Secret | Meaning::Certificate | Meaning::HostCertificate => true,
        // Data of up to 8 bytes can be a number, not a blob.
        Meaning::GracePeriod => fact.data.len() > 8,
        _ => false,
    }
}

/// Whether a license has no value and no key: in a license file, or in unallocated clusters.
fn is_token_alone(fact: &Fact) -> bool {
    let recovered = fact.provenance.recovered.as_ref();
    fact.provenance.origin == Origin::LicenseFile
        || recovered.is_some_and(|it| it.place == SpaceKind::UnallocatedClusters)
}

/// Explains an item in a second copy of a key. Both registry views share the key, so a second copy should
/// not exist.
fn anomaly(fact: &Fact, shown: String) -> Explanation {
    let shown = (fact.state != State::Key).then_some(shown);
    let label = "not expected: Windows shares this key between both views; not used for what is in \
                 effect";
    Explanation { shown, label: Some(String::from(label)), certainty: Certainty::Inferred }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unexpected_data_are_explained_by_what_was_expected() {
        assert_eq!(number(&[1], &[]).label.unwrap(), "expected a number of four bytes");
        assert_eq!(number(&[2, 0, 0, 0], &[(2, "two")]).label.as_deref(), Some("two"));
        assert_eq!(file_time(&[0; 4]).shown.as_deref(), Some("4 bytes"));
        assert_eq!(bias(&(-60_i32).to_le_bytes()).shown.as_deref(), Some("-60 (UTC+01:00)"));
    }
}
