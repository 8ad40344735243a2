// SPDX-License-Identifier: MIT OR Apache-2.0

//! Windows 11: a workstation with tokens in all lenient forms, and the multi-session edition.

use crate::rng::Rng;
use crate::scenario::machine::{CONTROL_SET, Machine, Upgrade};
use crate::scenario::membership::Membership;
use crate::scenario::release::{Release, WINDOWS_10, WINDOWS_11, WINDOWS_11_MULTI_SESSION};
use crate::scenario::time_zone::TimeZone;
use crate::scenario::{Scenario, hex, settings, store};
use crate::time::filetime;
use crate::tree::{Key, Value, utf16_nul};

const FIRST_INSTALLED: u64 = filetime(2021, 8, 2, 7, 30, 15);
const UPDATED_TO_22H2: u64 = filetime(2022, 12, 7, 17, 5, 2);
const UPDATED_TO_11: u64 = filetime(2023, 9, 14, 8, 12, 33);
const HARDWARE_ID_MADE: u64 = filetime(2023, 9, 14, 8, 14, 51) + 4_142_135;
const TOKEN_STORED: u64 = filetime(2023, 10, 24, 6, 33, 17) + 1_111_111;
const SPOILED_STORED: u64 = filetime(2023, 11, 21, 9, 45, 3) + 6_180_339;
const WOW64_STORED: u64 = filetime(2023, 12, 5, 12, 20, 44) + 3_027_756;

const WINDOWS_10_21H1: Release = Release {
    build: "19043",
    revision: 2364,
    names: &[("BuildBranch", "vb_release"), ("ReleaseId", "2009"), ("DisplayVersion", "21H1")],
    ..WINDOWS_10
};

/// Updated twice. The times in the names are by the clock of the machine.
const UPGRADES: &[Upgrade] = &[
    Upgrade {
        updated: "12/7/2022 18:05:02",
        written: UPDATED_TO_22H2,
        release: WINDOWS_10_21H1,
        installed: FIRST_INSTALLED,
    },
    Upgrade {
        updated: "9/14/2023 10:12:33",
        written: UPDATED_TO_11,
        release: WINDOWS_10,
        installed: UPDATED_TO_22H2,
    },
];

/// Returns a workstation with a valid token, garbage as a token, and a valid token with an unusual
/// index.
pub(super) fn client_with_tokens() -> Scenario {
    let machine = Machine {
        membership: Membership::Entra,
        installed: UPDATED_TO_11,
        booted: filetime(2024, 1, 8, 7, 12, 44),
        shut_down: filetime(2024, 1, 8, 16, 58, 20),
        upgrades: UPGRADES,
        ..Machine::client("LT-7F3K29", WINDOWS_11)
    };
    let mut software = machine.software();
    let (native, id) = (r"Microsoft\MSLicensing", hex::hardware_id());
    let licensing = store::licensing(&mut software, native, HARDWARE_ID_MADE, &id);
    store::token(store::add(licensing, "LICENSE000", TOKEN_STORED));
    spoiled(store::add(licensing, "LICENSE002", SPOILED_STORED));
    let (view, id) = (r"Wow6432Node\Microsoft\MSLicensing", hex::other_hardware_id());
    let licensing = store::licensing(&mut software, view, WOW64_STORED, &id);
    unterminated(store::add(licensing, "LICENSE000", WOW64_STORED));

    let mut system = machine.system();
    // Rights of this edition. Only the presence of the value matters.
    system
        .root
        .at(CONTROL_SET)
        .at(r"Control\ProductOptions")
        .push(Value::binary("ProductPolicy", &[0x50; 64]));

    Scenario {
        name: "windows-11-client-with-tokens",
        recipe: "src/scenario/windows_11.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.collected(system, software),
        about: "A workstation joined to Entra and updated twice; the token of [MS-RDPELE] 4.6 under \
                LICENSE000, garbage with an index of other types under LICENSE002 and nothing \
                between; the token of the 32-bit client has an index without NULs",
    }
}

/// Stores no token, an index of strings and a number, and an unknown value.
fn spoiled(license: &mut Key) {
    license
        .push(Value::binary("ClientLicense", &Rng::new(40).bytes(40)))
        .push(Value::sz("CompanyName", "Microsoft Corporation"))
        .push(Value::sz("LicenseScope", "microsoft.com"))
        .push(Value::sz("ProductID", "A02"))
        .push(Value::dword("ProductVersion", 0x0006_0000))
        .push(Value::binary("Extra", &[0x01, 0x00, 0x5A, 0xFF]));
}

/// Stores the token with an index without NULs, and the scope in UTF-16.
fn unterminated(license: &mut Key) {
    store::token(license);
    for (name, text) in [
        ("CompanyName", "Microsoft Corporation"),
        ("LicenseScope", "microsoft.com"),
        ("ProductID", "A02"),
    ] {
        let mut data = utf16_nul(text);
        data.truncate(data.len() - 2);
        license.set(Value::binary(name, &data));
    }
}

/// Returns a multi-session client, which needs no licenses for its sessions.
pub(super) fn multi_session() -> Scenario {
    let policy_applied = filetime(2024, 1, 16, 20, 4, 12) + 1_732_050;
    let machine = Machine {
        membership: Membership::Entra,
        time_zone: TimeZone::EASTERN,
        installed: filetime(2023, 12, 12, 15, 44, 10),
        booted: filetime(2024, 1, 17, 11, 2, 31),
        shut_down: filetime(2024, 1, 17, 23, 30, 0),
        deny_connections: 0,
        licensing_mode: Some(6),
        clone_tag: "Tue Dec 12 15:12:09 2023",
        ..Machine::client("AVD-0-3", WINDOWS_11_MULTI_SESSION)
    };
    let mut system = machine.system();
    settings::terminal_server(&mut system).made(r"RCM\Licensing Core", policy_applied);
    let mut software = machine.software();
    settings::policy(&mut software, policy_applied).push(Value::dword("LicensingMode", 6));
    software
        .root
        .made(r"Microsoft\RDInfraAgent", policy_applied)
        .push(Value::dword("IsRegistered", 1))
        .push(Value::sz("HostPoolId", "hostpool-office"));

    Scenario {
        name: "windows-11-multi-session",
        recipe: "src/scenario/windows_11.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.collected(system, software),
        about: "Windows 11 Enterprise multi-session, cloned and joined to Entra; its product type \
                is that of a server, and a policy sets the mode 6",
    }
}
