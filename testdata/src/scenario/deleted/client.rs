// SPDX-License-Identifier: MIT OR Apache-2.0

//! Windows 10 workstations with a deleted MSLicensing key.

use super::Disk;
use crate::deletion::Edits;
use crate::scenario::machine::Machine;
use crate::scenario::{Scenario, hex, store, windows_10};
use crate::time::filetime;
use crate::tree::{Key, Tree};

const LICENSING: &str = r"Microsoft\MSLicensing";

const FIRST_CONNECTION: u64 = filetime(2023, 3, 6, 8, 41, 12) + 1_234_567;
const TOKEN_STORED: u64 = filetime(2023, 9, 18, 13, 7, 55) + 7_654_321;
/// Time at which MSLicensing was deleted.
const REMOVED: u64 = filetime(2023, 11, 13, 10, 22, 36) + 2_236_067;
/// Time at which the client connected again and created the store again.
const CONNECTED_AGAIN: u64 = filetime(2023, 11, 13, 10, 31, 4) + 2_645_751;

/// Returns a workstation with MSLicensing deleted and nothing created since.
pub(super) fn licenses_removed() -> Scenario {
    let (disk, recipe) = disk("RODENT5", |_| {});
    Scenario {
        name: "client-licenses-removed",
        recipe,
        hives: disk.hives,
        logged: Vec::new(),
        edited: disk.edited,
        about: "A workstation whose MSLicensing was deleted whole: hardware ID and the token of \
                [MS-RDPELE] 4.6 lie in free cells",
    }
}

/// MSLicensing was created again, partly in the cells of the old key.
pub(super) fn licenses_renewed() -> Scenario {
    let (disk, recipe) = disk("RODENT6", |edits| {
        let mut anew = Tree::new("ROOT");
        let id = store::hardware_id("RODENT6 again");
        store::licensing(&mut anew, LICENSING, CONNECTED_AGAIN, &id);
        let made: Key = anew.root.at(LICENSING).clone();
        edits.add_key(edits.key("Microsoft"), made, CONNECTED_AGAIN);
    });
    Scenario {
        name: "client-licenses-renewed",
        recipe,
        hives: disk.hives,
        logged: Vec::new(),
        edited: disk.edited,
        about: "A workstation whose MSLicensing was deleted whole and made anew nine minutes later \
                with another hardware ID and an empty store; what it held lies in free cells, as far \
                as the new keys are not written over it",
    }
}

/// Returns a workstation with a token, its MSLicensing deleted, and later edits.
fn disk(name: &'static str, after: impl FnOnce(&mut Edits)) -> (Disk, &'static str) {
    let machine: Machine = windows_10::workstation(name);
    let mut software = machine.software();
    let id = hex::hardware_id();
    let key = store::licensing(&mut software, LICENSING, FIRST_CONNECTION, &id);
    store::token(store::add(key, "LICENSE000", TOKEN_STORED));
    let disk = Disk::new(&machine, (machine.system(), software), "SOFTWARE", |edits| {
        edits.delete_key(edits.key(LICENSING), REMOVED);
        after(edits);
    });
    (disk, "src/scenario/deleted/client.rs")
}
