// SPDX-License-Identifier: MIT OR Apache-2.0

//! Many clients of two license servers, for reports about hundreds of machines.

use crate::scenario::machine::{Machine, guid};
use crate::scenario::release::{WINDOWS_10, WINDOWS_11};
use crate::scenario::store;
use crate::time::filetime;
use crate::token::{Generation, TokenSpec};
use crate::tree::Value;
use crate::write;

const DAY: u64 = 24 * 60 * 60 * 10_000_000;

/// Name of the first machine. The name tries to end a script and to add an element to a page.
pub const HOSTILE_NAME: &str = "</script><img src=x onerror=alert(1)>";

/// Returns path and bytes of the hives of this many clients. Each client holds one token. The first client
/// is named [`HOSTILE_NAME`].
pub fn fleet(machines: usize) -> Vec<(String, Vec<u8>)> {
    (0..machines).flat_map(client).collect()
}

fn client(number: usize) -> Vec<(String, Vec<u8>)> {
    let name = match number {
        0 => HOSTILE_NAME.to_owned(),
        number => format!("PC-{number:04}"),
    };
    let days = u64::try_from(number % 300).expect("a small number") * DAY;
    let installed = filetime(2022, 6, 13, 8, 30, 5) + days;
    // A program that writes test data ends soon after.
    let computer_name: &'static str = Box::leak(name.clone().into_boxed_str());
    let machine = Machine {
        installed,
        booted: filetime(2023, 11, 15, 6, 55, 37) + days / 300,
        shut_down: filetime(2023, 11, 15, 16, 12, 9) + days / 300,
        ..Machine::client(
            computer_name,
            if number.is_multiple_of(3) { WINDOWS_11 } else { WINDOWS_10 },
        )
    };
    let (server, server_id, signer) = match number % 4 {
        0 => ("RDLIC02", "55041-266-0927735-61840", 1),
        _ => ("RDLIC01", "55041-266-0381264-43127", 0),
    };
    let issued = installed + 30 * DAY;
    let token = TokenSpec {
        server: server.to_owned(),
        server_id: server_id.to_owned(),
        key: signer,
        server_domain: "CORP".to_owned(),
        scope: "CORP".to_owned(),
        machine: name.clone(),
        user: format!("user{number}"),
        hardware_id: store::hardware_id(&name),
        not_before: issued,
        not_after: issued + 80 * DAY,
        ..TokenSpec::generation(Generation::Server2019)
    };
    let mut software = machine.software();
    software.root.at(r"Microsoft\Cryptography").set(Value::sz("MachineGuid", &guid(&name)));
    let id = &token.hardware_id;
    let key = store::licensing(&mut software, r"Microsoft\MSLicensing", issued, id);
    store::forged(store::add(key, "LICENSE000", issued + 4_567_890), &token);
    let hives = [("SYSTEM", machine.system()), ("SOFTWARE", software)];
    let hives = hives.into_iter().map(|(hive, tree)| {
        let path = format!("PC-{number:04}/Windows/System32/config/{hive}");
        (path, write(&tree, &machine.options(hive)).bytes)
    });
    hives.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_have_paths_and_tokens_of_their_own() {
        let files = fleet(3);
        assert_eq!(files.len(), 6);
        let paths: std::collections::BTreeSet<_> = files.iter().map(|(path, _)| path).collect();
        let contents: std::collections::BTreeSet<_> =
            files.iter().map(|(_, bytes)| bytes).collect();
        assert_eq!((paths.len(), contents.len()), (6, 6));
    }
}
