// SPDX-License-Identifier: MIT OR Apache-2.0

//! Whole machines: the hives that are checked in under `hives/`, and how they are made.

use crate::deletion::Edited;
use crate::tree::Tree;
use crate::{Options, canonical, readme, write};

mod certificate;
mod changes;
mod deleted;
mod dpapi;
pub(crate) mod grace_period;
pub(crate) mod hex;
pub(crate) mod license_server;
mod logged;
pub(crate) mod machine;
pub(crate) mod membership;
mod neighbors;
mod office;
pub(crate) mod permissions;
pub(crate) mod registration;
pub(crate) mod release;
pub(crate) mod roles;
mod server_2003;
mod server_2008_r2;
mod server_2012_r2;
mod server_2016;
mod server_2019;
mod server_2022;
mod services;
pub(crate) mod settings;
pub(crate) mod store;
mod time_zone;
mod two_hosts;
mod windows_10;
mod windows_11;
mod windows_xp;

pub use changes::{Changes, Told, changes};
pub use logged::{Logged, Newer};

/// A machine.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The folder of its hives.
    pub name: &'static str,
    /// The source file that makes it.
    recipe: &'static str,
    /// File name, content and form of each hive. A name may hold folders, with slashes. Of a hive
    /// with logs it is the content that both make together.
    pub hives: Vec<(&'static str, Tree, Options)>,
    /// Which of the hives have transaction logs, or should have: hives that were in use.
    pub logged: Vec<Logged>,
    /// Which of the hives were edited in place, file name first: hives in which something was deleted.
    pub edited: Vec<(&'static str, Edited)>,
    /// What it shows.
    pub about: &'static str,
}

impl Scenario {
    /// File name and bytes of each hive, and of its logs behind it.
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

    /// What comes from transaction logs: file name of the hive, path of the key, and value; none for
    /// a key that is not in the hive alone.
    pub fn from_logs(&self) -> impl Iterator<Item = (&'static str, Newer)> {
        let newer = |logged: &'_ Logged| (logged.file, logged.newer.clone());
        let all = self.logged.iter().map(newer);
        all.flat_map(|(file, newer)| newer.into_iter().map(move |newer| (file, newer)))
    }
}

/// All whose hives are whole without logs.
pub fn all() -> Vec<Scenario> {
    vec![
        windows_10::with_token(),
        windows_10::plain(),
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

/// All whose hives have transaction logs, or should have.
pub fn with_logs() -> Vec<Scenario> {
    logged::all()
}

/// All in whose hives something was deleted or changed in place.
pub fn with_deletions() -> Vec<Scenario> {
    deleted::all()
}

/// Every one of them.
pub fn every() -> Vec<Scenario> {
    all().into_iter().chain(with_logs()).chain(with_deletions()).collect()
}

const BEGIN: &str = "<!-- hives: written by `hive-forge scenarios` -->\n";
const END: &str = "<!-- end of hives -->";

/// `readme` with the table of the checked-in hives between its markers; none without markers.
pub fn insert_table(readme: &str) -> Option<String> {
    readme::insert(readme, BEGIN, END, &table())
}

fn table() -> String {
    let mut table = "| File | What it shows | Recipe | SHA-256 |\n|---|---|---|---|\n".to_owned();
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
    fn checked_in_hives_are_what_the_recipes_make() {
        let package = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        for scenario in every() {
            for (file, bytes) in scenario.files() {
                assert!(bytes.len() < 150_000, "{file} has {} bytes", bytes.len());
                let path = package.join("hives").join(scenario.name).join(file);
                let checked_in = std::fs::read(&path).expect("run `hive-forge scenarios`");
                assert_eq!(canonical::sha256(&checked_in), canonical::sha256(&bytes), "{path:?}");
            }
        }
        // A checkout may have changed the ends of lines.
        let readme = std::fs::read_to_string(package.join("README.md")).unwrap().replace('\r', "");
        assert_eq!(insert_table(&readme), Some(readme), "run `hive-forge scenarios`");
    }
}
