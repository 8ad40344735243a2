// SPDX-License-Identifier: MIT OR Apache-2.0

//! Each reason why the end of the grace period does not open, and machines that come close and open.

use super::{Draft, GraceMachine, Protection, SECRET, Suite, before_vista, since_vista};
use crate::grace_end::Installation;
use crate::scenario::grace_period;
use crate::scenario::machine::{copy_control_set, select};
use crate::scenario::release::SERVER_2022;
use crate::tree::{SYM_LINK, Value};
use crate::write;

/// Rounds of the master key files here: few, so that tests are fast.
const ROUNDS: u32 = 7;

/// A reason, with machines.
#[derive(Clone, Debug)]
pub struct Case {
    /// What the machine is about.
    pub about: &'static str,
    /// The reason why the end does not open, by its name for machines.
    pub reason: &'static str,
    /// A machine with this reason.
    pub closed: GraceMachine,
    /// A machine that comes close and opens.
    pub near_miss: GraceMachine,
}

/// Returns a machine that opens.
fn host() -> Draft {
    since_vista("RDSH23", SERVER_2022, Suite::Aes, ROUNDS)
}

/// Returns a machine with a master key file and without a value.
fn empty() -> Draft {
    let mut draft = Draft::new("RDSH23", SERVER_2022);
    draft.with_file(Suite::Aes, ROUNDS);
    draft
}

/// Returns a machine whose value is changed before encryption.
fn with(change: impl FnOnce(&mut Protection)) -> GraceMachine {
    let mut draft = empty();
    let mut protection = Protection::of(draft.end(), Suite::Aes);
    change(&mut protection);
    draft.protect(&protection).finish("host")
}

/// Returns a machine whose blob is changed after encryption.
fn after(change: impl FnOnce(&mut Vec<u8>)) -> GraceMachine {
    let mut draft = empty();
    let mut blob = draft.installation.blob(&Protection::of(draft.end(), Suite::Aes));
    change(&mut blob);
    draft.store(grace_period::VALUE, &blob).finish("host")
}

