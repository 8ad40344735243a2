// SPDX-License-Identifier: MIT OR Apache-2.0
//! Groups hives into hosts.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use calhive_regf::registry::HiveKind;

use crate::catalog::Subject;
use crate::fact::{Fact, Facts};
use crate::interpret::contradiction::{
    contradictions, distinguished_name, own_name, same_computer,
};
use crate::interpret::view::{Exhibit, View};
use crate::meaning::MachineName;
use crate::report::Pairing;

/// Groups sources into hosts. `exhibits` holds the facts of each source.
pub(super) fn views<'f>(
    sources: &[(String, &'f Facts)],
    exhibits: &'f [Vec<Exhibit<'f>>],
) -> Vec<View<'f>> {
    let all = Sources { sources, exhibits };
    let mut views: Vec<View<'f>> = Vec::new();
    for (pairing, members) in with_security(sources, all.groups()) {
        let mut paired = all.view(pairing, &members);
        // A renamed computer can have its earlier name in one of its hives.
        let with_names = pairing != Pairing::ConfigurationFolder;
        let found =
            if members.len() > 1 { contradictions(&paired, with_names) } else { Vec::new() };
        if found.is_empty() || pairing == Pairing::Examiner {
            paired.basis.same_computer = same_computer(&paired);
            paired.basis.contradictions = found;
            paired.basis.beside = all.beside(&members);
            views.push(paired);
            continue;
        }
        let is_paired = |index: &&usize| {
            sources.get(**index).is_some_and(|(_, source)| source.kind != HiveKind::Security)
        };
        for member in members.iter().filter(is_paired) {
            let mut alone = all.view(Pairing::Contradicted, &[*member]);
            let other = members.iter().filter(is_paired).find(|other| *other != member);
            alone.basis.refused = other.and_then(|it| sources.get(*it)).map(|(id, _)| id.clone());
            alone.basis.contradictions.clone_from(&found);
            views.push(alone);
        }
    }
    // Sort copies after the hives in use.
    views.sort_by_cached_key(|view| view.copy().is_some());
    views
}

/// All sources, each with its exhibits.
struct Sources<'s, 'f> {
    sources: &'s [(String, &'f Facts)],
    exhibits: &'f [Vec<Exhibit<'f>>],
}

/// SYSTEM and SOFTWARE hives by their indexes.
#[derive(Debug, Default)]
struct Hives {
    systems: Vec<usize>,
    softwares: Vec<usize>,
}

/// File name without the word SYSTEM or SOFTWARE, in lower case: the part before and the part after.
type Stem = (String, String);

