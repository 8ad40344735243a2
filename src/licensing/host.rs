// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which hives belong to one installation of Windows, and what the facts of all of them say together.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::licensing::changes;
use crate::licensing::explain::explain;
use crate::licensing::fact::{Fact, Facts, Origin, State};
use crate::licensing::locations::{Base, Subject};
use crate::licensing::report::{
    ControlSetReport, Corroboration, Difference, Host, HostLogs, Pairing,
};
use crate::licensing::{reference_time, roles, session_host, system, text};
use crate::registry::system::build_number;
use crate::registry::{HiveKind, Role};
use crate::time::FileTime;

/// A fact with its id.
pub(crate) type Numbered<'f> = (String, &'f Fact);

/// The facts of one host.
pub(crate) struct View<'f> {
    pub(crate) sources: Vec<(String, &'f Facts)>,
    /// What the tree shows. Nothing that is said of the host rests on anything else.
    pub(crate) facts: Vec<Numbered<'f>>,
    /// What it does not show.
    pub(crate) hidden: Vec<Numbered<'f>>,
    /// What was recovered.
    pub(crate) recovered: Vec<Numbered<'f>>,
    pub(crate) pairing: Pairing,
}

impl<'f> View<'f> {
    /// Whether a hive of this kind is at hand.
    pub(crate) fn has(&self, kind: HiveKind) -> bool {
        self.sources.iter().any(|(_, source)| source.kind == kind)
    }

    /// What was found at a place and is whole: in SYSTEM in the control set that is in use.
    pub(crate) fn all(&self, code: &str) -> impl Iterator<Item = &Numbered<'f>> {
        self.facts.iter().filter(move |(_, fact)| {
            let is_whole = fact.state.is_found() && fact.state != State::Incomplete;
            fact.location.code == code && is_whole && is_current(fact)
        })
    }

    /// Whether something at one of these places, or on the way there, could not be read.
    pub(crate) fn is_unread(&self, codes: &[&str]) -> bool {
        self.facts.iter().any(|(_, fact)| {
            fact.state.is_lost() && codes.contains(&fact.location.code) && is_current(fact)
        })
    }

    /// The first of these.
    pub(crate) fn one(&self, code: &str) -> Option<&Numbered<'f>> {
        self.all(code).next()
    }

    /// What the first of these says, as text, and its id.
    pub(crate) fn text(&self, code: &str) -> Option<(String, String)> {
        let (id, fact) = self.one(code)?;
        Some((explain(fact)?.shown?, id.clone()))
    }

    /// The number that the first of these holds, and its id.
    pub(crate) fn number(&self, code: &str) -> Option<(u32, String)> {
        let (id, fact) = self.one(code)?;
        let kind = fact.provenance.value_place.map(|(_, kind)| kind);
        // Text of four bytes is no number.
        let data = fact.data.as_slice();
        let number = data.try_into().ok().filter(|_| !kind.is_some_and(text::is_text))?;
        Some((u32::from_le_bytes(number), id.clone()))
    }

    /// What is said of what is in effect: in which hives.
    pub(crate) fn per(&self) -> &'static str {
        if self.copy().is_some() { "Per this copy of the hives" } else { "Per the hives at hand" }
    }

    /// What copy of the hives it is, where it is not the one in use, by the names of its folders.
    pub(crate) fn copy(&self) -> Option<&'static str> {
        copy(self.sources.first().map_or("", |(_, source)| source.path.as_str()))
    }

    /// In which hives something was searched, with the control set; of this kind alone if one is given.
    pub(crate) fn searched(&self, kind: Option<HiveKind>) -> String {
        let of_kind = self.sources.iter().filter(|(_, it)| kind.is_none_or(|kind| kind == it.kind));
        let hives: Vec<String> = of_kind
            .map(|(id, source)| match (source.kind, self.current_set()) {
                (HiveKind::System, Some(set)) => format!("{id} (SYSTEM, control set {set} in use)"),
                (HiveKind::System, None) => {
                    format!("{id} (SYSTEM, whose control set in use is not known)")
                }
                (kind, _) => format!("{id} ({kind})"),
            })
            .collect();
        hives.join(" and ")
    }

    /// The build number of Windows.
    pub(crate) fn number_of_build(&self) -> Option<u32> {
        let text = |code| self.text(code).map(|(text, _)| text);
        build_number(text("system.build").as_deref(), text("system.build.current").as_deref())
    }

    /// The control set that is in use; `None` where `Select` does not tell.
    pub(crate) fn current_set(&self) -> Option<u32> {
        let set = |(_, fact): &Numbered<'_>| fact.provenance.control_set.clone();
        let sets = self.facts.iter().filter_map(set);
        sets.into_iter().find(|(_, roles)| roles.contains(&Role::Current)).map(|(number, _)| number)
    }

    /// What was done with the logs of each hive that has some, or lacks some.
    fn logs(&self) -> Vec<HostLogs> {
        let of = |(id, source): &(String, &'f Facts)| {
            let is_dirty = source.sequence.0 != source.sequence.1 || !source.checksum_is_valid;
            let (statement, is_incomplete) = match &source.replay {
                Some(replay) if is_dirty || !replay.logs.is_empty() => {
                    (replay.statement.clone(), replay.is_incomplete)
                }
                None if is_dirty => (
                    String::from(
                        "by its base block the file is dirty, and logs were not looked for: changes that \
                         stood in logs only, if there were any, are not shown",
                    ),
                    true,
                ),
                _ => return None,
            };
            let comes_from = |(_, fact): &&Numbered<'f>| {
                fact.provenance.origin == Origin::Replayed && source.holds(fact)
            };
            let facts = self.facts.iter().filter(comes_from).map(|(id, _)| id.clone()).collect();
            Some(HostLogs { source: id.clone(), statement, is_incomplete, facts })
        };
        self.sources.iter().filter_map(of).collect()
    }

    fn control_sets(&self) -> Vec<ControlSetReport> {
        let sets = self.facts.iter().filter_map(|(_, fact)| fact.provenance.control_set.clone());
        let sets: BTreeMap<u32, Vec<Role>> = sets.collect();
        sets.into_iter().map(|(number, roles)| ControlSetReport { number, roles }).collect()
    }

    /// Places of licensing whose content is not the same in every control set.
    fn differences(&self) -> Vec<Difference> {
        // By place and by the name of what was found there: of several values, each for itself.
        let mut places: BTreeMap<(usize, String), Vec<&Numbered<'f>>> = BTreeMap::new();
        for (index, numbered) in self.facts.iter().enumerate() {
            let (_, fact) = numbered;
            let location = fact.location;
            if location.base == Base::ControlSet && location.subject() != Subject::System {
                let order = self.first_of(location.code).unwrap_or(index);
                places.entry((order, below_set(fact))).or_default().push(numbered);
            }
        }
        let sets: Vec<u32> = self.control_sets().iter().map(|set| set.number).collect();
        let found = places
            .into_values()
            .filter(|facts| facts.iter().any(|(_, fact)| fact.state.is_found()));
        found.filter_map(|facts| difference(&sets, &facts)).collect()
    }

    fn first_of(&self, code: &str) -> Option<usize> {
        self.facts.iter().position(|(_, fact)| fact.location.code == code)
    }
}

