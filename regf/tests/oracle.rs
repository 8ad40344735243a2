// SPDX-License-Identifier: MIT OR Apache-2.0
//! nt-hive and calhive read the same keys, value names, types and data. A list names every hive
//! that nt-hive reads otherwise, and why.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use calhive_regf::{Hive, Key, Name, Value};
use hive_forge::corpus::hives;
use hive_forge::{Locality, Options, random, write};
use nt_hive::{KeyNode, KeyValue, NtHiveNameString};

use Difference::{EmptyData, LongData, Refused, UnknownType};

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Calls nt-hive. Returns `None` if nt-hive panics. Panics of other threads are printed as usual.
fn contained<T>(call: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                hook(panic);
            }
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(call)).ok();
    QUIET.set(false);
    result
}

/// How the reading of nt-hive differs from the reading of calhive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// nt-hive panics. The rest of the list is not compared.
    Panic,
    /// nt-hive panics on empty data, which have no cell.
    EmptyData,
    /// nt-hive refuses data over 16,344 bytes in version 1.3: it expects a `db` cell.
    LongData,
    /// nt-hive refuses something else that calhive reads.
    Refused,
    /// nt-hive lacks a key or value.
    Missing,
    /// nt-hive has a key or value that calhive lacks.
    More,
    /// nt-hive reads something that calhive refuses.
    ReadsMore,
    /// The names differ.
    Name,
    /// nt-hive does not know the type.
    UnknownType,
    /// The types differ.
    Type,
    /// The data differ.
    Data,
}

#[derive(Default)]
struct Comparison {
    keys: usize,
    values: usize,
    differences: BTreeMap<Difference, usize>,
    seen: HashSet<u64>,
}

type Node<'h, 'd> = KeyNode<'h, &'d [u8]>;
type Other<'h, 'd> = KeyValue<'h, &'d [u8]>;

impl Comparison {
    fn differs(&mut self, difference: Difference) {
        *self.differences.entry(difference).or_default() += 1;
    }

    fn hive(bytes: &[u8]) -> Self {
        let mut comparison = Self::default();
        let ours = Hive::parse(bytes).and_then(Hive::root);
        let Some(Ok(hive)) = contained(|| nt_hive::Hive::without_validation(bytes)) else {
            if ours.is_ok() {
                comparison.differs(Refused);
            }
            return comparison;
        };
        let theirs = contained(|| hive.root_key_node());
        if let Some((ours, theirs)) = comparison.both(Some(ours), theirs.map(Some)) {
            comparison.key(ours, &theirs);
        }
        comparison
    }

    /// Returns what both readers have in one place, or `None` if one of them has nothing.
    fn both<A, B>(
        &mut self,
        ours: Option<calhive_regf::Result<A>>,
        theirs: Option<Option<nt_hive::Result<B>>>,
    ) -> Option<(A, B)> {
        match (ours, theirs) {
            (Some(Ok(ours)), Some(Some(Ok(theirs)))) => return Some((ours, theirs)),
            (Some(Err(_)) | None, Some(Some(Err(_)) | None)) => {}
            (Some(Ok(_)), Some(Some(Err(_)))) => self.differs(Refused),
            (Some(Ok(_)), Some(None)) => self.differs(Difference::Missing),
            (None, Some(Some(Ok(_)))) => self.differs(Difference::More),
            (Some(Err(_)), Some(Some(Ok(_)))) => self.differs(Difference::ReadsMore),
            (Some(Err(_)) | None, None) => {}
            (Some(Ok(_)), None) => self.differs(Difference::Panic),
        }
        None
    }

    fn key(&mut self, ours: Key<'_>, theirs: &Node<'_, '_>) {
        if !self.seen.insert(ours.offset().get()) {
            return;
        }
        self.keys += 1;
        let name = contained(|| theirs.name());
        if let Some((ours, theirs)) = self.both(Some(Ok(ours.name())), name.map(Some)) {
            self.same_name(ours, &theirs);
        }
        match contained(|| theirs.values()) {
            Some(Some(Ok(mut values))) => {
                self.lists(ours.values(), || values.next(), |this, a, b| this.value(a, &b));
            }
            other => {
                let there = other.map(|it| it.map(|it| it.map(drop)));
                self.both(ours.values().next(), there);
            }
        }
        match contained(|| theirs.subkeys()) {
            Some(Some(Ok(mut subkeys))) => {
                self.lists(ours.subkeys(), || subkeys.next(), |this, a, b| this.key(a, &b));
            }
            other => {
                let there = other.map(|it| it.map(|it| it.map(drop)));
                self.both(ours.subkeys().next(), there);
            }
        }
    }

