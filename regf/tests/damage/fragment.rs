// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives without a base block. The remaining bins are read at their offsets.

use calhive_regf::Hive;
use calhive_regf::hive::fragment::Fragment;
use hive_forge::{ListKind, Options, random, write};

use crate::image::image;
use crate::memory::measure;

fn fragment(bytes: &[u8]) -> Option<Fragment> {
    image(bytes).fragment().unwrap()
}

/// Offsets and contents of the cells of a hive, from an offset on.
fn cells(hive: Hive<'_>, from: u64) -> Vec<(u64, Vec<u8>)> {
    hive.cells()
        .filter_map(Result::ok)
        .map(|cell| (cell.offset().get(), cell.data().as_slice().to_vec()))
        .filter(|(offset, _)| *offset >= from)
        .collect()
}

#[test]
fn bins_without_base_block_are_read_at_their_offsets() {
    for (minor, list) in
        [(1, ListKind::Auto), (3, ListKind::Lf), (5, ListKind::Lh), (6, ListKind::Lh)]
    {
        let options = Options { minor, list, ..Options::default() };
        let whole = write(&random::plain_tree(7, 100), &options).bytes;
        let hive = Hive::parse(&whole).unwrap();
        let starts: Vec<u64> = hive.bins().map(|bin| bin.unwrap().offset().get()).collect();
        assert!(starts.len() > 3);
        for start in starts {
            let at = usize::try_from(start).unwrap();
            let expected = cells(hive, start);
            // A file that begins with this bin, and a file that begins with something else.
            for before in [0, 512, 5000 / 512 * 512] {
                let file = [&vec![0xEE; before], &whole[at..]].concat();
                let fragment = fragment(&file).unwrap();
                assert_eq!(fragment.shift, at as i64 - before as i64);
                assert_eq!(fragment.start.get(), before as u64);
                let found = Hive::parse(fragment.image.bytes()).unwrap();
                assert_eq!(cells(found, start), expected, "1.{minor}, from {start:#x}");
                // Lists reveal the version, and not every bin has a list.
                let version = found.base_block().version().1;
                assert!(start > 4096 || version == minor.min(5), "1.{minor}: {version}");
            }
            // A file that begins in the middle of the previous bin.
            if start > 4096 {
                let cut = fragment(&whole[at - 1024..]).unwrap();
                assert_eq!(cut.image.bytes()[at - 1024..at], whole[at - 1024..at], "{start:#x}");
            }
            // The same file with a zeroed beginning.
            let mut lost = whole.clone();
            lost[..at].fill(0);
            let fragment = fragment(&lost).unwrap();
            assert_eq!(fragment.shift, 0);
            let found = Hive::parse(fragment.image.bytes()).unwrap();
            assert!(!found.is_dirty());
            assert_eq!(cells(found, start), expected);
        }
    }
}

#[test]
fn file_without_whole_bin_is_no_fragment() {
    let whole = super::forged().bytes;
    assert!(fragment(b"").is_none());
    assert!(fragment(&whole[..4096]).is_none());
    assert!(fragment(&[&b"x"[..], &whole[4096..]].concat()).is_none(), "at no multiple of 512");
    for (field, value) in [("signature", 0), ("size", 0), ("size", 4097), ("offset", 1)] {
        let mut forged = super::forged();
        forged.set("bin 0", field, value);
        let bin = 4096 + usize::try_from(super::forged().get("bin 0", "size")).unwrap();
        assert!(fragment(&forged.bytes[4096..bin]).is_none(), "{field}");
    }
}

/// A bin with a large offset takes no memory for the missing bins before it.
#[test]
fn missing_bins_take_no_memory() {
    let mut forged = super::forged();
    let (furthest, beyond) = (0x2000_0000, 0x2000_1000);
    forged.set("bin 0", "offset", furthest);
    let size = 4096 + usize::try_from(forged.get("bin 0", "size")).unwrap();
    let bytes = forged.bytes[4096..size].to_vec();
    let (found, used) = measure(|| fragment(&bytes).unwrap());
    assert_eq!(found.shift, 0x2000_1000);
    assert!(used.peak < 4 * bytes.len() as u64 + (16 << 10), "{used:?}");
    forged.set("bin 0", "offset", beyond);
    assert!(fragment(&forged.bytes[4096..size]).is_none());
}
