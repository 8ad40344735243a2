// SPDX-License-Identifier: MIT OR Apache-2.0

//! Machines with licensing keys and values deleted or changed in place.

use super::Scenario;
use super::machine::{Hive, Machine};
use crate::deletion::{Edited, Edits};
use crate::tree::Tree;

mod client;
mod grace_period;
mod servers;

/// Returns all machines.
pub(super) fn all() -> Vec<Scenario> {
    vec![
        client::licenses_removed(),
        client::licenses_renewed(),
        servers::changed(),
        grace_period::value_deleted(),
        grace_period::key_renewed(),
    ]
}

/// The hives of a machine, and the edited one of them.
struct Disk {
    hives: Vec<Hive>,
    edited: Vec<(&'static str, Edited)>,
}

impl Disk {
    /// The two hives with their paths on a disk. The hive with this file name is edited.
    fn new(
        machine: &Machine,
        (system, software): (Tree, Tree),
        name: &str,
        edit: impl FnOnce(&mut Edits),
    ) -> Self {
        let mut hives = machine.collected(system, software);
        let hive = hives.iter_mut().find(|hive| hive.0.ends_with(name)).expect("one of the two");
        let mut edits = Edits::new(&hive.1, &hive.2);
        edit(&mut edits);
        let edited = edits.finish();
        hive.1 = edited.live.clone();
        let edited = vec![(hive.0, edited)];
        Self { hives, edited }
    }
}
