// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`BadSectors`]: files with bytes that no read returns, as on a failing disk.

use core::ops::Range;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bad parts of files.
static BAD: Mutex<Vec<(PathBuf, Range<u64>)>> = Mutex::new(Vec::new());

/// Bad parts of a file. On drop, the file can be read again.
pub(crate) struct BadSectors(PathBuf);

impl BadSectors {
    /// Makes these bytes of a file unreadable.
    pub(crate) fn new(path: &Path, part: Range<u64>) -> Self {
        bad().push((path.to_path_buf(), part));
        Self(path.into())
    }
}

impl Drop for BadSectors {
    fn drop(&mut self) {
        bad().retain(|(path, _)| *path != self.0);
    }
}

fn bad() -> MutexGuard<'static, Vec<(PathBuf, Range<u64>)>> {
    BAD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the part of a buffer before the next bad byte, as a system reads it.
///
/// # Errors
/// If the byte at the offset is bad.
pub(crate) fn readable<'b>(
    path: &Path,
    offset: u64,
    buffer: &'b mut [u8],
) -> io::Result<&'b mut [u8]> {
    let mut most = buffer.len();
    for (_, part) in bad().iter().filter(|(bad, part)| bad == path && part.end > offset) {
        match usize::try_from(part.start.saturating_sub(offset)).unwrap() {
            0 => return Err(io::Error::other("Input/output error (os error 5)")),
            before => most = most.min(before),
        }
    }
    Ok(&mut buffer[..most])
}

#[cfg(test)]
#[cfg(all(
    feature = "zip",
    feature = "tar",
    feature = "gzip",
    feature = "zstd",
    feature = "ewf",
    feature = "vhdx",
    feature = "vmdk",
    feature = "qcow2"
))]
mod tests {
    use alloc::collections::BTreeMap;
    use std::fs;

    use super::*;
    use crate::found::Found;
    use crate::ntfs::tests::forge::{Forged, has_tools, noise};
    use crate::scratch::Scratch;
    use crate::trial::{Random, cases, ran};

    /// Hives, each with bytes of its own.
    const HIVES: [(&str, usize); 3] = [("SYSTEM", 300_000), ("SOFTWARE", 150_000), ("SAM", 40_000)];

    /// Ways to pack the folder `Windows` and the volume `disk.raw`: the input, and the command.
    const FORMS: [(&str, &str); 13] = [
        ("packed.zip", "zip -q -r packed.zip Windows"),
        ("stored.zip", "zip -q -0 -r stored.zip Windows"),
        ("plain.tar", "tar -cf plain.tar Windows"),
        ("packed.tar.gz", "tar -czf packed.tar.gz Windows"),
        ("packed.tar.zst", "tar --zstd -cf packed.tar.zst Windows"),
        ("disk.raw", "true"),
        ("split.001", "split -b 3M -a 3 --numeric-suffixes=1 disk.raw split."),
        ("disk.qcow2", "qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2"),
        ("disk.vmdk", "qemu-img convert -f raw -O vmdk disk.raw disk.vmdk"),
        (
            "flat.vmdk",
            "qemu-img convert -f raw -O vmdk -o subformat=monolithicFlat disk.raw flat.vmdk",
        ),
        ("disk.vhd", "qemu-img convert -f raw -O vpc disk.raw disk.vhd"),
        ("disk.vhdx", "qemu-img convert -f raw -O vhdx disk.raw disk.vhdx"),
        (
            "disk.E01",
            "ewfacquire -u -q -C c -D d -E e -e e -N n -m fixed -M logical -f encase6 -c none -S 3MiB \
             -t disk disk.raw",
        ),
    ];

    /// A folder with hives, and a volume with the same hives.
    fn evidence() -> Option<Scratch> {
        let folder = Scratch::new("bad-sectors");
        for ((name, size), seed) in HIVES.into_iter().zip(1..) {
            let mut hive = noise(size, seed);
            hive[..4].copy_from_slice(b"regf");
            hive[4096..4100].copy_from_slice(b"hbin");
            folder.file(&format!("Windows/System32/config/{name}"), &hive);
        }
        if has_tools(&["mkntfs", "ntfs-3g", "fusermount"]) {
            let volume = Forged::new("bad-sectors-volume", 8, 4096, &[]);
            volume.mount("rw", |root| {
                let config = root.join("Windows/System32/config");
                fs::create_dir_all(&config).unwrap();
                for (name, _) in HIVES {
                    let from = folder.0.join("Windows/System32/config").join(name);
                    fs::copy(from, config.join(name)).unwrap();
                }
            });
            folder.file("disk.raw", &volume.bytes());
        }
        Some(folder).filter(|_| has_tools(&["sh"]))
    }

