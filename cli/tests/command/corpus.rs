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
    ("corrupt/regfio_corrupt_hbin1.dat", 2),
];
const FACTS: usize = 518;
const SHA256: &str = "744b02ceeaa3dee8808e5088c9f04d91434bafc69a4e979265c8c506a2d081a7";

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
    let counts = "85 hives read; 34 transaction logs are no hives and were not read; \
                  4 other files are no hives";
    assert!(table.contains(counts), "{table}");
    let (facts, _) = scan("jsonl");
    let lines = facts.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    let hash = canonical::sha256(&facts);
    println!("{lines} facts, sha256 {hash}");
    assert_eq!((lines, hash.as_str()), (FACTS, SHA256));
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
