// SPDX-License-Identifier: MIT OR Apache-2.0

//! Windows 10 workstations: one with a token, one that never requested a token.

use crate::scenario::machine::Machine;
use crate::scenario::release::WINDOWS_10;
use crate::scenario::{Scenario, hex, store};
use crate::time::filetime;

/// Time at which MSLicensing and the hardware ID were created.
const FIRST_CONNECTION: u64 = filetime(2023, 3, 6, 8, 41, 12) + 1_234_567;
/// Time at which the token was stored.
const TOKEN_STORED: u64 = filetime(2023, 9, 18, 13, 7, 55) + 7_654_321;
/// Time at which a 32-bit client created its own hardware ID.
const WOW64_CONNECTION: u64 = filetime(2023, 4, 20, 6, 15, 30) + 5_000_000;
/// Time at which the 32-bit client stored a token.
const WOW64_STORED: u64 = filetime(2023, 10, 4, 7, 22, 8) + 2_360_679;

/// Returns a workstation with the token of [MS-RDPELE] 4.6 in both of its license stores.
pub(super) fn with_token() -> Scenario {
    let machine = workstation("RODENT");
    let mut software = machine.software();
    for (key, id, made, stored) in [
        (r"Microsoft\MSLicensing", hex::hardware_id(), FIRST_CONNECTION, TOKEN_STORED),
        (
            r"Wow6432Node\Microsoft\MSLicensing",
            hex::other_hardware_id(),
            WOW64_CONNECTION,
            WOW64_STORED,
        ),
    ] {
        let key = store::licensing(&mut software, key, made, &id);
        store::token(store::add(key, "LICENSE000", stored));
    }
    Scenario {
        name: "windows-10-client-with-token",
        recipe: "src/scenario/windows_10.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.flat(machine.system(), software),
        about: "A workstation that holds the token of [MS-RDPELE] 4.6 and its hardware ID; a \
                32-bit client has the same token and a hardware ID of its own",
    }
}

/// Returns a workstation without licensing keys.
pub(super) fn plain() -> Scenario {
    let machine = workstation("DESKTOP-4C81T2");
    Scenario {
        name: "windows-10-client-plain",
        recipe: "src/scenario/windows_10.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.flat(machine.system(), machine.software()),
        about: "A workstation of the same kind that never stored a hardware ID or a token",
    }
}

pub(super) fn workstation(computer_name: &'static str) -> Machine {
    Machine {
        installed: filetime(2022, 11, 3, 9, 22, 41),
        booted: filetime(2023, 11, 13, 7, 58, 3),
        shut_down: filetime(2023, 11, 14, 17, 32, 9),
        ..Machine::client(computer_name, WINDOWS_10)
    }
}
