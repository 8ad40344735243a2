// SPDX-License-Identifier: MIT OR Apache-2.0
//! Groups hives into hosts.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use calhive_regf::registry::HiveKind;

use crate::catalog::{Code, Subject};
use crate::fact::{Fact, Facts};
use crate::interpret::view::{Exhibit, View};
use crate::meaning::MachineName;
use crate::report::Pairing;

/// Groups sources into hosts. `exhibits` holds the facts of each source.
pub(super) fn views<'f>(
    sources: &[(String, &'f Facts)],
    exhibits: &'f [Vec<Exhibit<'f>>],
) -> Vec<View<'f>> {
    let of = |members: &[usize], is_wanted: fn(&Fact) -> bool| {
        let exhibits = members.iter().filter_map(|index| exhibits.get(*index)).flatten();
        exhibits.filter(|it| is_wanted(it.fact)).collect()
    };
    let view = |pairing, members: &[usize]| View {
        sources: members.iter().filter_map(|index| sources.get(*index).cloned()).collect(),
        facts: of(members, |fact| fact.provenance.is_in_tree()),
        hidden: of(members, |fact| fact.provenance.hidden.is_some()),
        recovered: of(members, |fact| fact.provenance.recovered.is_some()),
        pairing,
    };
    let mut views: Vec<View<'f>> = Vec::new();
    for (pairing, members) in with_security(sources, groups(sources)) {
        let paired = view(pairing, &members);
        if pairing == Pairing::Assumed && is_contradicted(&paired) {
            views.extend(members.iter().map(|member| view(Pairing::Contradicted, &[*member])));
        } else {
            views.push(paired);
        }
    }
    // Sort copies after the hives in use.
    views.sort_by_key(|view| view.copy().is_some());
    views
}

/// Returns the reason why the sources of a host count as one host.
pub(super) fn pairing_statement(pairing: Pairing) -> String {
    String::from(match pairing {
        Pairing::ConfigurationFolder => {
            "SYSTEM and SOFTWARE are in one Windows configuration folder"
        }
        Pairing::Assumed => {
            "pairing assumed: the folder holds only this SYSTEM and this SOFTWARE hive"
        }
        Pairing::Contradicted => {
            "not paired with the other hive of its folder: SYSTEM and SOFTWARE name different machines"
        }
        Pairing::Single => "one hive, taken as a separate host",
    })
}

/// Whether SYSTEM and SOFTWARE name different machines: the computer name differs from the first
/// part of the distinguished name.
fn is_contradicted(view: &View<'_>) -> bool {
    let Some((own, _)) = view.text(Code::SystemComputerName) else { return false };
    let Some((full, _)) = view.text(Code::SystemDistinguishedName) else { return false };
    let first = full.split(',').next().and_then(|part| part.trim().get(3..)).unwrap_or_default();
    !first.is_empty() && !MachineName::from(first).is_same(&MachineName::from(own.as_str()))
}

/// Returns the sources of each host by index, in the order of the first source of each host.
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

/// Adds each SECURITY hive to the host of its folder, if the folder has one host and one SECURITY hive. A SECURITY
/// hive with licensing facts and without such a host is a host of its own.
fn with_security(
    sources: &[(String, &Facts)],
    mut groups: Vec<(Pairing, Vec<usize>)>,
) -> Vec<(Pairing, Vec<usize>)> {
    let of = |index: usize| sources.get(index).map(|(_, source)| *source);
    let folder = |index: usize| {
        let path = of(index).map_or("", |source| source.path.as_str());
        path.get(..path.rfind(['/', '\\']).unwrap_or(0)).unwrap_or_default()
    };
    let is_security = |index: &usize| of(*index).is_some_and(|it| it.kind == HiveKind::Security);
    let all: Vec<usize> = (0..sources.len()).filter(is_security).collect();
    for index in &all {
        let is_beside = |other: &usize| folder(*other) == folder(*index);
        let is_only = all.iter().filter(|other| is_beside(other)).count() == 1;
        let mut hosts = groups.iter_mut().filter(|(_, members)| members.iter().any(is_beside));
        match (hosts.next(), hosts.next()) {
            (Some((_, members)), None) if is_only => members.push(*index),
            _ => {
                let is_licensing = |fact: &Fact| {
                    fact.location.subject() != Subject::System && fact.state.is_found()
                };
                if of(*index).is_some_and(|it| it.facts.iter().any(is_licensing)) {
                    groups.push((Pairing::Single, vec![*index]));
                }
            }
        }
    }
    groups
}

/// Whether Windows keeps its hives or a copy of its hives in a folder: `System32\config`,
/// `System32\config\RegBack`, or `repair` of Windows XP.
fn is_configuration_folder(folder: &str) -> bool {
    let names: Vec<String> =
        folder.rsplit(['/', '\\']).take(3).map(str::to_ascii_lowercase).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    matches!(
        names.as_slice(),
        ["config", "system32", ..] | ["regback", "config", "system32"] | ["repair", "windows", ..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_folders_are_recognized_in_any_case_and_with_both_separators() {
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
