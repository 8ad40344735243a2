// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files that a changed field of the volume hides. Each change is an omission, and the rest is read.

use alloc::sync::Arc;
use std::fs;

use super::super::Volume;
use super::forge::{Forged, TOOLS, all, at, has_tools, noise};
use crate::field::u64_at;

const SYSTEM: &str = "Windows/System32/config/SYSTEM";
const SOFTWARE: &str = "Windows/System32/config/SOFTWARE";
const CLASSES: &str = "Users/a/AppData/Local/Microsoft/Windows/UsrClass.dat";

fn forge(name: &str) -> Option<Forged> {
    if !has_tools(&TOOLS) {
        return None;
    }
    let forged = Forged::new(name, 16, 4096, &[]);
    forged.mount("rw", |root| {
        let config = root.join("Windows/System32/config");
        fs::create_dir_all(&config).unwrap();
        for number in 0..60 {
            fs::write(config.join(format!("TxR {number}")), b"x").unwrap();
        }
        fs::write(root.join(SYSTEM), noise(100_000, 1)).unwrap();
        fs::write(root.join(SOFTWARE), noise(100_000, 2)).unwrap();
        fs::write(root.join("Windows/other"), noise(100_000, 3)).unwrap();
        fs::create_dir_all(root.join(CLASSES).parent().unwrap()).unwrap();
        fs::write(root.join(CLASSES), noise(100_000, 4)).unwrap();
    });
    Some(forged)
}

/// Returns the losses after a change of the volume. SOFTWARE must still be found.
fn losses(forged: &Forged, change: impl FnOnce(&mut [u8])) -> Vec<String> {
    let mut bytes = forged.bytes();
    change(&mut bytes);
    let files = all(&Volume::open(Arc::new(bytes)).unwrap());
    assert_eq!(at(&files, SOFTWARE).size, 100_000);
    let losses = files.omissions.iter().filter(|omission| omission.is_loss);
    losses.map(ToString::to_string).collect()
}

#[test]
fn changed_field_of_a_file_record_hides_no_file_silently() {
    let Some(forged) = forge("hidden-record") else { return };
    assert_eq!(losses(&forged, |_| {}), [""; 0]);
    let files = all(&forged.open());
    let record = at(&files, SYSTEM).record;
    let other = at(&files, "Windows/other").record;
    let start = forged.record_offset(record);
    let name = forged.attribute_offset(record, 0x30) + 24 + 66;
    let data = forged.attribute_offset(record, 0x80);
    let lists =
        format!("{SYSTEM}: the folder lists the file with MFT record {record}, which is no");
    let base = [&other.to_le_bytes()[..6], &[1, 0]].concat();
    let changes: [(&str, usize, &[u8], &str); 8] = [
        ("signature", start, &[0; 4], "its signature is zero, and the rest is not"),
        ("sequence", start + 16, &[9, 9], &lists),
        ("in use", start + 22, &[0], &lists),
        ("folder", start + 22, &[3], "it is marked as a folder, and has the data of a file"),
        ("base record", start + 32, &base, "which does not list it: a file can be missing"),
        (
            "base record of nothing",
            start + 32,
            &[0xFF, 0xFF, 0xFF, 0, 0, 0, 1, 0],
            "the file cannot be read",
        ),
        ("name", name, b"X", &lists),
        ("size", data + 48, &[0; 16], "gives the file 100000 bytes, and MFT record"),
    ];
    for (what, at, new, expected) in changes {
        let losses = losses(&forged, |bytes| bytes[at..at + new.len()].copy_from_slice(new));
        assert!(losses.iter().any(|loss| loss.contains(expected)), "{what}: {losses:?}");
    }
}

#[test]
fn record_of_a_hive_in_each_folder_of_windows_is_compared() {
    let Some(forged) = forge("hidden-classes") else { return };
    let files = all(&forged.open());
    for path in [SYSTEM, CLASSES] {
        let start = forged.record_offset(at(&files, path).record);
        let losses = losses(&forged, |bytes| bytes[start + 22] = 0);
        assert!(losses.iter().any(|loss| loss.starts_with(path)), "{path}: {losses:?}");
    }
}

#[test]
fn lists_of_names_larger_than_the_volume_are_not_read() {
    let Some(forged) = forge("hidden-large-list") else { return };
    let record = at(&all(&forged.open()), SYSTEM).record;
    let name = forged.attribute_offset(record, 0x30) + 24;
    let folder = u64_at(&forged.bytes(), name).unwrap() & 0xFFFF_FFFF_FFFF;
    let list = forged.attribute_offset(folder, 0xA0);
    let losses = losses(&forged, |bytes| {
        for at in [40, 48, 56] {
            bytes[list + at..list + at + 8].copy_from_slice(&(60_u64 << 20).to_le_bytes());
        }
    });
    let expected = "more bytes than the volume";
    assert!(losses.iter().any(|loss| loss.contains(expected)), "{losses:?}");
}

#[test]
fn folder_of_hives_without_its_list_of_names_is_reported() {
    let Some(forged) = forge("hidden-list") else { return };
    let expected = "Windows/System32/config: its list of names cannot be read";
    let mut damaged = 0;
    let bytes = forged.bytes();
    for block in (0..bytes.len()).step_by(4096).filter(|at| bytes[*at..].starts_with(b"INDX")) {
        let losses = losses(&forged, |bytes| bytes[block] = b'X');
        damaged += usize::from(losses.iter().any(|loss| loss.starts_with(expected)));
    }
    assert!(damaged > 0);
}
