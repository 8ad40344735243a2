// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Tree`]: the keys of an export by their path, and the keys that serve as roots of hives.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use calhive_evidence::{ExportedKey, ExportedValue, RegistryExport};
use calhive_regf::FileTime;
use calhive_regf::hive::name::Name;
use calhive_regf::hive::path::KeyPath;
use calhive_regf::hive::upcase;
use calhive_regf::registry::HiveKind;

use crate::catalog::{Base, Subject};
use crate::fact::{ExportRemark, ExportRemarkKind, Fact};

/// Maximum number of remarks that are kept.
const REMARKS: usize = 100;

/// Maximum number of names in a path. Every place of the catalog has fewer.
const DEPTH: usize = 16;
/// Maximum number of keys that are searched for the content of a hive.
const ROOTS: usize = 256;
/// Roots under which Windows mounts hives.
const MACHINE: [&str; 2] = ["HKEY_LOCAL_MACHINE", "HKLM"];
const USERS: [&str; 2] = ["HKEY_USERS", "HKU"];

/// Kinds of hives with places of the catalog, each with its name below `HKEY_LOCAL_MACHINE`.
pub(super) const MOUNTED: [(HiveKind, &str); 3] = [
    (HiveKind::Software, "SOFTWARE"),
    (HiveKind::System, "SYSTEM"),
    (HiveKind::Security, "SECURITY"),
];

/// Upper-case units of the names in a path.
pub(super) type UpperPath = Vec<Vec<u16>>;

/// Keys of an export by their path. A key that only the path of another key names is a key too.
pub(super) struct Tree<'e> {
    keys: BTreeMap<UpperPath, Held<'e>>,
    removals: Vec<&'e ExportedKey>,
    /// Length of the export in bytes.
    pub(super) length: usize,
}

/// A key of an export.
pub(super) struct Held<'e> {
    /// Name of the key as in its first line.
    pub(super) name: Name<'e>,
    /// First line that names the key.
    pub(super) line: u64,
    /// Last-written time, if the source states one.
    pub(super) last_written: Option<FileTime>,
    pub(super) values: Vec<&'e ExportedValue>,
}

/// A key that serves as the root of a hive.
pub(super) struct Root {
    pub(super) kind: HiveKind,
    pub(super) path: UpperPath,
    /// Whether the key is the place at which Windows mounts this kind of hive.
    pub(super) is_live: bool,
}

impl<'e> Tree<'e> {
    pub(super) fn of(export: &'e RegistryExport, length: usize) -> Self {
        let mut tree = Self { keys: BTreeMap::new(), removals: Vec::new(), length };
        for key in &export.keys {
            // Nothing below the root of a hive follows from a removal.
            let most = if key.is_removal { 2 } else { DEPTH };
            let mut path: UpperPath = Vec::new();
            for name in key.names().take(most) {
                path.push(upper(name));
                let line = key.line;
                let held = tree.keys.entry(path.clone());
                held.or_insert_with(|| Held { name, line, last_written: None, values: Vec::new() });
            }
            if key.is_removal {
                tree.removals.push(key);
            } else if let Some(held) = tree.keys.get_mut(&path)
                && key.names().nth(DEPTH).is_none()
            {
                held.last_written = held.last_written.max(key.last_written);
                held.values.extend(key.values.iter().filter(|it| !it.is_nameless));
            }
        }
        tree
    }

    /// Returns the subkeys of a key, in the order of their names.
    pub(super) fn subkeys(
        &self,
        path: &UpperPath,
    ) -> impl Iterator<Item = (&UpperPath, &Held<'e>)> {
        let depth = path.len().saturating_add(1);
        let below = self.keys.range(path.clone()..).skip(1);
        let start = path.clone();
        below
            .take_while(move |(of, _)| of.starts_with(&start))
            .filter(move |(of, _)| of.len() == depth)
    }

    /// Returns the keys that serve as roots.
    pub(super) fn roots(&self) -> Vec<Root> {
        let mut roots = Vec::new();
        let names = MACHINE.iter().chain(&USERS);
        for root in names.map(|name| Vec::from([upper((*name).into())])) {
            let is_machine =
                MACHINE.iter().any(|name| root.first() == Some(&upper((*name).into())));
            for (path, held) in self.subkeys(&root).take(ROOTS) {
                let mounted = MOUNTED.iter().find(|(_, name)| held.name.same((*name).into()));
                let own = mounted.filter(|_| is_machine).map(|(kind, _)| *kind);
                for (kind, _) in MOUNTED {
                    let is_live = own == Some(kind);
                    if own.is_some() && !is_live {
                        continue;
                    }
                    let root = Root { kind, path: path.clone(), is_live };
                    let is_sign = |fact: &Fact| {
                        is_live
                            || fact.location.base == Base::ControlSet
                            || fact.location.subject() != Subject::System
                            || kind == HiveKind::Software
                    };
                    let is_removed = || {
                        let mut removals = self.removals.iter().map(|it| it.names().map(upper));
                        is_live && removals.any(|it| it.take(2).eq(root.path.iter().cloned()))
                    };
                    if self.facts_of(&root).facts.iter().any(is_sign) || is_removed() {
                        roots.push(root);
                    }
                }
            }
        }
        roots
    }

    /// Returns the path of a key as in the export.
    pub(super) fn shown(&self, path: &[Vec<u16>]) -> KeyPath {
        let ends = 1..=path.len();
        let names = ends.filter_map(|end| self.keys.get(path.get(..end)?)).map(|held| held.name);
        names.collect()
    }

    /// Lists removals and repeated values at places of the catalog below some roots.
    pub(super) fn remarks(&self, roots: &[Root]) -> Vec<ExportRemark> {
        let mut remarks = Vec::new();
        for key in &self.removals {
            let path: UpperPath = key.names().map(upper).collect();
            if roots.iter().any(|root| path.starts_with(&root.path)) {
                let (kind, key, line) = (ExportRemarkKind::Removal, key.path(), key.line);
                remarks.push(ExportRemark { line, kind, key, value: None });
            }
        }
        let below = |root: &Root| {
            let start = root.path.clone();
            let keys = self.keys.range(root.path.clone()..);
            keys.take_while(move |(path, _)| path.starts_with(&start)).collect::<Vec<_>>()
        };
        for (path, held) in roots.iter().flat_map(below) {
            let mut known: BTreeMap<Vec<u16>, u64> = BTreeMap::new();
            for value in &held.values {
                let earlier = known.insert(upper(value.name()), value.line);
                let kind = match (value.is_removal, earlier) {
                    (true, _) => ExportRemarkKind::Removal,
                    (false, Some(line)) => ExportRemarkKind::Repeats(line),
                    (false, None) => continue,
                };
                remarks.push(ExportRemark {
                    line: value.line,
                    kind,
                    key: self.shown(path).to_string(),
                    value: Some(value.name().as_text().to_string()),
                });
            }
        }
        remarks.sort_by_key(|remark| remark.line);
        remarks.truncate(REMARKS);
        remarks
    }

    /// Returns a subkey.
    pub(super) fn step(&self, path: &UpperPath, name: &str) -> Option<(UpperPath, &Held<'e>)> {
        let mut path = path.clone();
        path.push(upper(name.into()));
        let held = self.keys.get(&path)?;
        Some((path, held))
    }
}

/// Returns the units of a name as Windows compares them.
pub(super) fn upper(name: Name<'_>) -> Vec<u16> {
    name.units().map(upcase).collect()
}
