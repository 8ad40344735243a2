// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images made by other tools, compared byte for byte with their source, and damaged images.

use core::time::Duration;
use std::fs;
use std::time::Instant;

use super::*;
use crate::scratch::Scratch;
use crate::trial::{Random, cases, ran, steps};

/// A disk with text, random bytes and zeros, and a partition table that makes it a raw image.
fn source(size: usize) -> Vec<u8> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut disk = vec![0; size];
    for (number, part) in disk.chunks_mut(64 << 10).enumerate() {
        match number % 5 {
            0 => part.iter_mut().for_each(|byte| *byte = random.byte()),
            1 => part.copy_from_slice(&steps(part.len(), 100)),
            2 => part[..3000].fill(0x41),
            _ => {}
        }
    }
    disk[446..510].fill(0);
    (disk[450], disk[454], disk[458]) = (7, 1, 16);
    disk[510..512].copy_from_slice(b"\x55\xAA");
    disk
}

fn container(path: &Path) -> FileContainer {
    match crate::file::recognize(path).unwrap() {
        crate::Recognized::Container(container) => container,
        other => panic!("{}: {other}", path.display()),
    }
}

/// Compares the disk in an image with its source. Virtual disks can end with further zeros.
fn assert_same(image: &OpenDisk, source: &[u8]) {
    let size = usize::try_from(image.disk.size()).unwrap();
    assert!(size >= source.len(), "{image:?}: {size}");
    let mut bytes = vec![0xEE; size];
    image.disk.read_at(0, &mut bytes).unwrap();
    let (same, rest) = bytes.split_at(source.len());
    assert!(same == source, "{image:?}");
    assert!(rest.iter().all(|byte| *byte == 0), "{image:?}");
    let mut random = Random(7);
    for _ in 0..200 {
        let at = random.below(source.len() - 1);
        let end = (at + random.below(100_000)).min(source.len());
        let mut part = vec![0xEE; end - at];
        image.disk.read_at(at as u64, &mut part).unwrap();
        assert!(part == source[at..end], "{image:?} at {at}");
    }
    assert!(image.disk.read_at(size as u64, &mut [0]).is_err());
    assert!(image.disk.read_at(u64::MAX, &mut [0]).is_err());
}

/// Virtual disks by `qemu-img`: file name, format, options, name of the format in a report.
const VIRTUAL: [(&str, &str, &str, &str); 10] = [
    ("dynamic.vhd", "vpc", "subformat=dynamic", "VHD"),
    ("fixed.vhd", "vpc", "subformat=fixed,force_size=on", "VHD"),
    ("a.vhdx", "vhdx", "subformat=dynamic", "VHDX"),
    ("sparse.vmdk", "vmdk", "subformat=monolithicSparse", "VMDK"),
    ("flat.vmdk", "vmdk", "subformat=monolithicFlat", "VMDK"),
    ("stream.vmdk", "vmdk", "subformat=streamOptimized", "VMDK"),
    ("two.vmdk", "vmdk", "subformat=twoGbMaxExtentSparse", "VMDK"),
    ("a.qcow2", "qcow2", "compat=1.1", "QCOW2"),
    ("small.qcow2", "qcow2", "compat=0.10,cluster_size=512", "QCOW2"),
    ("packed.qcow2", "qcow2", "cluster_size=65536", "QCOW2"),
];

fn is_on(format: &str) -> bool {
    match format {
        "VHDX" => cfg!(feature = "vhdx"),
        "VMDK" => cfg!(feature = "vmdk"),
        "QCOW2" => cfg!(feature = "qcow2"),
        _ => true,
    }
}

/// Makes a virtual disk; `None` without the tool.
fn virtual_disk(
    folder: &Scratch,
    raw: &Path,
    name: &str,
    format: &str,
    options: &str,
) -> Option<PathBuf> {
    let path = folder.0.join(name);
    let mut arguments = vec!["convert", "-f", "raw", "-O", format, "-o", options];
    if name.starts_with("packed") {
        arguments.push("-c");
    }
    arguments.extend([raw.to_str().unwrap(), path.to_str().unwrap()]);
    ran("qemu-img", &arguments).then_some(path)
}