    /// Bytes of a hive, and the offset of the first byte that a zero replaces.
    type Hive = (Vec<u8>, Option<u64>);

    /// Bytes of each hive by its name, with the bytes that zeros replace.
    fn hives(found: &Found) -> BTreeMap<String, io::Result<Hive>> {
        let one = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let read = found.read_inside(path).unwrap();
            let read = read.map(|it| (it.bytes().to_vec(), it.lost().map(|lost| lost.first)));
            (name, read.map_err(|error| io::Error::other(error.to_string())))
        };
        found.hives.iter().map(one).collect()
    }

    /// Files of an input: the input itself, and its segments and extents.
    fn files(found: &Found) -> Vec<(PathBuf, u64)> {
        let files = found.inputs().flat_map(|(input, _)| input.files.clone());
        files.map(|file| (file.path, file.size)).collect()
    }

    /// Asserts that each hive is read, or that its absence is stated. Returns the number of hives that are read whole.
    fn assert_stated(found: &Found, whole: &BTreeMap<String, Vec<u8>>, what: &str) -> usize {
        let (read, mut number) = (hives(found), 0);
        let lacks = found.not_read();
        for (name, bytes) in whole {
            match read.get(name) {
                Some(Ok((same, None))) => {
                    assert!(same == bytes, "{what}: {name} has other bytes");
                    number += 1;
                }
                Some(Ok((other, Some(first)))) => {
                    let differ = other.iter().zip(bytes).filter(|(one, other)| one != other);
                    assert!(differ.into_iter().all(|(one, _)| *one == 0), "{what}: {name}");
                    let first = usize::try_from(*first).unwrap();
                    assert!(other[..first] == bytes[..first], "{what}: {name}");
                }
                Some(Err(_)) => {}
                None => {
                    assert!(!lacks.is_empty(), "{what}: {name} is absent without a word");
                    let is_about = lacks.iter().any(|it| it.message.contains("Input/output error"));
                    assert!(is_about, "{what}: {name}: {lacks:#?}");
                }
            }
        }
        number
    }

    #[test]
    fn hive_outside_a_bad_sector_is_read_and_any_other_is_named_in_each_form() {
        let Some(folder) = evidence() else { return };
        let mut random = Random(0x5EC7_0125);
        for (name, command) in FORMS {
            let needs_disk = command.contains("disk.raw") || name == "disk.raw";
            if needs_disk && !folder.0.join("disk.raw").exists() {
                continue;
            }
            let script = format!("cd '{}' && {command}", folder.0.display());
            if !has_tools(&[command.split(' ').next().unwrap()]) || !ran("sh", &["-c", &script]) {
                continue;
            }
            let input = folder.0.join(name);
            let found = crate::find(&[&input]);
            let whole = hives(&found).into_iter().map(|(name, it)| (name, it.unwrap().0));
            let whole: BTreeMap<String, Vec<u8>> = whole.collect();
            assert_eq!(whole.len(), HIVES.len(), "{name}: {:#?}", found.not_read());
            let (files, mut all, mut hit) = (files(&found), 0, 0);
            assert!(!files.is_empty(), "{name}");
            for case in 0..cases(12) {
                let (path, size) = &files[random.below(files.len())];
                let blocks = usize::try_from(size.div_ceil(4096)).unwrap();
                // Archives are small: any block of them holds something.
                let start = random.below(blocks) as u64 * 4096;
                let _bad = BadSectors::new(path, start..start + 4096);
                let what = format!("{name}, case {case}, {start:#x} of {}", path.display());
                let number = assert_stated(&crate::find(&[&input]), &whole, &what);
                all += number;
                hit += HIVES.len() - number;
            }
            println!("{name}: {all} hives read whole, {hit} hit");
            // The reader of zstd takes a small file in one read: every hive of it is named as not read.
            let is_in_one_read = name.ends_with(".zst");
            assert!(all > 0 || is_in_one_read, "{name}: no hive was read beside a bad sector");
        }
    }

    #[test]
    fn bad_sector_is_named_with_its_file_and_offset() {
        let folder = Scratch::new("bad-sector-name");
        let path = folder.file("SYSTEM", &[b'r'; 9000]);
        let bad = BadSectors::new(&path, 100..101);
        let found = crate::find(&[&path]);
        let message = found.not_read().remove(0).message;
        assert!(message.ends_with("(os error 5), at offset 0x64 of SYSTEM"), "{message}");
        // After the start, in a file that is searched for bins.
        drop(bad);
        let _bad = BadSectors::new(&path, 8000..8001);
        let found = crate::find(&[&path]);
        assert!(found.refused.is_empty(), "{:?}", found.refused);
        let message = found.not_read().remove(0).message;
        assert!(message.contains("at offset 0x1f40 of SYSTEM"), "{message}");
    }
}
