// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints what hives say about Remote Desktop licensing: `cargo run --example licensing -- HIVE…`.

use core::error::Error;

use calhive::licensing::{self, Source};

fn main() -> Result<(), Box<dyn Error>> {
    let mut facts = Vec::new();
    for path in std::env::args().skip(1) {
        let image = calhive::Image::read(&path)?;
        let hive = calhive::Hive::parse(image.bytes())?;
        facts.push(licensing::collect(&Source::new(hive, path), &Default::default()));
    }
    let report = licensing::interpret(&facts, None);
    for fact in report.facts.iter().filter(|fact| fact.state.is_found()) {
        let shown = fact.shown.as_deref().unwrap_or("?");
        println!("{}: {shown} ({})", fact.title, fact.provenance.key_path);
    }
    Ok(())
}
