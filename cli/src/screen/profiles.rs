// SPDX-License-Identifier: GPL-3.0-or-later
//! What profiles of users store for the Remote Desktop client, in one line.

use calhive::report::ProfileReport;

use crate::messages::count;
use crate::screen::view::View;
use crate::screen::{Kind, Line, Section};

/// Largest number of names that the line has.
const NAMES: usize = 4;

/// Returns the names that the profiles store; `None` without such a name.
pub(crate) fn section(view: &View<'_>) -> Option<Section> {
    let profiles = &view.host.profiles;
    let mut line = Line::default();
    let mut names = 0_usize;
    let all: usize = profiles.iter().map(|profile| profile.remote_hosts.len()).sum();
    for profile in profiles.iter().filter(|profile| !profile.remote_hosts.is_empty()) {
        let shown: Vec<&str> = profile
            .remote_hosts
            .iter()
            .take(NAMES.saturating_sub(names))
            .map(|host| host.name.as_str())
            .collect();
        if shown.is_empty() {
            break;
        }
        let start = if line.is_empty() { "" } else { "; " };
        line = line.then(start).and(Kind::Name, name(profile)).then(": ").then(&shown.join(", "));
        names = names.saturating_add(shown.len());
    }
    let more = all.saturating_sub(names);
    if more > 0 {
        line = line.then("; ").then(&format!("{} more", count(more as u64, "name")));
    }
    let stores = profiles.iter().filter(|profile| !profile.virtual_store.is_empty()).count();
    if stores > 0 {
        let start = if line.is_empty() { "" } else { "; " };
        let what = count(stores as u64, "VirtualStore");
        line = line.then(start).then(&format!("{what} with licensing keys"));
    }
    if line.is_empty() {
        return None;
    }
    let note = " (Remote Desktop client of a profile; no evidence of a connection)";
    let note = if all > 0 { note } else { "" };
    Some(Section::new("PROFILES", "name").head([line.and(Kind::Muted, note)]))
}

fn name(profile: &ProfileReport) -> &str {
    profile.name.as_deref().unwrap_or("profile of unknown name")
}
