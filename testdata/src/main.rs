// SPDX-License-Identifier: MIT OR Apache-2.0

//! Writes forged hives to files. See the library for their contents.

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hive_forge::canonical::canonical;
use hive_forge::clean::{self, File, dashed};
use hive_forge::stream::{Synthetic, write_dirty_synthetic, write_synthetic};
use hive_forge::{
    Locality, amplified, deletion, finding, grace_end, hostile, log, manipulated, scenario, seeds,
};

const USAGE: &str = "usage: hive-forge scenarios
       hive-forge synthetic --bytes N [--dirty M] [--shuffled] [--seed S] [--minor M] -o FILE
       hive-forge hostile -o DIR
       hive-forge logs -o DIR
       hive-forge manipulated -o DIR
       hive-forge deletions -o DIR
       hive-forge clean -o DIR
       hive-forge seeds -o DIR
       hive-forge findings -o DIR
       hive-forge grace-end -o DIR
       hive-forge fleet --machines N -o DIR";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = Arguments::parse(&arguments).and_then(|arguments| run(&arguments));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hive-forge: {error}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

/// The command line.
#[derive(Default)]
struct Arguments {
    command: String,
    output: Option<PathBuf>,
    bytes: Option<u64>,
    /// Number of bytes in the pages of the log.
    dirty: Option<u64>,
    shuffled: bool,
    seed: Option<u64>,
    minor: Option<u32>,
    /// Number of clients of a fleet.
    machines: Option<usize>,
}

impl Arguments {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut parsed = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut next = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "-o" => parsed.output = Some(next()?.into()),
                "--bytes" => parsed.bytes = Some(next()?.parse()?),
                "--dirty" => parsed.dirty = Some(next()?.parse()?),
                "--shuffled" => parsed.shuffled = true,
                "--seed" => parsed.seed = Some(next()?.parse()?),
                "--machines" => parsed.machines = Some(next()?.parse()?),
                "--minor" => parsed.minor = Some(next()?.parse()?),
                command if parsed.command.is_empty() && !command.starts_with('-') => {
                    parsed.command = command.to_owned();
                }
                unknown => return Err(format!("unknown argument {unknown}").into()),
            }
        }
        Ok(parsed)
    }

    fn output(&self) -> Result<&Path> {
        Ok(self.output.as_deref().ok_or("-o is missing")?)
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    match arguments.command.as_str() {
        "scenarios" => scenarios(Path::new(env!("CARGO_MANIFEST_DIR"))),
        "synthetic" => synthetic(arguments),
        "hostile" => hostile_hives(arguments.output()?),
        "logs" => write_files(arguments.output()?, &logs()),
        "manipulated" => write_files(arguments.output()?, &manipulated::files()),
        "deletions" => write_files(arguments.output()?, &deletion::files()),
        "clean" => write_files(arguments.output()?, &clean::hives()),
        "seeds" => write_files(arguments.output()?, &seeds::seeds()),
        "findings" => write_files(arguments.output()?, &findings()),
        "grace-end" => write_files(arguments.output()?, &grace_ends()),
        "fleet" => fleet(arguments),
        "" => Err("no command".into()),
        unknown => Err(format!("unknown command {unknown}").into()),
    }
}

/// Writes the checked-in hives, and the tables in the README.
fn scenarios(package: &Path) -> Result<()> {
    let mut files = Vec::new();
    for scenario in scenario::every() {
        for (file, bytes) in scenario.files() {
            files.push(File { path: format!("{}/{file}", scenario.name), bytes });
        }
    }
    write_files(&package.join("hives"), &files)?;
    let readme = package.join("README.md");
    let text = fs::read_to_string(&readme)?;
    let text = scenario::insert_table(&text).ok_or("README.md has no markers of hives")?;
    let text = manipulated::insert_table(&text).ok_or("README.md has no markers of cases")?;
    let text = deletion::insert_table(&text).ok_or("README.md has no markers of deletions")?;
    fs::write(readme, text)?;
    Ok(())
}

