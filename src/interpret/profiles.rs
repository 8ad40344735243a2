// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`add`]: which profiles of users belong to a host, and what they store about Remote Desktop.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_evidence::{Corroboration, Presence};
use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::fact::Facts;
use crate::interpret::copy_place::CopyPlace;
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::report::{ProfileHost, ProfileReport};

/// Adds the profiles of each host: those on its volume, in the same shadow copy or previous Windows. A profile whose
/// host is not certain is left out. `exhibits` holds the facts of each source.
pub(super) fn add(
    hosts: &mut [HostEvidence<'_>],
    sources: &[(String, &Facts)],
    exhibits: &[Vec<Exhibit<'_>>],
) {
    let is_profile = |source: &Facts| matches!(source.kind, HiveKind::User | HiveKind::UserClasses);
    if !sources.iter().any(|(_, source)| is_profile(source)) {
        return;
    }
    let places = places(hosts);
    let mut read: BTreeMap<usize, Vec<&Facts>> = BTreeMap::new();
    for ((id, source), exhibits) in sources.iter().zip(exhibits) {
        if !is_profile(source) {
            continue;
        }
        let (place, name) = CopyPlace::of_profile(&source.file());
        let fitting = match place.deleted {
            None => places.get(&Place::of(&place, name.is_some())).map(Vec::as_slice),
            Some(_) => None,
        };
        let Some([number]) = fitting else { continue };
        let Some(host) = hosts.get_mut(*number) else { continue };
        read.entry(*number).or_default().push(source);
        let profile = profile(id, name, exhibits);
        if !profile.remote_hosts.is_empty() || !profile.virtual_store.is_empty() {
            host.host.profiles.push(profile);
        }
    }
    for (number, sources) in read {
        if let Some(host) = hosts.get_mut(number) {
            remove_from_corroboration(&mut host.host.corroboration, &sources);
        }
    }
}

/// Removes the profiles that were read from the evidence that was not read.
fn remove_from_corroboration(all: &mut Vec<Corroboration>, read: &[&Facts]) {
    let real = |it: &&Facts| it.real_path.as_deref().map(calhive_evidence::escape::path);
    let paths: BTreeSet<String> = read.iter().filter_map(real).collect();
    let paths: BTreeSet<&str> = read
        .iter()
        .map(|source| source.path.as_str())
        .chain(paths.iter().map(String::as_str))
        .collect();
    let names: BTreeSet<&str> = read.iter().map(|source| file_name(source.kind)).collect();
    all.retain_mut(|beside| {
        let number = beside.paths.len();
        beside.paths.retain(|path| !paths.contains(path.as_str()));
        let was_only = number > 0 && beside.paths.is_empty();
        let is_kind = names.iter().any(|name| beside.what.starts_with(name));
        let is_read = was_only || (is_kind && beside.state == Presence::NotSearched);
        !is_read
    });
}

/// Returns the beginning of the name of this kind of evidence.
const fn file_name(kind: HiveKind) -> &'static str {
    match kind {
        HiveKind::User => "NTUSER.DAT ",
        _ => "UsrClass.dat ",
    }
}

/// Place that a host shares with the profiles of its users.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    volume: String,
    drive: Option<char>,
    shadow_copy: Option<u32>,
    is_earlier: bool,
    /// Whether the host is in a Windows folder, and the profile in its own folders.
    is_in_folders: bool,
}

impl Place {
    fn of(place: &CopyPlace, is_in_folders: bool) -> Self {
        Self {
            volume: place.volume.clone(),
            drive: place.drive,
            shadow_copy: place.shadow_copy,
            is_earlier: place.is_earlier,
            is_in_folders,
        }
    }
}

