// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tables made by other tools, and damaged tables.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::*;
use crate::scratch::Scratch;
use crate::trial::{Random, cases};

/// Runs a tool; `None` if it is missing. In CI, a missing tool fails.
fn run(tool: &str, arguments: &[&str], input: &str) -> Option<Vec<u8>> {
    let mut command = Command::new(tool);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        assert!(std::env::var_os("CI").is_none(), "{tool} is not installed");
        println!("skipped: {tool} is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{tool} {arguments:?}: {output:?}");
    Some(output.stdout)
}

/// Returns a name of a folder for each call: tests run at the same time.
fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{name}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn gpt() -> Option<Vec<u8>> {
    let folder = Scratch::new(&unique("gpt"));
    let path = folder.file("disk.raw", &vec![0; 8 << 20]);
    let arguments = [
        "-n",
        "1:2048:4095",
        "-t",
        "1:ef00",
        "-n",
        "3:4096:8191",
        "-t",
        "3:0700",
        "-c",
        "3:Basic data",
        "-n",
        "2:8192:0",
        "-t",
        "2:2700",
    ];
    let arguments = [&arguments[..], &[path.to_str().unwrap()]].concat();
    run("sgdisk", &arguments, "")?;
    Some(fs::read(&path).unwrap())
}

fn mbr() -> Option<Vec<u8>> {
    let folder = Scratch::new(&unique("mbr"));
    let path = folder.file("disk.raw", &vec![0; 8 << 20]);
    // The second partition is extended, and the later ones are logical.
    let script = "label: dos\n\
        d1 : start=2048,size=2048,type=7,bootable\n\
        d2 : start=4096,size=12000,type=5\n\
        d5 : start=6144,size=1024,type=7\n\
        d6 : start=10240,size=2048,type=b\n\
        d7 : start=14336,size=1024,type=83\n";
    run("sfdisk", &["-q", path.to_str().unwrap()], script)?;
    Some(fs::read(&path).unwrap())
}

fn places(partitions: &Partitions) -> Vec<(u32, u64, u64)> {
    let sectors = |it: &Partition| (it.number, it.offset / 512, it.size / 512);
    partitions.list.iter().map(sectors).collect()
}

const GPT_PLACES: [(u32, u64, u64); 3] = [(1, 2048, 2048), (2, 8192, 8159), (3, 4096, 4096)];

#[test]
fn gpt_is_read_from_the_first_or_the_backup_header() {
    let Some(mut disk) = gpt() else { return };
    let found = partitions(&disk).unwrap();
    assert_eq!((found.scheme, &*found.faults), (Scheme::Gpt, &[][..]));
    assert_eq!(places(&found), GPT_PLACES);
    let what: Vec<&str> = found.list.iter().map(|it| &*it.what).collect();
    assert_eq!(what, ["EFI system", "Windows recovery", "Windows data, named Basic data"]);
    disk[512 + 40] ^= 1;
    let found = partitions(&disk).unwrap();
    assert_eq!((found.scheme, places(&found)), (Scheme::Gpt, GPT_PLACES.to_vec()));
    assert!(found.faults[0].contains("the checksum of the GPT header at offset 0x200 is wrong"));
    assert!(found.faults[0].ends_with("the backup was read"), "{:?}", found.faults);
    disk[512 + 40] ^= 1;
    disk[1024 + 128] ^= 1;
    let found = partitions(&disk).unwrap();
    assert_eq!(places(&found), GPT_PLACES);
    assert!(found.faults[0].contains("entries at offset 0x400"), "{:?}", found.faults);
    let end = disk.len() - 512;
    disk[end] ^= 1;
    let found = partitions(&disk).unwrap();
    assert_eq!((found.scheme, found.list.len()), (Scheme::DamagedGpt, 0));
    assert!(found.faults[0].starts_with("damaged GPT"), "{:?}", found.faults);
}

#[test]
fn gpt_in_large_sectors_is_read() {
    let Some(disk) = gpt() else { return };
    // The same headers, 8 times further apart.
    let mut large = vec![0; disk.len() * 8];
    large[..512].copy_from_slice(&disk[..512]);
    large[4096..4608].copy_from_slice(&disk[512..1024]);
    large[8192..8192 + 16384].copy_from_slice(&disk[1024..1024 + 16384]);
    let found = partitions(&large).unwrap();
    let expected: Vec<_> = GPT_PLACES.iter().map(|it| (it.0, it.1 * 8, it.2 * 8)).collect();
    assert_eq!(places(&found), expected);
}

#[test]
fn logical_partitions_count_from_five() {
    let Some(disk) = mbr() else { return };
    let found = partitions(&disk).unwrap();
    assert_eq!((found.scheme, &*found.faults), (Scheme::Mbr, &[][..]));
    assert_eq!(
        places(&found),
        [(1, 2048, 2048), (5, 6144, 1024), (6, 10240, 2048), (7, 14336, 1024)]
    );
    assert_eq!(found.list[0].what, "NTFS or exFAT, type 07");
    let found = partitions(&disk[..5 << 20].to_vec()).unwrap();
    assert!(found.faults[0].starts_with("the extended boot record cannot be read"), "{found:?}");
}

#[test]
fn truncated_image_names_its_partition() {
    let Some(disk) = gpt() else { return };
    let found = partitions(&disk[..3 << 20].to_vec()).unwrap();
    assert_eq!(found.faults.len(), 2);
    assert!(found.faults[1].starts_with("partition 3 ends at offset 0x400000, after the end"));
}

