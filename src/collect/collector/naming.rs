// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values that are facts only if their data name something, such as actions of scheduled tasks.

use calhive_regf::hive::key::Key;

use crate::collect::collector::Collector;
use crate::meaning::task_actions::names_any;

impl<'s> Collector<'s> {
    /// Whether a value of the key has this name and data with one of these texts. Reading the data costs work.
    pub(super) fn names_any(&mut self, key: Key<'s>, name: &str, texts: &[&str]) -> bool {
        /// Number of bytes searched for the work of one list element.
        const BYTES: usize = 16;
        for value in key.values() {
            if !self.spend(&value) {
                return false;
            }
            let Ok(value) = value else { continue };
            if !value.name().same(name.into()) {
                continue;
            }
            let (available, _) = value.available();
            let size = available.segments().fold(0, |sum: usize, it| sum.saturating_add(it.len()));
            let Some(left) = self.budget.work.checked_sub(size / BYTES) else {
                self.budget.work = 0;
                return false;
            };
            self.budget.work = left;
            return names_any(&available.to_bytes(), texts);
        }
        false
    }
}
