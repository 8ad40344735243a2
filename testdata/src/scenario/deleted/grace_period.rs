// SPDX-License-Identifier: MIT OR Apache-2.0

//! Session hosts with a deleted grace period.

use super::Disk;
use crate::deletion::Edits;
use crate::rng::Rng;
use crate::scenario::machine::{CONTROL_SET, Machine};
use crate::scenario::{Scenario, grace_period, server_2019, settings};
use crate::time::filetime;
use crate::tree::{Key, Value};

/// Time at which the value or the key was deleted.
const DELETED: u64 = filetime(2023, 6, 14, 19, 40, 33) + 1_414_213;
/// Time at which the service began another grace period.
const BEGUN_AGAIN: u64 = filetime(2023, 6, 14, 19, 44, 58) + 1_732_050;

/// Time at which Windows replaced its product policy, and the old and new sizes.
const POLICY_WRITTEN: u64 = filetime(2023, 6, 14, 2, 8, 15) + 1_000_000;
const POLICY: [usize; 2] = [1216, 1280];

/// Returns a host without the value, with an empty key.
pub(super) fn value_deleted() -> Scenario {
    let disk = disk("RDSH12", |edits, manager| {
        let key = edits.key(&format!(r"{manager}\GracePeriod"));
        edits.delete_value(key, grace_period::VALUE, DELETED);
    });
    Scenario {
        name: "session-host-grace-value-deleted",
        recipe: "src/scenario/deleted/grace_period.rs",
        hives: disk.hives,
        logged: Vec::new(),
        edited: disk.edited,
        about: "A session host whose grace period is a key without values; the value it had was \
                deleted and lies in free cells",
    }
}

/// Returns a host whose key was deleted and recreated by the service.
pub(super) fn key_renewed() -> Scenario {
    let disk = disk("RDSH13", |edits, manager| {
        // The cell of the former policy has room for later cells.
        let options = edits.key(&format!(r"{CONTROL_SET}\Control\ProductOptions"));
        edits.set_value(options, policy(POLICY[1]), POLICY_WRITTEN);
        edits.delete_key(edits.key(&format!(r"{manager}\GracePeriod")), DELETED);
        let mut made = Key::new("RCM");
        grace_period::write(&mut made, grace_period::VALUE, "", BEGUN_AGAIN);
        edits.add_key(edits.key(manager), made.at("GracePeriod").clone(), BEGUN_AGAIN);
    });
    Scenario {
        name: "session-host-grace-key-renewed",
        recipe: "src/scenario/deleted/grace_period.rs",
        hives: disk.hives,
        logged: Vec::new(),
        edited: disk.edited,
        about: "A session host whose grace period was deleted with its key and begun anew four \
                minutes later; the first one lies in free cells",
    }
}

/// Returns a session host per device, with edits of its grace period. Their path is the path of
/// RCM.
fn disk(name: &'static str, edit: impl FnOnce(&mut Edits, &str)) -> Disk {
    let machine = Machine { licensing_mode: Some(2), ..server_2019::machine(name) };
    let mut system = machine.system();
    let manager = settings::terminal_server(&mut system).at("RCM");
    manager.made("Licensing Core", server_2019::ROLE_INSTALLED);
    grace_period::write(manager, grace_period::VALUE, "", server_2019::ROLE_INSTALLED);
    let servers = ["rdlic01.corp.example"];
    let parameters = settings::parameters(&mut system);
    settings::specify(parameters, server_2019::ROLE_INSTALLED, &servers);
    system.root.at(CONTROL_SET).at(r"Control\ProductOptions").push(policy(POLICY[0]));
    let mut software = machine.software();
    server_2019::ROLES.write(&mut software.root, server_2019::ROLE_INSTALLED);
    Disk::new(&machine, (system, software), "SYSTEM", |edits| {
        edit(edits, &format!(r"{CONTROL_SET}\Control\Terminal Server\RCM"));
    })
}

/// Returns filler for a product policy of `len` bytes.
fn policy(len: usize) -> Value {
    Value::binary("ProductPolicy", &Rng::new(len as u64).bytes(len))
}