#[test]
fn virtual_disks_have_the_bytes_of_their_source() {
    let folder = Scratch::new("virtual_disks");
    let source = source(9 << 20);
    let raw = folder.file("disk.raw", &source);
    assert_same(&open(&raw, container(&raw)).unwrap(), &source);
    for (name, format, options, expected) in VIRTUAL.into_iter().filter(|it| is_on(it.3)) {
        let Some(path) = virtual_disk(&folder, &raw, name, format, options) else { return };
        let image = open(&path, container(&path)).unwrap();
        assert_eq!((&*image.format, &*image.faults), (expected, &[][..]), "{name}");
        assert_same(&image, &source);
        let has_extents = name.starts_with("flat") || name.starts_with("two");
        assert_eq!(image.files.len(), 1 + usize::from(has_extents), "{name}");
        if !has_extents {
            let file = Arc::new(RawFile::open(&path).unwrap());
            assert_same(&open_within(file, name, container(&path)).unwrap(), &source);
        }
    }
}

/// Every form that stores blocks says that its file is cut short, wherever the cut is.
#[test]
fn cut_virtual_disk_is_an_error_or_has_a_fault() {
    let folder = Scratch::new("cut_virtual_disks");
    let source = source(9 << 20);
    let raw = folder.file("disk.raw", &source);
    for (name, format, options, expected) in VIRTUAL.into_iter().filter(|it| is_on(it.3)) {
        let Some(path) = virtual_disk(&folder, &raw, name, format, options) else { return };
        // An extent is a file of its own. Without its footer, a fixed disk is a raw disk: its volumes say that it is cut.
        if ["flat", "two", "fixed"].iter().any(|it| name.starts_with(it)) {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for part in [99, 95, 80, 60, 30] {
            let cut = folder.file(&format!("cut-{name}"), &bytes[..bytes.len() * part / 100]);
            let image = open(&cut, container(&cut));
            let is_said = image.as_ref().map_or(true, |image| {
                let mut all = vec![0; usize::try_from(image.disk.size()).unwrap()];
                let is_read = image.disk.read_at(0, &mut all).is_ok();
                // Only marks after the data were cut off if everything is there.
                !image.faults.is_empty() || !is_read || all == source
            });
            assert!(is_said, "{name}, {part} %");
            if expected == "VHDX" && part > 50 {
                assert!(image.unwrap().faults[0].contains("cut short"), "{part} %");
            }
        }
    }
}

#[cfg(feature = "vmdk")]
#[test]
fn vmdk_snapshot_shows_its_parent_where_it_has_no_grain() {
    let folder = Scratch::new("vmdk_snapshot");
    let mut source = source(4 << 20);
    let raw = folder.file("disk.raw", &source);
    for form in ["monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse"] {
        let options = format!("subformat={form}");
        let base = virtual_disk(&folder, &raw, &format!("base-{form}.vmdk"), "vmdk", &options);
        let Some(base) = base else { return };
        let delta = folder.0.join(format!("delta-{form}.vmdk"));
        let base_name = base.file_name().unwrap().to_str().unwrap();
        let path = delta.to_str().unwrap();
        let create = ["create", "-q", "-f", "vmdk", "-b", base_name, "-F", "vmdk", path];
        assert!(ran("qemu-img", &create));
        assert!(ran("qemu-io", &["-f", "vmdk", "-c", "write -P 0x5A 1M 64k", path]));
        source[1 << 20..][..64 << 10].fill(0x5A);
        let image = open(&delta, container(&delta)).unwrap();
        assert_same(&image, &source);
        assert_eq!(image.files[0], delta);
        assert!(image.files.contains(&base));
        // The parent changes.
        assert!(ran("qemu-io", &["-f", "vmdk", "-c", "write -P 1 2M 64k", base.to_str().unwrap()]));
        let error = open(&delta, container(&delta)).unwrap_err().to_string();
        assert!(error.contains("changed after the snapshot"), "{error}");
        fs::remove_file(&base).unwrap();
        let error = open(&delta, container(&delta)).unwrap_err().to_string();
        assert!(error.contains(base_name), "{error}");
    }
}

#[test]
fn missing_extent_is_named() {
    let folder = Scratch::new("missing_extent");
    let raw = folder.file("disk.raw", &source(1 << 20));
    let options = "subformat=monolithicFlat";
    let Some(path) = virtual_disk(&folder, &raw, "a.vmdk", "vmdk", options) else { return };
    fs::remove_file(folder.0.join("a-flat.vmdk")).unwrap();
    let error = open(&path, FileContainer::Vmdk).unwrap_err().to_string();
    let expected = if is_on("VMDK") { "extent a-flat.vmdk" } else { "this build" };
    assert!(error.contains(expected), "{error}");
}

#[test]
fn forms_that_are_not_read_are_named() {
    let folder = Scratch::new("refused_forms");
    let raw = folder.file("disk.raw", &source(1 << 20));
    for (name, format, expected) in [
        ("child.vhd", "vpc", "differencing VHD"),
        ("child.qcow2", "qcow2", "backing file"),
        ("packed.qcow2", "zstd", "zstd"),
        ("extended.qcow2", "extended", "extended L2"),
        ("dirty.vhdx", "vhdx", "not closed"),
    ] {
        let path = folder.0.join(name);
        let text = path.to_str().unwrap();
        let made = match name {
            "child.vhd" => virtual_disk(&folder, &raw, name, format, "subformat=dynamic").is_some(),
            "child.qcow2" => {
                let raw = raw.to_str().unwrap();
                ran("qemu-img", &["create", "-q", "-f", "qcow2", "-b", raw, "-F", "raw", text])
            }
            "packed.qcow2" => {
                virtual_disk(&folder, &raw, name, "qcow2", "compression_type=zstd").is_some()
            }
            "extended.qcow2" => {
                virtual_disk(&folder, &raw, name, "qcow2", "extended_l2=on").is_some()
            }
            _ => virtual_disk(&folder, &raw, name, format, "subformat=dynamic").is_some(),
        };
        if !made {
            return;
        }
        let mut bytes = fs::read(&path).unwrap();
        match name {
            "child.vhd" => {
                for footer in [0, bytes.len() - 512] {
                    // Type 3 becomes type 4. The checksum is inverted.
                    bytes[footer + 63] += 1;
                    bytes[footer + 67] -= 1;
                }
            }
            "dirty.vhdx" => {
                for header in [0x1_0000, 0x2_0000] {
                    bytes[header + 48] = 1;
                    let sum = vhdx_checksum(&bytes[header..header + 4096]);
                    bytes[header + 4..header + 8].copy_from_slice(&sum.to_le_bytes());
                }
            }
            _ => {}
        }
        fs::write(&path, bytes).unwrap();
        let kind = container(&path);
        let format = if name.ends_with("vhdx") { "VHDX" } else { "QCOW2" };
        let error = open(&path, kind).unwrap_err().to_string();
        let is_read = name.ends_with("vhd") || is_on(format);
        assert!(error.contains(if is_read { expected } else { "this build" }), "{name}: {error}");
    }
}

/// CRC-32C of a header with its own field as zeros.
fn vhdx_checksum(header: &[u8]) -> u32 {
    let bytes = [&header[..4], &[0; 4], &header[8..]].concat();
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0x82F6_3B78 } else { crc >> 1 }
        })
    })
}

