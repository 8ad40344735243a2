// SPDX-License-Identifier: GPL-3.0-or-later
//! This run of the command: its version, commit and arguments.

use std::path::Path;
use std::sync::LazyLock;

use calhive::report::{Root, Run, Tool};
use calhive_evidence::escape;

/// Commit that the command was built from.
const COMMIT: &str = env!("CALHIVE_COMMIT");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Version, commit and features, for `--version`.
pub(crate) static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let features = Tool::this().features.join(", ");
    format!("{VERSION}\ncommit {COMMIT}\nfeatures {features}")
});

/// Describes this run, which searches these files and folders.
pub(crate) fn run<P: AsRef<Path>>(paths: &[P]) -> Run {
    let arguments = std::env::args_os().skip(1);
    Run {
        program: String::from("calhive"),
        version: String::from(VERSION),
        commit: String::from(COMMIT),
        arguments: arguments.map(|argument| escape::path(Path::new(&argument))).collect(),
        evidence_roots: paths.iter().map(|path| root(path.as_ref())).collect(),
    }
}

/// Returns the program of a document that is no report.
pub(crate) fn tool() -> Tool {
    Tool { name: String::from("calhive"), version: String::from(VERSION), ..Tool::this() }
}

fn root(path: &Path) -> Root {
    let absolute_path = path.canonicalize().ok();
    Root { path: escape::path(path), absolute_path: absolute_path.map(|path| escape::path(&path)) }
}
