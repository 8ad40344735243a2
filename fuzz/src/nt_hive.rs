// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive against nt-hive on any hive: what both read is equal.

use std::collections::BTreeSet;
use std::sync::Once;

use calhive_evidence::foreign;
use calhive_regf::{Hive, Key, Name, Value};
use nt_hive::{KeyNode, KeyValue, NtHiveNameString};

use crate::forms::as_given_and_sealed;

type Node<'h, 'd> = KeyNode<'h, &'d [u8]>;
type Other<'h, 'd> = KeyValue<'h, &'d [u8]>;

/// Most keys and values that are compared. Lists of damaged hives overlap.
const COMPARED: usize = 2000;
/// Most levels of keys below the root.
const DEPTH: usize = 100;

/// Reads the hive in `bytes` with both readers.
pub fn nt_hive(bytes: &[u8]) {
    as_given_and_sealed(bytes, |bytes, _| is_read_alike(bytes));
}

/// Asserts that both readers read the same names, types and data, as far as both read the hive.
pub(crate) fn is_read_alike(bytes: &[u8]) {
    let Ok(ours) = Hive::parse(bytes) else { return };
    let Some(Ok(theirs)) = contained(|| nt_hive::Hive::without_validation(bytes)) else { return };
    // Without a readable root, calhive searches for one.
    if ours.root_fault().is_some() {
        return;
    }
    if let (Ok(ours), Some(Ok(theirs))) = (ours.root(), contained(|| theirs.root_key_node())) {
        let mut comparison = Comparison { left: COMPARED, seen: BTreeSet::new() };
        comparison.key(ours, &theirs, 0);
    }
}

/// Calls nt-hive. Returns `None` if nt-hive panics. The hook of the fuzzer ends the process at every
/// other panic.
pub(crate) fn contained<T>(call: impl FnOnce() -> T) -> Option<T> {
    silence();
    foreign::call(call)
}

/// Keeps panics that calhive or a check contains from the hook of the fuzzer.
pub(crate) fn silence() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !foreign::is_running() {
                hook(panic);
            }
        }));
    });
}

struct Comparison {
    left: usize,
    seen: BTreeSet<u64>,
}

impl Comparison {
    fn key(&mut self, ours: Key<'_>, theirs: &Node<'_, '_>, depth: usize) {
        if depth > DEPTH || !self.seen.insert(ours.offset().get()) {
            return;
        }
        if let (None, Some(Ok(name))) = (ours.name_fault(), contained(|| theirs.name())) {
            same_name(ours.name(), &name);
        }
        if let Some(Some(Ok(mut values))) = contained(|| theirs.values()) {
            self.lists(ours.values(), || values.next(), |_, a, b| value(a, &b));
        }
        if let Some(Some(Ok(mut subkeys))) = contained(|| theirs.subkeys()) {
            let next = || subkeys.next();
            self.lists(ours.subkeys(), next, |this, a, b| this.key(a, &b, depth + 1));
        }
    }

    /// Compares two lists up to the first element that one of the readers does not read.
    fn lists<A, B>(
        &mut self,
        ours: impl Iterator<Item = calhive_regf::Result<A>>,
        mut next: impl FnMut() -> Option<nt_hive::Result<B>>,
        mut compare: impl FnMut(&mut Self, A, B),
    ) {
        for our in ours {
            let Some(left) = self.left.checked_sub(1) else { return };
            self.left = left;
            let (Ok(our), Some(Some(Ok(their)))) = (our, contained(&mut next)) else { return };
            compare(self, our, their);
        }
    }
}

fn value(ours: Value<'_>, theirs: &Other<'_, '_>) {
    if let (None, Some(Ok(name))) = (ours.name_fault(), contained(|| theirs.name())) {
        same_name(ours.name(), &name);
    }
    if let Some(Ok(kind)) = contained(|| theirs.data_type()) {
        assert_eq!(kind as u32, ours.value_type().0, "{ours:?}");
    }
    let theirs = contained(|| theirs.data().and_then(|data| data.into_vec()));
    if let (Ok(data), Some(Ok(theirs))) = (ours.data(), theirs) {
        assert!(*data.to_bytes() == *theirs, "{ours:?}: {} bytes", theirs.len());
    }
}

fn same_name(ours: Name<'_>, theirs: &NtHiveNameString<'_>) {
    let is_same = match theirs {
        NtHiveNameString::Latin1(bytes) => {
            ours.units().eq(bytes.iter().map(|byte| u16::from(*byte)))
        }
        NtHiveNameString::Utf16LE(bytes) => {
            let pairs = bytes.as_chunks::<2>().0.iter();
            ours.units().eq(pairs.map(|pair| u16::from_le_bytes(*pair)))
        }
    };
    assert!(is_same, "{ours:?} is not {theirs:?}");
}