#[cfg(feature = "ewf")]
mod ewf_images {
    use super::*;

    /// Acquires an image in segments; `None` without the tool.
    fn acquire(folder: &Scratch, raw: &Path, name: &str, arguments: &[&str]) -> Option<PathBuf> {
        let target = folder.0.join(name);
        let mut all = vec!["-u", "-q", "-d", "sha1", "-t", target.to_str().unwrap()];
        all.extend(arguments);
        all.push(raw.to_str().unwrap());
        // SMART names its segments `.s01`.
        let first = || {
            ["E01", "s01"].map(|it| target.with_extension(it)).into_iter().find(|it| it.exists())
        };
        if ran("ewfacquire", &all) { first() } else { None }
    }

    const FORMS: [(&str, &[&str]); 9] = [
        ("one", &["-c", "deflate:fast", "-f", "encase6"]),
        ("stored", &["-c", "deflate:none", "-S", "2000000", "-f", "encase6"]),
        ("split", &["-c", "deflate:best", "-S", "1100000", "-f", "encase5"]),
        ("ftk", &["-c", "deflate:fast", "-S", "1500000", "-f", "ftk"]),
        ("old", &["-c", "deflate:fast", "-S", "1100000", "-f", "encase1"]),
        ("linen", &["-c", "deflate:none", "-S", "1100000", "-f", "linen6"]),
        ("smart", &["-c", "deflate:fast", "-S", "1100000", "-f", "smart"]),
        ("whole", &["-c", "deflate:none", "-f", "smart"]),
        ("large", &["-c", "deflate:empty-block", "-b", "2048", "-f", "encase7"]),
    ];

