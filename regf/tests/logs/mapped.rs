// SPDX-License-Identifier: MIT OR Apache-2.0
//! A replay of a mapped file copies the changed pages, and modifies no file.

use calhive_regf::{AccessPattern, Hive, Image};
use hive_forge::canonical::sha256;
use hive_forge::log::states;

use crate::memory::measure;

/// This test counts allocations. The benchmarks measure the memory of a process.
#[test]
fn mapped_hive_is_replayed_without_heap_copy_and_files_are_unchanged() {
    let folder = std::env::temp_dir().join(format!("calhive-mapped-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (mut shared, mut grown) = (0, 0);
    for dirty in states() {
        let mut paths = vec![(folder.join("HIVE"), dirty.primary.clone())];
        for (name, log) in &dirty.logs {
            paths.push((folder.join(format!("HIVE.{name}")), log.bytes.clone()));
        }
        for (path, bytes) in &paths {
            std::fs::write(path, bytes).unwrap();
        }
        let before: Vec<String> = paths.iter().map(|(_, bytes)| sha256(bytes)).collect();
        let map = |path: &std::path::Path| -> Image {
            // SAFETY: only this test uses the files.
            #[allow(unsafe_code, reason = "mapping is what is tested")]
            unsafe { Image::map(path, AccessPattern::Random) }.unwrap()
        };
        let base = map(&paths[0].0);
        let logs: Vec<Image> = paths[1..]
            .iter()
            .filter(|(_, bytes)| !bytes.is_empty())
            .map(|(path, _)| map(path))
            .collect();
        let (replayed, used) = measure(|| base.replay(&logs).unwrap());
        let bytes: Vec<&[u8]> = logs.iter().map(Image::bytes).collect();
        let (expected, _) = calhive_regf::log::replay::replay(base.bytes(), &bytes);
        assert!(replayed.image.bytes() == expected, "{}", dirty.name);
        if !dirty.applied.is_empty() {
            assert!(!Hive::parse(replayed.image.bytes()).unwrap().is_dirty());
        }
        if expected.len() <= dirty.primary.len() {
            assert!(used.peak < 16 << 10, "{}: {} bytes", dirty.name, used.peak);
            shared += 1;
        } else {
            grown += 1;
        }
        assert_eq!(base.bytes(), dirty.primary, "{}: the image is unchanged", dirty.name);
        let after: Vec<String> =
            paths.iter().map(|(path, _)| sha256(&std::fs::read(path).unwrap())).collect();
        assert_eq!(before, after, "{}: the files are unchanged", dirty.name);
    }
    std::fs::remove_dir_all(folder).unwrap();
    println!("{shared} share their file, {grown} grow beyond it");
    assert!(shared > 0 && grown > 0);
}
