// SPDX-License-Identifier: MIT OR Apache-2.0
//! Readers of other projects, from the workspace `benches/peers`.

use std::path::Path;

use crate::driver::Reader;
use crate::driver::cargo::Built;

/// Names of the programs in `benches/peers`, and the kind of work of each.
const PEERS: [(&str, &str); 0] = [];

/// Readers of other projects.
pub struct Peers(Vec<(&'static str, Reader)>);

impl Peers {
    /// No readers.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Builds the readers. Prints the names of those that cannot be built on this machine.
    pub fn build() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/Cargo.toml");
        if !manifest.exists() {
            println!("no peers: {} is missing", manifest.display());
            return Self::none();
        }
        let manifest = manifest.to_str().unwrap();
        let built = Built::by(&["build", "--release", "--locked", "--manifest-path", manifest]);
        let reader = |(name, work): &(&'static str, &'static str)| {
            Some((*work, Reader { name, program: built.find(name)?, part: None }))
        };
        Self(PEERS.iter().filter_map(reader).collect())
    }

    /// Returns the readers for a kind of work.
    pub fn readers(&self, work: &str) -> impl Iterator<Item = Reader> {
        self.0.iter().filter(move |(it, _)| *it == work).map(|(_, reader)| reader.clone())
    }
}
