// SPDX-License-Identifier: MIT OR Apache-2.0
//! The end of the grace period, with changed bytes in each part of the chain that opens it.

use std::sync::LazyLock;

use calhive::Hive;
use hive_forge::grace_end::{GraceMachine, cases};

/// Bytes of rounds in a master key file, and the largest number of rounds that a run takes.
const ROUNDS: core::ops::Range<usize> = 148..152;
const MOST_ROUNDS: u32 = 2_000;

/// Machines that open, with few rounds.
static MACHINES: LazyLock<Vec<GraceMachine>> = LazyLock::new(|| {
    let is_quick = |machine: &GraceMachine| {
        files(machine).iter().all(|file| rounds(file).is_none_or(|it| it <= MOST_ROUNDS))
    };
    cases().into_iter().map(|case| case.near_miss).filter(is_quick).collect()
});

fn files(machine: &GraceMachine) -> Vec<Vec<u8>> {
    machine.named(&machine.installation.guid())
}

fn rounds(file: &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(file.get(ROUNDS)?.try_into().ok()?))
}

/// Changes a machine. The first byte chooses the machine, the second the part, and each four bytes after them change one
/// byte of the part: its place (24 bits) and the bits to flip.
///
/// An authenticated value gives the forged time or a reason. Another value has no authentication code, so only a
/// reason or a time in whole seconds is certain.
pub fn grace_end(bytes: &[u8]) {
    let [machine, part, changes @ ..] = bytes else { return };
    let machine = &MACHINES[usize::from(*machine) % MACHINES.len()];
    let mut system = machine.file("/SYSTEM").to_vec();
    let mut security = machine.file("/SECURITY").to_vec();
    let mut files = files(machine);
    let changed = match part % 3 {
        0 => &mut system,
        1 => &mut security,
        _ => match files.first_mut() {
            Some(file) => file,
            None => return,
        },
    };
    for change in changes.chunks_exact(4) {
        let place =
            usize::from(change[0]) << 16 | usize::from(change[1]) << 8 | usize::from(change[2]);
        // The base block is checked elsewhere.
        let start = if part % 3 < 2 { 4096 } else { 0 };
        let length = changed.len() - start;
        changed[start + place % length] ^= change[3];
    }
    if files.iter().any(|file| rounds(file).is_some_and(|it| it > MOST_ROUNDS && it <= 1_000_000)) {
        return;
    }
    let (Ok(system), Ok(security)) = (Hive::parse(&system), Hive::parse(&security)) else { return };
    let Ok(opened) = calhive::grace_end(system, Some(security), |_| files.clone()) else { return };
    let difference = opened.end.raw().abs_diff(machine.end);
    if opened.authenticated {
        assert!(difference < 10_000_000, "another time: {opened:?}");
    } else {
        assert_eq!(opened.end.raw() % 10_000_000, 0, "{opened:?}");
    }
}
