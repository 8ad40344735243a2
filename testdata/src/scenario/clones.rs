// SPDX-License-Identifier: MIT OR Apache-2.0

//! Machines of one image, and a client with many tokens, for reports that grow.

use crate::scenario::machine::Machine;
use crate::scenario::release::{SERVER_2019, WINDOWS_10};
use crate::scenario::{store, two_hosts};
use crate::time::filetime;
use crate::token::{Generation, TokenSpec};
use crate::tree::Tree;
use crate::write;

const INSTALLED: u64 = filetime(2022, 6, 13, 8, 30, 5);
const ISSUED: u64 = filetime(2022, 7, 13, 8, 30, 5);
const DAY: u64 = 24 * 60 * 60 * 10_000_000;

/// Returns path and bytes of the hives of this many session hosts. All hosts are clones of one image with a hardware
/// ID and a token. They belong to one farm, and every third host has other license servers.
pub fn clones(machines: usize) -> Vec<(String, Vec<u8>)> {
    let token = token(0);
    (0..machines).flat_map(|number| clone(number, &token)).collect()
}

fn clone(number: usize, token: &TokenSpec) -> Vec<(String, Vec<u8>)> {
    // A program that writes test data ends soon after.
    let name: &'static str = Box::leak(format!("CLONE-{number:05}").into_boxed_str());
    let machine = Machine {
        installed: INSTALLED + u64::try_from(number % 300).expect("a small number") * DAY,
        booted: filetime(2024, 1, 14, 2, 5, 41),
        shut_down: filetime(2024, 1, 14, 2, 2, 16),
        licensing_mode: Some(2),
        ..Machine::session_host(name, SERVER_2019)
    };
    let server =
        if number.is_multiple_of(3) { "rdlic02.corp.example" } else { "rdlic01.corp.example" };
    let system = two_hosts::system_of(&machine, server);
    let mut software = two_hosts::software_of(&machine);
    add_tokens(&mut software, std::slice::from_ref(token));
    files(name, &machine, &system, &software)
}

/// Returns path and bytes of the hives of a client with this many tokens of one license server.
pub fn client_with_tokens(tokens: usize) -> Vec<(String, Vec<u8>)> {
    let machine = Machine {
        installed: INSTALLED,
        booted: filetime(2023, 11, 15, 6, 55, 37),
        shut_down: filetime(2023, 11, 15, 16, 12, 9),
        ..Machine::client("PC-0001", WINDOWS_10)
    };
    let mut software = machine.software();
    let tokens: Vec<TokenSpec> = (0..tokens).map(token).collect();
    add_tokens(&mut software, &tokens);
    files("PC-0001", &machine, &machine.system(), &software)
}

fn token(number: usize) -> TokenSpec {
    let number = u32::try_from(number).expect("a small number");
    TokenSpec {
        server: "RDLIC01".to_owned(),
        server_domain: "CORP".to_owned(),
        scope: "CORP".to_owned(),
        machine: "PC-0001".to_owned(),
        user: "user".to_owned(),
        hardware_id: store::hardware_id("IMAGE"),
        serial: 0x2B0F + number,
        not_before: ISSUED,
        not_after: ISSUED + 80 * DAY,
        ..TokenSpec::generation(Generation::Server2019)
    }
}

fn add_tokens(software: &mut Tree, tokens: &[TokenSpec]) {
    let id = store::hardware_id("IMAGE");
    let licensing = store::licensing(software, r"Microsoft\MSLicensing", ISSUED, &id);
    for (number, token) in tokens.iter().enumerate() {
        let name = format!("LICENSE{number:03}");
        store::forged(store::add(licensing, &name, ISSUED + 4_567_890), token);
    }
}

fn files(
    folder: &str,
    machine: &Machine,
    system: &Tree,
    software: &Tree,
) -> Vec<(String, Vec<u8>)> {
    let hives = [("SYSTEM", system), ("SOFTWARE", software)];
    let hives = hives.into_iter().map(|(hive, tree)| {
        let path = format!("{folder}/Windows/System32/config/{hive}");
        (path, write(tree, &machine.options(hive)).bytes)
    });
    hives.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_have_paths_of_their_own() {
        let files = clones(3);
        let paths: std::collections::BTreeSet<_> = files.iter().map(|(path, _)| path).collect();
        let contents: std::collections::BTreeSet<_> =
            files.iter().map(|(_, bytes)| bytes).collect();
        assert_eq!((paths.len(), contents.len()), (6, 6));
    }

    #[test]
    fn each_token_of_a_client_has_bytes_of_its_own() {
        let sizes = [1, 2, 4].map(|tokens| client_with_tokens(tokens)[1].1.len());
        assert!(sizes[0] < sizes[1] && sizes[1] < sizes[2], "{sizes:?}");
    }
}