fn without(mut machine: GraceMachine, end: &str) -> GraceMachine {
    machine.files.retain(|(path, _)| !path.ends_with(end));
    machine
}

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    let case = |about, reason, closed, near_miss| Case { about, reason, closed, near_miss };
    vec![
        case("no value at all; only the name of a beta", "no_value", empty().finish("host"), {
            let mut draft = empty();
            let blob = draft.installation.blob(&Protection::of(draft.end(), Suite::Aes));
            draft.store(grace_period::BETA_VALUE, &blob).finish("host")
        }),
        case(
            "a secret of this name since Vista; the same secret beside a value",
            "no_value",
            late_secret(false),
            late_secret(true),
        ),
        case(
            "only SECURITY is missing; all files are there",
            "no_security_hive",
            without(host().finish("host"), "SECURITY"),
            host().finish("host"),
        ),
        case(
            "no class names; class names in another control set only",
            "no_boot_key",
            without_class_names(false),
            without_class_names(true),
        ),
        case(
            "syskey mode 2 with another boot key; mode 2 with the right one",
            "boot_key_elsewhere",
            syskey(2, true),
            syskey(2, false),
        ),
        case(
            "SECURITY of another installation; a ring of two keys",
            "other_system",
            {
                let mut other = Draft::new("OTHER", SERVER_2022);
                let mut draft = host();
                core::mem::swap(&mut draft.security, &mut other.security);
                draft.finish("host")
            },
            {
                let mut draft = host();
                draft.installation.write_ring(&mut draft.security, 1);
                draft.finish("host")
            },
        ),
        case(
            "no key of the LSA; a key of either generation",
            "no_lsa_keys",
            {
                let mut draft = host();
                draft
                    .security
                    .root
                    .at("Policy")
                    .subkeys
                    .retain(|key| key.name != "PolEKList".into());
                draft.finish("host")
            },
            {
                let mut draft = host();
                draft.installation.write_one_key(&mut draft.security);
                draft.finish("host")
            },
        ),
        case(
            "no secret DPAPI_SYSTEM; another secret beside it",
            "no_halves",
            {
                let mut draft = host();
                let secrets = draft.security.root.at(r"Policy\Secrets");
                secrets.subkeys.retain(|key| key.name != "DPAPI_SYSTEM".into());
                draft.finish("host")
            },
            {
                let mut draft = host();
                let security = &mut draft.security;
                draft.installation.write_secret(security, "NL$KM", &[7; 64], None, false);
                draft.finish("host")
            },
        ),
        case(
            "a secret with the name of no key; a later ring with the key",
            "secret_not_opened",
            {
                let mut draft = host();
                let secret = draft.security.root.at(r"Policy\Secrets\DPAPI_SYSTEM\CurrVal");
                secret.values.first_mut().expect("the default value").data[4] ^= 1;
                draft.finish("host")
            },
            {
                let mut draft = host();
                draft.installation.write_ring(&mut draft.security, 3);
                draft.finish("host")
            },
        ),
        case(
            "a shorter code; a description",
            "not_a_blob",
            after(|blob| {
                blob[162] = 32;
                blob.truncate(166 + 32);
            }),
            with(|it| it.description = "Remote Desktop"),
        ),
        case(
            "another length of the code; a description",
            "not_a_blob",
            after(|blob| blob[162] = 63),
            with(|it| it.description = "Remote Desktop"),
        ),
        case(
            "flags 0; the flags of the machine and of SYSTEM",
            "not_of_the_machine",
            with(|it| it.flags = 0),
            with(|it| it.flags = 0x2000_0004),
        ),
        case(
            "no master key file; a file in the folder User",
            "no_master_key_file",
            without(host().finish("host"), &host().installation.guid()),
            {
                let mut draft = Draft::new("RDSH23", SERVER_2022);
                let file = draft.installation.master_key_file(Suite::Aes, true, ROUNDS);
                let path = format!("User/{}", draft.installation.guid());
                let protection = Protection::of(draft.end(), Suite::Aes);
                draft.add_file(&path, file).protect(&protection).finish("host")
            },
        ),
        case(
            "a master key file of another installation; beside it the right one",
            "master_key_not_opened",
            foreign_file(false),
            foreign_file(true),
        ),
        case(
            "another GUID in the master key file; another policy in it",
            "other_master_key_file",
            of_file(|file| file[12] ^= 1),
            of_file(|file| file[92] ^= 1),
        ),
        case(
            "entropy; the other form of the code",
            "not_authentic",
            with(|it| it.entropy = b"entropy"),
            with(|it| it.is_nested = true),
        ),
        case(
            "an altered code; an unaltered one",
            "not_authentic",
            after(|blob| *blob.last_mut().expect("a blob") ^= 1),
            after(|_| ()),
        ),
        case(
            "9 bytes; a time with a fraction of a second",
            "not_a_time",
            with(|it| it.content.push(0)),
            with(|it| {
                let time = u64::from_le_bytes(it.content[..].try_into().expect("8 bytes"));
                it.content = (time + FRACTION).to_le_bytes().to_vec();
            }),
        ),
        case(
            "a time of 1998; the secret of 2003",
            "not_a_time",
            with(|it| it.content = 125_500_000_000_000_000_u64.to_le_bytes().to_vec()),
            before_vista().finish("host"),
        ),
        case(
            "a secret with a fraction of a second; one without",
            "not_whole_seconds",
            {
                let mut draft = before_vista();
                let end = draft.end() + FRACTION;
                draft.with_secret(&end.to_le_bytes()).finish("host")
            },
            before_vista().finish("host"),
        ),
        case(
            "AES-192; triple DES",
            "unknown_algorithm",
            after(|blob| blob[50] = 0x0F),
            since_vista("RDSH24", SERVER_2022, Suite::TripleDes, ROUNDS).finish("host"),
        ),
        case(
            "2,000,000 rounds; 24,000 rounds",
            "too_much_work",
            of_file(|file| file[148..152].copy_from_slice(&2_000_000_u32.to_le_bytes())),
            since_vista("RDSH23", SERVER_2022, Suite::Aes, 24_000).finish("host"),
        ),
        case(
            "a value list outside the hive; a value list of another key",
            "unreadable",
            damage("GracePeriod"),
            damage("Nls\\CodePage"),
        ),
        case(
            "a control set that is a symbolic link; such a link beside it",
            "unreadable",
            linked_set(1),
            linked_set(2),
        ),
    ]
}

