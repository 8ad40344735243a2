// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive scan` over real hives, where `CALHIVE_CORPUS` names their folder. Of its output only the
//! hash and counts are kept here.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use hive_forge::canonical;

/// The hives that cannot be read whole, with the number of faults that each has.
const NOT_WHOLE: [(&str, u32); 6] = [
    ("corrupt/BadListHive", 1),
    ("corrupt/TruncatedHive", 10),
    ("corrupt/TruncatedNameHive", 1),
    ("corrupt/corrupt_sub_key_list.hiv", 1),
    ("corrupt/corrupted_system_hive", 176),
    ("corrupt/regfio_corrupt_hbin1.dat", 3),
];
const FACTS: usize = 566;
const SHA256: &str = "381cfdf743840341413934a9936f28567893cf1f520b02310226f58d51871061";

#[test]
fn every_hive_that_is_not_whole_is_named_and_the_rest_is_finished() {
    let Some(corpus) = std::env::var_os("CALHIVE_CORPUS").map(PathBuf::from) else {
        println!("skipped: CALHIVE_CORPUS is not set");
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unpacked-corpus");
    unpack(&corpus, &folder);
    let scan = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_calhive"));
        command.args(["scan", ".", "--format", format]).current_dir(&folder);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        (output.stdout, String::from_utf8(output.stderr).unwrap())
    };
    let (table, named) = scan("table");
    for (hive, faults) in NOT_WHOLE {
        let plural = if faults == 1 { "" } else { "s" };
        let line = format!("calhive: ./{hive}: not read whole ({faults} fault{plural})\n");
        assert!(named.contains(&line), "{line} in {named}");
    }
    assert_eq!(named.matches("not read whole").count(), NOT_WHOLE.len(), "{named}");
    let table = String::from_utf8(table).unwrap();
    let counts = "86 hives read; 34 transaction logs, of which 3 belong to no hive here; \
                  3 other files are no hives";
    assert!(table.contains(counts), "{table}");
    let (facts, _) = scan("jsonl");
    let lines = facts.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    let hash = canonical::sha256(&facts);
    println!("{lines} facts, sha256 {hash}");
    assert_eq!((lines, hash.as_str()), (FACTS, SHA256));
}

/// Every dirty hive with logs is shown as yarp's replay left it, and no file changes.
#[test]
fn dirty_hives_are_shown_with_their_logs() {
    let Some(corpus) = std::env::var_os("CALHIVE_CORPUS").map(PathBuf::from) else {
        println!("skipped: CALHIVE_CORPUS is not set");
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unpacked-dirty");
    unpack(&corpus, &folder);
    let expected = fs::read_to_string(corpus.join("EXPECTED.jsonl")).unwrap();
    let (mut equal, mut refused, mut differ) = (0, 0, Vec::new());
    for line in expected.lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let file = entry["file"].as_str().unwrap().trim_end_matches(".xz").to_owned();
        let path = folder.join(&file);
        let before = fs::read(&path).unwrap();
        let walk = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_calhive"));
            command.args(["walk", "--format", "canonical"]).arg(&path).output().unwrap()
        };
        if let Some(hash) = entry["yarp_replayed"]["canon_sha256"].as_str() {
            let run = walk();
            match run.status.code() == Some(0) && canonical::sha256(&run.stdout) == hash {
                true => equal += 1,
                false => differ.push(file),
            }
        } else if entry["replay"].as_str().is_some_and(|replay| replay.starts_with("refused")) {
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

/// Unpacks every file of the corpus below `folder`.
fn unpack(corpus: &Path, folder: &Path) {
    for entry in fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()) {
        if !entry.is_dir() {
            continue;
        }
        let below = folder.join(entry.file_name().unwrap());
        fs::create_dir_all(&below).unwrap();
        for packed in fs::read_dir(entry).unwrap().map(|entry| entry.unwrap().path()) {
            let mut bytes = Vec::new();
            let mut reader = lzma_rust2::XzReader::new(File::open(&packed).unwrap(), true);
            reader.read_to_end(&mut bytes).unwrap();
            fs::write(below.join(packed.file_stem().unwrap()), bytes).unwrap();
        }
    }
}
