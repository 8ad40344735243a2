// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists deleted keys and values of a hive: `cargo run -p calhive-regf --example recover -- HIVE`.

use core::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: recover HIVE")?;
    let image = calhive_regf::Image::read(path)?;
    let recovery = calhive_regf::Hive::parse(image.bytes())?.recover();
    for found in recovery.iter() {
        let path = found.key_path().map(|path| path.to_string());
        println!("{} {}", path.as_deref().unwrap_or("unknown key"), found.name());
        println!("  {} at {}; {}", found.space(), found.offset(), found.confidence());
    }
    Ok(())
}
