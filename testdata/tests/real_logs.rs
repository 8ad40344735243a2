// SPDX-License-Identifier: MIT OR Apache-2.0

//! The logs of real hives, where `CALHIVE_CORPUS` names their folder: what Windows wrote comes out
//! again, byte for byte, when the same update is forged.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use hive_forge::checksum;
use hive_forge::log::{Hvle, Run, SECTOR, Update, dirt, marvin32};

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

/// All logs of the corpus, unpacked, by path; none where there is no corpus.
fn logs(test: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let Some(corpus) = std::env::var_os("CALHIVE_CORPUS") else {
        println!("{test}: skipped, CALHIVE_CORPUS is not set");
        return Vec::new();
    };
    let mut logs = Vec::new();
    for folder in std::fs::read_dir(corpus).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let extension = path.file_stem().map(Path::new).and_then(Path::extension);
            if !extension.is_some_and(|extension| extension.to_string_lossy().starts_with("LOG")) {
                continue;
            }
            let mut bytes = Vec::new();
            let packed = BufReader::new(File::open(&path).unwrap());
            lzma_rust2::XzReader::new(packed, false).read_to_end(&mut bytes).unwrap();
            logs.push((path, bytes));
        }
    }
    assert!(!logs.is_empty(), "no logs in the corpus");
    logs
}

/// The update that the entry at the start of `entry` holds.
fn update_of(entry: &[u8]) -> Update {
    let count = u32_at(entry, 20) as usize;
    let mut at = 40 + 8 * count;
    let mut runs = Vec::new();
    for number in 0..count {
        let len = u32_at(entry, 44 + 8 * number) as usize;
        runs.push(Run {
            offset: u32_at(entry, 40 + 8 * number),
            bytes: entry[at..at + len].to_vec(),
        });
        at += len;
    }
    Update { bins_size: u32_at(entry, 16), flags: u32_at(entry, 8), runs }
}

/// Where the logs differ. A base block that was broken on purpose, as some were, is not compared.
fn difference(real: &[u8], forged: &[u8]) -> Option<usize> {
    let sound = u32_at(real, 508) == checksum(real);
    let from = if sound { 0 } else { SECTOR };
    let mut pairs = real.iter().zip(forged).skip(from);
    pairs.position(|(real, forged)| real != forged).map(|place| from + place)
}

#[test]
fn entries_come_out_as_windows_wrote_them() {
    let (mut entries, mut compared) = (0, 0);
    for (path, bytes) in logs("entries_come_out_as_windows_wrote_them") {
        if bytes.get(512..516) != Some(b"HvLE".as_slice()) {
            continue;
        }
        let sequence = u32_at(&bytes, 4);
        let mut forged = Hvle::new(&bytes, sequence);
        let (mut at, mut expected) = (512, sequence);
        while bytes.get(at..at + 4) == Some(b"HvLE".as_slice())
            && u32_at(&bytes, at + 12) == expected
        {
            let size = u32_at(&bytes, at + 4) as usize;
            let Some(entry) = bytes.get(at..at + size) else { break };
            if u64_at(entry, 24) != marvin32(&entry[40..]) {
                println!("{} at {at}: another hash", path.display());
                break;
            }
            assert_eq!(u64_at(entry, 32), marvin32(&entry[..32]), "{} at {at}", path.display());
            forged = forged.entry(&update_of(entry));
            (at, expected) = (at + size, expected.wrapping_add(1));
            entries += 1;
        }
        let forged = forged.finish().bytes;
        if at > 512 {
            compared += 1;
            assert_eq!(
                (difference(&bytes, &forged), forged.len()),
                (None, at),
                "{}",
                path.display()
            );
        }
    }
    println!("{entries} entries of {compared} logs");
}

#[test]
fn bitmaps_come_out_as_windows_wrote_them() {
    for (path, bytes) in logs("bitmaps_come_out_as_windows_wrote_them") {
        if bytes.get(512..516) != Some(b"DIRT".as_slice()) {
            continue;
        }
        let bins_size = u32_at(&bytes, 40);
        let bitmap = &bytes[516..516 + bins_size as usize / 4096];
        let mut at = (516 + bitmap.len()).next_multiple_of(SECTOR);
        let mut runs = Vec::new();
        for sector in (0..8 * bitmap.len()).filter(|bit| bitmap[bit / 8] >> (bit % 8) & 1 == 1) {
            let bytes = bytes[at..at + SECTOR].to_vec();
            runs.push(Run { offset: (sector * SECTOR) as u32, bytes });
            at += SECTOR;
        }
        let update = Update { bins_size, flags: 0, runs };
        // Between bitmap and sectors Windows leaves what was in its memory.
        let gap = 516 + bitmap.len()..(516 + bitmap.len()).next_multiple_of(SECTOR);
        let mut bytes = bytes.clone();
        bytes[gap].fill(0);
        let forged = dirt(&bytes, u32_at(&bytes, 28), u32_at(&bytes, 4), &update).bytes;
        println!("{}: {} sectors", path.display(), update.runs.len());
        assert_eq!((difference(&bytes, &forged), forged.len()), (None, at), "{}", path.display());
    }
}
