// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints what hives say about Remote Desktop licensing: `cargo run --example scan -- PATH…`.

use core::error::Error;

use calhive::Options;

fn main() -> Result<(), Box<dyn Error>> {
    let report = calhive::scan(std::env::args().skip(1), &Options::default())?;
    for source in &report.sources {
        let replay = source.replay.as_ref().map(|replay| replay.statement.as_str());
        println!("{}: {}", source.path, replay.unwrap_or("no log was applied"));
    }
    for fact in report.facts.iter().filter(|fact| fact.state.is_found()) {
        let shown = fact.shown.as_deref().unwrap_or("?");
        println!("{}: {shown} ({})", fact.title, fact.provenance.key_path);
    }
    for input in &report.not_read {
        eprintln!("{input}");
    }
    Ok(())
}
