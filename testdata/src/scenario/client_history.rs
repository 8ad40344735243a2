// SPDX-License-Identifier: MIT OR Apache-2.0

//! One client at three times: a token is stored, renewed, removed.

use crate::scenario::machine::Machine;
use crate::scenario::{store, windows_10};
use crate::time::filetime;
use crate::token::{Generation, TokenSpec};
use crate::tree::Tree;
use crate::write;

const LICENSING: &str = r"Microsoft\MSLicensing";
const MACHINE: &str = "RODENT7";

const FIRST_CONNECTION: u64 = filetime(2023, 3, 6, 8, 41, 12) + 1_234_567;
const TOKEN_STORED: u64 = filetime(2023, 9, 18, 13, 7, 55) + 7_654_321;
const TOKEN_RENEWED: u64 = filetime(2023, 11, 20, 7, 30, 12) + 1_732_050;
const TOKEN_REMOVED: u64 = filetime(2024, 1, 9, 16, 44, 1) + 2_236_067;

/// A client at one time.
#[derive(Clone, Debug)]
pub struct Moment {
    /// What the store holds.
    pub about: &'static str,
    /// Time at which a shadow copy is created: 100-nanosecond intervals since 1601, UTC.
    pub time: u64,
    /// Path and bytes of each hive.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// The token in the store.
    pub token: Option<Vec<u8>>,
}

/// Returns a workstation with a token, with its renewed token, and without a token, oldest first.
pub fn client_history() -> [Moment; 3] {
    let day = |year, month, day| filetime(year, month, day, 0, 0, 0);
    let first = token(day(2023, 9, 18), day(2023, 12, 11), 0x0000_0A31);
    let renewed = token(day(2023, 11, 20), day(2024, 2, 12), 0x0000_0B52);
    [
        moment("token", filetime(2023, 10, 2, 11, 15, 30), TOKEN_STORED, Some(&first)),
        moment("renewed token", filetime(2023, 12, 4, 11, 15, 31), TOKEN_RENEWED, Some(&renewed)),
        moment("no token", filetime(2024, 1, 10, 9, 0, 0), TOKEN_REMOVED, None),
    ]
}

fn token(not_before: u64, not_after: u64, serial: u32) -> TokenSpec {
    TokenSpec {
        server: "RDLIC01".to_owned(),
        server_domain: "CORP".to_owned(),
        scope: "CORP".to_owned(),
        server_id: "55041-266-0381264-43127".to_owned(),
        machine: MACHINE.to_owned(),
        user: "user7".to_owned(),
        hardware_id: store::hardware_id(MACHINE),
        not_before,
        not_after,
        serial,
        ..TokenSpec::generation(Generation::Server2019)
    }
}

fn moment(about: &'static str, time: u64, changed: u64, token: Option<&TokenSpec>) -> Moment {
    let hours = |hours: u64| hours * 36_000_000_000;
    let machine = Machine {
        booted: time - hours(30),
        shut_down: time - hours(1),
        ..windows_10::workstation(MACHINE)
    };
    let mut software: Tree = machine.software();
    let id = store::hardware_id(MACHINE);
    let licensing = store::licensing(&mut software, LICENSING, FIRST_CONNECTION, &id);
    licensing.at("Store").last_written = changed.max(TOKEN_STORED);
    if let Some(token) = token {
        store::forged(store::add(licensing, "LICENSE000", changed), token);
    }
    let hives = machine.collected(machine.system(), software);
    let files = hives.into_iter().map(|(path, tree, options)| (path, write(&tree, &options).bytes));
    Moment { about, time, files: files.collect(), token: token.map(TokenSpec::encode) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn software_holds_exactly_its_own_token() {
        let moments = client_history();
        let tokens: Vec<&Vec<u8>> = moments.iter().filter_map(|it| it.token.as_ref()).collect();
        assert_eq!(tokens.len(), 2);
        assert_ne!(tokens[0], tokens[1]);
        for moment in &moments {
            let (_, software) = &moment.files[1];
            for token in &tokens {
                let holds = software.windows(token.len()).any(|bytes| bytes == token.as_slice());
                assert_eq!(holds, moment.token.as_ref() == Some(*token), "{}", moment.about);
            }
        }
    }
}
