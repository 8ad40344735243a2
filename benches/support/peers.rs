// SPDX-License-Identifier: MIT OR Apache-2.0
//! Readers of other projects, from the workspace `benches/peers`.

use std::path::Path;
use std::process::Command;

use crate::driver::Reader;
use crate::driver::cargo::Built;

/// Programs in `benches/peers`, and what each can do.
const PEERS: [(&str, &[&str]); 5] = [
    ("winreg-core", &["data", "names", "lookup"]),
    ("regf", &["data", "names", "lookup"]),
    ("notatin", &["data", "names", "lookup", "recovery"]),
    ("nt-hive2", &["data", "names", "lookup"]),
    ("hivex", &["data", "names", "lookup"]),
];

/// Readers of other projects.
pub struct Peers(Vec<Reader>);

impl Peers {
    /// No readers.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Builds the readers. Prints the names of those whose library is not installed.
    pub fn build() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/Cargo.toml");
        let manifest = manifest.to_str().unwrap();
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers");
        let target = target.to_str().unwrap();
        let built = Built::by(&[
            "build",
            "--release",
            "--locked",
            "--manifest-path",
            manifest,
            "--target-dir",
            target,
        ]);
        let mut readers = Vec::new();
        for (name, works) in PEERS {
            let program = built.program(name);
            if Command::new(&program).status().unwrap().success() {
                let reader = |work: &&'static str| Reader {
                    name,
                    program: program.clone(),
                    part: Some(work),
                };
                readers.extend(works.iter().map(reader));
            } else {
                println!("{name}: not installed");
            }
        }
        Self(readers)
    }

    /// Returns the readers for a kind of work.
    pub fn readers(&self, work: &str) -> impl Iterator<Item = Reader> {
        self.0.iter().filter(move |reader| reader.part == Some(work)).cloned()
    }
}
