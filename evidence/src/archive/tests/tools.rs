// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of archives that other tools write. Without a tool a test is skipped, except on CI.

use std::path::Path;
use std::process::Command;

use super::*;

/// Runs a command in a folder. Returns whether the tool is installed.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    match output {
        Ok(output) => {
            assert!(
                output.status.success(),
                "{program}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            true
        }
        Err(_) if std::env::var_os("CI").is_some() => panic!("{program} is not installed"),
        Err(_) => {
            println!("skipped: {program} is not installed");
            false
        }
    }
}

/// Opens an archive in a folder.
fn opened(folder: &Scratch, name: &str) -> Archive {
    let path = folder.0.join(name);
    let head = crate::file::head(&path).unwrap();
    Archive::open(&path, FileContainer::of(&head).unwrap()).unwrap()
}

#[test]
fn archives_of_common_tools_give_the_same_members_and_bytes() {
    let folder = Scratch::new("archive-tools");
    let system = hive(1, 300_000);
    let log = format!("{SYSTEM}.LOG1");
    folder.file(SYSTEM, &system);
    folder.file(&log, &hive(2, 9000));
    folder.file("C/Users/ann/Documents/text.txt", b"text");
    let python = "import sys, zipfile; z = zipfile.ZipFile('p.zip', 'w', zipfile.ZIP_DEFLATED); \
                  [z.write(n) for n in sys.argv[1:]]; z.close()";
    let pax = "import tarfile; t = tarfile.open('p.tar', 'w', format=tarfile.PAX_FORMAT); t.add('C'); t.close()";
    let commands: [(&str, &str, &[&str]); 12] = [
        ("z.zip", "zip", &["-qr", "z.zip", "C"]),
        ("s.zip", "zip", &["-qr0", "s.zip", "C"]),
        ("d.zip", "sh", &["-c", "zip -qr - C | cat > d.zip"]),
        ("64.zip", "zip", &["-qr", "-fz", "64.zip", "C"]),
        ("p.zip", "python3", &["-c", python, SYSTEM, &log, "C/Users/ann/Documents/text.txt"]),
        ("g.tar", "tar", &["-cf", "g.tar", "C"]),
        ("x.tar", "tar", &["--format=posix", "-cf", "x.tar", "C"]),
        ("v.tar", "tar", &["--format=v7", "-cf", "v.tar", "C"]),
        ("p.tar", "python3", &["-c", pax]),
        ("t.tar.gz", "tar", &["-czf", "t.tar.gz", "C"]),
        ("t.tar.zst", "tar", &["--zstd", "-cf", "t.tar.zst", "C"]),
        ("l.tar.zst", "sh", &["-c", "tar -c C | zstd -q -19 --long=26 -o l.tar.zst"]),
    ];
    for (name, program, arguments) in commands {
        if !run(&folder.0, program, arguments) {
            continue;
        }
        let archive = opened(&folder, name);
        assert_eq!(paths(&archive), [SYSTEM, log.as_str()], "{name}");
        assert_eq!(bytes_of(&archive, SYSTEM), system, "{name}");
        assert!(losses(&archive).is_empty(), "{name}: {:?}", archive.omissions());
        assert_eq!(archive.omissions().len(), 1, "{name}: {:?}", archive.omissions());
    }
}

#[test]
fn encrypted_entries_are_named_once_with_the_next_step() {
    let folder = Scratch::new("archive-encrypted");
    folder.file("a/SYSTEM", &hive(1, 9000));
    folder.file("a/SOFTWARE", &hive(2, 9000));
    folder.file("a/SAM", &hive(3, 9000));
    if !run(&folder.0, "zip", &["-q", "-P", "secret", "e.zip", "a/SYSTEM", "a/SOFTWARE"])
        || !run(&folder.0, "zip", &["-q", "e.zip", "a/SAM"])
    {
        return;
    }
    let archive = opened(&folder, "e.zip");
    assert_eq!(paths(&archive), ["a/SAM"]);
    let [loss] = &*losses(&archive) else { panic!("{:?}", losses(&archive)) };
    let expected = "2 entries are encrypted with a password, the first is a/SYSTEM; unpack the archive with the \
                    password (`7z x -- 'e.zip'`), and give the folder";
    assert!(loss.ends_with(expected), "{loss}");
    assert_eq!(archive.omissions().len(), 3);
}

