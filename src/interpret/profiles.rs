// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`add`]: which profiles of users belong to a host, and what they store about Remote Desktop.

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
    for ((id, source), exhibits) in sources.iter().zip(exhibits) {
        if !matches!(source.kind, HiveKind::User | HiveKind::UserClasses) {
            continue;
        }
        let (place, name) = CopyPlace::of_profile(&source.file());
        let mut fitting = hosts.iter_mut().filter(|it| {
            it.view.place().is_some_and(|host| is_same(&host, &place, name.is_some()))
        });
        let (Some(host), None) = (fitting.next(), fitting.next()) else { continue };
        remove_from_corroboration(&mut host.host.corroboration, source);
        let profile = profile(id, name, exhibits);
        if !profile.remote_hosts.is_empty() || !profile.virtual_store.is_empty() {
            host.host.profiles.push(profile);
        }
    }
}

/// Removes a profile from the evidence that was not read.
fn remove_from_corroboration(all: &mut Vec<Corroboration>, source: &Facts) {
    let real = source.real_path.as_deref().map(calhive_evidence::escape::path);
    let is_other = |path: &String| Some(path) != real.as_ref() && *path != source.path;
    all.retain_mut(|beside| {
        let number = beside.paths.len();
        beside.paths.retain(is_other);
        let was_only = number > 0 && beside.paths.is_empty();
        let is_kind = beside.what.starts_with(file_name(source.kind));
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

/// Whether a profile is on the volume of a host. A profile in its own folders needs a host in a Windows folder.
fn is_same(host: &CopyPlace, profile: &CopyPlace, is_in_folders: bool) -> bool {
    host.volume == profile.volume
        && host.drive == profile.drive
        && host.shadow_copy == profile.shadow_copy
        && host.is_earlier == profile.is_earlier
        && !host.is_backup
        && host.deleted.is_none()
        && profile.deleted.is_none()
        && host.windows.is_some() == is_in_folders
}

fn profile(source: &str, name: Option<String>, exhibits: &[Exhibit<'_>]) -> ProfileReport {
    let mut remote_hosts: Vec<ProfileHost> = Vec::new();
    let mut virtual_store = Vec::new();
    let found = exhibits.iter().filter(|it| it.fact.state.is_found());
    for exhibit in found.filter(|it| it.fact.provenance.is_in_tree()) {
        let id = exhibit.id.as_str();
        let key = exhibit.fact.provenance.key.as_str();
        let own = key.rsplit_once('\\').map_or(key, |(_, name)| name);
        match exhibit.code() {
            Code::ClientProfileAddresses => {
                if let Some(shown) = exhibit.shown().filter(|shown| !shown.is_empty()) {
                    edit(&mut remote_hosts, shown, id, |_| {});
                }
            }
            Code::ClientProfileServer => {
                let written = exhibit.written();
                edit(&mut remote_hosts, own, id, |host| host.key_last_written = written);
            }
            Code::ClientProfileUser => {
                let user = exhibit.shown().map(String::from);
                edit(&mut remote_hosts, own, id, |host| host.user_hint = user);
            }
            Code::ClientProfileCertificateHash => edit(&mut remote_hosts, own, id, |_| {}),
            Code::ClientVirtualStore
            | Code::ClientVirtualHardwareId
            | Code::ClientVirtualLicense => virtual_store.push(String::from(id)),
            _ => {}
        }
    }
    ProfileReport { source: String::from(source), name, remote_hosts, virtual_store }
}

/// Changes the host with this name, and adds it if it is new. Names compare without regard to letter case.
fn edit(hosts: &mut Vec<ProfileHost>, name: &str, id: &str, change: impl FnOnce(&mut ProfileHost)) {
    let known = hosts.iter_mut().find(|host| host.name.eq_ignore_ascii_case(name));
    match known {
        Some(host) => {
            host.facts.push(String::from(id));
            change(host);
        }
        None => {
            let facts = Vec::from([String::from(id)]);
            let name = String::from(name);
            let mut host = ProfileHost { name, user_hint: None, key_last_written: None, facts };
            change(&mut host);
            hosts.push(host);
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
