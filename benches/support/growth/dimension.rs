// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Dimension`]: what grows, and the inputs of each size.

use std::path::Path;

use hive_forge::stream::{Synthetic, write_synthetic};
use hive_forge::tree::{Tree, Value};
use hive_forge::{Locality, scenario, write};

/// A property of an input that grows.
pub struct Dimension {
    pub title: &'static str,
    /// Unit of the sizes.
    pub unit: &'static str,
    pub sizes: &'static [usize],
    /// Path and bytes of the files of an input.
    pub files: fn(usize) -> Vec<(String, Vec<u8>)>,
}

/// Every dimension of the plot.
pub const DIMENSIONS: [Dimension; 8] = [
    Dimension {
        title: "Keys of a hive",
        unit: "keys",
        sizes: &[10_000, 20_000, 40_000, 80_000, 160_000],
        files: |keys| one("SYSTEM", keys_and_values(keys)),
    },
    Dimension {
        title: "Depth of 16,384 keys",
        unit: "levels",
        sizes: &[16, 32, 64, 128, 256, 510],
        files: |levels| one("SOFTWARE", chains(16_384, levels)),
    },
    Dimension {
        title: "Values of one key",
        unit: "values",
        sizes: &[10_000, 20_000, 40_000, 80_000, 160_000],
        files: |values| one("SOFTWARE", values_of_one_key(values)),
    },
    Dimension {
        title: "Data of one value",
        unit: "MiB",
        sizes: &[2, 4, 8, 16, 32],
        files: |size| one("SOFTWARE", data_of_one_value(size << 20)),
    },
    Dimension {
        title: "Damaged pages of 16 MB",
        unit: "%",
        sizes: &[0, 5, 10, 20, 40, 80],
        files: |percent| one("SYSTEM", damaged(percent)),
    },
    Dimension {
        title: "Hosts",
        unit: "hosts",
        sizes: &[25, 50, 100, 200, 400],
        files: scenario::fleet,
    },
    Dimension {
        title: "Tokens of a host",
        unit: "tokens",
        sizes: &[32, 64, 128, 256, 512],
        files: scenario::client_with_tokens,
    },
    Dimension {
        title: "Clones among hosts",
        unit: "clones",
        sizes: &[25, 50, 100, 200, 400],
        files: scenario::clones,
    },
];

impl Dimension {
    /// Writes the input of a size, without files of an earlier run.
    pub fn write(&self, size: usize, folder: &Path) {
        if folder.exists() {
            std::fs::remove_dir_all(folder).unwrap();
        }
        for (path, bytes) in (self.files)(size) {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
}

fn one(name: &str, bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    vec![(format!("Windows/System32/config/{name}"), bytes)]
}

fn synthetic(bytes: u64) -> (Vec<u8>, u64) {
    let synthetic = Synthetic { bytes, locality: Locality::InOrder, seed: 1, minor: 5 };
    let mut hive = Vec::new();
    let keys = write_synthetic(&mut hive, &synthetic).keys;
    (hive, keys)
}

/// Returns a hive with about this many keys. Each key has the values and the data of a common hive.
fn keys_and_values(keys: usize) -> Vec<u8> {
    const SAMPLE: u64 = 4_000_000;
    let (_, of_sample) = synthetic(SAMPLE);
    synthetic(SAMPLE * keys as u64 / of_sample).0
}

/// Returns a hive with chains of keys of this many levels.
fn chains(keys: usize, levels: usize) -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    for chain in 0..keys / levels {
        let path: Vec<String> =
            (0..levels).map(|level| format!("k{chain:04}-{level:03}")).collect();
        tree.root.at(&path.join("\\"));
    }
    write(&tree, &Default::default()).bytes
}

fn values_of_one_key(values: usize) -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    let key = tree.root.at(r"Microsoft\Windows\CurrentVersion");
    for number in 0..values {
        key.values.push(Value::dword(&format!("value-{number:06}"), number as u32));
    }
    write(&tree, &Default::default()).bytes
}

fn data_of_one_value(bytes: usize) -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    let key = tree.root.at(r"Microsoft\Windows\CurrentVersion");
    key.values.push(Value::binary("data", &vec![0x5A; bytes]));
    write(&tree, &Default::default()).bytes
}

/// Returns a hive in which noise replaces this share of its pages.
fn damaged(percent: usize) -> Vec<u8> {
    let (mut hive, _) = synthetic(16_000_000);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    // The first two pages hold the base block and the root key.
    for page in hive.chunks_mut(4096).skip(2) {
        if random() % 100 < percent as u64 {
            page.chunks_mut(8).for_each(|bytes| {
                let noise = random().to_le_bytes();
                bytes.copy_from_slice(&noise[..bytes.len()]);
            });
        }
    }
    hive
}
