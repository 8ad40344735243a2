// SPDX-License-Identifier: MIT OR Apache-2.0

//! A large dirty hive and its log, in a small version.

use hive_forge::Locality;
use hive_forge::log::{Dirty, PAGE};
use hive_forge::stream::{Synthetic, write_dirty_synthetic, write_synthetic};

mod rules;

use rules::{replay, sound, u32_at};

const SMALL: Synthetic =
    Synthetic { bytes: 3_000_000, locality: Locality::InOrder, seed: 1, minor: 5 };

#[test]
fn log_changes_bits_of_pages_all_over_the_hive() {
    for (synthetic, wanted) in [
        (SMALL, 200_000),
        (Synthetic { minor: 3, locality: Locality::Aged(2), ..SMALL }, 100_000),
        (SMALL, 1),
    ] {
        let mut primary = Vec::new();
        let (summary, log) = write_dirty_synthetic(&mut primary, &synthetic, wanted);
        assert_eq!(primary.len() as u64, summary.bytes);
        assert!(sound(&primary) && u32_at(&primary, 4) != u32_at(&primary, 8));

        // Apart from its sequence numbers, the hive equals the clean one.
        let mut clean = Vec::new();
        assert_eq!(write_synthetic(&mut clean, &synthetic), summary);
        assert!(clean[4096..] == primary[4096..]);

        let number = u32_at(&primary, 8);
        let dirty = Dirty {
            name: "synthetic".to_owned(),
            primary,
            logs: vec![("LOG1", log)],
            expected: Vec::new(),
            tree: None,
            applied: vec![("LOG1", number)],
        };
        let (bins, applied) = replay(&dirty);
        assert_eq!(applied, dirty.applied);
        let before = &dirty.primary[4096..];
        assert_eq!(bins.len(), before.len(), "the hive does not grow");

        let flipped = |(page, old): (&[u8], &[u8])| -> u32 {
            page.iter().zip(old).map(|(new, old)| (new ^ old).count_ones()).sum()
        };
        let changed: Vec<u32> = bins.chunks(PAGE).zip(before.chunks(PAGE)).map(flipped).collect();
        assert!(changed.iter().all(|&bits| bits <= 1));
        let pages = changed.iter().sum::<u32>() as usize;
        let wanted = (wanted as usize).div_ceil(PAGE);
        assert!((wanted..=wanted + wanted / 8).contains(&pages), "{pages} pages of {wanted}");
        // The changed pages are spread over the hive.
        let parts = changed.chunks(changed.len().div_ceil(8));
        let least = parts.map(|part| part.iter().sum::<u32>() as usize).min();
        assert!(least >= Some(pages / 10), "{least:?} of {pages}");
    }
}
