// SPDX-License-Identifier: MIT OR Apache-2.0
//! Opens the hives of a folder with their logs: `cargo run -p calhive-evidence --example open -- PATH…`.

use core::error::Error;

use calhive_evidence::{Hash, LogChoice, Opener};
use calhive_regf::Image;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let found = calhive_evidence::find(&paths);
    let mut opener = Opener::new(|path, _| Image::read(path), &LogChoice::Beside);
    for path in &found.hives {
        let hive = opener.hive(path, Default::default(), &mut |notice| eprintln!("{notice}"))?;
        println!("{}", path.display());
        if let Some(replay) = hive.report(Hash::NotTaken) {
            println!("  {}", replay.statement);
        }
    }
    Ok(())
}
