// SPDX-License-Identifier: MIT OR Apache-2.0
//! Disks with volumes that `mkntfs` made.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::fs;
use std::process::Command;
use std::time::Instant;

use super::*;
use crate::scratch::Scratch;
use crate::trial::{Random, cases, images, ran, run, script, steps};

fn scratch() -> Scratch {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    Scratch::new(&format!("disk_tree_{}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// Bytes that look like a hive.
fn hive(seed: u8, length: usize) -> Vec<u8> {
    let mut hive = steps(length, 7);
    hive.iter_mut().for_each(|byte| *byte ^= seed);
    hive[..4].copy_from_slice(b"regf");
    hive[28..32].fill(0);
    hive
}

/// Makes an NTFS volume with files in its root; `None` without the tools.
fn ntfs(folder: &Scratch, size: usize, files: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let volume = folder.file("ntfs.raw", &vec![0; size]);
    let text = volume.to_str().unwrap();
    if !ran("mkntfs", &["-F", "-Q", "-q", "-s", "512", "-c", "4096", text]) {
        return None;
    }
    for (name, content) in files {
        let source = folder.file("source", content);
        if !ran("ntfscp", &["-f", text, source.to_str().unwrap(), name]) {
            return None;
        }
    }
    Some(fs::read(volume).unwrap())
}

/// A disk with a master boot record and these partitions, each with its type.
fn disk(partitions: &[(u8, &[u8])]) -> Vec<u8> {
    let mut disk = vec![0; 1 << 20];
    for (number, (kind, content)) in partitions.iter().enumerate() {
        let entry = 446 + 16 * number;
        let start = disk.len();
        let sectors = |bytes: usize| u32::try_from(bytes / 512).unwrap().to_le_bytes();
        disk[entry + 4] = *kind;
        disk[entry + 8..entry + 12].copy_from_slice(&sectors(start));
        disk[entry + 12..entry + 16].copy_from_slice(&sectors(content.len()));
        disk.extend_from_slice(content);
    }
    disk[510..512].copy_from_slice(b"\x55\xAA");
    disk
}

fn open(path: &Path, passwords: &[String]) -> DiskTree {
    let Recognized::Container(container) = crate::file::recognize(path).unwrap() else { panic!() };
    DiskTree::open(path, container, passwords).unwrap()
}

fn paths(tree: &DiskTree) -> Vec<&str> {
    tree.members().iter().map(|member| member.path.to_str().unwrap()).collect()
}

fn omissions(tree: &DiskTree) -> Vec<String> {
    tree.omissions().iter().map(|it| format!("{} {it}", it.is_loss)).collect()
}

#[test]
fn volumes_of_a_disk_are_read_or_named() {
    let folder = scratch();
    let (system, ntuser) = (hive(1, 300_000), hive(2, 5_000));
    let files: &[(&str, &[u8])] =
        &[("system", &system), ("NTUSER.DAT", &ntuser), ("other.bin", &[1; 5_000_000])];
    let Some(volume) = ntfs(&folder, 12 << 20, files) else { return };
    let luks = [b"LUKS\xBA\xBE".to_vec(), vec![0; 1 << 20]].concat();
    let parts: [(u8, &[u8]); 4] =
        [(7, &volume), (0x83, &luks[..1 << 20]), (0x82, &[0; 4096]), (7, &[9; 1024])];
    let path = folder.file("disk.raw", &disk(&parts));
    let tree = open(&path, &[]);
    assert_eq!(paths(&tree), ["partition 1/NTUSER.DAT", "partition 1/system"]);
    assert_eq!(tree.read(1).unwrap().0, system);
    assert_eq!(tree.read(0).unwrap().0, ntuser);
    assert_eq!(tree.head(1, 100).unwrap(), system[..100]);
    assert!(tree.read(2).is_err());
    let member = &tree.members()[1];
    assert_eq!(member.size, 300_000);
    let place = member.locator.volume.as_ref().unwrap();
    assert_eq!((place.partition, place.offset), (Some(1), 1 << 20));
    assert!(place.mft_record >= Some(16) && !place.is_bitlocker && !place.is_deleted);
    assert_eq!((&*member.locator.format, &*member.locator.path), ("raw", "system"));
    let image = path.display();
    let omitted = omissions(&tree);
    assert_eq!(omitted.len(), 3, "{omitted:?}");
    assert_eq!(
        omitted[0],
        format!(
            "true {image}/partition 2: volume encrypted with LUKS (Linux, type 83), which calhive does not \
             read; unlock it read-only (cryptsetup open --readonly) and give the device under /dev/mapper"
        )
    );
    assert!(
        omitted[1].starts_with(&format!("false {image}/partition 3: empty volume")),
        "{omitted:?}"
    );
    assert!(
        omitted[2].starts_with(&format!("true {image}/partition 4: volume of an unknown kind"))
    );
    assert!(tree.bytes_read() < 3 << 20, "{} bytes", tree.bytes_read());
}

#[test]
fn image_of_one_volume_has_no_partition_in_its_paths() {
    let folder = scratch();
    let system = hive(3, 40_000);
    let Some(volume) = ntfs(&folder, 8 << 20, &[("SYSTEM", &system)]) else { return };
    let tree = open(&folder.file("volume.raw", &volume), &[]);
    assert_eq!((paths(&tree), omissions(&tree).len()), (vec!["SYSTEM"], 0));
    assert_eq!(tree.members()[0].locator.volume.as_ref().unwrap().partition, None);
    assert_eq!(tree.read(0).unwrap().0, system);
}

#[cfg(all(unix, not(calhive_portable)))]
#[test]
fn block_device_is_read_like_its_image() {
    let folder = scratch();
    let system = hive(12, 40_000);
    let Some(volume) = ntfs(&folder, 8 << 20, &[("SYSTEM", &system)]) else { return };
    let path = folder.file("disk.raw", &disk(&[(7, &volume)]));
    let device = Command::new("losetup").args(["-r", "--show", "-f"]).arg(&path).output();
    let Some(device) = device.ok().filter(|it| it.status.success()) else {
        println!("skipped: losetup needs root");
        return;
    };
    let device = PathBuf::from(String::from_utf8(device.stdout).unwrap().trim());
    let tree = open(&device, &[]);
    let read = tree.read(0);
    drop(tree);
    assert!(ran("losetup", &["-d", device.to_str().unwrap()]));
    assert!(read.unwrap().0 == system);
}

#[test]
fn damaged_volume_leaves_the_others_readable() {
    let folder = scratch();
    let system = hive(4, 40_000);
    let Some(volume) = ntfs(&folder, 8 << 20, &[("SYSTEM", &system)]) else { return };
    let mut damaged = volume.clone();
    damaged[..].fill(0xEE);
    damaged[3..11].copy_from_slice(b"NTFS    ");
    let image = disk(&[(7, &damaged), (7, &volume), (7, &volume)]);
    // The last volume is cut short.
    let path = folder.file("disk.raw", &image[..image.len() - (3 << 20)]);
    let tree = open(&path, &[]);
    assert_eq!(paths(&tree)[0], "partition 2/SYSTEM");
    assert_eq!(tree.read(0).unwrap().0, system);
    let omitted = omissions(&tree).join("\n");
    assert!(omitted.contains("partition 3 ends at offset"), "{omitted}");
    assert!(omitted.contains("partition 1: the NTFS volume cannot be read"), "{omitted}");
}

#[test]
fn volume_without_its_boot_sector_is_read_by_the_copy() {
    let folder = scratch();
    let system = hive(11, 40_000);
    let Some(mut volume) = ntfs(&folder, 8 << 20, &[("SYSTEM", &system)]) else { return };
    volume[..512].fill(0xEE);
    let tree = open(&folder.file("disk.raw", &disk(&[(7, &volume)])), &[]);
    assert_eq!(paths(&tree), ["partition 1/SYSTEM"]);
    assert_eq!(tree.read(0).unwrap().0, system);
    assert!(omissions(&tree).iter().all(|it| it.starts_with("false")), "{:?}", omissions(&tree));
}

#[test]
fn deleted_hive_is_found_by_its_record() {
    let folder = scratch();
    let (system, junk) = (hive(5, 40_000), vec![1; 9000]);
    let files: &[(&str, &[u8])] = &[("SYSTEM", &system), ("SOFTWARE", &junk)];
    let Some(mut volume) = ntfs(&folder, 8 << 20, files) else { return };
    let name = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for wanted in [name("SYSTEM"), name("SOFTWARE")] {
        let records = (0..volume.len() / 1024).map(|record| record * 1024);
        let is_named = |at: &usize| {
            let record = &volume[*at..at + 1024];
            record.starts_with(b"FILE") && record.windows(wanted.len()).any(|it| it == wanted)
        };
        let found: Vec<usize> = records.filter(is_named).collect();
        found.into_iter().for_each(|at| volume[at + 22] &= !1);
    }
    let tree = open(&folder.file("volume.raw", &volume), &[]);
    let member = &tree.members()[0];
    let place = member.locator.volume.as_ref().unwrap();
    assert_eq!(paths(&tree), [format!("deleted/{}/SYSTEM", place.mft_record.unwrap())]);
    assert!(place.is_deleted);
    assert_eq!(tree.read(0).unwrap().0, system);
}

#[cfg(feature = "bitlocker")]
#[test]
fn encrypted_volume_is_read_with_its_password_only() {
    let folder = scratch();
    let system = hive(6, 40_000);
    let mut filler = vec![0; 1 << 20];
    filler.chunks_mut(4096).for_each(|page| page[..7].copy_from_slice(b"VSSMARK"));
    let files: &[(&str, &[u8])] = &[("SYSTEM", &system), ("filler", &filler)];
    if ntfs(&folder, 8 << 20, files).is_none() {
        return;
    }
    let (plain, encrypted) = (folder.0.join("ntfs.raw"), folder.0.join("encrypted.raw"));
    let arguments = [plain.to_str().unwrap(), encrypted.to_str().unwrap(), "noclear"];
    let Some(password) = script("forge_bitlocker.py", &arguments) else { return };
    let tree = open(&encrypted, &[password]);
    assert_eq!((paths(&tree), omissions(&tree).len()), (vec!["SYSTEM"], 0));
    assert!(tree.members()[0].locator.volume.as_ref().unwrap().is_bitlocker);
    assert_eq!(tree.read(0).unwrap().0, system);
    let tree = open(&encrypted, &[]);
    assert!(tree.members().is_empty());
    let text = &omissions(&tree)[0];
    assert!(
        text.contains("give its recovery password with --bitlocker-recovery-password"),
        "{text}"
    );
}

#[test]
fn shadow_copies_of_a_volume_are_read() {
    let folder = scratch();
    let states = [hive(7, 30_000), hive(8, 30_000), hive(9, 30_000)];
    let mut filler = vec![0; 12 << 20];
    filler.chunks_mut(4096).for_each(|page| page[..7].copy_from_slice(b"VSSMARK"));
    let files: &[(&str, &[u8])] = &[("filler", &filler), ("SYSTEM", &states[0])];
    if ntfs(&folder, 24 << 20, files).is_none() {
        return;
    }
    let volume = folder.0.join("ntfs.raw");
    let copy = |name: &str| folder.file(name, &fs::read(&volume).unwrap());
    let mut paths_of_states = vec![copy("first.raw")];
    for (name, state) in [("second.raw", &states[1]), ("third.raw", &states[2])] {
        let source = folder.file("source", state);
        ran("ntfscp", &["-f", volume.to_str().unwrap(), source.to_str().unwrap(), "SYSTEM"]);
        paths_of_states.push(copy(name));
    }
    let target = folder.0.join("shadow.raw");
    let paths_of_states = [&target].into_iter().chain(&paths_of_states);
    let arguments: Vec<&str> = paths_of_states.map(|path| path.to_str().unwrap()).collect();
    if script("forge_vss.py", &arguments).is_none() {
        return;
    }
    let image = disk(&[(7, &fs::read(target).unwrap())]);
    let tree = open(&folder.file("disk.raw", &image), &[]);
    let expected = [
        "partition 1/SYSTEM",
        "partition 1/shadow copy 1/SYSTEM",
        "partition 1/shadow copy 2/SYSTEM",
    ];
    assert_eq!((paths(&tree), omissions(&tree)), (expected.to_vec(), Vec::new()));
    for (at, state) in [(0, 2), (1, 0), (2, 1)] {
        assert!(tree.read(at).unwrap().0 == states[state], "{at}");
    }
    let copy = tree.members()[1].locator.volume.clone().unwrap().shadow_copy.unwrap();
    assert_eq!((copy.number, copy.id.len()), (1, 36));
}

#[cfg(feature = "qcow2")]
#[test]
fn real_volume_with_two_shadow_copies_is_read() {
    let Some(images) = images() else { return };
    let tree = open(&images.join("vsstest.qcow2"), &[]);
    assert_eq!(tree.volumes.len(), 3, "{:?}", omissions(&tree));
    assert_eq!(omissions(&tree), [""; 0]);
}

#[test]
fn known_bad_volumes_give_omissions() {
    let Some(images) = images() else { return };
    for number in [394, 2191, 3105] {
        let packed = images.join(format!("bad/ntfs_panic_{number}.raw.xz"));
        let Some(output) = run("xz", &["-dc", packed.to_str().unwrap()]) else { return };
        let disk: Arc<dyn Disk> = Arc::new(output.stdout);
        let image = disk_image::open_within(disk, "bad", FileContainer::Ntfs).unwrap();
        let tree = DiskTree::of(Path::new("bad"), image, &[]).unwrap();
        let read = (0..tree.members().len()).filter(|at| tree.read(*at).is_ok()).count();
        assert_eq!(read, 3, "{number}: {:?}, {:?}", paths(&tree), omissions(&tree));
    }
}

#[test]
fn mutated_disks_never_panic_or_hang() {
    let folder = scratch();
    let system = hive(10, 40_000);
    let Some(volume) = ntfs(&folder, 4 << 20, &[("SYSTEM", &system)]) else { return };
    let image = disk(&[(7, &volume), (7, &volume)]);
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let used: Vec<usize> = (0..image.len() / 512)
        .filter(|at| image[at * 512..][..512].iter().any(|byte| *byte != 0))
        .collect();
    for case in 0..cases(24) {
        let mut mutated = image.clone();
        for _ in 0..=random.below(6) {
            let at = used[random.below(used.len())] * 512 + random.below(512);
            mutated[at] = random.changed(mutated[at]);
        }
        if random.below(10) == 0 {
            mutated.truncate(random.below(image.len()));
        }
        let disk: Arc<dyn Disk> = Arc::new(mutated);
        let image = disk_image::open_within(disk, "mutated", FileContainer::Mbr).unwrap();
        let start = Instant::now();
        let tree = DiskTree::of(Path::new("mutated"), image, &[]).unwrap();
        for at in 0..tree.members().len() {
            _ = tree.head(at, 4100);
            _ = tree.read(at);
        }
        assert!(start.elapsed() < Duration::from_secs(5), "case {case}");
    }
}

/// Returns the offsets of the MFT records with this name.
fn records_of(volume: &[u8], name: &str) -> Vec<usize> {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    // The length of a name and its namespace precede it.
    let is_name = |bytes: &[u8]| {
        bytes[2..] == name && usize::from(bytes[0]) == name.len() / 2 && bytes[1] < 4
    };
    let is_of_file = |at: &usize| {
        let record = &volume[*at..at + 1024];
        record.starts_with(b"FILE") && record.windows(name.len() + 2).any(is_name)
    };
    (0..volume.len() / 1024).map(|record| record * 1024).filter(is_of_file).collect()
}

/// Returns the offset of the data attribute of the record at this offset.
fn data_of(volume: &[u8], record: usize) -> usize {
    let word = |at: usize| u32::from_le_bytes(volume[at..at + 4].try_into().unwrap());
    let mut at = record + usize::from(volume[record + 20]);
    while word(at) != 0x80 {
        at += usize::try_from(word(at + 4)).unwrap();
    }
    at
}

#[test]
fn files_that_share_clusters_are_read_up_to_a_limit() {
    let folder = scratch();
    let (body, small) = (hive(20, 16 << 20), hive(21, 2000));
    let names: Vec<String> = (0..6).map(|number| format!("SYSTEM{number}")).collect();
    let mut files: Vec<(&str, &[u8])> = vec![("SAM", &body)];
    files.extend(names.iter().map(|name| (name.as_str(), small.as_slice())));
    let Some(mut volume) = ntfs(&folder, 64 << 20, &files) else { return };
    let from = data_of(&volume, records_of(&volume, "SAM")[0]);
    let data = volume[from..from + 72].to_vec();
    for name in &names {
        for record in records_of(&volume, name) {
            let to = data_of(&volume, record);
            assert_eq!(volume[to + 4..to + 9], data[4..9]);
            volume[to..to + 72].copy_from_slice(&data);
        }
    }
    let tree = open_thin(volume, 64 << 20, 4 << 20);
    assert!(tree.read(3).unwrap().0 == body);
    // 16 times 4 MiB have room for 4 files of 16 MiB.
    let omitted = omissions(&tree);
    assert_eq!((tree.members().len(), omitted.len()), (4, 3), "{omitted:?}");
    let expected = "not read: with it, the hives, logs and exports of the image would have more than 67108864 bytes";
    assert!(
        omitted.iter().all(|it| it.starts_with("true ") && it.contains(expected)),
        "{omitted:?}"
    );
}

/// A virtual disk that is much larger than what it stores.
struct Thin(Vec<u8>, u64);

impl Disk for Thin {
    fn size(&self) -> u64 {
        self.1
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        buffer.fill(0);
        for (at, byte) in buffer.iter_mut().enumerate() {
            let at = usize::try_from(offset).unwrap() + at;
            *byte = self.0.get(at).copied().unwrap_or(0);
        }
        Ok(())
    }
}

/// Opens a virtual disk of this size, whose file stores so many bytes.
fn open_thin(bytes: Vec<u8>, size: u64, stored: u64) -> DiskTree {
    let disk: Arc<dyn Disk> = Arc::new(Thin(bytes, size));
    let image = disk_image::open_within(disk, "thin", FileContainer::Mbr).unwrap();
    DiskTree::of(Path::new("thin"), OpenDisk { stored, ..image }, &[]).unwrap()
}

#[test]
fn file_table_that_a_virtual_disk_does_not_store_is_read_up_to_a_limit() {
    const CLUSTERS: u64 = 1 << 24;
    let folder = scratch();
    let system = hive(22, 40_000);
    let Some(mut volume) = ntfs(&folder, 8 << 20, &[("SYSTEM", &system)]) else { return };
    for record in records_of(&volume, "$MFT") {
        let at = data_of(&volume, record);
        let runs = at + usize::from(volume[at + 32]);
        let first = volume[runs + 2 + usize::from(volume[runs] & 0xF) - 1];
        let length = u32::try_from(CLUSTERS).unwrap().to_le_bytes();
        // One run of four bytes of length, and one byte for the first cluster.
        assert_eq!(volume[runs] >> 4, 1);
        volume[runs..runs + 8].fill(0);
        volume[runs] = 0x14;
        volume[runs + 1..runs + 5].copy_from_slice(&length);
        volume[runs + 5] = first;
        volume[at + 24..at + 32].copy_from_slice(&(CLUSTERS - 1).to_le_bytes());
        for size in [40, 48, 56] {
            volume[at + size..at + size + 8].copy_from_slice(&(CLUSTERS * 4096).to_le_bytes());
        }
    }
    volume[40..48].copy_from_slice(&((CLUSTERS + 2048) * 8 - 1).to_le_bytes());
    let stored = volume.len() as u64;
    let tree = open_thin(volume, (CLUSTERS + 2048) * 4096, stored);
    assert_eq!(paths(&tree), ["SYSTEM"]);
    assert_eq!(tree.read(0).unwrap().0, system);
    assert!(tree.bytes_read() < 512 << 20, "{}", tree.bytes_read());
    let omitted = omissions(&tree).join("\n");
    assert!(omitted.contains("cannot be read, files can be missing"), "{omitted}");
    assert!(omitted.contains("claims more than the image stores"), "{omitted}");
}

#[test]
fn volume_that_no_entry_of_the_partition_table_covers_is_read_and_reported() {
    let folder = scratch();
    let (system, software) = (hive(23, 40_000), hive(24, 40_000));
    let files: [&[(&str, &[u8])]; 2] = [&[("SYSTEM", &system)], &[("SOFTWARE", &software)]];
    let [Some(first), Some(second)] = files.map(|files| ntfs(&folder, 8 << 20, files)) else {
        return;
    };
    let in_partition = disk(&[(7, &first)]);
    let gap = vec![0; 1 << 20];
    for (name, bytes, place) in [
        ("after.raw", [&in_partition[..], &second].concat(), in_partition.len()),
        ("later.raw", [&in_partition[..], &gap, &second].concat(), in_partition.len() + gap.len()),
        ("tail.raw", [&first[..], &second].concat(), first.len()),
    ] {
        let tree = open(&folder.file(name, &bytes), &[]);
        let expected = format!("volume at offset {place:#x}/SOFTWARE");
        let at = paths(&tree).iter().position(|path| *path == expected);
        let at = at.unwrap_or_else(|| panic!("{name}: {:?}", paths(&tree)));
        assert_eq!((tree.members().len(), tree.read(at).unwrap().0), (2, software.clone()));
        let volume = tree.members()[at].locator.volume.as_ref().unwrap();
        assert_eq!((volume.partition, volume.offset), (None, place as u64));
        let omitted = omissions(&tree).join("\n");
        let expected = "no entry of the partition table covers the volume; calhive read it";
        assert!(omitted.contains(expected), "{name}: {omitted}");
        assert!(!omitted.contains("true"), "{name}: {omitted}");
    }
}
