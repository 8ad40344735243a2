// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is no hive is refused with a word about what it is.

use calhive::{ErrorKind, Hive};

use super::files;

#[test]
fn logs_are_told_from_hives() {
    let Some(files) = files("logs_are_told_from_hives", |_| true) else { return };
    let mut logs = 0;
    for file in files.filter(|file| file.kind() == "log") {
        let file_type = file.expected["type"].as_u64().unwrap();
        let error = Hive::parse(&file.bytes).unwrap_err();
        match error.kind() {
            ErrorKind::TransactionLog { file_type: told } => {
                assert_eq!(u64::from(told), file_type, "{}", file.name);
            }
            _ => panic!("{}: {error}", file.name),
        }
        assert_eq!(error.offset().get(), 28);
        logs += 1;
    }
    println!("logs refused as logs: {logs}");
    assert_eq!(logs, 34);
}

/// A registry of Windows 9x, and memory and disk fragments.
#[test]
fn what_is_no_hive_is_told_by_its_first_bytes() {
    let Some(files) = files("what_is_no_hive_is_told_by_its_first_bytes", |_| true) else { return };
    let mut refused = 0;
    for file in files.filter(|file| file.kind() == "not-regf") {
        let error = Hive::parse(&file.bytes).unwrap_err();
        let found: [u8; 4] = file.bytes[..4].try_into().unwrap();
        assert_eq!(error.kind(), ErrorKind::NotAHive { found }, "{}", file.name);
        assert_eq!(error.offset().get(), 0);
        if file.name == "not-regf/SYSTEM.DAT" {
            assert!(error.to_string().contains("begins with \"CREG\""), "{error}");
        }
        refused += 1;
    }
    assert_eq!(refused, 4);
}
