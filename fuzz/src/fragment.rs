// SPDX-License-Identifier: MIT OR Apache-2.0
//! Remains of hives without a base block: each byte of the assembled hive comes from the input.

use calhive_regf::hive::fragment::Assembled;
use calhive_regf::{FileOffset, Hive, Image};

/// Longest hive that is compared byte by byte. The stored offset of the first bin decides its length.
const COMPARED: usize = 1 << 22;

/// Assembles the bins in `bytes`, and reads the hive.
pub fn fragment(bytes: &[u8]) {
    let Some(assembled) = Assembled::of(bytes) else { return };
    let start = usize::try_from(assembled.start.get()).unwrap_or(usize::MAX);
    assert!(start < bytes.len() && start.is_multiple_of(512), "{start:#x}");
    let target = start.saturating_add_signed(isize::try_from(assembled.shift).unwrap_or(0));
    let bins = &bytes[start..];
    assert!(target >= 4096 && target + bins.len() == assembled.bytes.len());
    assert!(assembled.bytes[target..] == *bins, "the bins are those of the file");
    // The bytes before the first whole bin can belong to the previous bin.
    let before = start.min(target - 4096);
    assert!(assembled.bytes[target - before..target] == bytes[start - before..start]);
    let gap = &assembled.bytes[4096..target - before];
    let is_short = assembled.bytes.len() <= COMPARED;
    assert!(!is_short || gap.iter().all(|byte| *byte == 0), "missing bins are zeros");
    let hive = Hive::parse_assembled(&assembled.bytes).expect("a new base block is readable");
    read(hive, assembled.bytes.len());
    if is_short {
        of_a_file(bytes, &assembled);
    }
}

fn read(hive: Hive<'_>, length: usize) {
    let is_inside = |offset: FileOffset| offset.get() <= length as u64;
    let mut walk = hive.walk().with_values(true);
    while let Some(entry) = walk.next() {
        let values = entry.map(|entry| entry.values);
        for value in values.into_iter().flatten().filter_map(Result::ok) {
            std::hint::black_box(walk.data(value).map(|data| data.segments().count()).ok());
        }
    }
    hive.check(|violation| assert!(is_inside(violation.error.offset()), "{violation:?}"));
    assert!(hive.hidden().iter().all(|item| is_inside(item.place)));
    assert!(hive.recover().iter().all(|found| is_inside(found.offset())));
}

/// Asserts that the fragment of a file is the same hive.
fn of_a_file(bytes: &[u8], assembled: &Assembled) {
    let image = Image::of_bytes("fragment", bytes.to_vec());
    let fragment = image.fragment().expect("memory").expect("a bin, as before");
    assert_eq!((fragment.shift, fragment.start), (assembled.shift, assembled.start));
    assert!(fragment.image.bytes() == assembled.bytes, "both hives are alike");
    let first = FileOffset::new(assembled.start.get().wrapping_add_signed(assembled.shift));
    assert_eq!(fragment.file_offset(first), Some(assembled.start));
    assert_eq!(fragment.file_offset(FileOffset::new(0)), None);
}
