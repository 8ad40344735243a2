// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`groups`]: which hosts are states of one installation.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use calhive_regf::FileTime;
use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::interpret::copy_place::CopyPlace;
use crate::interpret::host_evidence::HostEvidence;
use crate::meaning::{HardwareId, HardwareIdForm, MachineName};
use crate::report::{HiveCopy, NotGrouped, TimeBasis};

/// A host with the place of its hives.
type Placed<'h> = (&'h HostEvidence<'h>, CopyPlace);

/// Paths of hives, each after the id of its source.
type Paths = Vec<(String, String)>;

/// States of one installation.
#[derive(Debug)]
pub(super) struct Group {
    /// States in order of time. States without a time are last.
    pub(super) states: Vec<State>,
    pub(super) not_grouped: Vec<NotGrouped>,
}

/// A state of the hives of an installation.
#[derive(Debug)]
pub(super) struct State {
    /// Id of the host.
    pub(super) host: String,
    pub(super) place: CopyPlace,
    /// Path of each hive, after the id of its source.
    pub(super) paths: Paths,
    /// Whether the hives were not read, because another state has the same bytes.
    pub(super) is_same: bool,
    /// Whether the state has all hives of its host.
    pub(super) is_whole: bool,
    pub(super) time: Option<FileTime>,
    pub(super) time_basis: TimeBasis,
    /// Latest plausible key timestamp.
    pub(super) newest: Option<FileTime>,
}

/// Returns the installations with several states, or with hives that contradict them.
pub(super) fn groups<'h>(hosts: &'h [HostEvidence<'h>]) -> Vec<Group> {
    let hosts = hosts.iter().filter(|host| !host.view.is_unallocated());
    let placed = hosts.filter_map(|host| Some((host, host.view.place()?)));
    let groups = by_place(placed.collect()).into_iter().filter_map(group);
    groups.filter(|it| it.states.len() > 1 || !it.not_grouped.is_empty()).collect()
}