impl<'f> Sources<'_, 'f> {
    fn view(&self, pairing: Pairing, members: &[usize]) -> View<'f> {
        let sources = members.iter().filter_map(|it| self.sources.get(*it).cloned()).collect();
        let exhibits = members.iter().filter_map(|index| self.exhibits.get(*index));
        let exhibits = exhibits.map(Vec::as_slice).collect();
        View::new(sources, exhibits, pairing)
    }

    fn source(&self, index: usize) -> Option<&'f Facts> {
        self.sources.get(index).map(|(_, source)| *source)
    }

    /// Returns the sources of each host by index, in the order of the first source of each host.
    fn groups(&self) -> Vec<(Pairing, Vec<usize>)> {
        let mut folders: BTreeMap<Vec<String>, Hives> = BTreeMap::new();
        let mut pairs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        // Licenses that one client program stores in one folder.
        let mut license_files: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
        // Tokens in the unallocated clusters of one volume.
        let mut unallocated: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
        let mut whole_hosts: Vec<usize> = Vec::new();
        for (index, (_, source)) in self.sources.iter().enumerate() {
            if let Some(pair) = source.pair {
                pairs.entry(pair).or_default().push(index);
                continue;
            }
            let folder = source.file().names().0;
            if source.form.is_license_file() {
                license_files.entry(folder).or_default().push(index);
                continue;
            }
            if source.form.is_unallocated() {
                let volume = folder.into_iter().skip(1).collect();
                unallocated.entry(volume).or_default().push(index);
                continue;
            }
            if source.form.is_whole_host() {
                whole_hosts.push(index);
                continue;
            }
            match source.kind {
                HiveKind::System => folders.entry(folder).or_default().systems.push(index),
                HiveKind::Software => folders.entry(folder).or_default().softwares.push(index),
                _ => {}
            }
        }
        let mut groups: Vec<(Pairing, Vec<usize>)> =
            pairs.into_values().map(|pair| (Pairing::Examiner, pair)).collect();
        for (folder, hives) in folders {
            self.of_folder(&folder, hives, &mut groups);
        }
        groups.extend(license_files.into_values().map(|files| (Pairing::Single, files)));
        groups.extend(unallocated.into_values().map(|items| (Pairing::Single, items)));
        groups.extend(whole_hosts.into_iter().map(|one| (Pairing::Single, vec![one])));
        groups.iter_mut().for_each(|(_, members)| members.sort_unstable());
        groups.sort_by_key(|(_, members)| members.first().copied());
        groups
    }

    /// Pairs the hives of one folder: by file names, then as the only two hives, then by computer names.
    fn of_folder(
        &self,
        folder: &[String],
        mut hives: Hives,
        groups: &mut Vec<(Pairing, Vec<usize>)>,
    ) {
        let only = hives.systems.len() == 1 && hives.softwares.len() == 1;
        let is_configuration = is_configuration_folder(folder);
        let by_place = |otherwise| match (only, is_configuration) {
            (true, true) => Pairing::ConfigurationFolder,
            (true, false) => Pairing::Assumed,
            (false, _) => otherwise,
        };
        let mut paired = BTreeSet::new();
        for (stem, [system, software]) in self.by_file_names(&hives) {
            let is_plain = stem.0.is_empty() && stem.1.is_empty();
            let pairing = match by_place(Pairing::FileNames) {
                Pairing::FileNames if is_configuration && is_plain => Pairing::ConfigurationFolder,
                pairing => pairing,
            };
            groups.push((pairing, vec![system, software]));
            paired.extend([system, software]);
        }
        hives.remove(&paired);
        if let ([system], [software]) = (hives.systems.as_slice(), hives.softwares.as_slice())
            && only
        {
            return groups.push((by_place(Pairing::Assumed), vec![*system, *software]));
        }
        for [system, software] in self.by_computer_names(&hives) {
            groups.push((Pairing::ComputerNames, vec![system, software]));
            paired.extend([system, software]);
        }
        hives.remove(&paired);
        let rest = hives.systems.into_iter().chain(hives.softwares);
        groups.extend(rest.map(|one| (Pairing::Single, vec![one])));
    }

    /// Returns the pairs whose file names have the same stem, if no third hive has this stem.
    fn by_file_names(&self, hives: &Hives) -> Vec<(Stem, [usize; 2])> {
        let mut stems: BTreeMap<Stem, Hives> = BTreeMap::new();
        for index in &hives.systems {
            for stem in self.stems(*index, SYSTEM) {
                stems.entry(stem).or_default().systems.push(*index);
            }
        }
        for index in &hives.softwares {
            for stem in self.stems(*index, SOFTWARE) {
                stems.entry(stem).or_default().softwares.push(*index);
            }
        }
        let mut paired = BTreeSet::new();
        let pair = |(stem, hives): (Stem, Hives)| match (
            hives.systems.as_slice(),
            hives.softwares.as_slice(),
        ) {
            ([system], [software]) => {
                let is_new = paired.insert(*system) && paired.insert(*software);
                is_new.then_some((stem, [*system, *software]))
            }
            _ => None,
        };
        stems.into_iter().filter_map(pair).collect()
    }

    /// Returns the stems of the files of a source in the folder of the source.
    fn stems(&self, index: usize, word: &str) -> BTreeSet<Stem> {
        let files = self.source(index).map(Facts::files).unwrap_or_default();
        let names: Vec<(Vec<String>, String)> = files.iter().map(|file| file.names()).collect();
        let folder = names.first().map(|(folder, _)| folder.clone());
        let here = names.iter().filter(|(of, _)| Some(of) == folder.as_ref());
        here.flat_map(|(_, name)| stems(name, word)).collect()
    }

    /// Returns the pairs that name the same computer, if no third hive names this computer.
    fn by_computer_names(&self, hives: &Hives) -> Vec<[usize; 2]> {
        type NameOf = fn(&View<'_>) -> Option<(String, String)>;
        let named = |of: &[usize], name: NameOf| {
            let mut named: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for index in of {
                if let Some((name, _)) = name(&self.view(Pairing::Single, &[*index])) {
                    let form = MachineName::from(name.as_str()).comparable();
                    named.entry(form).or_default().push(*index);
                }
            }
            named
        };
        if hives.systems.is_empty() || hives.softwares.is_empty() {
            return Vec::new();
        }
        let systems = named(&hives.systems, own_name);
        let softwares = named(&hives.softwares, distinguished_name);
        let pair = |(name, systems): (&String, &Vec<usize>)| match (
            systems.as_slice(),
            softwares.get(name)?.as_slice(),
        ) {
            ([system], [software]) => Some([*system, *software]),
            _ => None,
        };
        let mut pairs: Vec<[usize; 2]> = systems.iter().filter_map(pair).collect();
        pairs.sort_unstable();
        pairs
    }

    /// Returns the hives beside a single source that were not given and have the name of its counterpart.
    fn beside(&self, members: &[usize]) -> Vec<String> {
        let [member] = members else { return Vec::new() };
        let Some(source) = self.source(*member) else { return Vec::new() };
        let word = match source.kind {
            HiveKind::System => SOFTWARE,
            HiveKind::Software => SYSTEM,
            _ => return Vec::new(),
        };
        let name = |path: &str| {
            let start = path.rfind(['/', '\\']).map_or(0, |at| at.saturating_add(1));
            path.get(start..).unwrap_or_default().to_lowercase()
        };
        source.beside.iter().filter(|path| name(path).contains(word)).cloned().collect()
    }
}