#[test]
fn boot_sector_of_a_volume_is_no_partition_table() {
    let mut disk = vec![0; 1 << 20];
    disk[3..11].copy_from_slice(b"NTFS    ");
    disk[446..510].fill(7);
    disk[510..512].copy_from_slice(b"\x55\xAA");
    assert_eq!(partitions(&disk).unwrap().scheme, Scheme::None);
    disk[3] = 0;
    assert_eq!(partitions(&disk).unwrap().scheme, Scheme::Mbr);
    assert_eq!(partitions(&vec![0; 100]).unwrap().scheme, Scheme::None);
}

#[test]
fn known_bad_tables_end() {
    let Some(images) = std::env::var_os("CALHIVE_IMAGES") else {
        println!("skipped: CALHIVE_IMAGES is not set");
        return;
    };
    for name in ["mbr_ebr_loop.raw.xz", "mbr_panic.raw.xz"] {
        let path = Path::new(&images).join("bad").join(name);
        let Some(disk) = run("xz", &["-dc", path.to_str().unwrap()], "") else { return };
        let found = partitions(&disk).unwrap();
        assert!(!found.faults.is_empty(), "{name}: {found:?}");
    }
}

#[test]
fn loop_of_extended_boot_records_ends() {
    let Some(mut disk) = mbr() else { return };
    // The third record links to the second.
    let third = (0..disk.len() / 512)
        .map(|sector| sector * 512)
        .filter(|at| disk[at + 510..at + 512] == *b"\x55\xAA")
        .nth(3)
        .unwrap();
    disk[third + 462 + 4] = 5;
    disk[third + 462 + 8..third + 462 + 12].copy_from_slice(&0_u32.to_le_bytes());
    disk[third + 462 + 12] = 1;
    let found = partitions(&disk).unwrap();
    assert_eq!(found.list.len(), 4);
    assert_eq!(found.faults, ["the extended boot records lead back to offset 0x200000"]);
}

#[test]
fn mutated_tables_never_panic_or_hang() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for disk in [gpt(), mbr()].into_iter().flatten() {
        let records: Vec<usize> = (0..disk.len() / 512)
            .filter(|at| disk[at * 512..][..512].iter().any(|byte| *byte != 0))
            .collect();
        for case in 0..cases(100) {
            let mut mutated = disk.clone();
            for _ in 0..=random.below(4) {
                let at = records[random.below(records.len())] * 512 + random.below(512);
                mutated[at] = [5, 0xEE, random.changed(mutated[at])][random.below(3)];
            }
            if random.below(10) == 0 {
                mutated.truncate(random.below(disk.len()));
            }
            // Valid checksums let the damage pass.
            if random.below(2) == 0 && mutated.len() > 1 << 20 {
                let entries = gpt::crc32(&mutated[1024..1024 + 16384]).to_le_bytes();
                mutated[512 + 88..512 + 92].copy_from_slice(&entries);
                mutated[512 + 16..512 + 20].fill(0);
                let header = gpt::crc32(&mutated[512..512 + 92]).to_le_bytes();
                mutated[512 + 16..512 + 20].copy_from_slice(&header);
            }
            let start = Instant::now();
            let found = partitions(&mutated).unwrap();
            assert!(found.list.len() <= 8192, "case {case}: {}", found.list.len());
            assert!(start.elapsed() < Duration::from_secs(5), "case {case}");
        }
    }
}

/// A disk of zeros with this boot sector at this offset.
struct Zeros(u64, u64, Vec<u8>);

impl Disk for Zeros {
    fn size(&self) -> u64 {
        self.0
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        buffer.fill(0);
        if offset == self.1 {
            let length = buffer.len().min(self.2.len());
            buffer[..length].copy_from_slice(&self.2[..length]);
        }
        Ok(())
    }
}

#[test]
fn space_outside_the_partitions_is_searched_at_multiples_of_1_mib_up_to_a_limit() {
    const MIB: u64 = 1 << 20;
    let mut sector = vec![0; 512];
    sector[3..11].copy_from_slice(b"NTFS    ");
    sector[11..13].copy_from_slice(&512_u16.to_le_bytes());
    sector[40..48].copy_from_slice(&(2 * MIB / 512 - 1).to_le_bytes());
    sector[510..].copy_from_slice(b"\x55\xAA");
    let (number, what) = (1, String::new());
    let list = vec![Partition { number, offset: MIB, size: MIB, what }];
    let table = Partitions { scheme: Scheme::Mbr, list, faults: Vec::new() };
    let gaps = |size: u64, at: u64| Gaps::of(&Zeros(size, at, sector.clone()), &table).unwrap();
    let found = |at: u64, size: u64| Gaps { volumes: vec![(at, size)], not_searched: None };
    assert_eq!(gaps(64 * MIB, 2 * MIB), found(2 * MIB, 62 * MIB));
    assert_eq!(gaps(64 * MIB, 30 * MIB), found(30 * MIB, 34 * MIB));
    assert_eq!(gaps(64 * MIB, 30 * MIB + 512), Gaps::default());
    let large = gaps(1 << 40, u64::MAX);
    assert_eq!((large.volumes.len(), large.not_searched), (0, Some(((1 << 14) + 1) * MIB)));
}
