// SPDX-License-Identifier: MIT OR Apache-2.0
//! Slack to search: each byte once, and no byte beyond the bin of its cell.

use alloc::vec::Vec;

use crate::hive::Hive;
use crate::hive::hbin::cell_offset;
use crate::meter::count;
use crate::recover::live::Slack;

/// Returns the slack in order, without the bytes that earlier slack covers. A cell ends with its bin,
/// so slack ends there too.
pub(super) fn joined(hive: Hive<'_>, slack: &[Slack]) -> Vec<Slack> {
    let mut sorted = slack.to_vec();
    sorted.sort_unstable_by_key(|slack| (slack.start, slack.end));
    let mut bins = hive.bins().filter_map(Result::ok).map(|bin| {
        let start = cell_offset(bin.offset()).get();
        (start, start.saturating_add(u32::try_from(bin.bytes().len()).unwrap_or(u32::MAX)))
    });
    let mut bin = bins.next();
    let mut joined: Vec<Slack> = Vec::with_capacity(sorted.len());
    for Slack { start, end } in sorted {
        count(1);
        while bin.is_some_and(|(_, bin_end)| bin_end <= start) {
            bin = bins.next();
        }
        let bin_end = bin.filter(|(bin_start, _)| *bin_start <= start).map(|(_, end)| end);
        let end = end.min(bin_end.unwrap_or(u32::MAX));
        match joined.last_mut().filter(|last| start < last.end) {
            Some(last) => last.end = last.end.max(end),
            None if start < end => joined.push(Slack { start, end }),
            None => {}
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use hive_forge::tree::{Tree, Value};

    fn ranges(hive: Hive<'_>, slack: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let slack: Vec<Slack> = slack.iter().map(|&(start, end)| Slack { start, end }).collect();
        joined(hive, &slack).iter().map(|slack| (slack.start, slack.end)).collect()
    }

    #[test]
    fn overlapping_slack_is_joined_and_ends_with_its_bin() {
        let mut tree = Tree::new("ROOT");
        tree.root.values.push(Value::binary("v", &[7; 6000]));
        let forged = hive_forge::write(&tree, &Default::default());
        let hive = Hive::parse(&forged.bytes).unwrap();
        let bins: Vec<u32> = hive.bins().map(|bin| bin.unwrap().size()).collect();
        let (first, end) = (bins[0], bins.iter().sum::<u32>());
        assert!(bins.len() > 1);
        assert_eq!(ranges(hive, &[(200, end), (100, 300)]), [(100, first)]);
        assert_eq!(
            ranges(hive, &[(40, 60), (60, 80), (100, 110)]),
            [(40, 60), (60, 80), (100, 110)]
        );
        assert_eq!(
            ranges(hive, &[(first + 40, end + 1), (40, first + 8)]),
            [(40, first), (first + 40, end)]
        );
    }
}
