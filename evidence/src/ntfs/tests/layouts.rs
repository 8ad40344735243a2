// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each layout of a file's content, compared with the source and with icat.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Command;

use super::forge::{Forged, TOOLS, all, at, content, fragment, has_tools, noise, run};

type Source<'s> = (&'s str, Vec<u8>);

/// Checks that each file in `expected` has these bytes, in calhive and in icat.
fn check(forged: &Forged, expected: &[Source<'_>]) {
    let volume = forged.open();
    let files = all(&volume);
    assert_eq!(files.omissions, []);
    for (path, bytes) in expected {
        let file = at(&files, path);
        assert_eq!(file.size, bytes.len() as u64, "{path}");
        assert!(content(&volume, file).unwrap() == *bytes, "{path}");
        // icat knows no clusters of 2 MiB.
        if forged.cluster <= 65536 {
            assert!(forged.icat(file.record) == *bytes, "icat: {path}");
        }
    }
}

fn write(root: &Path, files: &[Source<'_>]) {
    for (path, bytes) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn files_of_each_cluster_size_are_read() {
    if !has_tools(&TOOLS) {
        return;
    }
    for (sector, cluster) in
        [("512", 512), ("512", 4096), ("512", 65536), ("4096", 4096), ("512", 2 << 20)]
    {
        let name = format!("clusters-{sector}-{cluster}");
        let forged = Forged::new(&name, 96, cluster, &["-s", sector]);
        let files = [
            ("Windows/System32/config/SYSTEM", noise(300_001, 1)),
            ("windows2/system32/CONFIG/Software", noise(5, 2)),
            ("empty", vec![]),
            ("resident", noise(500, 3)),
        ];
        forged.mount("rw", |root| write(root, &files));
        check(&forged, &files);
    }
}

#[test]
fn fragmented_mft_and_attribute_listed_file_are_read_whole() {
    if !has_tools(&TOOLS) {
        return;
    }
    let forged = Forged::new("fragmented", 48, 4096, &[]);
    let mut expected = vec![("SYSTEM", noise(1200 * 4096 - 77, 7))];
    let mut kept = 0;
    forged.mount("rw", |root| {
        kept = fragment(root, 4096);
        write(root, &expected);
        fs::create_dir(root.join("many")).unwrap();
        let many = |n: &u32| fs::write(root.join(format!("many/{n}")), n.to_le_bytes()).is_ok();
        let written = (0..10_000).take_while(many).count();
        assert!(written > 5000, "{written}");
    });
    let mft = run(Command::new("istat").arg(&forged.image).arg("0"));
    let mft = String::from_utf8_lossy(&mft).into_owned();
    let parts = mft.matches("Type: 128-").count();
    assert!(parts > 3, "the $MFT has no attribute list");
    for number in [0_u32, 1, 2999, 5000] {
        let path: &str = format!("many/{number}").leak();
        expected.push((path, number.to_le_bytes().to_vec()));
    }
    check(&forged, &expected);
    let volume = forged.open();
    let files = all(&volume);
    let live = |folder: &str| {
        let inside = |file: &&super::NtfsFile| file.path.starts_with(folder);
        files.found.iter().filter(inside).count()
    };
    assert_eq!(live("fill"), kept);
    assert!(live("many") > 5000);
    let file = at(&files, "SYSTEM");
    let list = run(Command::new("istat").arg(&forged.image).arg(file.record.to_string()));
    assert!(String::from_utf8_lossy(&list).contains("$ATTRIBUTE_LIST (32-"));
}

#[test]
fn compressed_files_are_decompressed() {
    if !has_tools(&TOOLS) {
        return;
    }
    for cluster in [512, 1024, 4096] {
        let forged = Forged::new(&format!("compressed-{cluster}"), 48, cluster, &[]);
        let text = |length: usize| -> Vec<u8> {
            let line = |n: usize| format!("line {} of the file\r\n", n * 7919 % 1000).into_bytes();
            (0..).flat_map(line).take(length).collect()
        };
        let mixed = [text(90_000), noise(140_000, 5), vec![0; 200_000], text(70_001)].concat();
        let files = [
            ("packed/text", text(1_000_003)),
            ("packed/zeros", vec![0; 500_000]),
            ("packed/noise", noise(200_000, 4)),
            ("packed/mixed", mixed),
            ("packed/short", text(5000)),
            ("packed/unit", text(65_536)),
            ("packed/resident", text(100)),
        ];
        forged.mount("rw,compression", |root| {
            fs::create_dir(root.join("packed")).unwrap();
            let set =
                "import os,sys; os.setxattr(sys.argv[1], 'system.ntfs_attrib', b'\\0\\x08\\0\\0')";
            run(Command::new("python3").args(["-c", set]).arg(root.join("packed")));
            write(root, &files);
        });
        check(&forged, &files);
        let volume = forged.open();
        let files = all(&volume);
        let text = at(&files, "packed/text");
        let status = run(Command::new("istat").arg(&forged.image).arg(text.record.to_string()));
        assert!(String::from_utf8_lossy(&status).contains("Compressed"));
        // Reads of any part equal the same part of the whole.
        let (whole, disk) = (content(&volume, text).unwrap(), volume.open_file(text).unwrap());
        for (start, length) in [(0, 1), (65_535, 2), (65_000, 200_000), (999_999, 4), (12_345, 999)]
        {
            let mut part = vec![0; length];
            disk.read_at(start as u64, &mut part).unwrap();
            assert!(part == whole[start..start + length], "{start} {length}");
        }
        assert!(disk.read_at(1_000_000, &mut [0; 4]).is_err());
    }
}

#[test]
fn sparse_file_reads_as_zeros_in_holes() {
    if !has_tools(&TOOLS) {
        return;
    }
    let forged = Forged::new("sparse", 32, 4096, &[]);
    let mut bytes = vec![0; 3_000_000];
    bytes[1_000_000..1_100_000].copy_from_slice(&noise(100_000, 8));
    forged.mount("rw", |root| {
        let mut file = fs::File::create(root.join("sparse")).unwrap();
        file.set_len(3_000_000).unwrap();
        file.seek(SeekFrom::Start(1_000_000)).unwrap();
        file.write_all(&bytes[1_000_000..1_100_000]).unwrap();
    });
    check(&forged, &[("sparse", bytes)]);
}

#[test]
fn names_links_and_deep_folders_keep_their_paths() {
    if !has_tools(&TOOLS) {
        return;
    }
    let forged = Forged::new("names", 32, 4096, &[]);
    let deep = (0..60).map(|n| format!("folder {n}/")).collect::<String>() + "NTUSER.DAT";
    let files = [
        (deep.as_str(), noise(9000, 1)),
        ("wInDoWs/sYsTeM32/CoNfIg/sYsTeM", noise(9000, 2)),
        ("Benutzer/M\u{FC}ller \u{1F600}/NTUSER.DAT", noise(9000, 3)),
        ("a rather long name of a file with spaces.reg", noise(9000, 4)),
    ];
    forged.mount("rw", |root| {
        write(root, &files);
        fs::hard_link(root.join(files[1].0), root.join("second name")).unwrap();
        fs::write(root.join("back\\slash:colon"), b"x").unwrap();
        fs::write(root.join("A rather long second name"), b"short").unwrap();
        let set = "import os,sys; os.setxattr(sys.argv[1], 'system.ntfs_dos_name', b'ARATHE~1')";
        run(Command::new("python3").args(["-c", set]).arg(root.join("A rather long second name")));
    });
    check(&forged, &files);
    let volume = forged.open();
    let files = all(&volume);
    let (link, first) = (at(&files, "second name"), at(&files, "wInDoWs/sYsTeM32/CoNfIg/sYsTeM"));
    assert_eq!((link.record, link.size), (first.record, 9000));
    assert_eq!(at(&files, "back<U+005C>slash<U+003A>colon").size, 1);
    let long = at(&files, "A rather long second name").record;
    let names = files.found.iter().filter(|file| file.record == long);
    assert_eq!(names.count(), 1, "the short name is no second file");
    let wanted = super::Wanted {
        name: &|name| name == "NTUSER.DAT",
        path: &|path| path.starts_with("Benutzer"),
        folder: &|_| false,
    };
    let paths: Vec<_> = volume.files(&wanted).found.into_iter().map(|file| file.path).collect();
    assert_eq!(paths, [Path::new("Benutzer/M\u{FC}ller \u{1F600}/NTUSER.DAT")]);
}

#[test]
fn free_clusters_are_the_ones_that_blkls_lists() {
    if !has_tools(&TOOLS) {
        return;
    }
    let forged = Forged::new("free", 24, 1024, &[]);
    forged.mount("rw", |root| {
        let files: Vec<_> = (0..50).map(|n| (format!("f{n}"), noise(40_000, n))).collect();
        files.iter().for_each(|(name, bytes)| fs::write(root.join(name), bytes).unwrap());
        (0..50).step_by(3).for_each(|n| fs::remove_file(root.join(format!("f{n}"))).unwrap());
    });
    let (bytes, volume) = (forged.bytes(), forged.open());
    let mut free = Vec::new();
    for run in volume.unallocated() {
        let (offset, length) = run.unwrap();
        let (start, length) = (usize::try_from(offset).unwrap(), usize::try_from(length).unwrap());
        free.extend_from_slice(&bytes[start..start + length]);
    }
    let expected = run(Command::new("blkls").arg(&forged.image));
    assert_eq!(free.len(), expected.len());
    assert!(free == expected);
}