#[test]
fn special_entries_of_tar_are_named() {
    let folder = Scratch::new("archive-special");
    folder.file("a/SYSTEM", &hive(1, 9000));
    let script = "cd a && ln -s SYSTEM link && ln SYSTEM same && mkfifo pipe && \
                  truncate -s 1M sparse && printf regf | dd of=sparse conv=notrunc bs=1 seek=900000 2>&1 && \
                  printf regf | dd of=sparse conv=notrunc bs=1 2>&1";
    if !run(&folder.0, "sh", &["-c", script]) {
        return;
    }
    let long = "l".repeat(120);
    folder.file(&format!("a/{long}/SYSTEM"), &hive(2, 9000));
    for (name, format) in [("g.tar", "--format=gnu"), ("x.tar", "--format=posix")] {
        if !run(&folder.0, "tar", &["-S", "--sort=name", format, "-Pcf", name, "a", "../../bin/sh"])
        {
            return;
        }
        let archive = opened(&folder, name);
        let expected = ["a/SYSTEM".to_owned(), format!("a/{long}/SYSTEM")];
        assert_eq!(paths(&archive), expected, "{:?}", archive.omissions());
        let [loss] = &*losses(&archive) else { panic!("{:?}", losses(&archive)) };
        assert!(
            loss.starts_with(&folder.0.join(name).join("a/sparse").display().to_string()),
            "{loss}"
        );
        assert!(loss.contains("sparse file"), "{loss}");
        let others: Vec<String> = archive.omissions().iter().map(ToString::to_string).collect();
        for why in ["link: skipped: it is a link", "pipe: skipped: not a regular file", "hard link"]
        {
            assert!(others.iter().any(|other| other.contains(why)), "{why}: {others:?}");
        }
    }
}

#[test]
fn names_in_other_encodings_stay_distinct() {
    let folder = Scratch::new("archive-names");
    let script = "
import zipfile, tarfile, io
hive = b'regf' + bytes(5000)
class Raw(zipfile.ZipInfo):
    def _encodeFilenameFlags(self): return self.raw, self.flag
z = zipfile.ZipFile('n.zip', 'w')
for raw, flag in ((b'a\\x81/SYSTEM', 0), ('b\\u00fc/SYSTEM'.encode(), 0x800), (b'c\\xff/SYSTEM', 0x800), (b'd\\\\SYSTEM', 0)):
    i = Raw('x'); i.raw = raw; i.flag = flag
    z.writestr(i, hive)
z.close()
t = tarfile.open('n.tar', 'w', format=tarfile.USTAR_FORMAT, encoding='latin-1')
for name in ('a\\u00fc/SYSTEM', 'a\\u00fd/SYSTEM'):
    i = tarfile.TarInfo(name); i.size = len(hive); t.addfile(i, io.BytesIO(hive))
t.close()";
    if !run(&folder.0, "python3", &["-c", script]) {
        return;
    }
    let zip = opened(&folder, "n.zip");
    assert_eq!(
        paths(&zip),
        ["a\u{FC}/SYSTEM", "b\u{FC}/SYSTEM", "c\u{A0}/SYSTEM", "d/SYSTEM"],
        "{:?}",
        zip.omissions()
    );
    assert_eq!(zip.members()[2].locator.path, "c\\u{A0}/SYSTEM");
    let tar = opened(&folder, "n.tar");
    assert_eq!(paths(&tar), ["a%FC/SYSTEM", "a%FD/SYSTEM"]);
}
