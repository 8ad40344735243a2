// SPDX-License-Identifier: MIT OR Apache-2.0
//! Assigns recovered values to their keys.

use zerocopy::little_endian::U32;

use crate::hive::hbin::file_offset;
use crate::offset::CellOffset;
use crate::recover::path::utf16_length;
use crate::recover::{Found, Loss, Owner, Recovery};

impl<'d> Recovery<'d> {
    /// Returns the elements of a recovered key's value list, up to the end of the unused space.
    pub(super) fn listed(&self, found: Found) -> &'d [U32] {
        let own = Some(found).filter(|found| !found.loss.contains(Loss::FOREIGN));
        let Some(key) = own.and_then(|found| self.key_of(found)) else { return &[] };
        let count = key.value_count() as usize;
        let Ok(header) = u32::try_from(self.terms.layout.header()) else { return &[] };
        let Some(start) = key.raw().values.get().checked_add(header) else { return &[] };
        if count == 0 || start & 7 != header & 7 {
            return &[];
        }
        let Some(end) = self.space.end_at(start) else { return &[] };
        let there = end.saturating_sub(start) as usize / 4;
        self.hive.after_base_block().array(start as usize, count.min(there))
    }

    /// Sets the owner of each recovered value, and marks each key with a lost value list or lost
    /// values.
    pub(super) fn connect_values(&mut self) {
        // Many keys can lead to one list.
        let (mut budget, mut work) = (self.allowance.elements, self.allowance.work);
        for index in 0..self.found.len() {
            let Some(found) = self.found.get(index).copied().filter(|found| found.is_key) else {
                continue;
            };
            let Some(key) = self.key_of(found) else { continue };
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            if found.loss.contains(Loss::FOREIGN) {
                continue;
            }
            self.children.push((key.parent(), number));
            let count = key.value_count() as usize;
            if count == 0 {
                continue;
            }
            let list = CellOffset::new(key.raw().values.get());
            let is_sound = self.holds_in(list, count.saturating_mul(4), &mut work);
            let elements = self.listed(found);
            let there = budget.take_up_to(elements.len() as u64, file_offset(found.at as usize));
            let there = usize::try_from(there).unwrap_or(usize::MAX);
            let elements = elements.get(..there).unwrap_or_default();
            let mut values = 0_usize;
            for element in elements {
                let Some(value) = self.found_in(CellOffset::new(element.get())) else { continue };
                let Some(value) = self.found.get_mut(value).filter(|value| !value.is_key) else {
                    continue;
                };
                // An intact list is stronger evidence than an overwritten list.
                if value.owner == Owner::Unknown || is_sound {
                    value.owner = Owner::Recovered(number);
                }
                values = values.saturating_add(1);
            }
            if let Some(found) = self.found.get_mut(index) {
                found.loss.set(Loss::VALUE_LIST, !is_sound);
                found.loss.set(Loss::VALUES, values < count);
            }
        }
        (self.allowance.elements, self.allowance.work) = (budget, work);
        self.children.sort_unstable();
        self.listed_in_slack();
        self.contest();
    }

    /// Sets the owner of values listed only in the slack of a live value list.
    fn listed_in_slack(&mut self) {
        let elements = core::mem::take(&mut self.live.slack_elements);
        for element in &elements {
            if let Some(index) = self.found_in(element.value)
                && self.found.get(index).is_some_and(|value| value.owner == Owner::Unknown)
                && self.may_be_of(index, element.key)
                && let Some(value) = self.found.get_mut(index)
            {
                value.owner = Owner::Slack(element.key);
            }
        }
        self.live.slack_elements = elements;
    }

    /// Returns whether a live key can have had this value. While a key has values, the key keeps
    /// the maximum name length and data size of all its values, including deleted values.
    fn may_be_of(&self, value: usize, key: CellOffset) -> bool {
        let value = self.found.get(value).and_then(|found| self.value_of(*found));
        let (Some(value), Some(key)) = (value, self.live.key_at(key)) else { return false };
        let name = utf16_length(value.name());
        let node = key.raw();
        node.largest_value_name.get() as usize >= name
            && node.largest_value_data.get() >= value.data_size()
    }

    /// Passes each cell that a record claims to `see`, with its content length. The record is first.
    pub(super) fn claimed(&self, index: usize, mut see: impl FnMut(u32, usize)) {
        let Some(found) = self.found.get(index).copied() else { return };
        let header = u32::try_from(self.terms.layout.header()).unwrap_or(0);
        let cell = found.at.saturating_sub(header);
        if let Some(key) = self.key_of(found) {
            see(cell, key.length());
            if found.loss.contains(Loss::FOREIGN) {
                return;
            }
            let list = key.raw().values.get();
            if key.value_count() > 0 && !found.loss.contains(Loss::VALUE_LIST) {
                see(list, (key.value_count() as usize).saturating_mul(4));
            }
        } else if let Some(value) = self.value_of(found) {
            see(cell, value.length());
            if found.loss.contains(Loss::DATA) {
                return;
            }
            if self.is_big(value) {
                let data = value.data_cell().get();
                see(data, 8);
                let start = data.saturating_add(header);
                if let Some(list) = self.segment_list(start) {
                    let mut segments = 0_usize;
                    self.each_piece(value, |_, _, _| segments = segments.saturating_add(1));
                    see(list.saturating_sub(header), segments.saturating_mul(4));
                }
            }
            self.each_piece(value, |_, start, length| see(start.saturating_sub(header), length));
        }
    }
}
