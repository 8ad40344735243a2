// SPDX-License-Identifier: MIT OR Apache-2.0

//! Machines that were in use when their hives were collected: the newest changes are in the logs.

use crate::log::{Dirty, History};
use crate::tree::Tree;

mod server_2008_r2;
mod server_2016;
mod server_2019;
mod two_hosts;
mod windows_10;
mod windows_xp;

/// A hive of a scenario with its logs.
#[derive(Clone, Debug)]
pub struct Logged {
    /// File name of the hive in its scenario.
    pub file: &'static str,
    /// File names of its logs, in the order of `dirty`.
    pub logs: Vec<&'static str>,
    /// Tree of the hive without its logs.
    pub alone: Tree,
    /// Bytes of the hive and its logs, and the recovered hive.
    pub dirty: Dirty,
    /// Keys and values from the logs: keys, by path, that the hive alone lacks, and values, by path
    /// and name, that it lacks or has with other data.
    pub newer: Vec<Newer>,
}

/// A key, or a value of it.
pub type Newer = (&'static str, Option<&'static str>);

impl Logged {
    /// Returns the hive in `file` and its logs in other files, with the content from the logs. The
    /// hive was not written since its first state.
    fn new(file: &'static str, logs: &[&'static str], history: &History, dirty: Dirty) -> Self {
        assert_eq!(logs.len(), dirty.logs.len(), "each log of {file} has a file name");
        let alone = history.tree(0).clone();
        Self { file, logs: logs.to_vec(), alone, dirty, newer: Vec::new() }
    }

    fn newer(mut self, newer: &[Newer]) -> Self {
        self.newer = newer.to_vec();
        self
    }

    /// Tree of the hive with its logs.
    pub fn tree(&self) -> &Tree {
        self.dirty.tree.as_ref().unwrap_or(&self.alone)
    }

    /// Returns file name and bytes of the hive and each log.
    pub(super) fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
        let hive = (self.file, self.dirty.primary.clone());
        let bytes = self.dirty.logs.iter().map(|(_, log)| log.bytes.clone());
        std::iter::once(hive).chain(self.logs.iter().copied().zip(bytes)).collect()
    }
}

/// Returns all machines.
pub(super) fn all() -> Vec<super::Scenario> {
    vec![
        windows_10::token_in_logs(),
        windows_10::stale_logs(),
        windows_xp::store_in_log(),
        server_2008_r2::mode_in_log(),
        server_2016::logs_missing(),
        server_2016::damaged_log(),
        server_2019::settings_in_logs(),
        two_hosts::renamed_logs(),
    ]
}
