// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of archives that say less than they hold. Nothing is left out silently.

use super::damage::{borrowed, two};
use super::*;

/// Returns the archive with another central directory: `change` gets the entries of the directory.
fn with_directory(zip: &[u8], change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let starts: Vec<usize> =
        (0..zip.len()).filter(|at| zip[*at..].starts_with(b"PK\x01\x02")).collect();
    let end = zip.windows(4).rposition(|four| four == b"PK\x05\x06").unwrap();
    let ends = starts.iter().skip(1).copied().chain([end]);
    let mut entries: Vec<Vec<u8>> =
        starts.iter().zip(ends).map(|(start, end)| zip[*start..end].to_vec()).collect();
    change(&mut entries);
    let (directory, mut tail) = (entries.concat(), zip[end..].to_vec());
    for at in [8, 10] {
        tail[at..at + 2].copy_from_slice(&u16::try_from(entries.len()).unwrap().to_le_bytes());
    }
    tail[12..16].copy_from_slice(&u32::try_from(directory.len()).unwrap().to_le_bytes());
    [&zip[..starts[0]], &directory, &tail].concat()
}

#[test]
fn entry_that_the_central_directory_leaves_out_is_read_and_reported() {
    let files = two();
    for left_out in [0, 1] {
        let zip = with_directory(&deflated(&borrowed(&files)), |entries| {
            entries.remove(left_out);
        });
        let archive = open_bytes(zip);
        assert_eq!(paths(&archive), ["A/SYSTEM", "B/SYSTEM"]);
        assert_eq!(archive.read(left_out).unwrap().0, files[left_out].1);
        let expected =
            "in: its central directory leaves 1 entry out, which calhive read by local headers";
        assert_eq!(losses(&archive), [expected]);
    }
    // Another archive before this one.
    let both = [
        zip(&[("A/SYSTEM", &files[0].1)], ::zip::CompressionMethod::STORE),
        zip(&[("B/SYSTEM", &files[1].1)], ::zip::CompressionMethod::STORE),
    ];
    let archive = open_bytes(both.concat());
    assert_eq!(paths(&archive), ["A/SYSTEM", "B/SYSTEM"]);
    assert_eq!(losses(&archive).len(), 1, "{:?}", losses(&archive));
}

#[test]
fn local_header_that_contradicts_the_central_directory_is_reported() {
    let files = two();
    let stored = zip(&borrowed(&files), ::zip::CompressionMethod::STORE);
    for (at, bytes, part) in [
        (46, &b"C"[..], "its name"),
        (8, &[1, 0], "its encryption"),
        (10, &[8, 0], "its compression"),
        (20, &[0; 8], "its size or checksum"),
        (16, &[1, 2, 3, 4], "its size or checksum"),
    ] {
        let zip = with_directory(&stored, |entries| {
            entries[1][at..at + bytes.len()].copy_from_slice(bytes);
        });
        let losses = losses(&open_bytes(zip));
        let expected = format!("differ in {part}; calhive used the directory");
        assert!(losses.iter().any(|loss| loss.contains(&expected)), "{part}: {losses:?}");
    }
}

#[test]
fn bytes_of_no_entry_of_a_zip_archive_are_reported() {
    let files = two();
    let mut options = ::zip::write::SimpleFileOptions::default();
    options = options.compression_method(::zip::CompressionMethod::STORE);
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("A/SYSTEM", options).unwrap();
    writer.write_all(&files[0].1).unwrap();
    let mut zip = writer.finish().unwrap().into_inner();
    // Both places say that the sizes follow the data, and the directory says that the entry is empty.
    zip[6] |= 8;
    zip[14..26].fill(0);
    let zip = with_directory(&zip, |entries| {
        entries[0][8] |= 8;
        entries[0][16..28].fill(0);
    });
    let losses = losses(&open_bytes(zip));
    assert_eq!(losses, ["in: it has bytes that belong to no entry, from offset 0x26 on"]);
}

#[test]
fn bytes_around_the_central_directory_are_reported() {
    let files = two();
    let stored = zip(&borrowed(&files), ::zip::CompressionMethod::STORE);
    let directory = stored.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let end = stored.windows(4).rposition(|four| four == b"PK\x05\x06").unwrap();
    let hidden = [b"PK\x01\x02".as_slice(), &[7; 500]].concat();
    let mut before = stored.clone();
    before.splice(directory..directory, hidden.clone());
    let offset = u32::from_le_bytes(before[end + hidden.len() + 16..][..4].try_into().unwrap());
    let offset = offset + u32::try_from(hidden.len()).unwrap();
    before[end + hidden.len() + 16..][..4].copy_from_slice(&offset.to_le_bytes());
    // Inside the directory, by its size and its number of entries.
    let mut within = stored.clone();
    within.splice(end..end, [8; 500]);
    let size = u32::try_from(end - directory + 500).unwrap();
    within[end + 500 + 12..][..4].copy_from_slice(&size.to_le_bytes());
    let after = [stored.as_slice(), &[9; 500]].concat();
    for (bytes, place) in [(before, directory), (within, end), (after, stored.len())] {
        let archive = open_bytes(bytes);
        assert_eq!(paths(&archive), ["A/SYSTEM", "B/SYSTEM"]);
        let expected =
            format!("in: it has bytes that belong to no entry, from offset {place:#x} on");
        assert_eq!(losses(&archive), [expected]);
    }
}

