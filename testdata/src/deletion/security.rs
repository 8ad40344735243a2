// SPDX-License-Identifier: MIT OR Apache-2.0

//! Security descriptors: their reference counts and their ring.

use super::edits::{Edits, nk};
use super::node::Shared;
use crate::record;

/// Offsets of fields in an sk.
const FLINK: usize = 4;
const BLINK: usize = 8;
const REFERENCES: usize = 12;

impl Edits {
    /// Removes a descriptor from a key. A descriptor without keys leaves the ring.
    pub(super) fn release_security(&mut self, number: usize) {
        let Some(security) = self.nodes[number].security.take() else { return };
        let shared = &mut self.securities[security];
        shared.references -= 1;
        let (cell, references) = (shared.cell, shared.references);
        self.heap.put_u32(cell, REFERENCES, references);
        if references == 0 {
            let (before, after) = self.neighbors(security);
            self.link(before, after);
            self.heap.release(cell);
        }
    }

    /// Sets the descriptor of a key.
    pub(super) fn take_security(&mut self, number: usize) {
        let descriptor = self.nodes[number].key.security.clone();
        if descriptor.0.is_empty() {
            return;
        }
        let same = |shared: &Shared| shared.references > 0 && shared.descriptor == descriptor;
        let security = self.securities.iter().position(same).unwrap_or_else(|| {
            let cell = self.heap.allocate(&record::security(0, 0, 0, &descriptor.0), 0);
            self.securities.push(Shared { descriptor, cell, references: 1 });
            let made = self.securities.len() - 1;
            let (before, after) = self.neighbors(made);
            self.link(before, made);
            self.link(made, after);
            self.securities[made].references = 0;
            made
        });
        self.nodes[number].security = Some(security);
        let shared = &mut self.securities[security];
        shared.references += 1;
        let (cell, references) = (shared.cell, shared.references);
        self.heap.put_u32(cell, REFERENCES, references);
        self.heap.put_u32(self.nodes[number].cell, nk::SECURITY, cell);
    }

    /// Neighbors of a cell in the ring. A single cell is its own neighbor.
    fn neighbors(&self, security: usize) -> (usize, usize) {
        let count = self.securities.len();
        let live = |&other: &usize| self.securities[other].references > 0;
        let after = (1..count).map(|step| (security + step) % count).find(live);
        let before = (1..count).map(|step| (security + count - step) % count).find(live);
        (before.unwrap_or(security), after.unwrap_or(security))
    }

    fn link(&mut self, before: usize, after: usize) {
        let cells = [before, after].map(|security| self.securities[security].cell);
        self.heap.put_u32(cells[0], FLINK, cells[1]);
        self.heap.put_u32(cells[1], BLINK, cells[0]);
    }
}
