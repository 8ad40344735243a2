// SPDX-License-Identifier: GPL-3.0-or-later
//! Every subcommand under a limit on its address space: it ends with its result or with one clear message.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Command;

use hive_forge::cases::cases;
use hive_forge::overlapping::{Wide, wide};

use super::manners::subcommands;
use super::{Folder, calhive, run_in_shell, scenario};

/// Limits of the test, in MiB.
const LIMITS: [u64; 3] = [512, 128, 64];

/// Packed evidence, and the program that packs it, with its arguments. Each runs in a folder with the folder `host` and the file
/// `disk.raw`.
const PACKERS: [(&str, &str); 8] = [
    ("host.zip", "zip -q -r host.zip host"),
    ("host.tar.gz", "tar -czf host.tar.gz host"),
    ("host.tar.zst", "tar --zstd -cf host.tar.zst host"),
    ("disk.qcow2", "qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2"),
    ("disk.vmdk", "qemu-img convert -f raw -O vmdk disk.raw disk.vmdk"),
    ("disk.vhdx", "qemu-img convert -f raw -O vhdx disk.raw disk.vhdx"),
    ("disk.vhd", "qemu-img convert -f raw -O vpc disk.raw disk.vhd"),
    ("split.001", "split -b 3M -a 3 --numeric-suffixes=1 disk.raw split."),
];

/// Evidence of each kind.
struct Inputs {
    folder: Folder,
    /// Hives, dirty and clean, small and large.
    hives: Vec<String>,
    /// Archives, disk images and folders.
    collections: Vec<String>,
    token: String,
}

impl Inputs {
    fn new() -> Self {
        let folder = Folder::new();
        let of = |name: &str, file: &str| {
            let bytes = fs::read(scenario(name).join(file)).unwrap();
            folder.file(&format!("host/{file}"), &bytes)
        };
        let (software, log) = ("SOFTWARE", "SOFTWARE.LOG1");
        let mut hives = vec![of("windows-10-client-token-in-logs", software)];
        of("windows-10-client-token-in-logs", log);
        hives.push(of("windows-10-client-token-in-logs", "SYSTEM"));
        hives.push(folder.file("wide/SOFTWARE", &wide(4000, Wide::Keys)));
        // Larger than the smallest limit.
        let mut large = fs::read(&hives[0]).unwrap();
        large.resize(80 << 20, 0);
        hives.push(folder.file("large/SOFTWARE", &large));
        fs::write(folder.0.join("disk.raw"), disk()).unwrap();
        let mut collections =
            vec![folder.path().to_owned(), folder.0.join("disk.raw").display().to_string()];
        for (name, packer) in PACKERS {
            let mut words = packer.split(' ');
            let made =
                Command::new(words.next().unwrap()).args(words).current_dir(&folder.0).status();
            // CI has every packer.
            let is_made = made.is_ok_and(|status| status.success());
            assert!(is_made || std::env::var_os("CI").is_none(), "{packer}");
            collections.extend(is_made.then(|| folder.0.join(name).display().to_string()));
        }
        let token = fs::read(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/token/server-2012.der"),
        );
        let token = folder.file("token.der", &token.unwrap());
        Self { folder, hives, collections, token }
    }