/// Groups hosts by volume and Windows folder. Shadow copies without a drive letter and deleted files belong to the
/// only installation of their volume.
fn by_place(placed: Vec<Placed<'_>>) -> Vec<Vec<Placed<'_>>> {
    type Key = (String, Option<char>, Option<String>);
    let mut groups: BTreeMap<Key, Vec<Placed<'_>>> = BTreeMap::new();
    let mut loose = Vec::new();
    for one in placed {
        let CopyPlace { volume, drive, windows, .. } = &one.1;
        let is_loose = one.1.copy().is_some() && (drive.is_none() || windows.is_none());
        let key = (volume.clone(), *drive, windows.clone());
        if is_loose {
            loose.push((key, one));
        } else {
            groups.entry(key).or_default().push(one);
        }
    }
    for (key, one) in loose {
        let fits = |other: &Key| {
            (key.1.is_none() || other.1 == key.1) && (key.2.is_none() || other.2 == key.2)
        };
        let of_volume = groups.range((key.0.clone(), None, None)..).map(|(other, _)| other);
        let of_volume = of_volume.take_while(|other| other.0 == key.0);
        let mut fitting = of_volume.filter(|other| fits(other)).cloned();
        let found = match (fitting.next(), fitting.next()) {
            (Some(only), None) => only,
            _ => key,
        };
        groups.entry(found).or_default().push(one);
    }
    groups.into_values().collect()
}

/// Returns the states of a group of hosts. `None` if several hosts have hives in use: then no copy can be assigned.
fn group(mut placed: Vec<Placed<'_>>) -> Option<Group> {
    placed.sort_by_key(|(_, place)| place.copy().is_some());
    if placed.iter().filter(|(_, place)| place.copy().is_none()).count() > 1 {
        return None;
    }
    let mut not_grouped = Vec::new();
    let mut states: Vec<State> = Vec::new();
    let mut first: Option<(&HostEvidence<'_>, String)> = None;
    for (host, place) in placed {
        let words = place.in_words();
        match &first {
            None => first = Some((host, words)),
            Some((base, base_words)) => {
                let (base, other) = ((*base, base_words.as_str()), (host, words.as_str()));
                let why = contradiction(base, other);
                if let Some(why) = why.or_else(|| no_link(base, other, &place)) {
                    let host = host.host.id.clone();
                    not_grouped.push(NotGrouped { host, statement: why.into() });
                    continue;
                }
            }
        }
        states.extend(states_of(host, &place));
    }
    in_order(&mut states);
    Some(Group { states, not_grouped })
}

/// Returns the state of a host, and a state for each folder of copies with the same bytes.
fn states_of(host: &HostEvidence<'_>, place: &CopyPlace) -> Vec<State> {
    let own = host.view.sources.iter().map(|(id, source)| (id.clone(), source.path.clone()));
    let mut states = vec![state(host, place.clone(), own.collect(), false)];
    let mut folders: BTreeMap<Vec<String>, (CopyPlace, Paths)> = BTreeMap::new();
    for (id, source) in &host.view.sources {
        for file in &source.copies {
            let of = CopyPlace::of(file);
            let is_here = of.volume == place.volume && of.copy().is_some();
            if is_here && of.windows.as_ref().is_none_or(|it| Some(it) == place.windows.as_ref()) {
                let folder = folders.entry(file.names().0).or_insert((of, Vec::new()));
                folder.1.push((id.clone(), file.path.clone()));
            }
        }
    }
    states.extend(folders.into_values().map(|(place, paths)| state(host, place, paths, true)));
    states
}

fn state(host: &HostEvidence<'_>, place: CopyPlace, paths: Paths, is_same: bool) -> State {
    // Nothing dates the clusters of a carved hive.
    let newest = host.host.reference_time.newest.filter(|_| place.carved.is_none());
    let created = place.created.as_ref().filter(|_| place.is_whole_shadow_copy());
    let (time, time_basis) = match (created, newest) {
        (Some((created, _)), _) => (Some(*created), TimeBasis::ShadowCopyCreated),
        (None, Some(newest)) => (Some(newest), TimeBasis::LatestKeyWrite),
        (None, None) => (None, TimeBasis::Unknown),
    };
    let mut hives = host.view.sources.iter().filter(|(_, source)| {
        let kind = source.kind;
        matches!(kind, HiveKind::System | HiveKind::Software)
    });
    let is_whole = hives.all(|(id, _)| paths.iter().any(|(of, _)| of == id));
    let host = host.host.id.clone();
    State { host, place, paths, is_same, is_whole, time, time_basis, newest }
}

/// Sorts states by time. The hives in use are later than every shadow copy of their volume.
fn in_order(states: &mut [State]) {
    let shadow_copies = states.iter().filter(|state| state.place.is_whole_shadow_copy());
    let last = shadow_copies.filter_map(|state| state.time).max();
    states.sort_by_key(|state| {
        let is_in_use = state.place.copy().is_none();
        let time = if is_in_use { state.time.max(last) } else { state.time };
        let rank = state.place.shadow_copy.unwrap_or(u32::MAX);
        (time.is_none(), time, is_in_use, rank, state.place.copy().map(|copy| copy as u8))
    });
}

impl State {
    /// Whether the times show that this state is earlier than another one.
    ///
    /// The latest key timestamps decide. Between hives in use and shadow copies of their volume, or two shadow
    /// copies, equal key timestamps decide nothing, but the shadow copy precedes.
    pub(super) fn precedes(&self, other: &Self) -> bool {
        let is_whole = |state: &Self| state.place.is_whole_shadow_copy();
        let created = |state: &Self| state.place.created.as_ref().map(|(time, _)| *time);
        if is_whole(self)
            && is_whole(other)
            && let (Some(one), Some(two)) = (created(self), created(other))
        {
            return one < two;
        }
        let is_known = match (is_whole(self), is_whole(other)) {
            (true, true) => self.place.shadow_copy < other.place.shadow_copy,
            (true, false) => other.place.copy().is_none(),
            _ => false,
        };
        match (self.newest, other.newest) {
            (Some(one), Some(two)) => one < two || (one == two && is_known),
            _ => is_known,
        }
    }

    /// Describes the state with its time.
    pub(super) fn in_words(&self) -> String {
        let kind = self.place.in_words();
        match self.time {
            Some(time) => format!("{time} ({kind}, {})", self.time_basis),
            None => format!("an unknown time ({kind})"),
        }
    }
}

/// Returns the sentence about two hosts whose content shows two machines. A computer with one hardware ID in both
/// states was renamed.
fn contradiction(
    (base, base_words): (&HostEvidence<'_>, &str),
    (other, words): (&HostEvidence<'_>, &str),
) -> Option<String> {
    let name = |host: &HostEvidence<'_>| {
        host.host.system.computer_name.as_ref().map(|name| name.text.clone())
    };
    let sid = |host: &HostEvidence<'_>| {
        host.view.filled(Code::SystemPrimaryDomainSid).map(|(sid, _)| sid)
    };
    let pair = |one: Option<String>, two: Option<String>| Some((one?, two?));
    let names = pair(name(base), name(other)).filter(|(one, two)| {
        !MachineName::from(one.as_str()).is_same(&MachineName::from(two.as_str()))
    });
    let sids = pair(sid(base), sid(other)).filter(|(one, two)| one != two);
    let (what, (one, two)) = match (names, sids) {
        (Some(names), _) if !has_same_hardware_id(base, other) => ("the computer name", names),
        (_, Some(sids)) => ("the security identifier of the primary domain", sids),
        _ => return None,
    };
    Some(format!(
        "{} ({words}) is on the same volume as {} ({base_words}), but {what} differs: {two} and {one}. The hives are \
         not compared as states of one installation",
        other.host.id, base.host.id
    ))
}

/// Returns the sentence about a host that nothing links to the installation. The place links backups and shadow copies.
/// A deleted hive, or a hive of an earlier Windows, can belong to another installation that once was on the volume.
fn no_link(
    (base, base_words): (&HostEvidence<'_>, &str),
    (other, words): (&HostEvidence<'_>, &str),
    place: &CopyPlace,
) -> Option<String> {
    let by_place = !matches!(
        place.copy(),
        Some(HiveCopy::EarlierInstallation | HiveCopy::Deleted | HiveCopy::Carved)
    );
    let name = |host: &HostEvidence<'_>| host.host.system.computer_name.is_some();
    // Names that differ are a contradiction.
    let has_names = name(base) && name(other);
    if by_place || has_names || has_same_hardware_id(base, other) {
        return None;
    }
    Some(format!(
        "{} ({words}) is on the same volume as {} ({base_words}). Nothing that was read shows whether both are states of \
         one installation: neither a computer name nor a hardware ID is in both. The hives are not compared",
        other.host.id, base.host.id
    ))
}

fn has_same_hardware_id(one: &HostEvidence<'_>, other: &HostEvidence<'_>) -> bool {
    let ids = |host: &HostEvidence<'_>| -> Vec<HardwareId> {
        let all = host.view.all(Code::ClientHardwareId);
        let ids = all.filter_map(|it| HardwareId::parse(&it.fact.data));
        // An ID that is computed from a name does not identify the machine.
        let is_computed = |id: &HardwareId| {
            matches!(id.form(), Some(HardwareIdForm::HostName | HardwareIdForm::FreeRdp))
        };
        ids.filter(|id| !is_computed(id) && id.data != [0; 4]).collect()
    };
    let of_other = ids(other);
    ids(one).iter().any(|id| of_other.contains(id))
}
