// SPDX-License-Identifier: GPL-3.0-or-later
//! A volume with shadow copies: a token is there, then renewed, then removed, and a previous Windows is deleted.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hive_forge::room;
use hive_forge::scenario::{Moment, client_history};
use hive_forge::shadow_copy::{Shadowed, State, write};
use sha2::{Digest, Sha256};

use super::scan::Scan;
use super::tool::{Mounted, has, new_folder, run};
use super::volume;

const SOFTWARE: &str = "Windows/System32/config/SOFTWARE";
const SYSTEM: &str = "Windows/System32/config/SYSTEM";
const PREVIOUS: &str = "Windows.old/Windows/System32/config/SOFTWARE";
/// Pages of the room for shadow copies: 12 MiB.
const ROOM: usize = 3072;
const ORACLES: &[&str] = &["vshadowmount", "icat", "ifind", "fls"];

/// A volume and what its states hold.
struct History {
    image: PathBuf,
    moments: [Moment; 3],
    shadowed: Shadowed,
}

impl History {
    /// Bytes of a hive at a moment, counted from 0.
    fn hive(&self, moment: usize, path: &str) -> &[u8] {
        &self.moments[moment].files.iter().find(|(name, _)| *name == path).unwrap().1
    }

    /// Returns each hive that still exists: its path below the image, and its bytes. The path of a deleted
    /// file has its record number in place of `*`.
    fn hives(&self) -> Vec<(&'static str, &[u8])> {
        vec![
            (SYSTEM, self.hive(2, SYSTEM)),
            (SOFTWARE, self.hive(2, SOFTWARE)),
            ("shadow copy 1/Windows/System32/config/SYSTEM", self.hive(0, SYSTEM)),
            ("shadow copy 1/Windows/System32/config/SOFTWARE", self.hive(0, SOFTWARE)),
            ("shadow copy 2/Windows/System32/config/SYSTEM", self.hive(1, SYSTEM)),
            ("shadow copy 2/Windows/System32/config/SOFTWARE", self.hive(1, SOFTWARE)),
            ("shadow copy 2/Windows.old/Windows/System32/config/SOFTWARE", self.hive(0, SOFTWARE)),
            ("deleted/*/SOFTWARE", self.hive(0, SOFTWARE)),
        ]
    }
}

/// Returns the volume, built once.
fn history() -> &'static History {
    static HISTORY: OnceLock<History> = OnceLock::new();
    HISTORY.get_or_init(|| {
        let folder = new_folder("history");
        let image = folder.join("state.raw");
        let moments = client_history();
        // Shadow copies have blocks of the same size, so that a copied file has equal blocks.
        volume::format(&image, 48 << 20, 16384);
        let states: Vec<Vec<u8>> = (0..3).map(|number| state(&image, &moments, number)).collect();
        let earlier: Vec<State<'_>> = states[..2]
            .iter()
            .zip(&moments)
            .map(|(volume, moment)| State { volume, created: moment.time })
            .collect();
        let shadowed = write(&earlier, &states[2]);
        fs::remove_file(&image).unwrap();
        let image = folder.join("volume.raw");
        fs::write(&image, &shadowed.volume).unwrap();
        History { image, moments, shadowed }
    })
}

/// Changes the volume to a state. Returns its bytes.
fn state(image: &Path, moments: &[Moment; 3], number: usize) -> Vec<u8> {
    let mounted = volume::mount(image);
    let root = mounted.path();
    match number {
        0 => {
            let information = root.join("System Volume Information");
            fs::create_dir_all(&information).unwrap();
            fs::write(information.join("room"), room::content(ROOM)).unwrap();
            fs::create_dir_all(root.join("Windows/System32/config")).unwrap();
        }
        1 => {
            fs::create_dir_all(root.join(PREVIOUS).parent().unwrap()).unwrap();
            fs::copy(root.join(SOFTWARE), root.join(PREVIOUS)).unwrap();
        }
        _ => fs::remove_file(root.join(PREVIOUS)).unwrap(),
    }
    for (path, bytes) in &moments[number].files {
        // In place: Windows writes hives into their own clusters.
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(root.join(path)).unwrap();
        file.set_len(bytes.len() as u64).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, bytes, 0).unwrap();
    }
    drop(mounted);
    fs::read(image).unwrap()
}

/// Reads a file by its path with the tools of The Sleuth Kit.
fn icat(image: &Path, path: &str) -> Vec<u8> {
    let folder = image.parent().unwrap();
    let image = image.to_str().unwrap();
    let inode = run(folder, &format!("ifind -f ntfs -n {path} {image}"));
    let inode = String::from_utf8(inode).unwrap();
    run(folder, &format!("icat -f ntfs {image} {}", inode.trim()))
}