impl Hives {
    fn remove(&mut self, paired: &BTreeSet<usize>) {
        self.systems.retain(|index| !paired.contains(index));
        self.softwares.retain(|index| !paired.contains(index));
    }
}

const SYSTEM: &str = "system";
const SOFTWARE: &str = "software";

/// Returns the stems of a file name, one for each occurrence of `word`.
fn stems(name: &str, word: &str) -> Vec<Stem> {
    let name = name.to_lowercase();
    let stem = |(at, found): (usize, &str)| {
        let after = name.get(at.saturating_add(found.len())..)?;
        Some((String::from(name.get(..at)?), String::from(after)))
    };
    name.match_indices(word).filter_map(stem).collect()
}

/// SECURITY hives of one folder, and the hosts with a hive in this folder, by their numbers.
#[derive(Default)]
struct Beside {
    securities: Vec<usize>,
    hosts: BTreeSet<usize>,
}

/// Adds each SECURITY hive to the host of its folder, if the folder has one host and one SECURITY hive. A SECURITY
/// hive with licensing facts and without such a host is a host of its own.
fn with_security(
    sources: &[(String, &Facts)],
    mut groups: Vec<(Pairing, Vec<usize>)>,
) -> Vec<(Pairing, Vec<usize>)> {
    let of = |index: usize| sources.get(index).map(|(_, source)| *source);
    let folder = |index: usize| of(index).map(|source| source.file().names().0);
    let is_security = |index: &usize| of(*index).is_some_and(|it| it.kind == HiveKind::Security);
    let mut folders: BTreeMap<Option<Vec<String>>, Beside> = BTreeMap::new();
    for index in (0..sources.len()).filter(is_security) {
        folders.entry(folder(index)).or_default().securities.push(index);
    }
    if folders.is_empty() {
        return groups;
    }
    for (number, (_, members)) in groups.iter().enumerate() {
        for index in members {
            if let Some(beside) = folders.get_mut(&folder(*index)) {
                beside.hosts.insert(number);
            }
        }
    }
    let (mut added, mut rest) = (BTreeMap::new(), Vec::new());
    for Beside { securities, hosts } in folders.into_values() {
        match (securities.as_slice(), hosts.first()) {
            ([only], Some(host)) if hosts.len() == 1 => {
                added.insert(*only, *host);
            }
            _ => rest.extend(securities),
        }
    }
    for (index, host) in added {
        groups.get_mut(host).into_iter().for_each(|(_, members)| members.push(index));
    }
    rest.sort_unstable();
    let is_licensing =
        |fact: &Fact| fact.location.subject() != Subject::System && fact.state.is_found();
    rest.retain(|index| of(*index).is_some_and(|it| it.facts.iter().any(is_licensing)));
    groups.extend(rest.into_iter().map(|index| (Pairing::Single, vec![index])));
    groups
}

/// Whether Windows keeps its hives or a copy of its hives in a folder: `System32\config`,
/// `System32\config\RegBack`, or `repair` of Windows XP. `folders` lists the folder and the folders above.
pub(super) fn is_configuration_folder(folders: &[String]) -> bool {
    let names: Vec<String> = folders.iter().take(3).map(|name| name.to_ascii_lowercase()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    matches!(
        names.as_slice(),
        ["config", "system32", ..] | ["regback", "config", "system32"] | ["repair", "windows", ..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::FileCopy;

    #[test]
    fn configuration_folders_are_recognized_in_any_case_and_with_both_separators() {
        let is_configuration = |folder: &str| {
            let file = FileCopy {
                path: alloc::format!("{folder}/SYSTEM"),
                real_path: None,
                locator: None,
            };
            is_configuration_folder(&file.names().0)
        };
        for folder in [
            "C/Windows/System32/config",
            r"D:\WINDOWS\system32\CONFIG",
            "Windows.old/WINDOWS/System32/config/RegBack",
            "WINDOWS/repair",
        ] {
            assert!(is_configuration(folder), "{folder}");
        }
        for folder in ["", "config", "evidence/SYSTEM32", "System32/config/other"] {
            assert!(!is_configuration(folder), "{folder}");
        }
    }

    #[test]
    fn stem_is_the_file_name_without_each_word() {
        let stem = |before: &str, after: &str| (String::from(before), String::from(after));
        assert_eq!(stems("HOST-A_SYSTEM", SYSTEM), [stem("host-a_", "")]);
        assert_eq!(stems("Software.bak", SOFTWARE), [stem("", ".bak")]);
        assert_eq!(stems("systemSYSTEM", SYSTEM), [stem("", "system"), stem("system", "")]);
        assert!(stems("SOFTWARE", SYSTEM).is_empty());
    }
}
