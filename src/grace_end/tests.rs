// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests over forged machines: the end, each reason, and every single-bit change of the chain.

use alloc::collections::BTreeMap;

use hive_forge::grace_end::{GraceMachine, cases, machines};

use super::*;

/// Opens a machine as its files are.
fn open(machine: &GraceMachine) -> Result<GraceEnd, NotOpened> {
    let security = machine.files.iter().find(|(path, _)| path.ends_with("/SECURITY"));
    open_with(machine.file("/SYSTEM"), security.map(|(_, bytes)| &**bytes), &machine_files(machine))
}

fn machine_files(machine: &GraceMachine) -> Vec<(String, Vec<u8>)> {
    let keys = machine.files.iter().filter(|(path, _)| path.contains("Protect"));
    keys.map(|(path, file)| (path.rsplit('/').next().unwrap().to_owned(), file.clone())).collect()
}

fn open_with(
    system: &[u8],
    security: Option<&[u8]>,
    files: &[(String, Vec<u8>)],
) -> Result<GraceEnd, NotOpened> {
    let security = security.map(|bytes| Hive::parse(bytes).unwrap());
    let files_of = |guid: &str| {
        let of_name = files.iter().filter(|(name, _)| name == guid);
        of_name.map(|(_, file)| file.clone()).collect()
    };
    grace_end(Hive::parse(system).unwrap(), security, files_of)
}

#[test]
fn forged_machine_of_each_generation_gives_its_time() {
    let mut suites = Vec::new();
    for machine in machines() {
        let opened = open(&machine).unwrap();
        assert_eq!(opened.end.raw(), machine.end, "{}", machine.name);
        match opened.opened_with {
            OpenedWith::MasterKey {
                control_set,
                is_current,
                boot_key_set,
                file,
                half,
                cipher,
                ..
            } => {
                assert_eq!((control_set, is_current, boot_key_set, file), (1, true, 1, 0));
                assert_eq!(
                    (half, opened.set_at, opened.authenticated),
                    (Half::Machine, None, true)
                );
                suites.push(cipher);
            }
            OpenedWith::Secret { boot_key_set } => {
                assert_eq!(boot_key_set, 1);
                assert_eq!(opened.set_at.map(FileTime::raw), Some(machine.set));
                assert!(!opened.authenticated);
                suites.push("DES");
            }
        }
    }
    assert_eq!(suites, ["DES", "Triple DES", "AES-256", "AES-256"]);
}

#[test]
fn each_reason_has_a_machine_and_a_near_miss_that_opens() {
    let mut reasons = BTreeMap::new();
    for case in cases() {
        let reason = open(&case.closed).unwrap_err();
        assert_eq!(reason.code(), case.reason, "{}", case.about);
        let opened = open(&case.near_miss).map_err(|it| format!("{}: {it}", case.about)).unwrap();
        let fraction = opened.end.raw() - case.near_miss.end;
        assert!(fraction == 0 || case.about.ends_with("with a fraction of a second"), "{fraction}");
        *reasons.entry(case.reason).or_insert(0) += 1;
    }
    // Every reason of the enum.
    assert_eq!(reasons.len(), 19, "{reasons:?}");
}

#[test]
fn near_misses_say_how_they_opened() {
    let cases = cases();
    let opened = |reason: &str| {
        let case = cases.iter().find(|case| case.reason == reason).unwrap();
        open(&case.near_miss).unwrap().opened_with
    };
    let OpenedWith::MasterKey { boot_key_set, control_set, .. } = opened("no_boot_key") else {
        panic!("a blob")
    };
    assert_eq!((boot_key_set, control_set), (2, 1));
    let OpenedWith::MasterKey { half, file, .. } = opened("no_master_key_file") else {
        panic!("a blob")
    };
    assert_eq!((half, file), (Half::User, 0));
    let OpenedWith::MasterKey { file, .. } = opened("master_key_not_opened") else {
        panic!("a blob")
    };
    assert_eq!(file, 1);
    let OpenedWith::MasterKey { is_hmac, .. } = opened("not_authentic") else { panic!("a blob") };
    assert!(!is_hmac);
    let OpenedWith::MasterKey { value, .. } = opened("no_value") else { panic!("a blob") };
    assert!(value.starts_with("L$GracePeriodTimeBomb"));
}

/// What single-bit changes of a part of the chain give.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    same: usize,
    reasons: usize,
}

/// Changes each bit of a part of a file, and opens the machine each time.
fn change_bits(part: &[u8], file: &mut [u8], open: impl Fn(&[u8]) -> Option<u64>) -> Changes {
    let mut places = file.windows(part.len()).enumerate().filter(|(_, window)| *window == part);
    let (start, _) = places.next().unwrap();
    assert!(places.next().is_none(), "the part is there twice");
    let end = open(file).unwrap();
    let mut changes = Changes::default();
    for bit in 0..8 * part.len() {
        file[start + bit / 8] ^= 1 << (bit % 8);
        match open(file) {
            Some(other) => {
                assert_eq!(other, end, "bit {bit}");
                changes.same += 1;
            }
            None => changes.reasons += 1,
        }
        file[start + bit / 8] ^= 1 << (bit % 8);
    }
    changes
}

fn value(hive: &[u8], path: &str, name: &str) -> Vec<u8> {
    let key = Hive::parse(hive).unwrap().key(path).unwrap().unwrap();
    key.value(name).unwrap().unwrap().data().unwrap().to_bytes().into_owned()
}

/// A machine that opens, with few rounds: that of the case with this reason.
fn small(reason: &str) -> GraceMachine {
    cases().into_iter().find(|case| case.reason == reason).unwrap().near_miss
}

