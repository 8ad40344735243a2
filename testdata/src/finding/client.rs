// SPDX-License-Identifier: MIT OR Apache-2.0

//! Findings on the license store of a client.

use crate::finding::base::{self, CLIENT_SHUT_DOWN, DAY, LICENSING, TOKEN_STORED};
use crate::finding::{Case, Files, Hives};
use crate::rng::Rng;
use crate::scenario::machine::{Machine, Upgrade};
use crate::scenario::release::{Kernel, Release, WINDOWS_10};
use crate::scenario::{permissions, store};
use crate::time::filetime;
use crate::token::{Algorithm, TokenSpec, signed_data};
use crate::tree::{Key, Value};

const NAME: &str = "WS-0042";
/// A name three characters longer than a NetBIOS name.
const LONG_NAME: &str = "ACCOUNTING-PC-0042";
const TEMPORARY: u32 = 0x8000_0000;
/// Creation time of a hardware ID that is newer than the token.
const HARDWARE_ID_RENEWED: u64 = filetime(2023, 11, 10, 9, 14, 36) + 2_997_924;
/// Time of the Windows update before it.
const UPDATED: u64 = filetime(2023, 11, 10, 8, 52, 10);
/// Time at which a second token was stored.
const SECOND_STORED: u64 = filetime(2023, 10, 5, 7, 40, 58) + 1_380_649;

/// Returns a client with a change.
pub(super) fn files(change: fn(&mut Hives)) -> Files {
    let mut hives = base::client(&base::token(NAME), NAME);
    change(&mut hives);
    hives.files()
}

pub(super) fn cases() -> Vec<Case> {
    [validity(), hardware(), certificates(), stores()].concat()
}

fn validity() -> Vec<Case> {
    vec![
        Case {
            code: "client.token.past_validity",
            about: "the token ended 6 days before the client was used last",
            raises: with(|token| token.not_after = CLIENT_SHUT_DOWN - 6 * DAY),
            miss: "the token ends 30 days after that",
            near_miss: with(|token| token.not_after = CLIENT_SHUT_DOWN + 30 * DAY),
        },
        Case {
            code: "client.token.near_end",
            about: "the token ends 6 days after the client was used last",
            raises: with(|token| token.not_after = CLIENT_SHUT_DOWN + 6 * DAY),
            miss: "the token ends 8 days after that",
            near_miss: with(|token| token.not_after = CLIENT_SHUT_DOWN + 8 * DAY),
        },
        Case {
            code: "client.token.temporary",
            about: "the token has the flag of temporary ones",
            raises: with(|token| token.flags |= TEMPORARY),
            miss: "the token is permanent",
            near_miss: with(|token| token.flags &= !TEMPORARY),
        },
        Case {
            code: "client.token.store_time_differs",
            about: "the key of the token was last written two days after the issue of the token",
            raises: stored_at(TOKEN_STORED + 2 * DAY),
            miss: "the key was last written 23 hours after that",
            near_miss: stored_at(TOKEN_STORED + 23 * DAY / 24),
        },
        Case {
            code: "client.token.machine_differs",
            about: "the token names another machine: one character of the first 15 differs",
            raises: named("ACCOUNTING-PC-1"),
            miss: "the token names the machine by its first 15 characters, in other case",
            near_miss: named("accounting-pc-0"),
        },
    ]
}

