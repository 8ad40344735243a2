// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists deleted keys and values of a hive: `cargo run --example deleted -- HIVE`.

use core::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: deleted HIVE")?;
    let image = calhive::Image::read(path)?;
    let recovery = calhive::Hive::parse(image.bytes())?.recover();
    for found in recovery.iter() {
        let path = found.key_path().map(|path| path.to_string());
        println!("{} {}", path.as_deref().unwrap_or("key not known"), found.name());
        println!("  {} at {}; {}", found.origin(), found.offset(), found.confidence());
    }
    Ok(())
}
