// SPDX-License-Identifier: MIT OR Apache-2.0
//! Applies the logs of a hive in memory: `cargo run -p calhive-regf --example replay -- SYSTEM SYSTEM.LOG1 SYSTEM.LOG2`

use core::error::Error;

use calhive_regf::log::patches::Patches;
use calhive_regf::{Hive, Image};

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = std::env::args().skip(1).map(Image::read);
    let base = files.next().ok_or("give a hive and its logs")??;
    let logs = files.collect::<Result<Vec<_>, _>>()?;
    let replayed = base.replay(&logs)?;
    for (log, image) in replayed.replay.logs.iter().zip(&logs) {
        match &log.refused {
            Some(why) => println!("{}: not applied: {why}", image.path().display()),
            None => println!("{}: {} updates applied", image.path().display(), log.applied),
        }
    }
    let patches = Patches::new(base.bytes(), replayed.image.bytes(), &replayed.replay);
    let hive = Hive::parse(replayed.image.bytes())?;
    let mut walk = hive.walk();
    while let Some(entry) = walk.next() {
        let key = entry?.key;
        for from in patches.differing(key.node_span().range()) {
            println!("{} comes from update {}", walk.path(), from.sequence);
        }
    }
    Ok(())
}