/// The key and the value of a fact, without its control set.
fn below_set(fact: &Fact) -> String {
    let key = fact.provenance.key.split_once('\\').map_or("", |(_, below)| below);
    let value = fact.provenance.value.as_deref().unwrap_or_default();
    format!("{key}\\{value}").to_lowercase()
}

fn difference(sets: &[u32], facts: &[&Numbered<'_>]) -> Option<Difference> {
    let (_, first) = facts.first()?;
    let of = |number: u32| {
        let is_of = |(_, fact): &&&Numbered<'_>| {
            fact.state.is_found()
                && fact.provenance.control_set.as_ref().is_some_and(|(set, _)| *set == number)
        };
        facts.iter().find(is_of).map(|(_, fact)| *fact)
    };
    let content = |fact: Option<&Fact>| fact.map(|fact| (fact.state, fact.data.clone()));
    let values: Vec<Option<&Fact>> = sets.iter().map(|number| of(*number)).collect();
    let (head, rest) = values.split_first()?;
    if rest.iter().all(|fact| content(*fact) == content(*head)) {
        return None;
    }
    let shown =
        |fact: &Fact| explain(fact).and_then(|it| it.shown.or(it.label)).unwrap_or_default();
    let values = sets.iter().zip(values).map(|(set, fact)| (*set, fact.map(shown))).collect();
    Some(Difference {
        code: first.location.code.to_string(),
        title: first.location.title.to_string(),
        values,
        facts: facts.iter().map(|(id, _)| id.clone()).collect(),
    })
}

fn is_current(fact: &Fact) -> bool {
    fact.provenance.control_set.as_ref().is_none_or(|(_, roles)| roles.contains(&Role::Current))
}