/// Returns record number and content of the deleted file.
fn deleted(image: &Path) -> (String, Vec<u8>) {
    let folder = image.parent().unwrap();
    let image = image.to_str().unwrap();
    let list = String::from_utf8(run(folder, &format!("fls -f ntfs -r -d -p {image}"))).unwrap();
    let line = list.lines().find(|line| line.contains("config/SOFTWARE")).unwrap();
    let inode = line.split_whitespace().nth(2).unwrap().trim_end_matches(':').to_owned();
    let record = inode.split('-').next().unwrap().to_owned();
    (record, run(folder, &format!("icat -f ntfs -r {image} {inode}")))
}

#[test]
fn libvshadow_and_sleuth_kit_read_the_hives_of_every_state() {
    if !has(volume::TOOLS) || !has(ORACLES) {
        return;
    }
    let history = history();
    let [first, second] = &history.shadowed.stores[..] else { panic!("two stores") };
    assert!(first.forwarders > 0 && first.plain + second.plain > 4, "{first:?} {second:?}");
    let mounted = Mounted::new(history.image.parent().unwrap(), "vshadowmount volume.raw {point}");
    for (path, expected) in history.hives() {
        let read = match path.split_once('/').unwrap() {
            ("shadow copy 1", path) => icat(&mounted.path().join("vss1"), path),
            ("shadow copy 2", path) => icat(&mounted.path().join("vss2"), path),
            ("deleted", _) => deleted(&history.image).1,
            _ => icat(&history.image, path),
        };
        assert!(read == expected, "{path}: {} bytes of {}", read.len(), expected.len());
    }
}

#[test]
fn every_hive_of_a_volume_with_shadow_copies_is_read_byte_for_byte() {
    if !has(volume::TOOLS) || !has(ORACLES) {
        return;
    }
    let history = history();
    let scan = Scan::json(&[history.image.clone().into()]);
    assert_eq!(scan.code, 0, "{}", scan.err);
    let report = scan.report();
    let sources = report["sources"].as_array().unwrap();
    let image = history.image.to_str().unwrap();
    // A source lists the places of equal hives.
    let mut found: Vec<(String, String)> = sources
        .iter()
        .flat_map(|source| {
            let copies = source["copies"].as_array().into_iter().flatten();
            let paths = [&source["path"]].into_iter().chain(copies).map(|path| {
                let path = path.as_str().unwrap();
                path.strip_prefix(image).unwrap_or(path).trim_start_matches('/').to_owned()
            });
            let hash = source["sha256"].as_str().unwrap();
            paths.map(|path| (path, hash.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    found.sort();
    let record = deleted(&history.image).0;
    let mut expected: Vec<(String, String)> = history
        .hives()
        .into_iter()
        .map(|(path, bytes)| {
            let hash: String =
                Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            (path.replace('*', &record), hash)
        })
        .collect();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn history_of_the_token_is_reported_with_its_dates() {
    if !has(volume::TOOLS) {
        return;
    }
    let report = Scan::json(&[history().image.clone().into()]).report();
    let installation = &report["copies"][0];
    let states = installation["states"].as_array().unwrap();
    let tokens = |place: &str| -> usize {
        let state = states.iter().find(|state| state["place"]["text"] == place);
        state.unwrap()["tokens"].as_array().map_or(0, Vec::len)
    };
    let places = ["shadow copy 1", "shadow copy 2", "previous Windows in shadow copy 2", "in use"];
    assert_eq!(places.map(tokens), [1, 1, 1, 0]);
    assert_eq!(states.len(), 5, "{states:#?}");

    let changes = installation["changes"].as_array().unwrap().iter();
    let changes: Vec<(&str, &str)> = changes
        .filter(|change| change["subject"] == "token")
        .map(|change| {
            let statement = change["statement"]["text"].as_str().unwrap();
            (change["kind"].as_str().unwrap(), statement)
        })
        .collect();
    let [("differs", renewed), ("removed", removed)] = changes[..] else { panic!("{changes:#?}") };
    assert!(renewed.contains("2023-12-04T11:15:31.0000000Z (shadow copy 2, creation"), "{renewed}");
    assert!(renewed.ends_with("another token of the same license with a later end"), "{renewed}");
    let interval = "removed between 2023-12-04T11:15:31.0000000Z (shadow copy 2, creation of the shadow \
                    copy) and 2024-01-10T08:00:00.0000000Z (in use, latest key timestamp)";
    assert!(removed.starts_with(interval), "{removed}");
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["code"] == "copies.token_removed");
    let statement = finding.unwrap()["statement"]["text"].as_str().unwrap();
    let image = history().image.to_str().unwrap();
    for place in [format!("{image}/shadow copy 2/{SOFTWARE}"), format!("{image}/{SOFTWARE}")] {
        assert!(statement.contains(&place), "{place}: {statement}");
    }
}
