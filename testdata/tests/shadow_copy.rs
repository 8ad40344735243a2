// SPDX-License-Identifier: MIT OR Apache-2.0

//! libvshadow reads shadow copies as written.

use std::path::Path;
use std::process::Command;

use hive_forge::rng::Rng;
use hive_forge::room;
use hive_forge::shadow_copy::{Shadowed, State, write};

mod oracle;

use oracle::{Mounted, has};

const BLOCK: usize = 16384;
/// First block and number of pages of the room.
const ROOM: (usize, usize) = (200, 2400);
const CREATED: [u64; 3] =
    [133_500_000_000_000_000, 133_500_864_000_000_000, 133_600_000_000_000_000];

/// Returns a volume of random blocks. Every fifth block is free.
fn first_state() -> Vec<u8> {
    let mut volume = Rng::new(1).bytes(1024 * BLOCK);
    for free in (0..1024).step_by(5) {
        volume[free * BLOCK..][..BLOCK].fill(0);
    }
    let room = room::content(ROOM.1);
    volume[ROOM.0 * BLOCK..][..room.len()].copy_from_slice(&room);
    // Boot sector of NTFS: 512 bytes a sector, 8 sectors a cluster.
    volume[..512].fill(0);
    volume[..3].copy_from_slice(&[0xEB, 0x52, 0x90]);
    volume[3..11].copy_from_slice(b"NTFS    ");
    volume[11..14].copy_from_slice(&[0, 2, 8]);
    let sectors = (1024 * BLOCK / 512 - 1) as u64;
    volume[40..48].copy_from_slice(&sectors.to_le_bytes());
    volume[48..56].copy_from_slice(&4_u64.to_le_bytes());
    volume[56..64].copy_from_slice(&8_u64.to_le_bytes());
    volume[64] = 0xF6;
    volume[68] = 1;
    volume[510..512].copy_from_slice(&[0x55, 0xAA]);
    volume[0x1E00..0x2000].fill(0);
    volume
}

/// Returns a later state: new data in some blocks, some sectors changed, some blocks moved into free ones.
fn later(state: &[u8], seed: u64) -> Vec<u8> {
    let mut next = state.to_vec();
    let mut rng = Rng::new(seed);
    let block = |offset: u64| {
        let index = offset % 1024;
        usize::try_from(if index < 200 { index.max(1) } else { 801 + index % 220 }).unwrap()
    };
    for step in 0..60_u64 {
        let at = block(step * 37 + seed * 11) * BLOCK;
        match step % 4 {
            0 => next[at..at + BLOCK].copy_from_slice(&rng.bytes(BLOCK)),
            1 => next[at + 512..at + 1536].copy_from_slice(&rng.bytes(1024)),
            2 => next[at..at + BLOCK].fill(0),
            _ => {
                let to = block((step * 53 + seed) * 5) / 5 * 5 * BLOCK;
                next.copy_within(at..at + BLOCK, to.max(5 * BLOCK));
                next[at..at + BLOCK].copy_from_slice(&rng.bytes(BLOCK));
            }
        }
    }
    next
}

/// Returns the numbers of the blocks outside of the room that differ.
fn differences(read: &[u8], expected: &[u8]) -> Vec<usize> {
    let room = ROOM.0..ROOM.0 + ROOM.1 / 4;
    assert_eq!(read.len(), expected.len());
    let pairs = read.chunks(BLOCK).zip(expected.chunks(BLOCK)).enumerate();
    let differ =
        pairs.filter(|(index, (read, expected))| !room.contains(index) && read != expected);
    differ.map(|(index, _)| index).collect()
}

#[test]
fn vshadowmount_reads_every_state() {
    if !has("vshadowmount") || !has("vshadowinfo") {
        return;
    }
    let mut states = vec![first_state()];
    for seed in 2..5 {
        states.push(later(states.last().unwrap(), seed));
    }
    let earlier: Vec<State<'_>> = states[..3]
        .iter()
        .zip(CREATED)
        .map(|(volume, created)| State { volume, created })
        .collect();
    let Shadowed { volume, stores } = write(&earlier, &states[3]);
    for store in &stores {
        for count in [store.plain, store.forwarders, store.overlays, store.unallocated] {
            assert!(count > 2, "{store:?}");
        }
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let image = folder.join("shadowed.raw");
    std::fs::write(&image, &volume).unwrap();

    let info = Command::new("vshadowinfo").arg(&image).output().unwrap();
    let info = String::from_utf8_lossy(&info.stdout).into_owned();
    assert!(info.contains("Number of stores:\t3"), "{info}");

    let mounted = Mounted::new(folder.join("shadowed"), |point| {
        Command::new("vshadowmount").arg(&image).arg(point).output().unwrap()
    });
    for (index, state) in earlier.iter().enumerate() {
        let read = std::fs::read(mounted.path().join(format!("vss{}", index + 1))).unwrap();
        // The boot region holds the volume header, which no state has.
        assert!(read[..0x1E00] == state.volume[..0x1E00], "the boot region differs");
        let expected = [&volume[..BLOCK], &state.volume[BLOCK..]].concat();
        let differences = differences(&read, &expected);
        let is_free = |block: &usize| expected[block * BLOCK..][..BLOCK] == [0; BLOCK];
        let (free, differences): (Vec<usize>, Vec<usize>) =
            differences.into_iter().partition(is_free);
        // libvshadow uses the bitmap of the newest shadow copy alone, and not for targets of forwarders.
        let newest = stores.len() == index + 1;
        assert!(!newest || free.len() == stores[index].forwarders, "{free:?}");
        assert_eq!(differences, [0; 0], "state {}", index + 1);
    }
}