fn hardware() -> Vec<Case> {
    vec![
        Case {
            code: "client.token.hardware_id_differs",
            about: "the token has another hardware ID than the client",
            raises: files(|client| {
                let id = store::hardware_id("another");
                licensing(client).at("HardwareID").set(Value::binary("ClientHWID", &id));
            }),
            miss: "the token has the hardware ID of the client; the view of 32-bit programs has \
                   another one",
            near_miss: files(|client| {
                let id = store::hardware_id("another");
                let view = r"Wow6432Node\Microsoft\MSLicensing";
                store::licensing(&mut client.software, view, TOKEN_STORED, &id);
            }),
        },
        Case {
            code: "client.hardware_id.newer_than_token",
            about: "the hardware ID was written weeks after the token",
            raises: renewed(base::windows_10(NAME), |_| {}),
            miss: "the same, but Windows had been updated half an hour before",
            near_miss: renewed(
                Machine { upgrades: UPGRADES, ..base::windows_10(NAME) },
                |client| {
                    let seconds = (UPDATED - filetime(1970, 1, 1, 0, 0, 0)) / 10_000_000;
                    let version = client.software.root.at(r"Microsoft\Windows NT\CurrentVersion");
                    version.set(Value::dword("InstallDate", seconds as u32));
                    version.set(Value::qword("InstallTime", UPDATED));
                },
            ),
        },
        Case {
            code: "client.token.other_client",
            about: "the hardware ID is the platform 2 and the client's name, as rdesktop makes it",
            raises: with(|token| {
                token.hardware_id = [0; 20];
                token.hardware_id[0] = 2;
                token.hardware_id[4..][..NAME.len()].copy_from_slice(NAME.as_bytes());
            }),
            miss: "the hardware ID is the platform 2 and random bytes; they begin with a letter of \
                   the name, and end with a zero",
            near_miss: with(|token| {
                token.hardware_id[4] = NAME.as_bytes()[0];
                token.hardware_id[19] = 0;
            }),
        },
    ]
}

fn certificates() -> Vec<Case> {
    vec![
        Case {
            code: "client.token.signature_invalid",
            about: "a bit of the year in which the token ends is flipped",
            raises: files(|client| license(client, &year_flipped(&base::token(NAME)))),
            miss: "the token is signed with ECDSA, which license servers do not use",
            near_miss: files(|client| {
                let mut certificates = base::token(NAME).unsigned();
                certificates.leaf.algorithm = Algorithm::Ecdsa;
                license(client, &signed_data(&certificates.sign()));
            }),
        },
        Case {
            code: "client.token.undecodable",
            about: "filler stands where the token belongs",
            raises: files(|client| license(client, &Rng::new(6_500).bytes(1_900))),
            miss: "zero bytes follow the token",
            near_miss: files(|client| {
                license(client, &[base::token(NAME).encode(), vec![0; 64]].concat());
            }),
        },
        Case {
            code: "client.token.contradicts_index",
            about: "the index says version 5.2, and the certificate 6.2",
            raises: with(|token| token.index_version = 0x0005_0002),
            miss: "the index says the same as the certificate, in unusual types",
            near_miss: files(|client| {
                let version = base::token(NAME).index_version;
                licensing(client)
                    .at(r"Store\LICENSE000")
                    .set(Value::dword("ProductVersion", version))
                    .set(Value::sz("LicenseScope", "microsoft.com"))
                    .set(Value::binary("CompanyName", b"Microsoft Corporation\0"));
            }),
        },
        Case {
            code: "client.token.contradicts_itself",
            about: "the product is A02-6.00-S, and its version is 5.2",
            raises: with(|token| {
                token.product = "A02-6.00-S".to_owned();
                token.version = (5, 2);
                token.index_version = 0x0005_0002;
            }),
            miss: "issuer and licensing extension name the license server in other case",
            near_miss: files(|client| {
                let token = base::token(NAME);
                let other = TokenSpec { server: token.server.to_lowercase(), ..token.clone() };
                let mut certificates = other.unsigned();
                certificates.leaf.extensions = token.unsigned().leaf.extensions;
                license(client, &signed_data(&certificates.sign()));
            }),
        },
    ]
}

fn stores() -> Vec<Case> {
    vec![
        Case {
            code: "client.tokens.several_issuers",
            about: "two tokens of other versions, from a license server each",
            raises: with_second(|second| *second = base::of_other_server(second.clone())),
            miss: "two tokens of other versions from one license server, spelled in other case",
            near_miss: with_second(|second| second.server.make_ascii_lowercase()),
        },
        Case {
            code: "client.tokens.several_scopes",
            about: "two tokens of other versions from one license server, of a scope each",
            raises: with_second(|second| second.scope = "LAB".to_owned()),
            miss: "two tokens of other versions of one scope, spelled in other case",
            near_miss: with_second(|second| second.scope.make_ascii_lowercase()),
        },
        Case {
            code: "client.store.not_writable",
            about: "users may read the store, and write nothing",
            raises: files(|client| {
                licensing(client).at("Store").security = permissions::ordinary(Kernel::V10_0);
            }),
            miss: "everyone may write the store, which has no entry for users",
            near_miss: files(|client| {
                licensing(client).at("Store").security = permissions::everyone_may_write();
            }),
        },
        Case {
            code: "client.store.gap",
            about: "LICENSE001 without LICENSE000",
            raises: files(|client| {
                licensing(client).at(r"Store\LICENSE000").name = "LICENSE001".into();
            }),
            miss: "LICENSE000, LICENSE001 and a key LICENSEABC that holds nothing",
            near_miss: {
                let mut client = two_tokens(&second());
                store::add(licensing(&mut client), "LICENSEABC", SECOND_STORED);
                client.files()
            },
        },
    ]
}