/// Returns a machine whose value is in a control set that is not in use.
pub fn value_of_another_control_set() -> GraceMachine {
    let mut draft = host();
    copy_control_set(&mut draft.system, 2);
    select(&mut draft.system, 2, 2, 1);
    let key = draft.system.root.at(r"ControlSet002\Control\Terminal Server\RCM\GracePeriod");
    key.values.clear();
    draft.finish("value-of-another-control-set")
}

/// Returns a machine whose value says a time of 2150, in a key that was last written at the installation.
pub fn late_end() -> GraceMachine {
    let mut machine = with(|it| it.content = YEAR_2150.to_le_bytes().to_vec());
    machine.end = YEAR_2150;
    machine
}

/// A day of 2150.
const YEAR_2150: u64 = 173_250_144_000_000_000;

/// Returns a workstation with a value in SYSTEM and a secret of the same name in SECURITY.
pub fn client_with_both() -> GraceMachine {
    let mut draft = host();
    let (end, set) = (draft.end() + FRACTION, draft.set);
    let security = &mut draft.security;
    draft.installation.write_secret(security, SECRET, &end.to_le_bytes(), Some(set), false);
    let options = draft.system.root.at(r"ControlSet001\Control\ProductOptions");
    options.set(Value::sz("ProductType", "WinNT"));
    without(draft.finish("client-with-both"), "SOFTWARE")
}

/// Returns a machine of 2022 with a secret of the name that Windows had before Vista.
fn late_secret(has_value: bool) -> GraceMachine {
    let mut draft = if has_value { host() } else { empty() };
    let (end, set) = (draft.end() + FRACTION, draft.set);
    let security = &mut draft.security;
    draft.installation.write_secret(security, SECRET, &end.to_le_bytes(), Some(set), false);
    draft.finish("host")
}

/// Returns a machine whose master key file is changed.
fn of_file(change: impl FnOnce(&mut Vec<u8>)) -> GraceMachine {
    let mut machine = host().finish("host");
    change(&mut machine.files.last_mut().expect("a master key file").1);
    machine
}

/// Returns a machine with two control sets, of which this one is a symbolic link. The first is in use.
fn linked_set(number: u32) -> GraceMachine {
    let mut draft = host();
    let name = format!("ControlSet{number:03}");
    if number > 1 {
        copy_control_set(&mut draft.system, number);
        select(&mut draft.system, 1, 1, 1);
    }
    draft.system.root.at(&name).flags |= SYM_LINK;
    draft.finish("host")
}

/// A fraction of a second. The near miss with it opens to the end plus this.
pub(super) const FRACTION: u64 = 1_234_567;

fn without_class_names(has_other_set: bool) -> GraceMachine {
    let mut draft = host();
    if has_other_set {
        copy_control_set(&mut draft.system, 2);
        select(&mut draft.system, 1, 1, 2);
    }
    let lsa = draft.system.root.at(r"ControlSet001\Control\Lsa");
    lsa.subkeys.iter_mut().for_each(|key| key.class = None);
    draft.finish("host")
}

fn syskey(mode: u32, has_other_key: bool) -> GraceMachine {
    let mut draft = host();
    let set = draft.system.root.at("ControlSet001");
    if has_other_key {
        Installation::new("password").write_boot_key(set);
    }
    set.at(r"Control\Lsa").push(Value::dword("SecureBoot", mode));
    draft.finish("host")
}

fn foreign_file(has_right_file: bool) -> GraceMachine {
    let mut draft = host();
    let mut foreign = Installation::new("foreign").with_guid_of(&draft.installation);
    let file = foreign.master_key_file(Suite::Aes, false, ROUNDS);
    let right = core::mem::take(&mut draft.master_keys);
    draft.add_file(&foreign.guid(), file);
    for (path, file) in right.into_iter().filter(|_| has_right_file) {
        draft.add_file(&format!("User/{path}"), file);
    }
    draft.finish("host")
}

/// Makes the list of values of a key unreadable.
fn damage(key: &str) -> GraceMachine {
    let draft = host();
    let mut machine = draft.finish("host");
    let mut hive = write(&draft.system, &draft.machine.options("SYSTEM"));
    let path = if key == "GracePeriod" {
        String::from(r"ControlSet001\Control\Terminal Server\RCM\GracePeriod")
    } else {
        format!(r"ControlSet001\Control\{key}")
    };
    hive.set(&format!("key {path}"), "values", 0x7FFF_FFF0).seal();
    machine.files[0].1 = hive.bytes;
    machine
}
