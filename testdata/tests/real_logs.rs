// SPDX-License-Identifier: MIT OR Apache-2.0

//! Logs of real hives. If hive-forge writes the updates of a log again, every byte is the one that
//! Windows wrote.

use hive_forge::checksum;
use hive_forge::corpus::{File, files};
use hive_forge::log::{Hvle, Run, SECTOR, Update, dirt, marvin32};

/// Logs of the corpus that begin with an entry, with the number of their whole entries in sequence.
const NEW_LOGS: (usize, u32) = (29, 106);

/// Logs of the corpus that hold a bitmap.
const OLD_LOGS: usize = 4;

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

/// Logs of the corpus with this signature after their first sector.
fn logs(test: &str, signature: &'static [u8; 4]) -> Option<impl Iterator<Item = File>> {
    let logs = files(test, |_| true)?.filter(|file| file.kind() == "log");
    Some(logs.filter(move |log| log.bytes.get(SECTOR..SECTOR + 4) == Some(signature)))
}

/// The update in the entry at the start of `entry`.
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

/// Offset of the first difference between the logs. A base block with a wrong checksum is not
/// compared.
fn difference(real: &[u8], forged: &[u8]) -> Option<usize> {
    let sound = u32_at(real, 508) == checksum(real);
    let from = if sound { 0 } else { SECTOR };
    let mut pairs = real.iter().zip(forged).skip(from);
    pairs.position(|(real, forged)| real != forged).map(|place| from + place)
}

#[test]
fn forged_entries_equal_those_of_windows() {
    let Some(logs) = logs("forged_entries_equal_those_of_windows", b"HvLE") else { return };
    let (mut compared, mut entries) = (0, 0);
    for File { name, bytes, .. } in logs {
        let sequence = u32_at(&bytes, 4);
        let mut forged = Hvle::new(&bytes, sequence);
        let (mut at, mut expected) = (512, sequence);
        while bytes.get(at..at + 4) == Some(b"HvLE".as_slice())
            && u32_at(&bytes, at + 12) == expected
        {
            let size = u32_at(&bytes, at + 4) as usize;
            let Some(entry) = bytes.get(at..at + size) else { break };
            if u64_at(entry, 24) != marvin32(&entry[40..]) {
                println!("{name} at {at}: another hash");
                break;
            }
            assert_eq!(u64_at(entry, 32), marvin32(&entry[..32]), "{name} at {at}");
            forged = forged.entry(&update_of(entry));
            (at, expected) = (at + size, expected.wrapping_add(1));
            entries += 1;
        }
        let forged = forged.finish().bytes;
        if at > 512 {
            compared += 1;
            assert_eq!((difference(&bytes, &forged), forged.len()), (None, at), "{name}");
        }
    }
    println!("{entries} entries of {compared} logs");
    assert_eq!((compared, entries), NEW_LOGS);
}

#[test]
fn forged_bitmaps_equal_those_of_windows() {
    let Some(logs) = logs("forged_bitmaps_equal_those_of_windows", b"DIRT") else { return };
    let mut compared = 0;
    for File { name, bytes, .. } in logs {
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
        // Windows leaves old memory between bitmap and sectors.
        let gap = 516 + bitmap.len()..(516 + bitmap.len()).next_multiple_of(SECTOR);
        let mut bytes = bytes.clone();
        bytes[gap].fill(0);
        let forged = dirt(&bytes, u32_at(&bytes, 28), u32_at(&bytes, 4), &update).bytes;
        println!("{name}: {} sectors", update.runs.len());
        assert_eq!((difference(&bytes, &forged), forged.len()), (None, at), "{name}");
        compared += 1;
    }
    assert_eq!(compared, OLD_LOGS);
}
