// SPDX-License-Identifier: MIT OR Apache-2.0

//! Whole machines: recipes of the hives in `hives/`.

use crate::deletion::Edited;
use crate::tree::Tree;
use crate::{Options, canonical, readme, write};

mod certificate;
mod changes;
mod client_history;
mod clones;
mod deleted;
mod dpapi;
mod fleet;
pub(crate) mod grace_period;
pub(crate) mod hex;
pub(crate) mod license_server;
mod logged;
pub(crate) mod machine;
pub(crate) mod membership;
mod neighbors;
mod office;
pub(crate) mod permissions;
mod profiles;
pub(crate) mod registration;
pub(crate) mod release;
pub(crate) mod roles;
pub(crate) mod security_hive;
mod server_2003;
mod server_2008_r2;
mod server_2012_r2;
mod server_2016;
mod server_2019;
mod server_2022;
mod services;
pub(crate) mod settings;
pub(crate) mod store;
pub(crate) mod tasks;
mod time_zone;
mod two_hosts;
mod windows_10;
mod windows_11;
mod windows_xp;

pub use changes::{Changes, KnownChange, changes};
pub use client_history::{Moment, client_history};
pub use clones::{client_with_tokens, clones};
pub use fleet::{HOSTILE_NAME, fleet, fleet_in_use};
pub use logged::{Logged, Newer};

/// A machine.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Folder of its hives.
    pub name: &'static str,
    /// Source file of its recipe.
    recipe: &'static str,
    /// File name, tree and options of each hive. A name may hold folders, with slashes. For a hive
    /// with logs, the tree is that of both together.
    pub hives: Vec<(&'static str, Tree, Options)>,
    /// The hives that have transaction logs, or should have them: hives that were in use.
    pub logged: Vec<Logged>,
    /// The hives that were edited in place, by file name: hives with deletions.
    pub edited: Vec<(&'static str, Edited)>,
    /// What the scenario shows.
    pub about: &'static str,
}

impl Scenario {
    /// File name and bytes of each hive, followed by its logs.
    pub fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut files = Vec::new();
        for (file, tree, options) in &self.hives {
            let logged = self.logged.iter().find(|logged| logged.file == *file);
            let edited = self.edited.iter().find(|(edited, _)| edited == file);
            match (logged, edited) {
                (Some(logged), _) => files.extend(logged.files()),
                (None, Some((_, edited))) => files.push((*file, edited.hive.bytes.clone())),
                (None, None) => files.push((*file, write(tree, options).bytes)),
            }
        }
        files
    }

    /// Keys and values from transaction logs: file name of the hive, path of the key, and value, or
    /// `None` for a key that the hive alone lacks.
    pub fn from_logs(&self) -> impl Iterator<Item = (&'static str, Newer)> {
        let newer = |logged: &'_ Logged| (logged.file, logged.newer.clone());
        let all = self.logged.iter().map(newer);
        all.flat_map(|(file, newer)| newer.into_iter().map(move |newer| (file, newer)))
    }
}

/// All scenarios whose hives are whole without logs.
pub fn all() -> Vec<Scenario> {
    vec![
        windows_10::with_token(),
        windows_10::plain(),
        profiles::workstation(),
        windows_xp::client(),
        windows_11::client_with_tokens(),
        windows_11::multi_session(),
        server_2003::terminal_server(),
        server_2008_r2::session_host(),
        server_2012_r2::session_host(),
        server_2016::session_host(),
        server_2016::control_sets_differ(),
        server_2019::session_host(),
        server_2019::workgroup_host(),
        server_2022::session_host(),
        server_2022::role_absent(),
        license_server::server_2019(),
        two_hosts::flat_folder(),
        office::network(),
    ]
}

/// All scenarios whose hives have transaction logs, or should have them.
pub fn with_logs() -> Vec<Scenario> {
    logged::all()
}

/// All scenarios with hives that were edited in place.
pub fn with_deletions() -> Vec<Scenario> {
    deleted::all()
}

/// All scenarios.
pub fn every() -> Vec<Scenario> {
    all().into_iter().chain(with_logs()).chain(with_deletions()).collect()
}

/// Returns every hive of [`all`] with its path: the name of its scenario, then its file name.
pub fn hives() -> Vec<(String, Vec<u8>)> {
    let mut hives = Vec::new();
    for scenario in all() {
        for (file, bytes) in scenario.files() {
            hives.push((format!("{}/{file}", scenario.name), bytes));
        }
    }
    hives
}

const BEGIN: &str = "<!-- hives: written by `hive-forge scenarios` -->\n";
const END: &str = "<!-- end of hives -->";

/// Returns `readme` with the table of the hives between its markers, or `None` without the markers.
pub fn insert_table(readme: &str) -> Option<String> {
    readme::insert(readme, BEGIN, END, &table())
}

fn table() -> String {
    let mut table = "| File | Content | Recipe | SHA-256 |\n|---|---|---|---|\n".to_owned();
    for scenario in every() {
        for (file, bytes) in scenario.files() {
            let Scenario { name, about, recipe, .. } = &scenario;
            let hash = canonical::sha256(&bytes);
            table += &format!("| `hives/{name}/{file}` | {about} | `{recipe}` | `{hash}` |\n");
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checked_in_hives_equal_their_recipes() {
        let package = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        for scenario in every() {
            for (file, bytes) in scenario.files() {
                assert!(bytes.len() < 150_000, "{file} has {} bytes", bytes.len());
                let path = package.join("hives").join(scenario.name).join(file);
                let checked_in = std::fs::read(&path).expect("run `hive-forge scenarios`");
                assert_eq!(canonical::sha256(&checked_in), canonical::sha256(&bytes), "{path:?}");
            }
        }
        // A checkout can change the ends of lines.
        let readme = std::fs::read_to_string(package.join("README.md")).unwrap().replace('\r', "");
        assert_eq!(insert_table(&readme), Some(readme), "run `hive-forge scenarios`");
    }
}
