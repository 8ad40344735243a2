// SPDX-License-Identifier: MIT OR Apache-2.0

//! libbde and dislocker decrypt a volume as it was.

use std::path::Path;
use std::process::Command;

use hive_forge::bitlocker::{Protectors, encrypt, recovery_password};
use hive_forge::rng::Rng;
use hive_forge::room;

mod oracle;

use oracle::{Mounted, has};

/// Offset of the room, and its end.
const ROOM: (usize, usize) = (1 << 20, (1 << 20) + (320 << 10));

/// Returns a volume of 4 MiB with the boot sector of NTFS and random data.
fn volume() -> Vec<u8> {
    let mut volume = Rng::new(1).bytes(4 << 20);
    volume[..512].fill(0);
    volume[..3].copy_from_slice(&[0xEB, 0x52, 0x90]);
    volume[3..11].copy_from_slice(b"NTFS    ");
    volume[11..14].copy_from_slice(&[0, 2, 8]);
    volume[40..48].copy_from_slice(&((4_u64 << 20) / 512 - 1).to_le_bytes());
    volume[510..512].copy_from_slice(&[0x55, 0xAA]);
    volume[ROOM.0..ROOM.1].copy_from_slice(&room::content((ROOM.1 - ROOM.0) / 4096));
    volume
}

fn decrypts_as(read: &[u8], volume: &[u8]) {
    assert_eq!(read.len(), volume.len());
    assert!(read[..ROOM.0] == volume[..ROOM.0], "data before the metadata");
    assert!(read[ROOM.1..] == volume[ROOM.1..], "data after the metadata");
}

#[test]
fn bdemount_and_dislocker_decrypt_with_every_protector() {
    if !["bdemount", "dislocker"].into_iter().all(has) {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (volume, password) = (volume(), recovery_password());
    for (name, clear_key, recovery_password) in
        [("clear", true, false), ("recovery", false, true), ("both", true, true)]
    {
        let image = folder.join(format!("bitlocker-{name}.raw"));
        let protectors = Protectors { clear_key, recovery_password };
        std::fs::write(&image, encrypt(&volume, protectors)).unwrap();
        let point = folder.join(format!("bitlocker-{name}"));

        let mounted = Mounted::new(point.clone(), |point| {
            let mut command = Command::new("bdemount");
            if recovery_password {
                command.args(["-r", &password]);
            }
            command.arg(&image).arg(point).output().unwrap()
        });
        decrypts_as(&std::fs::read(mounted.path().join("bde1")).unwrap(), &volume);
        drop(mounted);

        let mounted = Mounted::new(point, |point| {
            let key = if clear_key { "-c".to_owned() } else { format!("-p{password}") };
            let mut command = Command::new("dislocker");
            command.args(["-r", "-V"]).arg(&image).args([&key, "--"]).arg(point).output().unwrap()
        });
        decrypts_as(&std::fs::read(mounted.path().join("dislocker-file")).unwrap(), &volume);
    }
}

#[test]
fn bdemount_opens_nothing_with_another_password() {
    if !has("bdemount") {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let image = folder.join("bitlocker-locked.raw");
    let protectors = Protectors { clear_key: false, recovery_password: true };
    std::fs::write(&image, encrypt(&volume(), protectors)).unwrap();
    let other = recovery_password().replace("012221", "012232");
    let point = folder.join("bitlocker-locked");
    std::fs::create_dir_all(&point).unwrap();
    let output =
        Command::new("bdemount").args(["-r", &other]).arg(&image).arg(&point).output().unwrap();
    assert!(!output.status.success() || !point.join("bde1").exists(), "{output:?}");
}