#[test]
fn all_gaps_of_a_zip_archive_share_one_budget_of_unpacked_bytes() {
    let files = two();
    // Entries whose sizes follow their data, between entries of the directory.
    let mut options = ::zip::write::SimpleFileOptions::default();
    options = options.compression_method(::zip::CompressionMethod::DEFLATE);
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..6 {
        writer.start_file(format!("{number}/SYSTEM"), options).unwrap();
        writer.write_all(&files[0].1).unwrap();
    }
    let mut bytes = writer.finish().unwrap().into_inner();
    let starts: Vec<usize> =
        (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"PK\x03\x04")).collect();
    for start in starts {
        bytes[start + 6] |= 8;
    }
    let zip = with_directory(&bytes, |entries| {
        let mut at = 0;
        entries.retain(|_| {
            at += 1;
            at % 2 == 0
        });
    });
    let all = files[0].1.len() as u64 * 3 + 1;
    for (free_all, read) in [(all, 6), (all / 2, 4)] {
        let archive = open_limited(zip.clone(), Limits { free_all, ..Limits::DEFAULT });
        assert_eq!(paths(&archive).len(), read, "{free_all}: {:?}", losses(&archive));
    }
}

#[test]
fn zip_entry_with_data_is_read_though_its_name_or_mode_is_that_of_a_folder_or_a_link() {
    let (_, system) = two()[0].clone();
    let mut folder = zip(&[("A/SYSTEMx", &system)], ::zip::CompressionMethod::STORE);
    while let Some(at) = folder.windows(9).position(|name| name == b"A/SYSTEMx") {
        folder[at + 8] = b'/';
    }
    let link = with_directory(
        &zip(&[("A/SYSTEM", &system)], ::zip::CompressionMethod::STORE),
        |entries| {
            entries[0][5] = 3; // made on Unix
            entries[0][38..42].copy_from_slice(&(0o120_777_u32 << 16).to_le_bytes());
        },
    );
    for bytes in [folder, link] {
        let archive = open_bytes(bytes);
        assert_eq!(paths(&archive), ["A/SYSTEM"]);
        assert_eq!(archive.read(0).unwrap().0, system);
    }
}

/// Returns a tar archive of one entry of this type, with data after its header.
fn tar_of(kind: u8, name: &str, link: &str, data: &[u8]) -> Vec<u8> {
    let mut header = ::tar::Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_link_name_literal(link).unwrap();
    header.set_entry_type(::tar::EntryType::new(kind));
    header.set_size(data.len() as u64);
    header.set_cksum();
    let padding = vec![0; data.len().next_multiple_of(512) - data.len()];
    [header.as_bytes().as_slice(), data, &padding].concat()
}

fn opened(entries: &[Vec<u8>]) -> Archive {
    let tar = [&entries.concat()[..], &[0; 1024]].concat();
    Archive::new(Arc::new(tar), Path::new("in"), FileContainer::Tar, Limits::DEFAULT).unwrap()
}

#[test]
fn data_of_a_tar_entry_that_has_none_by_its_type_are_reported() {
    let (system, other) = (hive(1, 9000), hive(2, 9000));
    for kind in b'1'..=b'6' {
        let entries = [tar_of(kind, SYSTEM, "x", &system), tar_of(b'0', "B/SYSTEM", "", &other)];
        let archive = opened(&entries);
        assert_eq!(paths(&archive), ["B/SYSTEM"], "{}", char::from(kind));
        let [loss] = &*losses(&archive) else { panic!("{:?}", losses(&archive)) };
        assert!(loss.contains("not read: 9,000 bytes follow it, though it is marked"), "{loss}");
    }
}

#[test]
fn size_of_a_tar_entry_without_data_hides_no_later_entry() {
    let other = hive(2, 9000);
    for kind in [b'1', b'2', b'5'] {
        let header = tar_of(kind, "A", "B", &[1; 9000])[..512].to_vec();
        let archive = opened(&[header, tar_of(b'0', "B/SYSTEM", "", &other)]);
        assert_eq!(paths(&archive), ["B/SYSTEM"], "{}", char::from(kind));
        assert_eq!(archive.read(0).unwrap().0, other);
    }
}

#[test]
fn tar_entry_of_an_unknown_type_is_a_file_and_a_continued_one_is_reported() {
    let system = hive(1, 9000);
    let archive = opened(&[tar_of(b'Z', SYSTEM, "", &system)]);
    assert_eq!((paths(&archive), losses(&archive).len()), (vec![SYSTEM.to_owned()], 0));
    let archive = opened(&[tar_of(b'M', SYSTEM, "", &system)]);
    assert!(losses(&archive)[0].contains("continues a file of an earlier volume"));
    for kind in [b'D', b'V'] {
        assert!(losses(&opened(&[tar_of(kind, "label", "", b"")])).is_empty());
    }
}

