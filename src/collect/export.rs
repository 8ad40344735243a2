// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`collect_export`]: turns a text export of the registry editor into facts, with line numbers.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_evidence::{ExportedKey, ExportedValue, RegistryExport};
use calhive_regf::ValueType;
use calhive_regf::hive::name::Name;
use calhive_regf::hive::path::KeyPath;
use calhive_regf::hive::upcase;
use calhive_regf::registry::{HiveKind, Role, control_set_number};

use crate::catalog::{Base, LOCATIONS, Location, Read, Subject};
use crate::collect::collector::{REDIRECTED, begins};
use crate::collect::without_hive::without_hive;
use crate::fact::{Counts, ExportForm, ExportRemark, ExportRemarkKind, FileCopy, SourceForm};
use crate::fact::{Fact, Facts, Origin, Provenance, State};
use crate::meaning::task_actions::names_any;

/// Maximum number of remarks that are kept.
const REMARKS: usize = 100;

/// Roots under which Windows mounts hives.
const MACHINE: [&str; 2] = ["HKEY_LOCAL_MACHINE", "HKLM"];
const USERS: [&str; 2] = ["HKEY_USERS", "HKU"];

/// Kinds of hives with places of the catalog, each with its name below `HKEY_LOCAL_MACHINE`.
const MOUNTED: [(HiveKind, &str); 3] = [
    (HiveKind::Software, "SOFTWARE"),
    (HiveKind::System, "SYSTEM"),
    (HiveKind::Security, "SECURITY"),
];

/// Values of `Select` with the role that each gives to a control set.
const ROLES: [(&str, Role); 4] = [
    ("Current", Role::Current),
    ("Default", Role::Default),
    ("Failed", Role::Failed),
    ("LastKnownGood", Role::LastKnownGood),
];

/// Name of the link to the control set in use.
const CURRENT_SET: &str = "CurrentControlSet";

/// Reads every place of the catalog that a text export holds, in every control set and both registry views.
///
/// The facts have line numbers, but no offsets and no times. A place that is not in the export gives no fact, because
/// an export holds only what someone exported. `HKEY_LOCAL_MACHINE\SOFTWARE`, `SYSTEM` and `SECURITY` of one export
/// are one source. An export without a place of the catalog gives no source. Hives that were loaded under other names are one source too, if each kind occurs once.
pub fn collect_export(bytes: &[u8], file: FileCopy, sha256: Option<String>) -> Vec<Facts> {
    let wanted = Wanted::new();
    let export = RegistryExport::parse_where(bytes, |key| wanted.has(key));
    let tree = Tree::of(&export);
    let mut groups: Vec<Vec<Root>> = Vec::new();
    let (machine, loaded): (Vec<Root>, Vec<Root>) =
        tree.roots().into_iter().partition(|root| root.is_live);
    let kinds: BTreeSet<HiveKind> = loaded.iter().map(|root| root.kind).collect();
    let is_one_host = kinds.len() == loaded.len();
    groups.push(machine);
    match is_one_host {
        true => groups.push(loaded),
        false => groups.extend(loaded.into_iter().map(|root| Vec::from([root]))),
    }
    groups.retain(|roots| !roots.is_empty());
    let one = |roots: Vec<Root>| {
        let mut facts = tree.facts(&export, &roots);
        facts.path.clone_from(&file.path);
        facts.real_path.clone_from(&file.real_path);
        facts.locator.clone_from(&file.locator);
        facts.sha256.clone_from(&sha256);
        facts.size = bytes.len() as u64;
        facts
    };
    groups.into_iter().map(one).collect()
}

/// Paths of all keys in the catalog, from the root of their hive, in upper case.
struct Wanted {
    below_set: Vec<String>,
    below_root: Vec<String>,
}

impl Wanted {
    fn new() -> Self {
        let keys = |is_set: bool| {
            let of_base = LOCATIONS.iter().filter(|it| (it.base == Base::ControlSet) == is_set);
            let keys: BTreeSet<String> = of_base.map(|it| it.key.to_ascii_uppercase()).collect();
            keys.into_iter().collect::<Vec<String>>()
        };
        Self { below_set: keys(true), below_root: keys(false) }
    }

