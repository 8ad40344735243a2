// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive scan` over real hives, where `CALHIVE_CORPUS` names their folder. The test keeps
//! only the hash and counts of the output.

use std::fs;
use std::path::Path;
use std::process::Command;

use hive_forge::canonical;
use hive_forge::corpus::{File, files};

/// The hives that cannot be read whole, with the number of faults that each has.
const NOT_WHOLE: [(&str, u32); 6] = [
    ("corrupt/BadListHive", 1),
    ("corrupt/TruncatedHive", 10),
    ("corrupt/TruncatedNameHive", 1),
    ("corrupt/corrupt_sub_key_list.hiv", 1),
    ("corrupt/corrupted_system_hive", 176),
    ("corrupt/regfio_corrupt_hbin1.dat", 3),
];
const FACTS: usize = 783;
const SHA256: &str = "20e68bb129fcaf419412e6f2ee7df79fc592e5c223d1fe92a9a1fe71c7c66625";

#[test]
fn every_hive_that_is_not_whole_is_named_and_the_rest_is_finished() {
    let test = "every_hive_that_is_not_whole_is_named_and_the_rest_is_finished";
    let Some(files) = files(test, |_| true) else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unpacked-corpus");
    files.for_each(|file| unpack(&file, &folder));
    let scan = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_calhive"));
        command.args(["scan", ".", "--format", format]).current_dir(&folder);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        (output.stdout, String::from_utf8(output.stderr).unwrap())
    };
    let (_, named) = scan("table");
    for (hive, faults) in NOT_WHOLE {
        let plural = if faults == 1 { "" } else { "s" };
        let line =
            format!("calhive: ./{hive}: could not be read completely ({faults} fault{plural})\n");
        assert!(named.contains(&line), "{line} in {named}");
    }
    assert_eq!(named.matches("could not be read completely").count(), NOT_WHOLE.len(), "{named}");
    let counts = "86 hives read; 34 transaction logs, of which 3 belong to no hive here; \
                  3 other files are no hives";
    assert!(named.contains(counts), "{named}");
    let (facts, _) = scan("jsonl");
    // Other records hold the path of the folder and the commit of the command.
    let is_fact = |line: &&[u8]| line.starts_with(br#"{"record":"fact","#);
    let lines: Vec<&[u8]> = facts.split_inclusive(|byte| *byte == b'\n').filter(is_fact).collect();
    let hash = canonical::sha256(&lines.concat());
    println!("{} facts, sha256 {hash}", lines.len());
    assert_eq!((lines.len(), hash.as_str()), (FACTS, SHA256));
}

/// Every dirty hive with logs is shown as yarp's replay left it, and no file changes.
#[test]
fn dirty_hives_are_shown_with_their_logs() {
    let Some(files) = files("dirty_hives_are_shown_with_their_logs", |_| true) else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unpacked-dirty");
    // Every log has to lie beside its hive before the first hive is read.
    let unpacked = files.map(|file| {
        unpack(&file, &folder);
        (file.name.clone(), file.expected().clone())
    });
    let unpacked: Vec<_> = unpacked.collect();
    let (mut equal, mut refused, mut differ) = (0, 0, Vec::new());
    for (file, expected) in unpacked {
        let path = folder.join(&file);
        let before = fs::read(&path).unwrap();
        let walk = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_calhive"));
            command.args(["walk", "--format", "canonical"]).arg(&path).output().unwrap()
        };
        if let Some(hash) = expected["yarp_replayed"]["canon_sha256"].as_str() {
            let run = walk();
            match run.status.code() == Some(0) && canonical::sha256(&run.stdout) == hash {
                true => equal += 1,
                false => differ.push(file),
            }
        } else if expected["replay"].as_str().is_some_and(|replay| replay.starts_with("refused")) {
            let run = walk();
            assert_eq!(run.status.code(), Some(3), "{file}");
            let named = String::from_utf8(run.stderr).unwrap();
            assert!(named.contains("not applied") && named.contains(".LOG1: "), "{named}");
            refused += 1;
        }
        assert!(fs::read(&path).unwrap() == before, "the evidence stays");
    }
    println!("{equal} of {} as yarp, {refused} refused as by yarp", equal + differ.len());
    assert!(differ.is_empty(), "{differ:?}");
    assert_eq!((equal, refused), (14, 3));
}

/// Writes a file of the corpus to its path below `folder`.
fn unpack(file: &File, folder: &Path) {
    let path = folder.join(&file.name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, &file.bytes).unwrap();
}
