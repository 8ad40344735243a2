// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`Hives`]: the two hives of a machine, for the changes of a case.

use crate::deletion::Edits;
use crate::finding::Files;
use crate::scenario::machine::{Machine, copy_control_set, guid, select};
use crate::tree::{Tree, Value};
use crate::write;

/// A machine, and the present content of its hives.
pub(super) struct Hives {
    pub(super) machine: Machine,
    pub(super) system: Tree,
    pub(super) software: Tree,
}

impl Hives {
    /// Returns the hives of `machine` after setup. The name of the machine determines its
    /// MachineGuid.
    pub(super) fn new(machine: Machine) -> Self {
        let system = machine.system();
        let mut software = machine.software();
        software
            .root
            .at(r"Microsoft\Cryptography")
            .set(Value::sz("MachineGuid", &guid(machine.computer_name)));
        Self { machine, system, software }
    }

    /// Creates the last known good control set, equal to the current one.
    pub(super) fn with_last_known_good(mut self) -> Self {
        copy_control_set(&mut self.system, 2);
        select(&mut self.system, 1, 1, 2);
        self
    }

    /// The hives with their paths on a disk.
    pub(super) fn files(&self) -> Files {
        self.at("Windows/System32/config")
    }

    /// The hives with their paths on the disk of one of several machines.
    pub(super) fn of_host(&self) -> Files {
        self.at(&format!("{}/Windows/System32/config", self.machine.computer_name))
    }

    /// The hives with their paths on a disk. One of them is edited.
    pub(super) fn edited(&self, name: &str, edit: impl FnOnce(&mut Edits)) -> Files {
        let tree = if name == "SYSTEM" { &self.system } else { &self.software };
        let mut edits = Edits::new(tree, &self.machine.options(name));
        edit(&mut edits);
        let edited = edits.finish().hive.bytes;
        let mut files = self.files();
        let is_it = |(path, _): &&mut (String, Vec<u8>)| path.ends_with(name);
        files.iter_mut().find(is_it).expect("one of the two").1 = edited;
        files
    }

    /// The hives with their paths in a folder.
    pub(super) fn at(&self, folder: &str) -> Files {
        [("SYSTEM", &self.system), ("SOFTWARE", &self.software)]
            .map(|(hive, tree)| {
                (format!("{folder}/{hive}"), write(tree, &self.machine.options(hive)).bytes)
            })
            .into()
    }
}