    /// Whether a key can be at a place of the catalog, or below.
    fn has(&self, key: &ExportedKey) -> bool {
        let path = key.path().to_ascii_uppercase();
        let Some(from_hive) = path.splitn(3, '\\').nth(2) else { return false };
        let (first, below) = from_hive.split_once('\\').unwrap_or((from_hive, ""));
        let is_at = |path: &str, wanted: &String| {
            // A removed key can be above the place.
            let is_above = key.is_removal
                && wanted
                    .strip_prefix(path)
                    .is_some_and(|it| it.is_empty() || it.starts_with('\\'));
            is_above
                || path
                    .strip_prefix(wanted.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
        };
        let is_view = first.eq_ignore_ascii_case(REDIRECTED);
        let from_view = if is_view { below } else { from_hive };
        self.below_root.iter().any(|it| is_at(from_view, it))
            || self.below_set.iter().any(|it| is_at(below, it))
    }
}

/// Upper-case units of the names in a path.
type UpperPath = Vec<Vec<u16>>;

/// Keys of an export by their path. A key that only the path of another key names is a key too.
struct Tree<'e> {
    keys: BTreeMap<UpperPath, Held<'e>>,
    removals: Vec<&'e ExportedKey>,
}

/// A key of an export.
struct Held<'e> {
    /// Name of the key as in its first line.
    name: Name<'e>,
    /// First line that names the key.
    line: u64,
    values: Vec<&'e ExportedValue>,
}

/// A key that serves as the root of a hive.
struct Root {
    kind: HiveKind,
    path: UpperPath,
    /// Whether the key is the place at which Windows mounts this kind of hive.
    is_live: bool,
}

/// A key that locations are relative to.
struct Start {
    path: UpperPath,
    /// Path from the root of the hive.
    shown: KeyPath,
    control_set: Option<(u32, Vec<Role>)>,
    redirected: bool,
}

impl<'e> Tree<'e> {
    fn of(export: &'e RegistryExport) -> Self {
        let mut tree = Self { keys: BTreeMap::new(), removals: Vec::new() };
        for key in &export.keys {
            // Nothing below the root of a hive follows from a removal.
            let most = if key.is_removal { 2 } else { usize::MAX };
            let mut path: UpperPath = Vec::new();
            for name in key.names().take(most) {
                path.push(upper(name));
                let line = key.line;
                let held = tree.keys.entry(path.clone());
                held.or_insert_with(|| Held { name, line, values: Vec::new() });
            }
            if key.is_removal {
                tree.removals.push(key);
            } else if let Some(held) = tree.keys.get_mut(&path) {
                held.values.extend(key.values.iter().filter(|it| !it.is_nameless));
            }
        }
        tree
    }

    /// Returns the subkeys of a key, in the order of their names.
    fn subkeys(&self, path: &UpperPath) -> impl Iterator<Item = (&UpperPath, &Held<'e>)> {
        let depth = path.len().saturating_add(1);
        let below = self.keys.range(path.clone()..).skip(1);
        let start = path.clone();
        below
            .take_while(move |(of, _)| of.starts_with(&start))
            .filter(move |(of, _)| of.len() == depth)
    }