/// Changes each bit of one file or value of a machine.
fn changes_of(machine: &GraceMachine, hive: &str, part: &[u8]) -> Changes {
    let (system, security) = (machine.file("/SYSTEM"), machine.file("/SECURITY"));
    let keys = machine_files(machine);
    let end = |opened: Result<GraceEnd, NotOpened>| opened.ok().map(|it| it.end.raw());
    match hive {
        "SYSTEM" => change_bits(part, &mut system.to_vec(), |system| {
            end(open_with(system, Some(security), &keys))
        }),
        "SECURITY" => change_bits(part, &mut security.to_vec(), |security| {
            end(open_with(system, Some(security), &keys))
        }),
        _ => change_bits(part, &mut keys[0].1.clone(), |file| {
            end(open_with(system, Some(security), &[(keys[0].0.clone(), file.to_vec())]))
        }),
    }
}

#[test]
fn single_bit_changes_of_the_blob_never_open() {
    for (reason, bits) in [("no_security_hive", 230 * 8), ("unknown_algorithm", 154 * 8)] {
        let machine = small(reason);
        let blob = value(machine.file("/SYSTEM"), &format!("ControlSet001\\{KEY}"), VALUES[0]);
        let changes = changes_of(&machine, "SYSTEM", &blob);
        assert_eq!(changes, Changes { same: 0, reasons: bits }, "{reason}");
    }
}

#[test]
fn single_bit_changes_of_the_master_key_file_give_the_same_time_or_a_reason() {
    for (reason, length) in [("no_security_hive", 468), ("unknown_algorithm", 428)] {
        let machine = small(reason);
        let file = machine_files(&machine).remove(0).1;
        assert_eq!(file.len(), length);
        let first = usize::from(file[96]);
        // Header, backup key and history are not under the code. The block is.
        let block = changes_of(&machine, "file", &file[128..][..first]);
        assert_eq!(block.reasons + block.same, first * 8);
        assert_eq!(block.same, 0, "{reason}: {block:?}");
        let rest = changes_of(&machine, "file", &file[128 + first..]);
        assert_eq!(rest.reasons, 0, "{reason}");
        let head = changes_of(&machine, "file", &file[..128]);
        // Two fields of 8 bytes, and the policy.
        assert_eq!((head.same, head.reasons), (20 * 8, 108 * 8), "{reason}");
    }
}

#[test]
fn single_bit_changes_of_secrets_and_key_rings_give_the_same_time_or_a_reason() {
    let since = small("no_security_hive");
    let before = machines().remove(0);
    let mut all = Vec::new();
    for (machine, path) in [
        (&since, r"Policy\PolEKList"),
        (&since, HALVES),
        (&before, r"Policy\PolSecretEncryptionKey"),
        (&before, SECRET),
    ] {
        let part = value(machine.file("/SECURITY"), path, "");
        let changes = changes_of(machine, "SECURITY", &part);
        assert_eq!(changes.same + changes.reasons, 8 * part.len(), "{path}");
        all.push((changes.same, changes.reasons));
    }
    // The same time: the name in the header of the ring, the last block of the halves, the header and the unused parts of
    // the one key, and the unreliable bytes of the secret.
    assert_eq!(all, [(128, 1248), (128, 864), (368, 240), (64, 160)]);
}

/// A published chain of real data: a blob of the machine with 8 bytes of text. `.ci/run` downloads it and names its
/// folder. It is no value of a grace period.
#[test]
fn real_chain_gives_its_published_plaintext() {
    let Some(folder) = std::env::var_os("CALHIVE_DPAPI_CHAIN").map(std::path::PathBuf::from) else {
        println!("CALHIVE_DPAPI_CHAIN is not set: no real chain was opened");
        return;
    };
    let part = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let (blob, master_key) = (part("blob"), part("master-key"));
    let mut system = hive_forge::tree::Tree::new("ROOT");
    system.root.at("Select").set(hive_forge::tree::Value::dword("Current", 1));
    let set = system.root.at("ControlSet001");
    let class_names = String::from_utf8(part("class-names")).unwrap();
    for (at, name) in ["JD", "Skew1", "GBG", "Data"].iter().enumerate() {
        let class = class_names[8 * at..][..8].encode_utf16().collect();
        set.at(&format!("Control\\Lsa\\{name}")).class = Some(class);
    }
    set.at(KEY).set(hive_forge::tree::Value::binary(VALUES[0], &blob));
    let mut security = hive_forge::tree::Tree::new("ROOT");
    for (path, name) in [(r"Policy\PolEKList", "ring"), (HALVES, "secret")] {
        let value = hive_forge::tree::Value::new("", 0, &part(name));
        security.root.at(path).set(value);
    }
    let [system, security] =
        [system, security].map(|tree| hive_forge::write(&tree, &Default::default()).bytes);
    let (system, security) = (Hive::parse(&system).unwrap(), Hive::parse(&security).unwrap());

    let keys = boot_keys(&ControlSets::of(system)).unwrap().remove(0).key;
    let keys = LsaKeys::open(security, &keys).unwrap();
    let halves = default_value(security, HALVES).unwrap().unwrap();
    let halves = Halves::parse(keys.secret(halves.bytes()).unwrap().bytes()).unwrap();
    let blob = Blob::parse(&blob).unwrap();
    let file = MasterKeyFile::parse(&master_key, &blob.guid).unwrap();
    let (key, half) = file.open(&halves, &mut Work::new(), &blob.guid).unwrap();
    let (plain, form) = blob.open(&key).unwrap();
    assert_eq!(plain.bytes(), b"TestData");
    assert!(half == Half::Machine && form == CodeForm::Plain);
    // The one door does not give the text away.
    let opened = grace_end(system, Some(security), |_| vec![master_key.clone()]);
    assert_eq!(opened, Err(NotOpened::NotATime { length: 8 }));
}