fn synthetic(arguments: &Arguments) -> Result<()> {
    let seed = arguments.seed.unwrap_or(1);
    let locality = if arguments.shuffled { Locality::Shuffled(seed) } else { Locality::InOrder };
    let synthetic = Synthetic {
        bytes: arguments.bytes.ok_or("--bytes is missing")?,
        locality,
        seed,
        minor: arguments.minor.unwrap_or(5),
    };
    let hive = arguments.output()?;
    let mut out = BufWriter::with_capacity(1 << 20, fs::File::create(hive)?);
    let summary = match arguments.dirty {
        None => write_synthetic(&mut out, &synthetic),
        Some(dirty) => {
            let (summary, log) = write_dirty_synthetic(&mut out, &synthetic, dirty);
            let mut name = hive.as_os_str().to_owned();
            name.push(".LOG1");
            fs::write(name, log.bytes)?;
            summary
        }
    };
    out.flush()?;
    println!("{summary:?}");
    Ok(())
}

fn hostile_hives(folder: &Path) -> Result<()> {
    let mut files: Vec<File> = hostile::all()
        .into_iter()
        .map(|hostile| File {
            path: format!("{}.hive", dashed(hostile.name)),
            bytes: hostile.bytes,
        })
        .collect();
    files.extend(amplified::all().into_iter().map(|hostile| File {
        path: format!("{}.hive", dashed(hostile.name)),
        bytes: hostile.bytes,
    }));
    let bytes = hostile::shared_value_list(20_000);
    files.push(File { path: "shared-value-list.hive".to_owned(), bytes });
    write_files(folder, &files)
}

/// Writes hives with their logs, each to its own folder: the hive, its logs, the hive after replay,
/// and the canonical form of the latter.
fn logs() -> Vec<File> {
    let mut files = Vec::new();
    for dirty in log::states().into_iter().chain(log::hostile_logs()) {
        let folder = dashed(&dirty.name);
        let mut add = |name: &str, bytes: Vec<u8>| {
            files.push(File { path: format!("{folder}/{name}"), bytes });
        };
        add("HIVE", dirty.primary);
        add("HIVE.expected", dirty.expected);
        for (extension, log) in dirty.logs {
            add(&format!("HIVE.{extension}"), log.bytes);
        }
        if let Some(tree) = &dirty.tree {
            add("HIVE.canonical", canonical(tree));
        }
    }
    files
}

/// Writes the hives that raise each finding, the near misses, and the machines that raise nothing.
fn findings() -> Vec<File> {
    let below = |folder: String, files: finding::Files| {
        files.into_iter().map(move |(path, bytes)| File { path: format!("{folder}/{path}"), bytes })
    };
    let mut files = Vec::new();
    for finding::Case { code, raises, near_miss, .. } in finding::cases() {
        files.extend(below(format!("{code}/raises"), raises));
        files.extend(below(format!("{code}/near-miss"), near_miss));
    }
    for (name, base) in finding::bases() {
        files.extend(below(format!("nothing/{name}"), base));
    }
    files
}

/// Writes the machines whose end of the grace period opens, each with the end as a FILETIME in a text file.
fn grace_ends() -> Vec<File> {
    let mut files = Vec::new();
    for machine in grace_end::machines() {
        let below = |path: &str| format!("{}/{path}", machine.name);
        files.push(File { path: below("end.txt"), bytes: format!("{}\n", machine.end).into() });
        let of_machine = machine.files.iter();
        files.extend(
            of_machine.map(|(path, bytes)| File { path: below(path), bytes: bytes.clone() }),
        );
    }
    files
}

fn fleet(arguments: &Arguments) -> Result<()> {
    let machines = arguments.machines.ok_or("--machines is missing")?;
    let files = scenario::fleet(machines).into_iter();
    let files: Vec<File> = files.map(|(path, bytes)| File { path, bytes }).collect();
    write_files(arguments.output()?, &files)
}

fn write_files(folder: &Path, files: &[File]) -> Result<()> {
    for File { path, bytes } in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, bytes)?;
    }
    println!("{} files in {}", files.len(), folder.display());
    Ok(())
}
