// SPDX-License-Identifier: MIT OR Apache-2.0

//! Findings on deleted items that can be recovered.

use crate::deletion::Edits;
use crate::finding::base::{self, CHANGED, LICENSING};
use crate::finding::{Case, Files, Hives};
use crate::scenario::{grace_period, store};
use crate::token::TokenSpec;
use crate::tree::{Key, Value};

const NAME: &str = "WS-0042";
/// A key that is deleted first, so that later cells have room elsewhere.
const FILLER: &str = "A";
/// Key of the only stored license.
const STORED: &str = r"Microsoft\MSLicensing\Store\LICENSE000";
const POLICY: &str = r"Policies\Microsoft\Windows NT\Terminal Services";
const GRACE_PERIOD: &str = r"ControlSet001\Control\Terminal Server\RCM\GracePeriod";

pub(super) fn cases() -> Vec<Case> {
    [tokens(), keys(), settings()].concat()
}

/// Returns a client with edits in its SOFTWARE hive.
fn client(change: fn(&mut Hives), edit: fn(&mut Edits)) -> Files {
    let mut hives = base::client(&base::token(NAME), NAME);
    filler(&mut hives.software.root);
    change(&mut hives);
    hives.edited("SOFTWARE", |edits| {
        edits.delete_key(edits.key(FILLER), CHANGED);
        edit(edits);
    })
}

/// Returns the same client without a token, with an empty store.
fn client_without_token(edit: fn(&mut Edits)) -> Files {
    client(
        |hives| {
            hives.software.root.at(LICENSING).at("Store").remove("LICENSE000");
        },
        edit,
    )
}

/// A session host with one edited hive.
fn session_host(name: &'static str, change: fn(&mut Hives), edit: fn(&mut Edits)) -> Files {
    let mut hives = base::session_host("RDSH01");
    filler(&mut hives.system.root);
    filler(&mut hives.software.root);
    change(&mut hives);
    hives.edited(name, |edits| {
        edits.delete_key(edits.key(FILLER), CHANGED);
        edit(edits);
    })
}

fn filler(root: &mut Key) {
    let key = root.at(FILLER);
    for number in 0..4 {
        key.set(Value::binary(&number.to_string(), &[0x2E; 3000]));
    }
}

fn tokens() -> Vec<Case> {
    vec![
        Case {
            code: "client.token.removed",
            about: "the key of the one stored license was deleted",
            raises: client(
                |_| {},
                |edits| {
                    edits.delete_key(edits.key(STORED), CHANGED);
                },
            ),
            miss: "the key was deleted and made anew with the same token",
            near_miss: client(
                |_| {},
                |edits| {
                    let key = edits.key(STORED);
                    let same = edits.content(key).clone();
                    edits.delete_key(key, CHANGED);
                    edits.add_key(edits.key(r"Microsoft\MSLicensing\Store"), same, CHANGED);
                },
            ),
        },
        Case {
            code: "client.license_key.removed",
            about: "the key of a stored license without a token was deleted",
            raises: client(without_token, |edits| {
                edits.delete_key(edits.key(STORED), CHANGED);
            }),
            miss: "the key was deleted and made anew",
            near_miss: client(without_token, |edits| {
                let key = edits.key(STORED);
                let same = edits.content(key).clone();
                edits.delete_key(key, CHANGED);
                edits.add_key(edits.key(r"Microsoft\MSLicensing\Store"), same, CHANGED);
            }),
        },
        Case {
            code: "client.token.stray",
            about: "the stored token was replaced by another and longer one in the same value",
            raises: client(|_| {}, replace_token),
            miss: "what was replaced in that value was no token",
            near_miss: client(
                |client| {
                    let key = client.software.root.at(LICENSING).at("Store").at("LICENSE000");
                    key.set(Value::binary("ClientLicense", &[0x2E; 1500]));
                },
                replace_token,
            ),
        },
    ]
}

fn without_token(client: &mut Hives) {
    let key = client.software.root.at(LICENSING).at("Store").at("LICENSE000");
    key.values.retain(|value| value.name != "ClientLicense".into());
}

fn replace_token(edits: &mut Edits) {
    let key = edits.key(STORED);
    let spec = base::token(NAME);
    let longer = TokenSpec { server: format!("{}-SUCCESSOR-OF-IT", spec.server), ..spec };
    edits.set_value(key, Value::binary("ClientLicense", &longer.encode()), CHANGED);
}