    #[test]
    fn acquired_images_have_the_bytes_and_hashes_of_their_source() {
        let folder = Scratch::new("acquired");
        // The last chunk is not whole.
        let source = source((6 << 20) + 512 * 7);
        let raw = folder.file("disk.raw", &source);
        for (name, arguments) in FORMS {
            let Some(path) = acquire(&folder, &raw, name, arguments) else { return };
            let image = open(&path, container(&path)).unwrap();
            assert_eq!((&*image.format, &*image.faults), ("E01", &[][..]), "{name}");
            assert_same(&image, &source);
            let second = path.extension().unwrap().to_str().unwrap().replace('1', "2");
            let later = path.with_extension(second);
            assert_eq!(image.files.len() > 1, later.exists(), "{name}");
            if later.exists() {
                assert_eq!(first_segment(&later, FileContainer::Ewf), Some(path.clone()));
                let error = open(&later, container(&later)).unwrap_err().to_string();
                let first = path.file_name().unwrap().to_str().unwrap();
                assert!(error.ends_with(&format!("name {first}")), "{error}");
            } else {
                let file = Arc::new(RawFile::open(&path).unwrap());
                assert_same(&open_within(file, name, FileContainer::Ewf).unwrap(), &source);
            }
            let verified = verify(&path).unwrap();
            assert_eq!(verified.state, HashState::Same, "{name}");
            assert!(verified.stored.md5.is_some(), "{name}");
        }
    }

    #[test]
    fn missing_segment_of_an_acquired_image_is_named() {
        let folder = Scratch::new("missing_segment");
        let source = source(6 << 20);
        let raw = folder.file("disk.raw", &source);
        let (_, arguments) = FORMS[1];
        let Some(path) = acquire(&folder, &raw, "disk", arguments) else { return };
        let last = path.with_extension("E04");
        assert!(last.exists() && !path.with_extension("E05").exists());
        let content = fs::read(&last).unwrap();
        fs::remove_file(&last).unwrap();
        let image = open(&path, FileContainer::Ewf).unwrap();
        assert!(image.faults[0].contains("segment disk.E04 is missing"), "{:?}", image.faults);
        assert!(image.faults[0].contains("of the 6291456 bytes"), "{:?}", image.faults);
        assert_eq!(image.faults.len(), 1);
        let mut bytes = vec![0; 1 << 20];
        image.disk.read_at(0, &mut bytes).unwrap();
        assert!(bytes == source[..1 << 20]);
        assert!(image.disk.read_at((6 << 20) - 512, &mut bytes[..512]).is_err());
        fs::write(&last, content).unwrap();
        fs::remove_file(path.with_extension("E03")).unwrap();
        let error = open(&path, FileContainer::Ewf).unwrap_err().to_string();
        assert!(error.starts_with("segment disk.E03 is missing, and disk.E04 is there"), "{error}");
        fs::remove_file(path.with_extension("E01")).unwrap();
        let error = open(&path.with_extension("E02"), FileContainer::Ewf).unwrap_err().to_string();
        assert!(error.contains("this is segment 2; segment 1 is missing"), "{error}");
    }

    #[test]
    fn changed_byte_of_a_stored_chunk_is_an_error() {
        let folder = Scratch::new("changed_chunk");
        let source = source(1 << 20);
        let raw = folder.file("disk.raw", &source);
        let Some(path) = acquire(&folder, &raw, "disk", &["-c", "deflate:none"]) else { return };
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.windows(16).position(|it| it == &source[64..80]).unwrap();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        let image = open(&path, FileContainer::Ewf).unwrap();
        let error = image.disk.read_at(100, &mut [0; 4]).unwrap_err().to_string();
        assert!(error.contains("the checksum of the chunk"), "{error}");
        image.disk.read_at(100_000, &mut [0; 4]).unwrap();
        assert!(verify(&path).is_err());
    }

    #[test]
    fn image_with_huge_chunks_in_its_table_needs_little_memory() {
        if !runs_alone("ewf_images::image_with_huge_chunks_in_its_table_needs_little_memory") {
            return;
        }
        let Some(images) = std::env::var_os("CALHIVE_IMAGES") else {
            println!("skipped: CALHIVE_IMAGES is not set");
            return;
        };
        let path = Path::new(&images).join("bad/ewf_allocation.E01");
        let before = peak_memory();
        match open(&path, FileContainer::Ewf) {
            Ok(image) => _ = read_all(&image),
            Err(error) => println!("{error}"),
        }
        let grown = peak_memory().saturating_sub(before);
        assert!(grown < 64 << 20, "{grown} bytes");
    }

