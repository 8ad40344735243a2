// SPDX-License-Identifier: MIT OR Apache-2.0

//! Windows 10 workstations: one that keeps a token, one that never asked for one.

use crate::scenario::machine::Machine;
use crate::scenario::{Scenario, hex};
use crate::time::filetime;
use crate::tree::{Key, Value, utf16_nul};

/// When MSLicensing and the hardware id were made.
const FIRST_CONNECTION: u64 = filetime(2023, 3, 6, 8, 41, 12) + 1_234_567;
/// When the token was stored.
const TOKEN_STORED: u64 = filetime(2023, 9, 18, 13, 7, 55) + 7_654_321;
/// When a 32-bit client made its own hardware id.
const WOW64_CONNECTION: u64 = filetime(2023, 4, 20, 6, 15, 30) + 5_000_000;

/// A workstation with the token of [MS-RDPELE] 4.6 in its license store.
pub(super) fn with_token() -> Scenario {
    let machine = workstation("RODENT");
    let mut software = machine.software();
    *software.root.at(r"Microsoft\MSLicensing") = licensing(FIRST_CONNECTION, &hex::hardware_id())
        .key(Key::new("Store").written(TOKEN_STORED).key(token()));
    *software.root.at(r"Wow6432Node\Microsoft\MSLicensing") =
        licensing(WOW64_CONNECTION, &hex::other_hardware_id())
            .key(Key::new("Store").written(WOW64_CONNECTION));
    Scenario {
        name: "windows-10-client-with-token",
        hives: vec![
            ("SYSTEM", machine.system(), machine.options("SYSTEM")),
            ("SOFTWARE", software, machine.options("SOFTWARE")),
        ],
        about: "A workstation that holds the token of [MS-RDPELE] 4.6 and its hardware id; a \
                32-bit client has a hardware id of its own and no token",
    }
}

/// A workstation without any licensing key.
pub(super) fn plain() -> Scenario {
    let machine = workstation("DESKTOP-4C81T2");
    Scenario {
        name: "windows-10-client-plain",
        hives: vec![
            ("SYSTEM", machine.system(), machine.options("SYSTEM")),
            ("SOFTWARE", machine.software(), machine.options("SOFTWARE")),
        ],
        about: "A workstation of the same kind that never stored a hardware id or a token",
    }
}

fn workstation(computer_name: &'static str) -> Machine {
    Machine {
        computer_name,
        product_name: "Windows 10 Pro",
        edition: "Professional",
        installation_type: "Client",
        build: "19045",
        revision: 3570,
        release: &[
            ("BuildBranch", "vb_release"),
            ("ReleaseId", "2009"),
            ("DisplayVersion", "22H2"),
        ],
        product_type: "WinNT",
        product_suite: &["Terminal Server"],
        domain: "",
        time_zone: "W. Europe Standard Time",
        bias: -60,
        installed: filetime(2022, 11, 3, 9, 22, 41),
        booted: filetime(2023, 11, 13, 7, 58, 3),
        shut_down: filetime(2023, 11, 14, 17, 32, 9),
        deny_connections: 1,
        licensing_mode: 1,
    }
}

fn licensing(written: u64, hardware_id: &[u8]) -> Key {
    let hardware = Key::new("HardwareID").written(written).binary("ClientHWID", hardware_id);
    Key::new("MSLicensing").written(written).key(hardware)
}

/// The store's index is that of the token: version, scope, company and product.
fn token() -> Key {
    Key::new("LICENSE000")
        .written(TOKEN_STORED)
        .binary("ClientLicense", &hex::token())
        .value(Value::binary("CompanyName", &utf16_nul("Microsoft Corporation")))
        .value(Value::binary("LicenseScope", b"microsoft.com\0"))
        .value(Value::binary("ProductID", &utf16_nul("A02")))
        .value(Value::binary("ProductVersion", &0x0006_0000u32.to_le_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::sha256;

    #[test]
    fn token_is_the_published_one() {
        assert_eq!(hex::token().len(), 1945);
        assert!(sha256(&hex::token()).starts_with("cbb96a64"));
        assert_eq!(hex::hardware_id()[..4], [2, 0, 0, 0]);
        assert_ne!(hex::hardware_id(), hex::other_hardware_id());
    }
}