/// The hosts that the sources belong to. `facts` are those of each source, with their ids.
pub(crate) fn views<'f>(
    sources: &[(String, &'f Facts)],
    facts: &[Vec<Numbered<'f>>],
) -> Vec<View<'f>> {
    let of = |members: &[usize], is_wanted: fn(&Fact) -> bool| {
        let facts = members.iter().filter_map(|index| facts.get(*index)).flatten();
        facts.filter(|(_, fact)| is_wanted(fact)).cloned().collect()
    };
    let view = |pairing, members: &[usize]| View {
        sources: members.iter().filter_map(|index| sources.get(*index).cloned()).collect(),
        facts: of(members, |fact| fact.provenance.is_in_tree()),
        hidden: of(members, |fact| fact.provenance.hidden.is_some()),
        recovered: of(members, |fact| fact.provenance.recovered.is_some()),
        pairing,
    };
    let mut views: Vec<View<'f>> = Vec::new();
    for (pairing, members) in groups(sources) {
        let paired = view(pairing, &members);
        if pairing == Pairing::Assumed && is_contradicted(&paired) {
            views.extend(members.iter().map(|member| view(Pairing::Contradicted, &[*member])));
        } else {
            views.push(paired);
        }
    }
    // Copies come after what is in use.
    views.sort_by_key(|view| view.copy().is_some());
    views
}

/// What is said of a host, but for its answers; `reference_time` is the given one.
pub(crate) fn host(number: usize, view: &View<'_>, reference_time: Option<FileTime>) -> Host {
    let mut unknown = Vec::new();
    if !view.has(HiveKind::Software) {
        unknown.push(String::from(
            "policy, product name, installed roles and stored licences: no SOFTWARE hive is at hand",
        ));
    }
    if !view.has(HiveKind::System) {
        unknown.push(String::from("local settings: no SYSTEM hive is at hand"));
    } else if view.current_set().is_none() {
        unknown.push(String::from(
            "local settings in effect, computer name and time zone: the key Select does not say which \
             control set is in use",
        ));
    }
    for (id, source) in &view.sources {
        if let Some(root) = source.searched_root.filter(|_| !source.is_fragment) {
            unknown.push(format!(
                "whether all of {id} is in effect: its base block leads to no key, and the key at {root:#x} was \
                 taken for the root (inferred); what is told of it rests on that"
            ));
        }
        if source.is_fragment {
            unknown.push(format!(
                "what else {id} held: it is a part of a hive without its base block, and keys may be missing"
            ));
        }
    }
    for (id, source) in view.sources.iter().filter(|(_, source)| source.unread.total > 0) {
        unknown.push(format!(
            "what of {id} could not be read ({} in all): what is not told of it may be there",
            source.unread.total
        ));
    }
    let histories = view.sources.iter().filter_map(|(id, it)| Some((id, it.history.as_ref()?)));
    unknown.extend(histories.filter_map(|(id, history)| changes::not_told(id, history)));
    let session_host = roles::session_host(view);
    Host {
        id: format!("host-{number}"),
        sources: view.sources.iter().map(|(id, _)| id.clone()).collect(),
        pairing: view.pairing,
        pairing_statement: pairing_statement(view),
        copy: view.copy().map(String::from),
        system: system::system(view),
        licensing_mode: session_host::licensing_mode(view, session_host.state),
        license_servers: session_host::license_servers_in_effect(view, session_host.state),
        license_server: roles::license_server(view),
        session_host,
        registered_with: Vec::new(),
        logs: view.logs(),
        hidden: view.hidden.iter().map(|(id, _)| id.clone()).collect(),
        recovered: view.recovered.iter().map(|(id, _)| id.clone()).collect(),
        control_sets: view.control_sets(),
        differences: view.differences(),
        unknown,
        reference_time: reference_time::of_host(view, reference_time),
        answers: Vec::new(),
        corroboration: corroboration(view),
    }
}

/// What was looked for beside each of its hives, the best state of each.
fn corroboration(view: &View<'_>) -> Vec<Corroboration> {
    let mut all: Vec<Corroboration> = Vec::new();
    for beside in view.sources.iter().flat_map(|(_, source)| &source.corroboration) {
        match all.iter_mut().find(|known| known.what == beside.what) {
            Some(known) => {
                known.state = known.state.min(beside.state);
                let new = beside.paths.iter().filter(|path| !known.paths.contains(path));
                let new: Vec<String> = new.cloned().collect();
                known.paths.extend(new);
            }
            None => all.push(beside.clone()),
        }
    }
    all
}

fn pairing_statement(view: &View<'_>) -> String {
    String::from(match view.pairing {
        Pairing::ConfigurationFolder => {
            "SYSTEM and SOFTWARE lie in one configuration folder of Windows"
        }
        Pairing::Assumed => {
            "pairing assumed: they are the only SYSTEM and the only SOFTWARE hive of their folder"
        }
        Pairing::Contradicted => {
            "not paired with the other hive of its folder: SYSTEM and SOFTWARE name different machines"
        }
        Pairing::Single => "one hive, taken for a host of its own",
    })
}

/// What copy of hives lies at this path, where it is not the one in use: told by the folders in which
/// Windows itself keeps copies, and by no others.
fn copy(path: &str) -> Option<&'static str> {
    let names: Vec<String> = path.split(['/', '\\']).map(str::to_ascii_lowercase).collect();
    let folders: Vec<&str> = names.iter().map(String::as_str).rev().skip(1).collect();
    let (is_backup, config) = match folders.as_slice() {
        ["regback", config @ ..] if config.first() == Some(&"config") => (true, config),
        ["repair", "windows" | "winnt", ..] => (true, &[][..]),
        config => (false, config),
    };
    let is_earlier = match config {
        ["config", "system32", "windows" | "winnt", above, ..] => {
            let number = above.strip_prefix("windows.old");
            number.is_some_and(|it| it.is_empty() || it.starts_with('.'))
        }
        _ => false,
    };
    match (is_earlier, is_backup) {
        (true, _) => Some("earlier installation, Windows.old"),
        (false, true) => Some("backup copy that Windows keeps"),
        (false, false) => None,
    }
}

