// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists all keys of a hive: `cargo run -p calhive-regf --example list_keys -- HIVE`.

use core::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: list_keys HIVE")?;
    let image = calhive_regf::Image::read(path)?;
    let hive = calhive_regf::Hive::parse(image.bytes())?;
    let mut walk = hive.walk();
    while let Some(entry) = walk.next() {
        match entry {
            Ok(entry) => println!("{} {}", entry.key.last_written(), walk.path()),
            Err(error) => eprintln!("{error}"),
        }
    }
    Ok(())
}
