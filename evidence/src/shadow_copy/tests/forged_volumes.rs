// SPDX-License-Identifier: MIT OR Apache-2.0
//! Forged volumes with each kind of descriptor, compared with vshadowmount.

use alloc::sync::Arc;

use super::super::ShadowCopies;
use super::forge::random_volume;
use super::oracle::{FileDisk, different_bytes, mount};
use crate::ntfs::tests::forge::has_tools;
use crate::ntfs::tests::mutations::{Random, cases};
use crate::scratch::Scratch;

/// Seeds with forwarders to themselves, replaced forwarders and forwarders to forwarders.
const TELLING_SEEDS: [u64; 7] = [32, 40, 65, 70, 71, 85, 158];

#[test]
fn forged_shadow_copies_equal_vshadowmount() {
    if !has_tools(&["vshadowmount", "fusermount"]) {
        return;
    }
    for seed in (0..u64::from(cases() / 3)).chain(TELLING_SEEDS) {
        let scratch = Scratch::new(&format!("shadow-forged-{seed}"));
        let bytes = random_volume(&mut Random(seed));
        let raw = scratch.file("volume.raw", &bytes);
        let copies = ShadowCopies::of(Arc::new(bytes)).unwrap();
        mount(&raw, &scratch, |mounted| {
            for copy in copies.list() {
                let number = copy.number;
                let file = FileDisk::open(&mounted.join(format!("vss{number}")));
                let different = different_bytes(&copies.disk(number).unwrap(), &file);
                println!(
                    "seed {seed}, shadow copy {number} of {}: {different}",
                    copies.list().len()
                );
                assert_eq!(different, 0, "seed {seed}, shadow copy {number}");
            }
        });
    }
}
