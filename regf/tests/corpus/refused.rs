// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files other than hives are refused, and the error says what they are.

use calhive_regf::{ErrorKind, Hive};
use hive_forge::corpus::files;

#[test]
fn log_is_refused_as_log() {
    let Some(files) = files("log_is_refused_as_log", |_| true) else { return };
    let mut logs = 0;
    for file in files.filter(|file| file.kind() == "log") {
        let file_type = file.expected()["type"].as_u64().unwrap();
        let error = Hive::parse(&file.bytes).unwrap_err();
        match error.kind() {
            ErrorKind::TransactionLog { file_type: reported } => {
                assert_eq!(u64::from(reported), file_type, "{}", file.name);
            }
            _ => panic!("{}: {error}", file.name),
        }
        assert_eq!(error.offset().get(), 28);
        logs += 1;
    }
    println!("logs refused as logs: {logs}");
    assert_eq!(logs, 34);
}

/// A registry file of Windows 9x, and fragments of memory and disk.
#[test]
fn other_file_is_refused_with_its_first_bytes() {
    let Some(files) = files("other_file_is_refused_with_its_first_bytes", |_| true) else { return };
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