    /// Returns the keys that serve as roots.
    fn roots(&self) -> Vec<Root> {
        let mut roots = Vec::new();
        let names = MACHINE.iter().chain(&USERS);
        for root in names.map(|name| Vec::from([upper((*name).into())])) {
            let is_machine =
                MACHINE.iter().any(|name| root.first() == Some(&upper((*name).into())));
            for (path, held) in self.subkeys(&root) {
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
                    if self.facts_of(&root).iter().any(is_sign) || is_removed() {
                        roots.push(root);
                    }
                }
            }
        }
        roots
    }

    /// Returns the facts below some roots, with the form of the source.
    fn facts(&self, export: &RegistryExport, roots: &[Root]) -> Facts {
        let kind = MOUNTED.iter().map(|(kind, _)| *kind);
        let kind = kind.clone().find(|kind| roots.iter().any(|root| root.kind == *kind));
        let mut facts = without_hive(kind.unwrap_or(HiveKind::Other));
        facts.facts = roots.iter().flat_map(|root| self.facts_of(root)).collect();
        facts.counts = Some(Counts { keys: export.key_count, values: export.value_count });
        let remarks = export.faults.iter().filter(|fault| fault.kind.is_remark()).count() as u64;
        let fault_count = export.fault_count.saturating_sub(remarks);
        facts.unread.total = fault_count;
        let shown = |root: &Root| (root.kind, self.shown(&root.path).to_string());
        facts.form = SourceForm::RegistryExport(ExportForm {
            version: export.version,
            encoding: export.encoding,
            lines: export.line_count,
            roots: roots.iter().map(shown).collect(),
            remarks: self.remarks(roots),
            faults: export.faults.clone(),
            fault_count,
        });
        facts
    }

    /// Returns the path of a key as in the export.
    fn shown(&self, path: &[Vec<u16>]) -> KeyPath {
        let ends = 1..=path.len();
        let names = ends.filter_map(|end| self.keys.get(path.get(..end)?)).map(|held| held.name);
        names.collect()
    }

    /// Lists removals and repeated values at places of the catalog below some roots.
    fn remarks(&self, roots: &[Root]) -> Vec<ExportRemark> {
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

    /// Reads the places of the catalog below a root.
    fn facts_of(&self, root: &Root) -> Vec<Fact> {
        let mut facts = Vec::new();
        let start = Start {
            path: root.path.clone(),
            shown: KeyPath::default(),
            control_set: None,
            redirected: false,
        };
        let sets = if root.kind == HiveKind::System { self.sets(root) } else { Vec::new() };
        let view = self.step(&start.path, REDIRECTED).map(|(path, held)| Start {
            path,
            shown: [held.name].into_iter().collect(),
            control_set: None,
            redirected: true,
        });
        for location in LOCATIONS.iter().copied().filter(|it| it.hive() == root.kind) {
            match location.base {
                Base::ControlSet => {
                    sets.iter().for_each(|set| self.read(location, set, &mut facts));
                }
                Base::System | Base::Software | Base::Security => {
                    self.read(location, &start, &mut facts);
                }
                Base::SoftwareViews => {
                    self.read(location, &start, &mut facts);
                    view.iter().for_each(|view| self.read(location, view, &mut facts));
                }
            }
        }
        facts
    }

    /// Returns the control sets. In an export of a running Windows, `CurrentControlSet` is the one in use. It has the
    /// number 0.
    fn sets(&self, root: &Root) -> Vec<Start> {
        let select = self.step(&root.path, "Select").map(|(_, held)| held);
        let role = |(name, role): &(&str, Role)| {
            let value = select?.values.iter().rev().find(|it| it.name().same((*name).into()))?;
            let number = value.data.as_slice().try_into().ok().map(u32::from_le_bytes)?;
            (value.value_type == ValueType::DWORD).then_some((number, *role))
        };
        let chosen: Vec<(u32, Role)> = ROLES.iter().filter_map(role).collect();
        let set = |(path, held): (&UpperPath, &Held<'e>)| {
            let is_link = held.name.same(CURRENT_SET.into());
            let number = control_set_number(held.name).or(is_link.then_some(0))?;
            let of_set = chosen.iter().filter(|(of, _)| *of == number);
            let roles: Vec<Role> = match is_link {
                true => root.is_live.then_some(Role::Current).into_iter().collect(),
                false => of_set.map(|(_, role)| *role).collect(),
            };
            Some(Start {
                path: path.clone(),
                shown: [held.name].into_iter().collect(),
                control_set: Some((number, roles)),
                redirected: false,
            })
        };
        let mut sets: Vec<Start> = self.subkeys(&root.path).filter_map(set).collect();
        // Like in a hive, a key `CurrentControlSet` follows the numbered sets.
        sets.sort_by_key(|set| set.control_set.as_ref().map(|(number, _)| number.wrapping_sub(1)));
        sets
    }

    /// Returns a subkey.
    fn step(&self, path: &UpperPath, name: &str) -> Option<(UpperPath, &Held<'e>)> {
        let mut path = path.clone();
        path.push(upper(name.into()));
        let held = self.keys.get(&path)?;
        Some((path, held))
    }

    fn read(&self, location: &'static Location, start: &Start, facts: &mut Vec<Fact>) {
        let (mut path, mut shown) = (start.path.clone(), start.shown.clone());
        let mut held = None;
        for name in location.key.split('\\') {
            let Some((below, found)) = self.step(&path, name) else { return };
            shown.push(found.name);
            (path, held) = (below, Some(found));
        }
        let Some(held) = held else { return };
        let place = Place { location, start, shown };
        match location.read {
            Read::Key => facts.push(place.key(held)),
            Read::Value(name) => place.values(held, facts, |it| it.same(name.into())),
            Read::Values => place.values(held, facts, |_| true),
            Read::SubkeyValue { prefix, value } => {
                for (_, held) in self.subkeys(&path).filter(|(_, it)| begins(it.name, prefix)) {
                    place.below(held).values(held, facts, |it| it.same(value.into()));
                }
            }
            Read::SubkeyValueNaming { value, texts } => {
                let is_ours = |held: &Held<'_>| {
                    let mut values = held.values.iter().filter(|it| it.name().same(value.into()));
                    values.any(|it| names_any(&it.data, texts))
                };
                for (_, held) in self.subkeys(&path).filter(|(_, it)| is_ours(it)) {
                    place.below(held).values(held, facts, |it| it.same(value.into()));
                }
            }
            Read::SubkeyValues => {
                for (_, held) in self.subkeys(&path) {
                    place.below(held).values(held, facts, |_| true);
                }
            }
            Read::SubkeyNames { except } => {
                for (_, held) in self.subkeys(&path).filter(|(_, it)| !it.name.same(except.into()))
                {
                    facts.push(place.below(held).key_name(held));
                }
            }
        }
    }
}