/// Returns the numbers of the hosts at each place, without backups and deleted hives.
fn places(hosts: &[HostEvidence<'_>]) -> BTreeMap<Place, Vec<usize>> {
    let mut places: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
    for (number, host) in hosts.iter().enumerate() {
        let place = host.view.place();
        if let Some(place) = place.filter(|it| !it.is_backup && it.deleted.is_none()) {
            places.entry(Place::of(&place, place.windows.is_some())).or_default().push(number);
        }
    }
    places
}

fn profile(source: &str, name: Option<String>, exhibits: &[Exhibit<'_>]) -> ProfileReport {
    let mut remote_hosts = ProfileHosts::default();
    let mut virtual_store = Vec::new();
    let found = exhibits.iter().filter(|it| it.fact.state.is_found());
    for exhibit in found.filter(|it| it.fact.provenance.is_in_tree()) {
        let id = exhibit.id.as_str();
        let key = exhibit.fact.provenance.key.as_str();
        let own = key.rsplit_once('\\').map_or(key, |(_, name)| name);
        match exhibit.code() {
            Code::ClientProfileAddresses => {
                if let Some(shown) = exhibit.shown().filter(|shown| !shown.is_empty()) {
                    remote_hosts.edit(shown, id, |_| {});
                }
            }
            Code::ClientProfileServer => {
                let written = exhibit.written();
                remote_hosts.edit(own, id, |host| host.key_last_written = written);
            }
            Code::ClientProfileUser => {
                let user = exhibit.shown().map(String::from);
                remote_hosts.edit(own, id, |host| host.user_hint = user);
            }
            Code::ClientProfileCertificateHash => remote_hosts.edit(own, id, |_| {}),
            Code::ClientVirtualStore
            | Code::ClientVirtualHardwareId
            | Code::ClientVirtualLicense => virtual_store.push(String::from(id)),
            _ => {}
        }
    }
    ProfileReport {
        source: String::from(source),
        name,
        remote_hosts: remote_hosts.all,
        virtual_store,
    }
}

/// The names in a profile, in the order of its facts.
#[derive(Default)]
struct ProfileHosts {
    all: Vec<ProfileHost>,
    /// Number of each host by its name in lower case.
    numbers: BTreeMap<String, usize>,
}

impl ProfileHosts {
    /// Changes the host with this name, and adds it if it is new. Names compare without regard to letter case.
    fn edit(&mut self, name: &str, id: &str, change: impl FnOnce(&mut ProfileHost)) {
        let number = *self.numbers.entry(name.to_ascii_lowercase()).or_insert(self.all.len());
        if number == self.all.len() {
            let (name, facts) = (String::from(name), Vec::new());
            self.all.push(ProfileHost { name, user_hint: None, key_last_written: None, facts });
        }
        if let Some(host) = self.all.get_mut(number) {
            host.facts.push(String::from(id));
            change(host);
        }
    }
}

impl ProfileReport {
    /// Describes the names in a profile, and its licensing keys. `None` without both.
    pub(super) fn statement(&self) -> Option<String> {
        let profile = self.name.as_ref().map_or_else(
            || format!("A profile of unknown name ({})", self.source),
            |name| format!("Profile {name} ({})", self.source),
        );
        let names: Vec<String> = self.remote_hosts.iter().map(ProfileHost::in_words).collect();
        match (names.len(), self.virtual_store.is_empty()) {
            (0, true) => None,
            (0, false) => Some(format!(
                "{profile} has licensing keys of 32-bit programs in its VirtualStore ({}).",
                self.virtual_store.join(", ")
            )),
            (1, _) => Some(format!(
                "{profile} stores the name {} for the Remote Desktop client. This is no evidence of a connection.",
                names.join("")
            )),
            _ => Some(format!(
                "{profile} stores the names {} for the Remote Desktop client. This is no evidence of a connection.",
                names.join(", ")
            )),
        }
    }
}

impl ProfileHost {
    fn in_words(&self) -> String {
        match &self.user_hint {
            Some(user) => format!("{} (user name {user})", self.name),
            None => self.name.clone(),
        }
    }
}
