// SPDX-License-Identifier: MIT OR Apache-2.0

//! A workstation with the profile of a user: names in the Remote Desktop client, and licensing keys of a 32-bit
//! program in the `VirtualStore`.

use crate::Options;
use crate::scenario::machine::Hive;
use crate::scenario::{Scenario, store, windows_10};
use crate::time::filetime;
use crate::tree::{Key, Tree, Value};

/// Time at which the user opened the Remote Desktop client for the first time.
const FIRST_USED: u64 = filetime(2023, 3, 6, 8, 40, 2) + 4_142_135;
/// Time at which the user signed in last.
const LAST_USED: u64 = filetime(2023, 11, 13, 8, 2, 44) + 2_236_067;
const SID: &str = "S-1-5-21-2857422465-1465058494-1690550294-1001";

/// Returns a workstation, and the two hives of a user.
pub(super) fn workstation() -> Scenario {
    let machine = windows_10::workstation("DESKTOP-7F20QA");
    let hives = [machine.collected(machine.system(), machine.software()), user()].concat();
    Scenario {
        name: "windows-10-client-with-profile",
        recipe: "src/scenario/profiles.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives,
        about: "A workstation without a token; the profile alice stores names of hosts for the Remote Desktop \
                client, and a 32-bit program wrote licensing keys to its VirtualStore",
    }
}

fn user() -> Vec<Hive> {
    let mut classes = Tree::new(format!("{SID}_Classes").as_str());
    classes.root.last_written = LAST_USED;
    for path in [r"VirtualStore\MACHINE\SOFTWARE", r"VirtualStore\MACHINE\SOFTWARE\Wow6432Node"] {
        let path = format!(r"{path}\Microsoft\MSLicensing");
        let key = store::licensing(&mut classes, &path, FIRST_USED, &store::hardware_id("alice"));
        let license = store::add(key, "LICENSE000", FIRST_USED);
        store::token(license);
    }
    vec![
        ("Users/alice/NTUSER.DAT", profile(), options(r"\??\C:\Users\alice\ntuser.dat")),
        (
            "Users/alice/AppData/Local/Microsoft/Windows/UsrClass.dat",
            classes,
            options(r"\Microsoft\Windows\UsrClass.dat"),
        ),
    ]
}

/// Returns the NTUSER.DAT.
fn profile() -> Tree {
    let mut tree = Tree::new("ROOT");
    tree.root.last_written = LAST_USED;
    let root = &mut tree.root;
    root.made("Environment", LAST_USED)
        .push(Value::expand_sz("TEMP", r"%USERPROFILE%\AppData\Local\Temp"));
    root.made(r"Control Panel\Desktop", LAST_USED).push(Value::sz("WallPaper", ""));
    let client = root.made(r"Software\Microsoft\Terminal Server Client", FIRST_USED);
    client
        .made("Default", LAST_USED)
        .push(Value::sz("MRU0", "rdsh07.corp.example"))
        .push(Value::sz("MRU1", "192.0.2.17:3390"));
    let servers: &mut Key = client.made("Servers", LAST_USED);
    servers
        .made("rdsh07.corp.example", LAST_USED)
        .push(Value::sz("UsernameHint", r"CORP\alice"))
        .push(Value::binary("CertHash", &[0x5A; 20]));
    servers.made("rdsh02", FIRST_USED).push(Value::sz("UsernameHint", "alice"));
    tree
}

fn options(file_name: &str) -> Options {
    Options {
        file_name: file_name.to_owned(),
        primary_sequence: 97,
        secondary_sequence: 97,
        last_written: LAST_USED,
        ..Options::default()
    }
}
