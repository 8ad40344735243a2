// SPDX-License-Identifier: MIT OR Apache-2.0

//! Windows 10 workstations with new-format logs: a token that only the logs hold, and a token that
//! stale logs hold.

use super::Logged;
use crate::log::{History, NewCrash};
use crate::scenario::machine::Machine;
use crate::scenario::{Scenario, hex, store, windows_10};
use crate::time::filetime;
use crate::tree::Tree;

const LICENSING: &str = r"Microsoft\MSLicensing";
const WOW64_LICENSING: &str = r"Wow6432Node\Microsoft\MSLicensing";

const FIRST_CONNECTION: u64 = filetime(2023, 5, 22, 7, 12, 40) + 2_236_067;
const TOKEN_STORED: u64 = filetime(2023, 11, 14, 9, 3, 27) + 1_732_050;
const WOW64_CONNECTION: u64 = filetime(2023, 11, 14, 9, 41, 5) + 2_645_751;
const STORE_CLEARED: u64 = filetime(2023, 11, 14, 11, 20, 58) + 3_316_624;

/// Returns a workstation with an empty store in the hive. The logs add the token, then the hardware
/// ID of a 32-bit client.
pub(super) fn token_in_logs() -> Scenario {
    let machine = windows_10::workstation("RODENT2");
    let (before, mut software) = token_stored(&machine);
    let with_token = software.clone();
    let id = hex::other_hardware_id();
    store::licensing(&mut software, WOW64_LICENSING, WOW64_CONNECTION, &id);

    let trees = vec![before, with_token, software.clone()];
    let history = History::in_place(trees, &machine.in_use("SOFTWARE"), 0);
    let crash = NewCrash::new(&history).sequence(413).log("LOG2", 1).log("LOG1", 1);
    let logs = ["SOFTWARE.LOG2", "SOFTWARE.LOG1"];
    let logged = Logged::new("SOFTWARE", &logs, &history, crash.build("token in the logs"));
    Scenario {
        name: "windows-10-client-token-in-logs",
        recipe: "src/scenario/logged/windows_10.rs",
        edited: Vec::new(),
        hives: machine.flat(machine.system(), software),
        logged: vec![logged.newer(&[
            (r"Microsoft\MSLicensing\Store\LICENSE000", None),
            (r"Microsoft\MSLicensing\Store\LICENSE000", Some("ClientLicense")),
            (r"Microsoft\MSLicensing\Store\LICENSE000", Some("CompanyName")),
            (r"Microsoft\MSLicensing\Store\LICENSE000", Some("LicenseScope")),
            (r"Microsoft\MSLicensing\Store\LICENSE000", Some("ProductID")),
            (r"Microsoft\MSLicensing\Store\LICENSE000", Some("ProductVersion")),
            (r"Wow6432Node\Microsoft\MSLicensing", None),
            (r"Wow6432Node\Microsoft\MSLicensing\HardwareID", None),
            (r"Wow6432Node\Microsoft\MSLicensing\HardwareID", Some("ClientHWID")),
            (r"Wow6432Node\Microsoft\MSLicensing\Store", None),
        ])],
        about: "A workstation in use: its SOFTWARE alone has a hardware ID and an empty store; \
                LOG2 adds the token of [MS-RDPELE] 4.6, LOG1 after it the hardware ID of a 32-bit \
                client",
    }
}

/// Returns a workstation with a clean hive. Its logs would restore a token that was deleted later.
pub(super) fn stale_logs() -> Scenario {
    let machine = windows_10::workstation("RODENT3");
    let (before, with_token) = token_stored(&machine);
    let mut software = with_token.clone();
    software.root.made(LICENSING, TOKEN_STORED).remove("Store");
    software.root.made(LICENSING, STORE_CLEARED);

    let trees = vec![before, with_token, software.clone()];
    let history = History::in_place(trees, &machine.in_use("SOFTWARE"), 0);
    let crash = NewCrash::new(&history).sequence(413).flushed(2).log("LOG1", 1).log("LOG2", 1);
    let logs = ["SOFTWARE.LOG1", "SOFTWARE.LOG2"];
    let logged = Logged::new("SOFTWARE", &logs, &history, crash.build("stale logs"));
    Scenario {
        name: "windows-10-client-stale-logs",
        recipe: "src/scenario/logged/windows_10.rs",
        edited: Vec::new(),
        hives: machine.flat(machine.system(), software.clone()),
        logged: vec![Logged { alone: software, ..logged }],
        about: "A workstation whose SOFTWARE is clean and has a hardware ID; its stale logs still \
                hold the token that was deleted with the store, and nothing of them is to be applied",
    }
}

/// Returns the states of SOFTWARE: before and after the token was stored.
fn token_stored(machine: &Machine) -> (Tree, Tree) {
    let mut software = machine.software();
    store::licensing(&mut software, LICENSING, FIRST_CONNECTION, &hex::hardware_id());
    let before = software.clone();
    let licensing = software.root.at(LICENSING);
    store::token(store::add(licensing, "LICENSE000", TOKEN_STORED));
    (before, software)
}