#[test]
fn hard_link_of_a_tar_archive_to_nothing_is_reported() {
    let system = hive(1, 9000);
    let file = tar_of(b'0', "A/SYSTEM", "", &system);
    let archive = opened(&[file.clone(), tar_of(b'1', SYSTEM, "A/SYSTEM", b"")]);
    assert_eq!((paths(&archive).len(), losses(&archive).len()), (1, 0));
    let archive = opened(&[tar_of(b'1', SYSTEM, "A/SYSTEM", b""), file]);
    let [loss] = &*losses(&archive) else { panic!("{:?}", losses(&archive)) };
    assert!(loss.contains("a hard link to A/SYSTEM, which is no earlier file"), "{loss}");
}

#[test]
fn extended_tar_header_that_cannot_be_used_is_reported() {
    let file = tar_of(b'0', SYSTEM, "", &hive(1, 9000));
    for (kind, record) in
        [(b'x', &b"99 path=a\n"[..]), (b'g', b"11 size=42\n"), (b'X', b"10 size=x\n")]
    {
        let archive = opened(&[tar_of(kind, "pax", "", record), file.clone()]);
        assert_eq!(paths(&archive), [SYSTEM]);
        let [loss] = &*losses(&archive) else { panic!("{:?}", losses(&archive)) };
        assert!(loss.contains("the extended tar header before offset 0x200 has a"), "{loss}");
    }
}

#[test]
fn bytes_after_the_end_of_a_tar_archive_are_reported() {
    let one = tar(&[("A/SYSTEM", &hive(1, 5000))]);
    let end = one.len();
    let entry = &one[..end - 1024];
    for (before, hidden) in [
        ([entry, &[0; 512]].concat(), hive(2, 4096)),
        (one.clone(), hive(2, 4096)),
        (one.clone(), b"short".to_vec()),
        ([&one[..], &[0; 20 * 512]].concat(), hive(2, 70_000)),
        ([&one[..], &[0; 20 * 512]].concat(), b"x".to_vec()),
        ([&one[..], &[0; 200_000]].concat(), b"x".to_vec()),
    ] {
        let place = before.len();
        let bytes = [before.clone(), hidden.clone()].concat();
        let expected = format!(
            "in: the tar archive has bytes after its end mark, from offset {place:#x} on, which calhive did not \
             read; search the unpacked archive with `calhive carve`"
        );
        for packed in [bytes.clone(), gzip(&bytes), zstd(&bytes)] {
            let archive = open_bytes(packed);
            assert_eq!(paths(&archive), ["A/SYSTEM"]);
            assert_eq!(losses(&archive), [expected.as_str()], "{place:#x} {}", hidden.len());
        }
    }
    for zeros in [0, 100, 9216, 500_000] {
        let padded = [one.clone(), vec![0; zeros]].concat();
        for packed in [padded.clone(), gzip(&padded)] {
            assert_eq!(losses(&open_bytes(packed)), Vec::<String>::new(), "{zeros}");
        }
    }
}

#[test]
fn comment_of_a_zip_archive_that_is_no_text_is_reported() {
    let stored = zip(&[("A/SYSTEM", &hive(1, 5000))], ::zip::CompressionMethod::STORE);
    let with_comment = |comment: &[u8]| {
        let mut zip = stored.clone();
        let at = zip.len() - 2;
        zip[at..].copy_from_slice(&u16::try_from(comment.len()).unwrap().to_le_bytes());
        open_bytes([&zip, comment].concat())
    };
    assert!(losses(&with_comment(b"Case 4\r\n\tby \xE9")).is_empty());
    let place = stored.len();
    let expected = format!(
        "in: its comment at offset {place:#x} has 8,192 bytes and is no text; calhive did not read it: search the \
         archive with `calhive carve`"
    );
    assert_eq!(losses(&with_comment(&hive(2, 8192))), [expected]);
}

#[test]
fn frame_of_zstd_for_other_data_is_reported() {
    let skippable = |number: u8, data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        [&[0x50 | number, 0x2A, 0x4D, 0x18], &length[..], data].concat()
    };
    let bytes = hive(1, 500_000);
    let frame = zstd(&bytes);
    // The marks of pzstd, and the table of a seekable file with one frame.
    let table = [&[0; 8][..], &1_u32.to_le_bytes(), &[0], &0x8F92_EAB1_u32.to_le_bytes()].concat();
    for sound in [[skippable(0, &[9; 4]), frame.clone()], [frame.clone(), skippable(14, &table)]] {
        let archive = open_bytes(sound.concat());
        assert_eq!((paths(&archive).len(), losses(&archive)), (1, vec![]));
    }
    let place = frame.len();
    let hidden = [frame.clone(), skippable(3, &hive(2, 4096)), frame.clone()].concat();
    let expected = format!(
        "in: a zstd frame for other data at offset {place:#x} has 4,096 bytes, which calhive did not read; search the \
         file with `calhive carve`"
    );
    assert_eq!(losses(&open_bytes(hidden)), [expected]);
}
