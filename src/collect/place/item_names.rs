// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ItemNames`]: names by which a recovered item can belong to a place of the catalog.

use alloc::vec::Vec;
use std::sync::LazyLock;

use calhive_regf::hive::name::Name;
use calhive_regf::hive::upcase;
use calhive_regf::recover::{Record, Recovered};

use crate::catalog::{Base, Code, LOCATIONS, Location, Read, Subject};
use crate::collect::collector::begins;

/// Prefix of the key name of a license in the store.
pub(super) const LICENSE: &str = "LICENSE";

/// Names of values that identify a place of the catalog without their key.
const BY_NAME: [(&str, Code); 6] = [
    ("ClientHWID", Code::ClientHardwareId),
    ("ClientLicense", Code::ClientStore),
    ("SpecifiedLicenseServers", Code::HostLicenseServers),
    // The name alone does not show whether a policy or a local setting holds the value.
    ("LicensingMode", Code::HostRcmLicensingMode),
    // Windows 2000 and Server 2003 have the value of this name in another key.
    ("X509 Certificate", Code::HostX509Certificate),
    ("X509 Certificate2", Code::HostX509Certificate2),
];

/// Item that a name of the catalog belongs to, as seen from a recovered item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The key itself.
    Key,
    /// The value itself.
    Value,
    /// The key above a key.
    AboveKey,
    /// The key of a value.
    AboveValue,
    /// The key above the key of a value.
    FurtherAboveValue,
}

/// Names by which a recovered item can belong to a place of the catalog.
struct ItemNames {
    /// Hash, role and name, sorted by the hash.
    names: Vec<(u32, Role, &'static str)>,
}

static NAMES: LazyLock<ItemNames> = LazyLock::new(ItemNames::new);

impl ItemNames {
    fn new() -> Self {
        let places = LOCATIONS.iter().filter(|location| is_of_machine(location)).map(|location| {
            let last = location.key.rsplit('\\').next().unwrap_or_default();
            match location.read {
                Read::Key => Some((Role::Key, last)),
                Read::SubkeyNames { .. } => Some((Role::AboveKey, last)),
                Read::Value(value) | Read::SubkeyValue { value, .. } => Some((Role::Value, value)),
                // The data decide, and recovered data are not searched.
                Read::SubkeyValueNaming { .. } => None,
                Read::Values => Some((Role::AboveValue, last)),
                Read::SubkeyValues => Some((Role::FurtherAboveValue, last)),
            }
        });
        let by_name = BY_NAME.iter().map(|(name, _)| Some((Role::Value, *name)));
        let all = places.chain(by_name).flatten();
        let mut names: Vec<_> =
            all.map(|(role, name)| (Name::from(name).lh_hash(), role, name)).collect();
        names.sort_unstable_by_key(|(hash, ..)| *hash);
        Self { names }
    }

    /// Whether the catalog has this name in this role.
    fn has(&self, role: Role, name: Name<'_>) -> bool {
        let hash = name.lh_hash();
        let first = self.names.partition_point(|(of, ..)| *of < hash);
        let same_hash = self.names.iter().skip(first).take_while(|(of, ..)| *of == hash);
        same_hash.into_iter().any(|(_, of, known)| *of == role && name.same((*known).into()))
    }
}

/// Whether recovered items can belong to a place. Recovered items of profiles and of the system are not reported.
pub(super) fn is_of_machine(location: &Location) -> bool {
    location.subject() != Subject::System
        && !matches!(location.base, Base::User | Base::VirtualStore)
}

/// Whether an item can belong to a place of the catalog, judged by the name of the item and the
/// names of the keys above.
pub(in crate::collect) fn may_be_ours(found: Recovered<'_, '_>) -> bool {
    let names = &*NAMES;
    let is_above =
        |role, above: Option<Name<'_>>| above.is_some_and(|above| names.has(role, above));
    let name = match found.record() {
        Some(Record::Key(key)) => {
            let [above, _] = found.names_above();
            return names.has(Role::Key, key.name()) || is_above(Role::AboveKey, above);
        }
        Some(Record::Value(value)) => value.name(),
        None => Name::latin1(&[]),
    };
    if names.has(Role::Value, name) || is_of_grace_period(name) {
        return true;
    }
    let [above, further] = found.names_above();
    is_above(Role::AboveValue, above)
        || is_above(Role::FurtherAboveValue, further)
        || above.is_some_and(|above| begins(above, LICENSE))
}

/// Returns the place that the name of a value with an unknown key identifies.
pub(super) fn by_name(name: Name<'_>) -> Option<Code> {
    let code = BY_NAME.iter().find(|(known, _)| name.same((*known).into())).map(|(_, code)| *code);
    code.or_else(|| is_of_grace_period(name).then_some(Code::HostGracePeriod))
}

/// Whether a value has the name of a grace period.
fn is_of_grace_period(name: Name<'_>) -> bool {
    const START: [u16; 2] = [b'L' as u16, b'$' as u16];
    if !name.units().take(2).map(upcase).eq(START) {
        return false;
    }
    name.to_string_lossy().to_ascii_uppercase().contains("TIMEBOMB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_the_catalog_is_found_in_its_role_only() {
        let has = |role, name: &[u8]| NAMES.has(role, Name::latin1(name));
        assert!(has(Role::Value, b"clienthwid"));
        assert!(has(Role::Value, b"ClientLicense"));
        assert!(!has(Role::Key, b"ClientHWID"));
        assert!(has(Role::Key, b"MSLicensing"));
        assert!(has(Role::AboveKey, b"STORE"));
        assert!(has(Role::FurtherAboveValue, b"Store"));
        assert!(has(Role::AboveValue, b"GracePeriod"));
        assert!(!has(Role::Value, b"ProductName"), "a place of the system");
        assert!(!has(Role::Value, b"UsernameHint"), "a place of a profile");
    }

    #[test]
    fn name_of_a_grace_period_identifies_its_place() {
        let code = |name: &[u8]| by_name(Name::latin1(name));
        assert_eq!(code(b"l$rtmTimeBomb_1320153D"), Some(Code::HostGracePeriod));
        assert_eq!(code(b"X$RTMTIMEBOMB"), None);
        assert_eq!(code(b"licensingmode"), Some(Code::HostRcmLicensingMode));
    }
}
