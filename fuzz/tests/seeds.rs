// SPDX-License-Identifier: MIT OR Apache-2.0
//! Runs each check over the seeds and over mutations of them, without a fuzzer.

use std::path::{Path, PathBuf};

type Check = fn(&[u8]);

/// The checks by name.
const CHECKS: [(&str, Check); 16] = [
    ("answers", calhive_fuzz::answers),
    ("carve", calhive_fuzz::carve),
    ("check", calhive_fuzz::check),
    ("fragment", calhive_fuzz::fragment),
    ("hidden", calhive_fuzz::hidden),
    ("hive", calhive_fuzz::hive),
    ("log", calhive_fuzz::log),
    ("look_up", calhive_fuzz::look_up),
    ("message", calhive_fuzz::message),
    ("nt_hive", calhive_fuzz::nt_hive),
    ("recover", calhive_fuzz::recover),
    ("registry_export", calhive_fuzz::registry_export),
    ("report", calhive_fuzz::report),
    ("scan", calhive_fuzz::scan),
    ("structure", calhive_fuzz::structure),
    ("token", calhive_fuzz::token),
];

/// Mutations of each seed, without `CALHIVE_CASES`.
const MUTATIONS: u64 = 2;

fn fuzz() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files in a folder, in order.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// Changes a few bytes of `bytes`, or cuts them.
fn mutate(bytes: &mut Vec<u8>, seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state).unwrap() % below.max(1)
    };
    for _ in 0..=next(6) {
        let (at, most) = (next(bytes.len()), bytes.len());
        match next(8) {
            0 if most > 1 => bytes.truncate(at.max(1)),
            1 => bytes.insert(at, 0xFF),
            2 if most > 1 => drop(bytes.remove(at)),
            3 => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][next(5)],
            4 if most > 8 => {
                let (from, to) = (next(most - 4) & !3, next(most - 4) & !3);
                bytes.copy_within(from..from + 4, to);
            }
            _ => bytes[at] ^= 1 << next(8),
        }
    }
}

#[test]
fn every_check_holds_on_its_seeds_and_on_mutations_of_them() {
    let cases = std::env::var("CALHIVE_CASES").ok().and_then(|it| it.parse().ok());
    let only = std::env::var("CALHIVE_TARGET").ok();
    let table = std::fs::read_to_string(fuzz().join("targets")).unwrap();
    let mut ran = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let [name, _, _, seeds] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let (_, check) = CHECKS.iter().find(|(of, _)| *of == name).expect(name);
        let folders = seeds.split(',').filter(|folder| *folder != "-");
        for (path, seed) in folders.flat_map(|folder| files(&fuzz().join("seeds").join(folder))) {
            for case in 0..=cases.unwrap_or(MUTATIONS) {
                let mut bytes = seed.clone();
                if case > 0 {
                    mutate(&mut bytes, case);
                }
                let outcome = std::panic::catch_unwind(|| check(&bytes));
                if outcome.is_err() {
                    let kept = std::env::temp_dir().join(format!("{name}-{case}"));
                    std::fs::write(&kept, &bytes).unwrap();
                    panic!("{name}: mutation {case} of {path:?}, kept in {kept:?}");
                }
                ran += 1;
            }
        }
    }
    assert!(ran >= 8, "{ran}");
}
