// SPDX-License-Identifier: GPL-3.0-or-later
//! The examples in the help texts, run in a shell on a scenario.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Folder, calhive, calhive_in, scenario};
use crate::manners::subcommands;

/// Returns the examples of a help text, one command line each.
fn examples(help: &str) -> Vec<String> {
    let (_, examples) = help.split_once("\nExamples:\n").unwrap();
    let joined = examples.replace("\\\n", " ");
    let lines = joined.lines().map_while(|line| line.strip_prefix("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Makes the files that the examples name, and returns the folder of the examples.
fn case(folder: &Folder) -> std::path::PathBuf {
    let case = folder.0.join("case");
    copy(&scenario("windows-10-client-with-token"), &case);
    copy(&scenario("client-licenses-removed"), &case);
    copy(&scenario("office-network"), &case.join("evidence"));
    fs::copy(case.join("SOFTWARE"), case.join("pagefile.sys")).unwrap();
    copy(&scenario("windows-10-client-with-token"), &case.join("before"));
    copy(&scenario("client-licenses-removed"), &case.join("after"));
    // An archive under the name of a disk image: `scan` knows both by their content.
    for (of, name) in [("office-network", "disk.E01"), ("flat-folder-of-two-hosts", "triage.zip")] {
        let mut zip = Command::new("zip");
        zip.current_dir(scenario(of)).args(["-q", "-r"]).arg(case.join(name)).arg(".");
        assert!(zip.status().unwrap().success());
    }
    copy(&scenario("client-licenses-renewed"), &case.join("more"));
    fs::create_dir(folder.0.join("recovered")).unwrap();
    let license = ["get", "SOFTWARE", r"Microsoft\MSLicensing\Store\LICENSE000", "ClientLicense"];
    let token = calhive_in(&case, license.into_iter().chain(["--format", "raw"])).code(0);
    fs::write(case.join("license.cal"), token.out).unwrap();
    case
}

#[test]
fn every_example_ends_with_0_and_prints_something() {
    let folder = Folder::new();
    let case = case(&folder);
    let program = Path::new(env!("CARGO_BIN_EXE_calhive")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut run = 0;
    for command in subcommands(calhive(["--help"]).code(0).text()) {
        let help = calhive([&command, "--help"]).code(0);
        let examples = examples(help.text());
        assert!(!examples.is_empty(), "{command}");
        for example in examples {
            let mut shell = Command::new("bash");
            shell.args(["-o", "pipefail", "-c", &example]);
            let output = shell.env("PATH", &path).current_dir(&case).output().unwrap();
            let err = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(0), "{example}: {err}");
            assert!(!output.stdout.is_empty() || example.contains(" > "), "{example}");
            run += 1;
        }
    }
    assert!(run >= 20, "{run}");
    for file in ["case/calhive.bash", "man1/calhive-scan.1", "carved", "recovered/SYSTEM"] {
        assert!(folder.0.join(file).exists(), "{file}");
    }
}

#[test]
fn continued_line_is_one_example() {
    let help = "Usage\n\nExamples:\n  calhive a \\\n      --b\n  calhive c\n";
    assert_eq!(examples(help), ["calhive a        --b", "calhive c"]);
}
