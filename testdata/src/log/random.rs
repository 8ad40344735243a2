// SPDX-License-Identifier: MIT OR Apache-2.0

//! Random hives with logs, from machines that stopped at any moment.

use super::dirty::{Base, Dirty};
use super::history::History;
use super::new_crash::NewCrash;
use super::old_crash::OldCrash;
use crate::Options;
use crate::rng::Rng;

/// Returns a random hive with new-format logs, the same for the same seed. The logs may alternate,
/// be torn, have left-over entries, or end in garbage. The base block may be torn too.
pub fn new_crash(seed: u64) -> Dirty {
    let mut rng = Rng::new(seed);
    let minor = rng.range(3, 6) as u32;
    let options = Options { minor, base_flags: rng.below(2) as u32, ..Options::default() };
    let updates = rng.range(1, 5);
    let history = History::random(seed, 25, updates, &options, 0);
    let first = rng.below(updates + 1);
    let logs = if rng.one_in(2) { ["LOG1", "LOG2"] } else { ["LOG2", "LOG1"] };
    let mut crash = NewCrash::new(&history)
        .sequence(rng.pick(&[1, 90, 0xFFFF_FFFC, 0x7FFF_FFFE, rng.clone().next_u64() as u32]))
        .log(logs[0], first)
        .log(logs[1], updates - first)
        .alignment(rng.pick(&[512, 4096]));
    let mut base = Base::Sound;
    if first > 0 && first < updates && rng.one_in(2) {
        crash = crash.flushed(first);
        base = rng.pick(&[Base::Sound, Base::BadChecksum, Base::Zeroed]);
    }
    crash = crash.base(base);
    if rng.one_in(2) {
        crash = crash.shuffled(seed);
    }
    if rng.one_in(2) {
        crash = crash.left_over(rng.range(1, 9) as u32);
    }
    if rng.one_in(2) {
        crash = crash.garbage(seed);
    }
    match rng.below(3) {
        0 => crash = crash.written(rng.below(12)),
        1 => {
            let field = rng.pick(&["signature", "size", "sequence", "hash1", "hash2", "page 0"]);
            crash = crash.damaged(rng.below(updates), field);
        }
        _ => {}
    }
    crash.build(&format!("new logs, seed {seed}"))
}

/// Returns a random hive with old-format logs, the same for the same seed.
pub fn old_crash(seed: u64) -> Dirty {
    let mut rng = Rng::new(seed);
    let options = Options { minor: rng.range(1, 5) as u32, ..Options::default() };
    let history = History::random(seed, 25, 2, &options, 3);
    let flushed = rng.below(2);
    let mut crash = OldCrash::new(&history)
        .sequence(rng.pick(&[1, u32::MAX - 1, u32::MAX]))
        .file_type(rng.pick(&[1, 2]))
        .flushed(flushed)
        .log("LOG1", 0, 1)
        .log("LOG2", flushed, 2)
        .written(rng.below(30));
    if rng.one_in(2) {
        crash = crash.by_sectors();
    }
    if rng.one_in(3) {
        crash = crash.written(rng.range(1, 5)).base(rng.pick(&[Base::BadChecksum, Base::Zeroed]));
    }
    if rng.one_in(2) {
        crash = crash.garbage(seed);
    }
    crash.build(&format!("old logs, seed {seed}"))
}