fn keys() -> Vec<Case> {
    vec![
        Case {
            code: "client.licensing.removed",
            about: "MSLicensing was deleted; its store was empty",
            raises: client_without_token(|edits| {
                edits.delete_key(edits.key(LICENSING), CHANGED);
            }),
            miss: "a key MSLicensing was deleted elsewhere",
            near_miss: client(
                |client| {
                    client.software.root.at(r"Other\MSLicensing\HardwareID");
                },
                |edits| {
                    edits.delete_key(edits.key(r"Other\MSLicensing"), CHANGED);
                },
            ),
        },
        Case {
            code: "client.licensing.created_anew",
            about: "HardwareID was deleted and made anew with another hardware id",
            raises: client_without_token(|edits| {
                edits.delete_key(edits.key(r"Microsoft\MSLicensing\HardwareID"), CHANGED);
                let id = store::hardware_id("made anew");
                let anew = Key::new("HardwareID").binary("ClientHWID", &id);
                edits.add_key(edits.key(LICENSING), anew, CHANGED);
            }),
            miss: "the hardware ID was changed in its place",
            near_miss: client_without_token(|edits| {
                let key = edits.key(r"Microsoft\MSLicensing\HardwareID");
                let id = store::hardware_id("made anew");
                edits.set_value(key, Value::binary("ClientHWID", &id), CHANGED);
            }),
        },
        Case {
            code: "client.licensing.both_removed",
            about: "HardwareID and Store were deleted, MSLicensing was not",
            raises: client_without_token(|edits| {
                edits.delete_key(edits.key(r"Microsoft\MSLicensing\HardwareID"), CHANGED);
                edits.delete_key(edits.key(r"Microsoft\MSLicensing\Store"), CHANGED);
            }),
            miss: "Store alone was deleted",
            near_miss: client_without_token(|edits| {
                edits.delete_key(edits.key(r"Microsoft\MSLicensing\Store"), CHANGED);
            }),
        },
    ]
}

fn settings() -> Vec<Case> {
    vec![
        Case {
            code: "host.mode.recovered",
            about: "a policy key with the mode 4 was deleted; the host itself has 2",
            raises: session_host(
                "SOFTWARE",
                |host| policy(host, Value::dword("LicensingMode", 4)),
                delete_policy,
            ),
            miss: "a policy key with another value was deleted",
            near_miss: session_host(
                "SOFTWARE",
                |host| policy(host, Value::dword("fDisableCdm", 4)),
                delete_policy,
            ),
        },
        Case {
            code: "host.servers.recovered",
            about: "a policy key with another license server was deleted",
            raises: session_host(
                "SOFTWARE",
                |host| policy(host, Value::sz("LicenseServers", "rdlic-old.corp.example")),
                delete_policy,
            ),
            miss: "a value of this name was deleted with a key below it",
            near_miss: session_host(
                "SOFTWARE",
                |host| {
                    let key = host.software.root.at(POLICY).at("Client");
                    key.set(Value::sz("LicenseServers", "rdlic-old.corp.example"));
                },
                |edits| {
                    edits.delete_key(
                        edits.key(r"Policies\Microsoft\Windows NT\Terminal Services\Client"),
                        CHANGED,
                    );
                },
            ),
        },
        Case {
            code: "host.grace.recovered",
            about: "the key of the grace period was deleted and made anew with the same value",
            raises: session_host(
                "SYSTEM",
                |_| {},
                |edits| {
                    let key = edits.key(GRACE_PERIOD);
                    let same = edits.content(key).clone();
                    edits.delete_key(key, CHANGED);
                    edits.add_key(
                        edits.key(r"ControlSet001\Control\Terminal Server\RCM"),
                        same,
                        CHANGED,
                    );
                },
            ),
            miss: "the value of the grace period was written again in its place",
            near_miss: session_host(
                "SYSTEM",
                |_| {},
                |edits| {
                    let key = edits.key(GRACE_PERIOD);
                    let again = edits.content(key).values[0].clone();
                    assert_eq!(again.name, grace_period::VALUE.into());
                    edits.set_value(key, again, CHANGED);
                },
            ),
        },
    ]
}

fn policy(host: &mut Hives, value: Value) {
    host.software.root.at(POLICY).set(value);
}

fn delete_policy(edits: &mut Edits) {
    edits.delete_key(edits.key(POLICY), CHANGED);
}
