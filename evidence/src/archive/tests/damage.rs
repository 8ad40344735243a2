// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of damaged archives and of bombs.

use super::*;
use crate::trial::{Random, cases};

pub(super) fn two() -> [(&'static str, Vec<u8>); 2] {
    [("A/SYSTEM", hive(1, 60_000)), ("B/SYSTEM", hive(2, 60_000))]
}

pub(super) fn borrowed<'f>(files: &'f [(&'static str, Vec<u8>)]) -> Vec<(&'f str, &'f [u8])> {
    files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect()
}

/// Opens an archive that may be refused as a whole.
fn try_open(bytes: &[u8]) -> io::Result<Archive> {
    let container = FileContainer::of(bytes).unwrap();
    Archive::new(Arc::new(bytes.to_vec()), Path::new("in"), container, Limits::DEFAULT)
}

#[test]
fn entry_with_a_wrong_checksum_is_an_error_and_others_are_read() {
    let files = two();
    let mut zip = zip(&borrowed(&files), ::zip::CompressionMethod::STORE);
    let at = zip.windows(8).position(|bytes| bytes == &files[0].1[5000..5008]).unwrap();
    zip[at] ^= 1;
    let archive = open_bytes(zip);
    assert_eq!(paths(&archive), ["A/SYSTEM", "B/SYSTEM"]);
    let error = archive.read(0).unwrap_err().to_string();
    assert!(error.starts_with("its checksum (CRC-32) is"), "{error}");
    assert_eq!(archive.read(1).unwrap().0, files[1].1);
}

#[test]
fn flipped_byte_in_a_compressed_tar_archive_is_named() {
    let files = two();
    let tar = tar(&borrowed(&files));
    let stored = |tar: &[u8]| zip(&[("a.tar", tar)], ::zip::CompressionMethod::STORE);
    let at =
        |bytes: &[u8]| bytes.windows(8).position(|bytes| bytes == &files[0].1[5000..5008]).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(&tar).unwrap();
    for mut bytes in [gzip.finish().unwrap(), stored(&tar)] {
        assert!(losses(&open_bytes(bytes.clone())).is_empty());
        let at = at(&bytes);
        bytes[at] ^= 1;
        let archive = open_bytes(bytes);
        assert_eq!(archive.members().len(), 2);
        let [loss] = &*losses(&archive) else { panic!("{:?}", losses(&archive)) };
        assert!(loss.contains("bytes of any entry can be wrong"), "{loss}");
    }
}

#[test]
fn zip_archive_without_its_end_is_read_by_local_headers() {
    let files = two();
    for zip in
        [deflated(&borrowed(&files)), zip(&borrowed(&files), ::zip::CompressionMethod::STORE)]
    {
        let directory = zip.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        let archive = open_bytes(zip[..directory].to_vec());
        assert_eq!(paths(&archive), ["A/SYSTEM", "B/SYSTEM"]);
        assert_eq!(archive.read(1).unwrap().0, files[1].1);
        let [loss] = &*losses(&archive) else { panic!("{:?}", losses(&archive)) };
        assert!(loss.contains("central directory is damaged or missing"), "{loss}");
        assert!(loss.contains("calhive read 2 entries by local headers"), "{loss}");
        let archive = open_bytes(zip[..directory - 1000].to_vec());
        assert_eq!(archive.read(0).unwrap().0, files[0].1);
        assert_eq!(losses(&archive).len(), 2, "{:?}", losses(&archive));
    }
}

#[test]
fn damaged_directory_keeps_the_entries_before_and_after_the_damage() {
    let files = two();
    let mut zip = deflated(&borrowed(&files));
    let last = zip.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    zip[last] = 0;
    let archive = open_bytes(zip);
    assert_eq!(paths(&archive), ["A/SYSTEM", "B/SYSTEM"]);
    assert_eq!(archive.read(1).unwrap().0, files[1].1);
    let [loss] = &*losses(&archive) else { panic!("{:?}", losses(&archive)) };
    assert!(loss.contains("entry 2 of the directory"), "{loss}");
}

#[test]
fn damaged_tar_header_is_named_with_its_offset_and_the_rest_is_read() {
    let files = two();
    let mut tar = tar(&borrowed(&files));
    tar[0] ^= 1;
    let found = Archive::new(Arc::new(tar), Path::new("in"), FileContainer::Tar, Limits::DEFAULT);
    let archive = found.unwrap();
    assert_eq!(paths(&archive), ["B/SYSTEM"]);
    let [loss] = &*losses(&archive) else { panic!("{:?}", losses(&archive)) };
    assert!(loss.contains("no tar header at offset 0x0"), "{loss}");
    assert!(loss.contains("continued at the header at offset 0xee00"), "{loss}");
}

#[test]
fn truncated_archive_is_named_and_what_precedes_the_end_is_read() {
    let files = two();
    let tar = tar(&borrowed(&files));
    let archive = open_bytes(tar[..tar.len() - 20_000].to_vec());
    assert_eq!(archive.read(0).unwrap().0, files[0].1);
    assert_eq!(paths(&archive), ["A/SYSTEM"]);
    assert!(losses(&archive)[0].contains("the archive ends after"), "{:?}", losses(&archive));
    let files = [("A/SYSTEM", hive(1, 600_000)), ("B/SYSTEM", hive(2, 600_000))];
    let tar = super::tar(&borrowed(&files));
    for packed in [gzip(&tar), zstd(&tar)] {
        let archive = open_bytes(packed[..packed.len() - 20_000].to_vec());
        assert_eq!(archive.read(0).unwrap().0, files[0].1);
        let losses = losses(&archive);
        assert!(losses.iter().any(|loss| loss.contains("of the tar archive on")), "{losses:?}");
    }
}

#[test]
fn tar_archive_without_its_end_mark_is_named() {
    let files = two();
    let tar = tar(&borrowed(&files));
    let archive = open_bytes(tar[..tar.len() - 1024].to_vec());
    assert_eq!(archive.members().len(), 2);
    assert!(losses(&archive)[0].contains("without its end mark"), "{:?}", losses(&archive));
    let twice = [tar.clone(), tar].concat();
    let archive = open_bytes(twice);
    assert_eq!(paths(&archive), ["A/SYSTEM", "A/SYSTEM (2)", "B/SYSTEM", "B/SYSTEM (2)"]);
    assert!(losses(&archive).is_empty());
}

#[test]
fn number_of_entries_is_limited() {
    let files = two();
    for bytes in
        [deflated(&borrowed(&files)), tar(&borrowed(&files)), gzip(&tar(&borrowed(&files)))]
    {
        let archive = open_limited(bytes.clone(), Limits { entries: 2, ..Limits::DEFAULT });
        assert!(losses(&archive).is_empty());
        let archive = open_limited(bytes, Limits { entries: 1, ..Limits::DEFAULT });
        assert_eq!(paths(&archive), ["A/SYSTEM"]);
        let [loss] = &*losses(&archive) else { panic!("{:?}", losses(&archive)) };
        assert!(loss.starts_with("in: it has more than 1 entries"), "{loss}");
    }
}

#[test]
fn number_of_listed_omissions_is_limited() {
    let files: [(&str, &[u8]); 3] = [("a", b"a"), ("b", b"b"), ("c", b"c")];
    let archive = open_limited(tar(&files), Limits { listed: 3, ..Limits::DEFAULT });
    assert_eq!(archive.omissions().len(), 3);
    let archive = open_limited(tar(&files), Limits { listed: 2, ..Limits::DEFAULT });
    let last = archive.omissions().last().unwrap().to_string();
    assert_eq!(last, "in: skipped: further entries that are not listed: 1");
}

#[test]
fn size_of_a_member_and_of_all_members_is_limited() {
    let files = two();
    for bytes in [deflated(&borrowed(&files)), tar(&borrowed(&files))] {
        let just = Limits { member: 60_000, all: 120_000, ..Limits::DEFAULT };
        assert!(losses(&open_limited(bytes.clone(), just)).is_empty());
        let archive = open_limited(bytes.clone(), Limits { member: 59_999, ..just });
        assert_eq!(losses(&archive).len(), 2);
        assert!(losses(&archive)[0].contains("more than 59,999 bytes"), "{:?}", losses(&archive));
        let archive = open_limited(bytes, Limits { all: 119_999, ..just });
        assert_eq!(paths(&archive), ["A/SYSTEM"]);
        assert!(
            losses(&archive)[0].starts_with("in/B/SYSTEM: not read: the archive unpacks to more")
        );
    }
}

#[test]
fn bomb_is_refused_by_its_ratio_and_others_are_read() {
    let mut bomb = hive(1, 4096);
    bomb.resize(3 << 20, 0);
    let system = hive(2, 60_000);
    let files: [(&str, &[u8]); 2] = [("bomb", &bomb), ("SYSTEM", &system)];
    let zip = deflated(&files);
    let limits = Limits { free_member: 3 << 20, ..Limits::DEFAULT };
    assert!(losses(&open_limited(zip.clone(), limits)).is_empty());
    let limits = Limits { free_member: (3 << 20) - 1, ..Limits::DEFAULT };
    let archive = open_limited(zip, limits);
    assert_eq!(paths(&archive), ["SYSTEM"]);
    assert!(
        losses(&archive)[0].contains("like a bomb (limit: 200 times)"),
        "{:?}",
        losses(&archive)
    );
    let alone = gzip(&tar(&[("SYSTEM", &system[..4096]), ("bomb", &bomb)]));
    let limits = Limits { free_all: 4 << 20, ..Limits::DEFAULT };
    assert!(losses(&open_limited(alone.clone(), limits)).is_empty());
    let archive = open_limited(alone, Limits { free_all: 1 << 20, ..limits });
    assert_eq!(archive.read(archive.members().len() - 1).unwrap().0.len(), 4096);
    assert!(!losses(&archive).is_empty());
}

#[test]
fn data_of_several_entries_of_a_zip_archive_are_read_once() {
    let zip = deflated(&[("A/SYSTEM", &hive(1, 60_000))]);
    let at = zip.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let end = zip.windows(4).position(|four| four == b"PK\x05\x06").unwrap();
    let entry = &zip[at..end];
    let mut twice = [&zip[..end], entry, &zip[end..]].concat();
    let end = end + entry.len();
    (twice[end + 8], twice[end + 10]) = (2, 2);
    let size = u32::try_from(2 * entry.len()).unwrap().to_le_bytes();
    twice[end + 12..end + 16].copy_from_slice(&size);
    let archive = open_bytes(twice);
    assert_eq!(paths(&archive), ["A/SYSTEM"]);
    let [omission] = archive.omissions() else { panic!("{:?}", archive.omissions()) };
    assert!(omission.why.contains("same data as an earlier entry"), "{omission}");
}

#[test]
fn file_that_unpacks_to_more_than_its_entry_says_is_an_error() {
    let mut zip = deflated(&[("SYSTEM", &hive(1, 60_000))]);
    for signature in [b"PK\x01\x02", b"PK\x03\x04"] {
        let at = zip.windows(4).rposition(|four| four == signature).unwrap();
        let at = at + if signature == b"PK\x01\x02" { 24 } else { 22 };
        zip[at..at + 4].copy_from_slice(&59_999_u32.to_le_bytes());
    }
    let error = open_bytes(zip).read(0).unwrap_err().to_string();
    assert_eq!(error, "it unpacks to more than 59,999 bytes, its size in the archive");
}

#[test]
fn mutated_archives_end_in_time_and_without_a_panic() {
    let files =
        [two().as_slice(), &[("C/x.txt", b"text".repeat(100)), ("D/TLSLic.edb", vec![7; 900])]]
            .concat();
    let tar = tar(&borrowed(&files));
    let inner = deflated(&borrowed(&files));
    let nested = deflated(&[("inner.zip", &inner), ("inner.tar.gz", &gzip(&tar))]);
    let formats = [
        ("zip", deflated(&borrowed(&files))),
        ("nested zip", nested),
        ("tar", tar.clone()),
        ("tar.gz", gzip(&tar)),
        ("tar.zst", zstd(&tar)),
    ];
    let (mut random, cases) = (Random(0x2545_F491_4F6C_DD1D), cases(40));
    for (format, bytes) in formats {
        let (mut slowest, mut opened, mut read) = (core::time::Duration::ZERO, 0, 0);
        for case in 0..cases {
            let mut mutated = bytes.clone();
            let length = mutated.len();
            // Headers and directories are near the start and the end.
            let range = [length, 600.min(length)][random.below(2)];
            for _ in 0..=random.below(8) {
                let at = random.below(range);
                let at = if random.below(2) == 0 { at } else { length - 1 - at };
                mutated[at] = random.changed(mutated[at]);
            }
            if random.below(5) == 0 {
                mutated.truncate(length - random.below(length));
            }
            let start = std::time::Instant::now();
            let container = FileContainer::of(&mutated);
            if let Some(container) = container
                && let Ok(archive) =
                    Archive::new(Arc::new(mutated), Path::new("in"), container, Limits::DEFAULT)
            {
                opened += 1;
                for at in 0..archive.members().len() {
                    let _ = archive.head(at, 100);
                    read += u32::from(archive.read(at).is_ok());
                }
            }
            let time = start.elapsed();
            assert!(time.as_secs() < 5, "{format}, case {case}: {time:?}");
            slowest = slowest.max(time);
        }
        println!("{format}: {opened} of {cases} opened, {read} members read, slowest {slowest:?}",);
    }
}

#[test]
fn archive_that_is_damaged_as_a_whole_is_an_error_or_an_omission() {
    let files = two();
    let zip = &deflated(&borrowed(&files))[..20];
    assert!(try_open(zip).unwrap_err().to_string().starts_with("it has no intact entry ("));
    let gzip = &gzip(&files[0].1)[..20];
    assert!(try_open(gzip).is_err() || !losses(&try_open(gzip).unwrap()).is_empty());
}

#[test]
fn small_archive_unpacks_to_256_mib_at_most() {
    let mut large = hive(1, 4096);
    large.resize(63 << 20, 0);
    let names: Vec<String> = (0..5).map(|number| format!("{number}/SOFTWARE")).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), large.as_slice())).collect();
    let archive = open_bytes(deflated(&files));
    assert_eq!(paths(&archive), names[..4]);
    let losses = losses(&archive);
    assert_eq!(losses.len(), 1, "{losses:?}");
    let expected = "in/4/SOFTWARE: not read: the archive unpacks to more than 256 MiB";
    assert!(losses[0].starts_with(expected), "{losses:?}");
}