    /// Compares two lists element by element.
    fn lists<A, B>(
        &mut self,
        mut ours: impl Iterator<Item = calhive_regf::Result<A>>,
        mut next: impl FnMut() -> Option<nt_hive::Result<B>>,
        mut compare: impl FnMut(&mut Self, A, B),
    ) {
        loop {
            let (our, their) = (ours.next(), contained(&mut next));
            let end = our.is_none() && matches!(their, Some(None)) || their.is_none();
            if let Some((our, their)) = self.both(our, their) {
                compare(self, our, their);
            }
            if end {
                return;
            }
        }
    }

    fn same_name(&mut self, ours: Name<'_>, theirs: &NtHiveNameString<'_>) {
        let units: Vec<u16> = match theirs {
            NtHiveNameString::Latin1(bytes) => bytes.iter().map(|byte| u16::from(*byte)).collect(),
            NtHiveNameString::Utf16LE(bytes) => {
                bytes.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect()
            }
        };
        if !ours.units().eq(units) {
            self.differs(Difference::Name);
        }
    }

    fn value(&mut self, ours: Value<'_>, theirs: &Other<'_, '_>) {
        self.values += 1;
        let name = contained(|| theirs.name());
        if let Some((ours, theirs)) = self.both(Some(Ok(ours.name())), name.map(Some)) {
            self.same_name(ours, &theirs);
        }
        match contained(|| theirs.data_type()) {
            Some(Ok(kind)) if kind as u32 == ours.value_type().0 => {}
            Some(Err(_)) if ours.value_type().name().is_none() => {
                self.differs(UnknownType);
            }
            _ => self.differs(Difference::Type),
        }
        let data = contained(|| theirs.data().and_then(|data| data.into_vec()));
        let no_big_data = ours.hive().base_block().version() == (1, 3);
        match &data {
            _ if ours.data().is_err() => {}
            None if ours.data_size() == 0 => return self.differs(EmptyData),
            Some(Err(_)) if no_big_data && ours.data_size() as usize > hive_forge::SEGMENT => {
                return self.differs(LongData);
            }
            _ => {}
        }
        if let Some((ours, theirs)) = self.both(Some(ours.data()), data.map(Some))
            && *ours.to_bytes() != *theirs
        {
            self.differs(Difference::Data);
        }
    }
}

/// Hives that nt-hive reads otherwise, with the difference and its count. Everything else in these
/// hives is equal.
const LISTED: [(&str, Difference, usize); 21] = [
    // Version 1.3: nt-hive expects `db` cells for data over 16,344 bytes, and refuses the data.
    ("xp/NTUSER-joe.DAT", LongData, 1),
    ("win7/NTUSER-nfury.DAT", LongData, 1),
    ("win7/NTUSER-vibranium.DAT", LongData, 1),
    ("win7/NTUSER-vibranium-modified.DAT", LongData, 1),
    ("win7/NTUSER-CCLEANER.DAT", LongData, 1),
    ("win10/NTUSER-WSL.DAT", LongData, 1),
    ("win10/ntuser_software_partial", LongData, 4),
    // Types without a name: types of device properties, and account numbers in the place of a type.
    ("servers/SAM-win2008r2_64", UnknownType, 14),
    ("servers/SAM-win2016_64", UnknownType, 16),
    ("servers/SAM-win2022_64", UnknownType, 18),
    ("win7/SAM", UnknownType, 23),
    ("win11-sam-clean-logs/SAM", UnknownType, 26),
    ("corrupt/SAM", UnknownType, 21),
    ("corrupt/SAMBadHBinHeader", UnknownType, 21),
    ("win81/SYSTEM", UnknownType, 1687),
    ("win10-dirty-system/SYSTEM", UnknownType, 5339),
    // Empty data, whose cell offset is NIL. In `System_Delta` these are tombstones.
    ("special/System_Delta", EmptyData, 3),
    ("reactos/SECURITY", EmptyData, 4),
    ("windows-xp-client/Windows/System32/config/SECURITY", EmptyData, 1),
    // A name that its cell truncates: nt-hive refuses the name. calhive shows the part that is
    // there, and reports the fault.
    ("corrupt/TruncatedNameHive", Refused, 1),
    // The root offset leads to no key: calhive searches for the root.
    ("corrupt/regfio_corrupt_hbin1.dat", Refused, 1),
];