    #[test]
    fn mutated_acquired_images_give_errors() {
        let folder = Scratch::new("mutated_ewf");
        let source = source(2 << 20);
        let raw = folder.file("disk.raw", &source);
        for (name, arguments) in FORMS {
            let Some(path) = acquire(&folder, &raw, name, arguments) else { return };
            let wrong = mutate(&folder, &path, FileContainer::Ewf, &source);
            // Each byte of the disk is under a checksum.
            assert_eq!(wrong, 0, "{name}");
        }
    }
}

/// Returns whether this process runs one test alone, so that its memory is that of the test. If not, runs the test in a
/// process of its own.
fn runs_alone(test: &str) -> bool {
    const ALONE: &str = "CALHIVE_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("disk_image::tests::{test}"), "--nocapture"]);
    let output = command.env(ALONE, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{test}");
    false
}

/// Largest size of this process in memory so far, in bytes; 0 if unknown.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|it| it.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}

/// Reads a disk in parts, at most 16 MiB, and returns the bytes; `None` if a part cannot be read.
fn read_all(image: &OpenDisk) -> Option<Vec<u8>> {
    let size = usize::try_from(image.disk.size()).unwrap().min(16 << 20);
    let mut bytes = vec![0; size];
    let mut is_whole = true;
    for (number, part) in bytes.chunks_mut(50_000).enumerate() {
        is_whole &= image.disk.read_at(number as u64 * 50_000, part).is_ok();
    }
    is_whole.then_some(bytes)
}

/// Opens and reads mutations of an image, and returns how many show other bytes without an error.
fn mutate(folder: &Scratch, path: &Path, container: FileContainer, source: &[u8]) -> u64 {
    let bytes = fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let target = folder.0.join(format!("mutated_{name}"));
    // Later segments and extents keep their names.
    let target = if name.contains("flat") { path.to_path_buf() } else { target };
    let mut random = Random(0x1234_5678 + bytes.len() as u64);
    let mut wrong = 0;
    for case in 0..cases(24) {
        let mut mutated = bytes.clone();
        for _ in 0..=random.below(4) {
            // Headers and tables are at the start and at the end.
            let reach = match random.below(3) {
                0 => 4096.min(mutated.len()),
                1 => (256 << 10).min(mutated.len()),
                _ => mutated.len(),
            };
            let near = random.below(reach);
            let at = if random.below(3) == 0 { mutated.len() - 1 - near } else { near };
            match random.below(4) {
                0 => mutated[at] ^= 1 << random.below(8),
                1 => mutated[at] = random.byte(),
                2 => {
                    let end = (at + 8).min(mutated.len());
                    mutated[at..end].fill(if case % 2 == 0 { 0xFF } else { 0 });
                }
                _ if random.below(8) == 0 => mutated.truncate(at.max(1)),
                _ => mutated[at] = mutated[at].wrapping_add(1),
            }
        }
        fs::write(&target, &mutated).unwrap();
        let start = Instant::now();
        if let Ok(image) = open(&target, container)
            && let Some(read) = read_all(&image)
        {
            let length = read.len().min(source.len());
            wrong += u64::from(read[..length] != source[..length] && image.faults.is_empty());
        }
        let elapsed = start.elapsed();
        assert!(elapsed < Duration::from_secs(5), "{name}, case {case}: {elapsed:?}");
    }
    fs::write(path, &bytes).unwrap();
    let peak = peak_memory() >> 20;
    println!("{name}: {} mutations, {wrong} show other bytes, peak {peak} MiB", cases(24));
    wrong
}

#[test]
fn mutated_virtual_disks_never_panic_or_hang() {
    if !runs_alone("mutated_virtual_disks_never_panic_or_hang") {
        return;
    }
    let folder = Scratch::new("mutated_virtual");
    let source = source(2 << 20);
    let raw = folder.file("disk.raw", &source);
    for (name, format, options, _) in VIRTUAL.into_iter().filter(|it| is_on(it.3)) {
        let Some(path) = virtual_disk(&folder, &raw, name, format, options) else { return };
        mutate(&folder, &path, container(&path), &source);
    }
    assert!(peak_memory() < 256 << 20, "{} bytes", peak_memory());
}
