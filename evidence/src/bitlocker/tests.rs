// SPDX-License-Identifier: MIT OR Apache-2.0
//! Volumes made by `forge_bitlocker.py` of `CALHIVE_IMAGES`.

use core::time::Duration;
use std::fs;
use std::time::Instant;

use super::*;
use crate::scratch::Scratch;
use crate::trial::{Random, cases, script, steps};
use crate::volume::VolumeKind;

/// A volume with room for the metadata, and its encrypted form; `None` without the tools.
fn forge(folder: &Scratch, arguments: &[&str]) -> Option<(Vec<u8>, Vec<u8>, String)> {
    let mut plain = steps(4 << 20, 999);
    plain[3..11].copy_from_slice(b"NTFS    ");
    for page in plain[1 << 20..2 << 20].chunks_mut(4096) {
        page[..7].copy_from_slice(b"VSSMARK");
    }
    let path = folder.file("plain.raw", &plain);
    let target = folder.0.join("encrypted.raw");
    let (source, encrypted) = (path.to_str().unwrap(), target.to_str().unwrap());
    let password = script("forge_bitlocker.py", &[&[source, encrypted], arguments].concat())?;
    let password = password.trim().to_owned();
    Some((plain, fs::read(target).unwrap(), password))
}

/// Compares a decrypted volume with its source. The three blocks of metadata read as zeros.
fn assert_same(volume: &dyn Disk, plain: &[u8]) {
    assert_eq!(volume.size(), plain.len() as u64);
    let mut bytes = vec![0; plain.len()];
    volume.read_at(0, &mut bytes).unwrap();
    let different: Vec<usize> = (0..plain.len() / 4096)
        .filter(|at| bytes[at * 4096..][..4096] != plain[at * 4096..][..4096])
        .collect();
    let is_filler = |page: &usize| plain[page * 4096..].starts_with(b"VSSMARK");
    assert!(different.iter().all(is_filler), "{different:?}");
    assert!(different.len() <= 4 * 16, "{}", different.len());
}

#[test]
fn clear_key_and_recovery_password_open_a_volume() {
    for arguments in [&["norec"][..], &["noclear"], &[]] {
        let folder = Scratch::new("bitlocker");
        let Some((plain, encrypted, password)) = forge(&folder, arguments) else { return };
        assert_eq!(VolumeKind::of(&encrypted[..512]), VolumeKind::BitLocker);
        let disk: Arc<dyn Disk> = Arc::new(encrypted);
        let passwords = ["123".to_owned(), format!(" {password}\n")];
        assert_same(&*open(Arc::clone(&disk), &passwords).unwrap(), &plain);
        if arguments == ["noclear"] {
            let error = open(Arc::clone(&disk), &[]).err().unwrap();
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
            let text = error.to_string();
            assert!(text.contains("--bitlocker-recovery-password (volume "), "{text}");
            assert!(
                text.contains("recovery password 04030201-0605-0807-090a-0b0c0d0e0f10"),
                "{text}"
            );
            let wrong = password.replacen(&password[..6], "000011", 1);
            let error = open(disk, &["1".to_owned(), wrong]).err().unwrap().to_string();
            assert!(error.contains("password 1: "), "{error}");
            assert!(error.contains("password 2: does not fit"), "{error}");
        }
    }
}

#[test]
fn second_recovery_password_opens_a_volume() {
    let folder = Scratch::new("bitlocker_second");
    let Some((plain, mut encrypted, password)) = forge(&folder, &[]) else { return };
    // The clear key before the recovery password becomes another recovery password.
    let blocks: Vec<usize> = (0..encrypted.len() / 512)
        .map(|sector| sector * 512)
        .filter(|at| *at > 0 && encrypted[*at..].starts_with(b"-FVE-FS-"))
        .collect();
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        let start = block + 112;
        let end = start + 2000;
        let entry =
            (start..end).find(|at| encrypted[*at..].starts_with(&[2, 0, 8, 0, 1, 0])).unwrap();
        assert_eq!(encrypted[entry + 6 + 26..][..2], [0, 0]);
        encrypted[entry + 6 + 27] = 8;
    }
    let disk: Arc<dyn Disk> = Arc::new(encrypted);
    assert_same(&*open(disk, &[password]).unwrap(), &plain);
}

#[test]
fn mutated_volumes_never_panic_or_hang() {
    let folder = Scratch::new("bitlocker_mutated");
    let Some((_, encrypted, password)) = forge(&folder, &[]) else { return };
    let blocks: Vec<usize> = (0..encrypted.len() / 512)
        .map(|sector| sector * 512)
        .filter(|at| *at == 0 || encrypted[*at..].starts_with(b"-FVE-FS-"))
        .collect();
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for case in 0..cases(20) {
        let mut mutated = encrypted.clone();
        for _ in 0..=random.below(3) {
            let at = blocks[random.below(blocks.len())] + random.below(700);
            mutated[at] = random.changed(mutated[at]);
        }
        if random.below(10) == 0 {
            mutated.truncate(random.below(encrypted.len()));
        }
        let disk: Arc<dyn Disk> = Arc::new(mutated);
        let start = Instant::now();
        // The passwords take long in a debug build.
        let passwords = if case % 20 == 0 { vec![password.clone()] } else { Vec::new() };
        if let Ok(volume) = open(disk, &passwords) {
            let mut buffer = [0; 4096];
            for at in (0..volume.size()).step_by(100_000) {
                _ = volume.read_at(at, &mut buffer);
            }
            assert!(volume.read_at(volume.size(), &mut buffer).is_err());
        }
        assert!(start.elapsed() < Duration::from_secs(5), "case {case}: {:?}", start.elapsed());
    }
}