    /// Returns the command lines of a subcommand.
    fn lines(&self, subcommand: &str) -> Vec<Vec<String>> {
        let line = |args: &[&str]| {
            [subcommand].iter().chain(args).map(|it| (*it).to_owned()).collect::<Vec<_>>()
        };
        let hives = self.hives.iter();
        let all = self.hives.iter().chain(&self.collections).chain([&self.token]);
        match subcommand {
            "scan" => {
                let out = self.folder.0.join("../out").display().to_string();
                let formats = ["table", "json", "html"];
                let json = all.map(|it| line(&[it, "--format", "json"]));
                let hive = &self.hives[0];
                let each = json.chain(formats.map(|format| line(&[hive, "--format", format])));
                each.chain([line(&[
                    &self.hives[0],
                    "--threads",
                    "64",
                    "-o",
                    &format!("{out}-{}", std::process::id()),
                    "--force",
                ])])
                .collect()
            }
            "info" => all.map(|it| line(&[it, "--check"])).collect(),
            "walk" | "recover" | "replay" => all.map(|it| line(&[it])).collect(),
            "get" => hives.map(|it| line(&[it, "Microsoft"])).collect(),
            "carve" => all.map(|it| line(&[it, "--format", "json"])).collect(),
            "token" => all.map(|it| line(&[it])).collect(),
            "diff" => hives.map(|it| line(&[it, &self.hives[0]])).collect(),
            "extract" => {
                let out = self.folder.0.with_extension("copies").display().to_string();
                all.map(|it| line(&[it, "-o", &out, "--force"])).collect()
            }
            "explain" => vec![line(&[]), line(&["token"])],
            "completions" => vec![line(&["bash"])],
            "man" => vec![line(&[])],
            other => panic!("{other} has no command line in this test"),
        }
    }
}

impl Drop for Inputs {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.folder.0.with_extension("copies"));
        let _ = fs::remove_dir_all(self.folder.0.join(format!("../out-{}", std::process::id())));
    }
}

/// A disk with a boot record and a partition without a file system.
fn disk() -> Vec<u8> {
    let mut disk = vec![0_u8; 8 << 20];
    disk[446..462].copy_from_slice(&[0, 0, 2, 0, 7, 0, 2, 0, 0, 8, 0, 0, 0, 0x20, 0, 0]);
    disk[510..512].copy_from_slice(&[0x55, 0xAA]);
    disk
}

/// Runs the command with this address space in KiB. A signal counts as a failure.
#[track_caller]
fn assert_ends_well(line: &[String], kib: u64) {
    let output = run_in_shell(&format!("ulimit -v {kib}; exec"), line);
    let err = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    assert!(matches!(code, Some(0..=3)), "{kib} KiB, {line:?}: {:?}\n{err}", output.status);
    assert!(!err.contains("panicked") && !err.contains("allocation"), "{line:?}: {err}");
    let said =
        err.lines().filter(|line| line.starts_with("calhive: ") || line.starts_with("error: "));
    match code {
        // A message alone says that there is nothing to show.
        Some(0) => assert!(!output.stdout.is_empty() || said.count() > 0, "{kib} KiB, {line:?}"),
        _ => assert!(said.count() > 0, "{kib} KiB, {line:?}: no message"),
    }
}

#[test]
fn every_subcommand_ends_with_a_result_or_a_message_in_little_address_space() {
    let inputs = Inputs::new();
    let help = calhive(["--help"]).code(0);
    for subcommand in subcommands(help.text()) {
        for line in inputs.lines(&subcommand) {
            for mib in LIMITS {
                assert_ends_well(&line, mib << 10);
            }
        }
    }
}

/// Limits between the least with which the loader starts the command and a limit that is no bound.
#[test]
fn scan_ends_with_a_result_or_a_message_at_any_limit() {
    let inputs = Inputs::new();
    let line = &inputs.lines("scan")[0];
    let starts =
        |kib: u64| run_in_shell(&format!("ulimit -v {kib}; exec"), &["--version"]).status.success();
    let least = (8..64).map(|mib| mib << 10).find(|kib| starts(*kib)).unwrap();
    let step = 1 + 4000 / u64::from(cases(20));
    for kib in (least..least + (64 << 10)).step_by(usize::try_from(step * 16).unwrap()) {
        assert_ends_well(line, kib);
    }
}

#[test]
fn report_does_not_depend_on_the_address_space() {
    let inputs = Inputs::new();
    let line = ["scan", &inputs.hives[0], "--format", "json", "--threads", "64"];
    let whole = calhive(line);
    let limited = run_in_shell(&format!("ulimit -v {}; exec", 512 << 10), &line);
    let without_run = |bytes: &[u8]| {
        let mut report: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        report.as_object_mut().unwrap().remove("run");
        report
    };
    assert_eq!(without_run(&whole.out), without_run(&limited.stdout));
}