#[test]
fn nt_hive_reading_is_equal_or_listed() {
    let (mut all, mut agree, mut listed, mut keys, mut values) = (0, 0, 0, 0, 0);
    let mut wrong = Vec::new();
    let mut compare = |name: &str, bytes: &[u8]| {
        let comparison = Comparison::hive(bytes);
        all += 1;
        keys += comparison.keys;
        values += comparison.values;
        let differences: Vec<(Difference, usize)> = comparison.differences.into_iter().collect();
        if differences.is_empty() {
            agree += 1;
            return;
        }
        match LISTED.iter().find(|(hive, ..)| *hive == name) {
            Some((_, what, count)) if differences == [(*what, *count)] => listed += 1,
            _ => wrong.push(format!("{name}: {differences:?}")),
        }
    };
    for (name, bytes) in hive_forge::scenario::hives() {
        compare(&name, &bytes);
    }
    let corpus = hives("nt_hive_reading_is_equal_or_listed");
    let with_corpus = corpus.is_some();
    for file in corpus.into_iter().flatten() {
        compare(&file.name, &file.bytes);
    }
    println!(
        "{agree} of {all} hives read alike, {listed} but for what is listed: {keys} keys, {values} \
         values"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(listed, if with_corpus { LISTED.len() } else { 1 }, "a listed hive is read alike");
    let read = if with_corpus { (138, 157_939, 319_714) } else { (53, 10_875, 16_820) };
    assert_eq!((all, keys, values), read);
}

/// nt-hive expects `db` cells for data over 16,344 bytes in version 1.3, which has none. nt-hive
/// knows no types beyond REG_QWORD, and panics on empty data without a cell. Random trees have all
/// three. Everything else is equal.
#[test]
fn nt_hive_reading_of_random_trees_is_equal() {
    let (mut all, mut keys, mut values) = (0, 0, 0);
    let (mut long, mut empty, mut unknown) = (0, 0, 0);
    for minor in 3..=6 {
        for seed in 0..6 {
            let tree = random::tree(seed, 60, minor);
            let locality = if seed % 2 == 0 { Locality::InOrder } else { Locality::Shuffled(seed) };
            let leaf_elements = if seed % 3 == 0 { 2 } else { 507 };
            let options = Options { minor, locality, leaf_elements, ..Options::default() };
            let comparison = Comparison::hive(&write(&tree, &options).bytes);
            let (mut expected, mut rest) = (BTreeMap::new(), vec![&tree.root]);
            while let Some(key) = rest.pop() {
                for value in &key.values {
                    if value.value_type > 11 {
                        *expected.entry(UnknownType).or_default() += 1;
                        unknown += 1;
                    }
                    if minor == 3 && value.data.len() > hive_forge::SEGMENT {
                        *expected.entry(LongData).or_default() += 1;
                        long += 1;
                    }
                    if value.data.is_empty() {
                        *expected.entry(EmptyData).or_default() += 1;
                        empty += 1;
                    }
                }
                rest.extend(&key.subkeys);
            }
            assert_eq!(comparison.differences, expected, "version 1.{minor}, seed {seed}");
            assert_eq!(comparison.keys, 60);
            all += 1;
            keys += comparison.keys;
            values += comparison.values;
        }
    }
    println!(
        "{all} forged hives: {keys} keys and {values} values alike, but {long} data over 16,344 \
         bytes in version 1.3 and {unknown} unknown types, which nt-hive refuses, and {empty} empty \
         data, at which it panics"
    );
    assert_eq!((all, keys), (24, 24 * 60));
    assert!(long > 0 && unknown > 0 && empty > 0 && values > keys, "{values}");
}
