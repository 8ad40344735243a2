// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive reads everything that hive-forge writes, and finds no fault.

use std::collections::HashMap;

use calhive_regf::hive::security::Ace;
use calhive_regf::{Hive, Key};
use hive_forge::cases::cases;
use hive_forge::tree::{Security, Tree};
use hive_forge::{ListKind, Locality, Options, random, security, write, write_over};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::same_tree::same_tree;

fn options() -> impl Strategy<Value = Options> {
    let list = prop::sample::select(vec![ListKind::Auto, ListKind::Li, ListKind::Lf, ListKind::Lh]);
    let locality = prop_oneof![Just(Locality::InOrder), any::<u64>().prop_map(Locality::Shuffled),];
    let leaf = prop_oneof![1..9_usize, Just(507)];
    (1..=6_u32, list, locality, leaf).prop_map(|(minor, list, locality, leaf_elements)| Options {
        minor,
        list,
        locality,
        leaf_elements,
        ..Options::default()
    })
}

/// Writes a tree, and reads it with a walk, a check and look-ups.
fn check_round_trip(seed: u64, size: usize, options: &Options) {
    let tree = random::tree(seed, size, options.minor);
    let forged = write(&tree, options);
    let hive = Hive::parse(&forged.bytes).unwrap();
    assert_eq!(hive.base_block().version(), (1, options.minor));
    assert!(!hive.is_dirty());
    assert_eq!(same_tree(hive.root().unwrap(), &tree, options.minor), size);

    let mut faults = Vec::new();
    hive.check(|fault| faults.push(fault));
    assert_eq!(faults, []);

    let (mut walk, mut keys) = (hive.walk().with_values(true), 0);
    while let Some(entry) = walk.next() {
        let entry = entry.unwrap();
        keys += 1;
        let path = walk.path().to_key_path();
        let cell = entry.key.cell_offset();
        let found = hive.key(&path).unwrap().map(Key::cell_offset);
        assert_eq!(found, Some(cell), "key: {path}");
        let found = hive.key_thorough(&path, |fault| panic!("{path}: {fault}")).unwrap();
        assert_eq!(found.map(Key::cell_offset), Some(cell), "key_thorough: {path}");
        let found = hive.key(path.to_string().as_str()).unwrap().map(Key::cell_offset);
        assert_eq!(found, Some(cell), "as text: {path}");
        entry.values.for_each(|value| assert!(walk.data(value.unwrap()).is_ok()));
    }
    assert_eq!(keys, size);
    assert_eq!(walk.faults(), []);
}

#[test]
fn random_trees_are_read_as_written() {
    let config = Config { cases: cases(64), failure_persistence: None, ..Config::default() };
    let strategy = (any::<u64>(), 1..60_usize, options());
    TestRunner::new(config)
        .run(&strategy, |(seed, size, options)| {
            check_round_trip(seed, size, &options);
            Ok(())
        })
        .unwrap();
}

/// Trees that are written over an older state of themselves, several times.
#[test]
fn edited_trees_are_read_as_written() {
    for seed in 0..u64::from(cases(24)) {
        let minor = 1 + seed as u32 % 6;
        let options = Options { minor, leaf_elements: 4, ..Options::default() };
        let mut tree = random::tree(seed, 30, minor);
        let mut forged = write(&tree, &options);
        for step in 0..6 {
            tree = random::edit(seed ^ step, &tree, 3);
            forged = write_over(&forged, &tree, &options);
            let hive = Hive::parse(&forged.bytes).unwrap();
            same_tree(hive.root().unwrap(), &tree, minor);
            let mut findings = Vec::new();
            hive.check(|finding| findings.push(format!("{finding:?}")));
            assert!(findings.is_empty(), "seed {seed}, step {step}: {findings:#?}");
        }
    }
}

#[test]
fn every_version_list_and_locality_is_read_as_written() {
    for minor in 1..=6 {
        for list in [ListKind::Li, ListKind::Lf, ListKind::Lh] {
            for (leaf_elements, locality) in [(507, Locality::InOrder), (2, Locality::Shuffled(9))]
            {
                let options =
                    Options { minor, list, leaf_elements, locality, ..Options::default() };
                check_round_trip(u64::from(minor), 40, &options);
            }
        }
    }
}