/// Whether SYSTEM and SOFTWARE name different machines: the computer name, and the first part of the
/// name in the directory. Both are compared as NetBIOS names, of 15 characters.
fn is_contradicted(view: &View<'_>) -> bool {
    let short = |name: &str| name.chars().take(15).collect::<String>().to_lowercase();
    let Some((own, _)) = view.text("system.computer_name") else { return false };
    let Some((full, _)) = view.text("system.distinguished_name") else { return false };
    let first = full.split(',').next().and_then(|part| part.trim().get(3..));
    first.is_some_and(|first| !first.is_empty() && short(first) != short(&own))
}

/// The sources of each host, by index, in the order of the first of them.
fn groups(sources: &[(String, &Facts)]) -> Vec<(Pairing, Vec<usize>)> {
    let mut folders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, (_, source)) in sources.iter().enumerate() {
        if matches!(source.kind, HiveKind::System | HiveKind::Software) {
            let end = source.path.rfind(['/', '\\']).unwrap_or(0);
            let folder = source.path.get(..end).unwrap_or_default();
            folders.entry(folder).or_default().push(index);
        }
    }
    let kind = |index: &usize| sources.get(*index).map(|(_, source)| source.kind);
    let mut groups = Vec::new();
    for (folder, members) in folders {
        let of = |wanted| members.iter().filter(|index| kind(index) == Some(wanted)).count();
        if of(HiveKind::System) == 1 && of(HiveKind::Software) == 1 {
            let is_configuration = is_configuration_folder(folder);
            let pairing =
                if is_configuration { Pairing::ConfigurationFolder } else { Pairing::Assumed };
            groups.push((pairing, members));
        } else {
            groups.extend(members.into_iter().map(|member| (Pairing::Single, vec![member])));
        }
    }
    groups.sort_by_key(|(_, members)| members.first().copied());
    groups
}

/// Whether a folder is one in which Windows keeps its hives, or a copy of them: `System32\config`,
/// `System32\config\RegBack`, or `repair` of Windows XP.
fn is_configuration_folder(folder: &str) -> bool {
    let mut names = folder.rsplit(['/', '\\']).map(str::to_ascii_lowercase);
    let (last, above, further) = (names.next(), names.next(), names.next());
    let is = |name: &Option<String>, known: &str| name.as_deref() == Some(known);
    (is(&last, "config") && is(&above, "system32"))
        || (is(&last, "regback") && is(&above, "config") && is(&further, "system32"))
        || (is(&last, "repair") && is(&above, "windows"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_told_by_the_folders_of_windows_alone() {
        let (backup, earlier) =
            ("backup copy that Windows keeps", "earlier installation, Windows.old");
        for (path, expected) in [
            ("C/Windows/System32/config/RegBack/SYSTEM", Some(backup)),
            (r"D:\WINDOWS\repair\system", Some(backup)),
            ("Windows.old/WINDOWS/System32/config/SYSTEM", Some(earlier)),
            ("Windows.old.000/Windows/System32/config/RegBack/SYSTEM", Some(earlier)),
            ("repair/case1/Windows/System32/config/SYSTEM", None),
            ("RegBack/SYSTEM", None),
            ("Windows.older/Windows/System32/config/SYSTEM", None),
            ("SYSTEM", None),
        ] {
            assert_eq!(copy(path), expected, "{path}");
        }
    }

    #[test]
    fn folders_of_windows_are_told_in_any_case_and_with_both_separators() {
        for folder in [
            "C/Windows/System32/config",
            r"D:\WINDOWS\system32\CONFIG",
            "Windows.old/WINDOWS/System32/config/RegBack",
            "WINDOWS/repair",
        ] {
            assert!(is_configuration_folder(folder), "{folder}");
        }
        for folder in ["", "config", "evidence/SYSTEM32", "System32/config/other"] {
            assert!(!is_configuration_folder(folder), "{folder}");
        }
    }
}
