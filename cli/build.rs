// SPDX-License-Identifier: GPL-3.0-or-later
//! Records the commit that the command is built from. `CALHIVE_COMMIT` overrides it, for a build outside a
//! repository.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=CALHIVE_COMMIT");
    let given = std::env::var("CALHIVE_COMMIT").ok().filter(|it| !it.is_empty());
    let commit = given.or_else(commit).unwrap_or_else(|| String::from("unknown"));
    println!("cargo::rustc-env=CALHIVE_COMMIT={commit}");
}

/// Returns the commit of the workspace, and whether a file differs from the commit. `None` if the workspace is no
/// repository of its own.
fn commit() -> Option<String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().ok()?;
    let root = PathBuf::from(git(&workspace, &["rev-parse", "--show-toplevel"])?);
    if root.canonicalize().ok()? != workspace {
        return None;
    }
    for name in ["HEAD", "index"] {
        let path = git(&workspace, &["rev-parse", "--git-path", name])?;
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
    }
    for part in SOURCES {
        println!("cargo::rerun-if-changed={}", workspace.join(part).display());
    }
    let commit = git(&workspace, &["rev-parse", "HEAD"])?;
    let mut status = vec!["status", "--porcelain", "--untracked-files=no", "--"];
    status.extend(SOURCES);
    let changes = git(&workspace, &status)?;
    Some(if changes.is_empty() { commit } else { format!("{commit}-modified") })
}

/// What the command is built from.
const SOURCES: [&str; 7] =
    ["Cargo.toml", "Cargo.lock", "src", "regf/src", "evidence/src", "cli/src", "cli/Cargo.toml"];

fn git(folder: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).current_dir(folder).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| String::from(text.trim()))
}