#[test]
fn security_descriptors_are_decoded_as_written() {
    use security::{
        ALLOWED, AUDIT, CONTAINER_INHERIT, DENIED, Descriptor, FULL_CONTROL, READ, Sid,
    };
    let everyone_denied =
        security::Ace { kind: DENIED, flags: 0, mask: FULL_CONTROL, sid: Sid::everyone() };
    let audited = security::Ace { kind: AUDIT, flags: 0xC0, mask: READ, sid: Sid::users() };
    let account = Sid::new(5, &[21, 1_004_336_348, 1_177_238_915, 682_003_330, 1001]);
    let mut tree = Tree::new("ROOT");
    tree.root.at("both").security = Descriptor {
        owner: Some(account),
        group: Some(Sid::network_service()),
        dacl: Some(vec![everyone_denied, security::Ace::allow(READ, Sid::system())]),
        sacl: Some(vec![audited]),
    }
    .build();
    tree.root.at("neither").security = Descriptor::default().build();
    tree.root.at("default").security = Security::system_default();
    let forged = write(&tree, &Options::default());
    let hive = Hive::parse(&forged.bytes).unwrap();
    let decoded = |key: &str| {
        let key = hive.key(key).unwrap().unwrap();
        let descriptor = key.security().unwrap().unwrap().descriptor().unwrap();
        let sid =
            |sid: Option<calhive_regf::hive::security::Sid<'_>>| sid.map(|sid| sid.to_string());
        let list = |acl: Option<calhive_regf::hive::security::Acl<'_>>| {
            acl.map(|acl| acl.entries().map(|ace| fields(ace.unwrap())).collect::<Vec<_>>())
        };
        let owner = sid(descriptor.owner().unwrap());
        let group = sid(descriptor.group().unwrap());
        let (dacl, sacl) = (descriptor.dacl().unwrap(), descriptor.sacl().unwrap());
        (owner, group, list(dacl), list(sacl))
    };
    let ace = |kind, flags, mask, sid: &str| (kind, flags, Some(mask), Some(sid.to_owned()));
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        decoded("both"),
        (
            some("S-1-5-21-1004336348-1177238915-682003330-1001"),
            some("S-1-5-20"),
            Some(vec![
                ace(DENIED, 0, FULL_CONTROL, "S-1-1-0"),
                ace(ALLOWED, CONTAINER_INHERIT, READ, "S-1-5-18"),
            ]),
            Some(vec![ace(AUDIT, 0xC0, READ, "S-1-5-32-545")]),
        )
    );
    assert_eq!(decoded("neither"), (None, None, None, None));
    let (owner, group, dacl, sacl) = decoded("default");
    assert_eq!((owner, group, sacl), (some("S-1-5-32-544"), some("S-1-5-18"), None));
    assert_eq!(dacl.unwrap()[2], ace(ALLOWED, CONTAINER_INHERIT, READ, "S-1-5-32-545"));
}

fn fields(ace: Ace<'_>) -> (u8, u8, Option<u32>, Option<String>) {
    (ace.ace_type(), ace.flags(), ace.mask(), ace.sid().map(|sid| sid.to_string()))
}

/// Equal descriptors share one cell. Its reference count is the number of keys.
#[test]
fn equal_descriptors_share_one_cell() {
    let tree = random::tree(3, 80, 5);
    let forged = write(&tree, &Options::default());
    let hive = Hive::parse(&forged.bytes).unwrap();
    let mut uses: HashMap<_, (u32, u32, Vec<u8>)> = HashMap::new();
    for entry in hive.walk() {
        let security = entry.unwrap().key.security().unwrap().unwrap();
        let claimed = security.raw().reference_count.get();
        let bytes = security.descriptor().unwrap().bytes().as_slice().to_vec();
        uses.entry(security.offset()).or_insert((0, claimed, bytes)).0 += 1;
    }
    assert!(uses.len() > 2);
    assert!(uses.values().all(|(counted, claimed, _)| counted == claimed));
    let distinct: std::collections::HashSet<_> = uses.values().map(|it| &it.2).collect();
    assert_eq!(distinct.len(), uses.len());
}
