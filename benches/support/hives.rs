// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files that benchmarks read. Forged files are kept below the target folder.
#![allow(dead_code, reason = "not by every benchmark")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use hive_forge::Locality;
use hive_forge::rng::Rng;
use hive_forge::stream::{Synthetic, write_dirty_synthetic, write_synthetic};
use hive_forge::token::{Generation, TokenSpec};

/// Number of the recipes. A change of a recipe needs a new number, so that kept files are written again.
const RECIPE: u32 = 1;
const LARGEST_SYSTEM: &str = "win10-dirty-system/SYSTEM";

/// A file with its name in the table.
#[derive(Clone)]
pub struct Input {
    pub title: String,
    pub path: PathBuf,
}

impl Input {
    fn new(title: impl Into<String>, path: PathBuf) -> Self {
        Self { title: title.into(), path }
    }

    pub fn length(&self) -> u64 {
        self.path.metadata().unwrap().len()
    }
}

/// Returns the folder of kept files.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// Returns the largest SYSTEM hive of the corpus without logs, if `CALHIVE_CORPUS` names the corpus.
pub fn system() -> Option<Input> {
    let file = hive_forge::corpus::file("the real hive", LARGEST_SYSTEM)?;
    let path = folder().join("corpus-SYSTEM");
    fs::write(&path, file.bytes).unwrap();
    Some(Input::new("SYSTEM of the corpus, 12.8 MB", path))
}

/// Returns the largest SYSTEM hive of the corpus with its logs beside it.
pub fn system_with_logs() -> Option<Input> {
    let file = hive_forge::corpus::file("the real hive", LARGEST_SYSTEM)?;
    let kept = folder().join("corpus-with-logs");
    fs::create_dir_all(&kept).unwrap();
    for log in file.logs() {
        fs::write(kept.join(log.name.rsplit('/').next().unwrap()), &log.bytes).unwrap();
    }
    let path = kept.join("SYSTEM");
    fs::write(&path, file.bytes).unwrap();
    Some(Input::new("SYSTEM of the corpus with logs", path))
}

/// Returns a forged hive of this length and locality.
pub fn forged(megabytes: u64, locality: Locality) -> Input {
    let (kind, title) = match locality {
        Locality::InOrder => ("in-order", "in order"),
        Locality::Aged(_) => ("aged", "aged"),
        Locality::Shuffled(_) => ("shuffled", "shuffled"),
    };
    let synthetic = Synthetic { bytes: megabytes * 1_000_000, locality, seed: 1, minor: 5 };
    let path = kept(&format!("forged-{megabytes}-{kind}"), |file| {
        write_synthetic(file, &synthetic);
    });
    Input::new(format!("forged, {title}, {megabytes} MB"), path)
}

/// Returns forged hives of this length in every locality.
pub fn localities(megabytes: u64) -> [Input; 3] {
    [Locality::InOrder, Locality::Aged(1), Locality::Shuffled(1)]
        .map(|locality| forged(megabytes, locality))
}

/// Returns a forged hive whose root counts no subkeys: recovery has to find every other key and value.
pub fn lost(megabytes: u64) -> Input {
    let whole = forged(megabytes, Locality::InOrder);
    let path = kept(&format!("lost-{megabytes}"), |file| {
        let mut bytes = fs::read(&whole.path).unwrap();
        let root = u32::from_le_bytes(bytes[36..40].try_into().unwrap()) as usize;
        // After the base block, the cell size and 20 bytes of the node.
        bytes[4096 + root + 4 + 20..][..4].fill(0);
        file.write_all(&bytes).unwrap();
    });
    Input::new(format!("forged, {megabytes} MB, cut off from its root"), path)
}

/// Returns a forged hive of this length and its log: dirty pages all over the hive, one in forty.
pub fn dirty(megabytes: u64) -> Input {
    let synthetic =
        Synthetic { bytes: megabytes * 1_000_000, locality: Locality::InOrder, seed: 1, minor: 5 };
    let path = kept(&format!("dirty-{megabytes}"), |file| {
        let log = write_dirty_synthetic(file, &synthetic, megabytes * 25_000).1;
        fs::write(folder().join(format!("dirty-{megabytes}-{RECIPE}.LOG1")), log.bytes).unwrap();
    });
    // A page that the system has not written to disk yet would count as private.
    for path in [path.clone(), path.with_extension("LOG1")] {
        File::open(path).unwrap().sync_all().unwrap();
    }
    Input::new(format!("forged, {megabytes} MB, with a log"), path)
}

/// Returns this many forged tokens of all generations, each after its length.
pub fn tokens(count: usize) -> Input {
    let path = kept(&format!("tokens-{count}"), |file| {
        let mut rng = Rng::named("tokens");
        let kinds = [Generation::Server2003, Generation::Server2008, Generation::Server2012];
        for number in 0..count {
            let token = match kinds.get(number % 4) {
                Some(kind) => TokenSpec { serial: number as u32, ..TokenSpec::generation(*kind) },
                None => TokenSpec::random(&mut rng),
            };
            let token = token.encode();
            file.write_all(&(token.len() as u32).to_le_bytes()).unwrap();
            file.write_all(&token).unwrap();
        }
    });
    Input::new(format!("{count} tokens"), path)
}

/// Returns random bytes.
pub fn noise(megabytes: u64) -> Input {
    let path = kept(&format!("noise-{megabytes}"), |file| {
        let mut rng = Rng::named("noise");
        (0..megabytes).for_each(|_| file.write_all(&rng.bytes(1_000_000)).unwrap());
    });
    Input::new(format!("noise, {megabytes} MB"), path)
}

/// Returns the hive of this name of a scenario of hive-forge.
pub fn scenario(name: &str, hive: &str) -> Input {
    let scenarios = hive_forge::scenario::every();
    let scenario = scenarios.iter().find(|scenario| scenario.name == name).unwrap();
    let files = scenario.files();
    let (_, bytes) = files.iter().find(|(file, _)| *file == hive).unwrap();
    let path = kept(&format!("{name}-{hive}"), |file| file.write_all(bytes).unwrap());
    Input::new(format!("{hive} of {name}"), path)
}

/// Returns the path of a file of this name. The file is written unless it is kept from an earlier run.
fn kept(name: &str, write: impl FnOnce(&mut BufWriter<File>)) -> PathBuf {
    let path = folder().join(format!("{name}-{RECIPE}"));
    if !path.exists() {
        let unfinished = folder().join(format!("{name}-unfinished"));
        let mut file = BufWriter::with_capacity(1 << 20, File::create(&unfinished).unwrap());
        write(&mut file);
        file.flush().unwrap();
        fs::rename(&unfinished, &path).unwrap();
    }
    path
}

/// Number of rounds for a file: fewer for large files.
pub fn rounds(path: &Path, most: usize) -> usize {
    if path.metadata().unwrap().len() > 400_000_000 { most.div_ceil(3) } else { most }
}