/// A place of the catalog in an export.
struct Place<'s> {
    location: &'static Location,
    start: &'s Start,
    /// Path of the key, from the root of the hive.
    shown: KeyPath,
}

impl Place<'_> {
    /// Returns the place for a subkey.
    fn below(&self, held: &Held<'_>) -> Self {
        let mut shown = self.shown.clone();
        shown.push(held.name);
        Self { shown, ..*self }
    }

    fn provenance(&self, line: u64) -> Provenance {
        Provenance {
            control_set: self.start.control_set.clone(),
            redirected: self.start.redirected,
            key: self.shown.to_string(),
            origin: Origin::RegExport,
            line: Some(line),
            ..Provenance::default()
        }
    }

    fn key(&self, held: &Held<'_>) -> Fact {
        Fact::new(self.location, State::Key, self.provenance(held.line))
    }

    fn key_name(&self, held: &Held<'_>) -> Fact {
        let name = held.name.to_string_lossy();
        let data: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let size = data.len() as u64;
        Fact { data, size, ..Fact::new(self.location, State::KeyName, self.provenance(held.line)) }
    }

    /// Adds the values with an accepted name. If the text repeats a value, its last line comes first: an import keeps
    /// that one.
    fn values(&self, held: &Held<'_>, facts: &mut Vec<Fact>, is_ours: impl Fn(Name<'_>) -> bool) {
        let mut known: BTreeSet<Vec<u16>> = BTreeSet::new();
        let all = held.values.iter().filter(|it| !it.is_removal && is_ours(it.name()));
        let all: Vec<&&ExportedValue> = all.collect();
        for value in &all {
            if !known.insert(upper(value.name())) {
                continue;
            }
            for same in all.iter().rev().filter(|it| it.name().same(value.name())) {
                let provenance = Provenance {
                    value: Some(same.name().as_text().to_string()),
                    exported_type: Some(same.value_type),
                    ..self.provenance(same.line)
                };
                let state = if same.is_incomplete { State::Incomplete } else { State::Set };
                let (data, size) = (same.data.clone(), same.data.len() as u64);
                facts.push(Fact { data, size, ..Fact::new(self.location, state, provenance) });
            }
        }
    }
}

/// Returns the units of a name as Windows compares them.
fn upper(name: Name<'_>) -> Vec<u16> {
    name.units().map(upcase).collect()
}