/// Returns a client with a changed token and the hardware ID of the token.
fn with(change: fn(&mut TokenSpec)) -> Files {
    let mut token = base::token(NAME);
    change(&mut token);
    base::client(&token, NAME).files()
}

/// Returns a client whose token has this last-written time of its key.
fn stored_at(written: u64) -> Files {
    let mut client = base::client(&base::token(NAME), NAME);
    licensing(&mut client).at(r"Store\LICENSE000").last_written = written;
    client.files()
}

/// Returns a client with a long name, whose token names `machine`.
fn named(machine: &str) -> Files {
    let token = TokenSpec { machine: machine.to_owned(), ..base::token(LONG_NAME) };
    base::client(&token, LONG_NAME).files()
}

/// A client with two tokens, the second one changed.
fn with_second(change: fn(&mut TokenSpec)) -> Files {
    let mut second = second();
    change(&mut second);
    two_tokens(&second).files()
}

/// Returns a second token for a client, of the previous version.
fn second() -> TokenSpec {
    let first = base::token(NAME);
    TokenSpec {
        product: "A02-6.00-S".to_owned(),
        version: (6, 0),
        index_version: 0x0006_0000,
        serial: first.serial + 9,
        not_before: SECOND_STORED - SECOND_STORED % 10_000_000,
        ..first
    }
}

fn two_tokens(second: &TokenSpec) -> Hives {
    let mut hives = base::client(&base::token(NAME), NAME);
    store::forged(store::add(licensing(&mut hives), "LICENSE001", SECOND_STORED), second);
    hives
}

/// Returns a client whose hardware ID is newer than its token, with a change.
fn renewed(machine: Machine, change: fn(&mut Hives)) -> Files {
    let mut hives = base::licensed(Hives::new(machine), &base::token(NAME));
    change(&mut hives);
    licensing(&mut hives).at("HardwareID").last_written = HARDWARE_ID_RENEWED;
    hives.files()
}

const UPGRADES: &[Upgrade] = &[Upgrade {
    updated: "11/10/2023 09:52:10",
    written: UPDATED,
    release: Release { build: "19044", ..WINDOWS_10 },
    installed: filetime(2022, 6, 8, 7, 18, 28),
}];

fn licensing(client: &mut Hives) -> &mut Key {
    client.software.root.at(LICENSING)
}

/// Replaces the token with `bytes`.
fn license(client: &mut Hives, bytes: &[u8]) {
    let license = licensing(client).at(r"Store\LICENSE000");
    license.set(Value::binary("ClientLicense", bytes));
}

/// Returns the token with another last digit in the year of its end.
fn year_flipped(token: &TokenSpec) -> Vec<u8> {
    const BEGIN: &[u8] = b"240413";
    let mut bytes = token.encode();
    let ends = bytes.windows(BEGIN.len()).rposition(|window| window == BEGIN);
    bytes[ends.expect("the token ends on 2024-04-13") + 1] ^= 1;
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_time_differs_in_one_bit() {
        let (sound, flipped) = (base::token(NAME).encode(), year_flipped(&base::token(NAME)));
        let differs = |place: &usize| sound[*place] != flipped[*place];
        let places: Vec<usize> = (0..sound.len()).filter(differs).collect();
        assert_eq!((places.len(), sound.len()), (1, flipped.len()));
        // UTCTime of 13 characters.
        assert!(flipped[places[0] - 3..].starts_with(b"\x17\x0D25041"));
    }
}
