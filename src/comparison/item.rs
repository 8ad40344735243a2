// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Items`]: collects the things that differ.

use alloc::string::String;
use alloc::vec::Vec;

use crate::report::{ComparedItem, ComparedValue, ItemResult, ItemSubject, Text};

/// The thing that is compared: its subject, code and title.
pub(super) struct Thing<'t> {
    pub(super) subject: ItemSubject,
    pub(super) code: &'t str,
    pub(super) title: &'t str,
}

/// Collects the differences.
#[derive(Default)]
pub(super) struct Items {
    equal: u64,
    items: Vec<ComparedItem>,
}

impl Items {
    /// Counts a thing that is equal on both sides.
    pub(super) fn equal(&mut self) {
        self.equal = self.equal.saturating_add(1);
    }

    /// Adds a thing that both sides hold with different values.
    pub(super) fn changed(&mut self, thing: Thing<'_>, a: ComparedValue, b: ComparedValue) {
        self.push(thing, ItemResult::Changed, Some(a), Some(b), Vec::new());
    }

    /// Adds a thing that only A holds. `doubts` of B are reasons why B can hold the thing too.
    pub(super) fn only_a(&mut self, thing: Thing<'_>, a: ComparedValue, doubts: Vec<Text>) {
        let result =
            if doubts.is_empty() { ItemResult::Removed } else { ItemResult::NotDeterminable };
        self.push(thing, result, Some(a), None, doubts);
    }

    /// Adds a thing that only B holds. `doubts` of A are reasons why A can hold the thing too.
    pub(super) fn only_b(&mut self, thing: Thing<'_>, b: ComparedValue, doubts: Vec<Text>) {
        let result =
            if doubts.is_empty() { ItemResult::Added } else { ItemResult::NotDeterminable };
        self.push(thing, result, None, Some(b), doubts);
    }

    /// Adds a thing that one side does not determine.
    pub(super) fn not_determinable(
        &mut self,
        thing: Thing<'_>,
        a: ComparedValue,
        b: ComparedValue,
        doubts: Vec<Text>,
    ) {
        self.push(thing, ItemResult::NotDeterminable, Some(a), Some(b), doubts);
    }

    /// Returns the number of equal things, and the differences by subject.
    pub(super) fn finish(mut self) -> (u64, Vec<ComparedItem>) {
        self.items.sort_by_key(|item| item.subject);
        (self.equal, self.items)
    }

    fn push(
        &mut self,
        thing: Thing<'_>,
        result: ItemResult,
        a: Option<ComparedValue>,
        b: Option<ComparedValue>,
        doubts: Vec<Text>,
    ) {
        let Thing { subject, code, title } = thing;
        let (code, title) = (String::from(code), Text::from(title));
        self.items.push(ComparedItem { subject, code, title, result, a, b, doubts });
    }
}
