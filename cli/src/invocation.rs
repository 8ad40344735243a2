// SPDX-License-Identifier: GPL-3.0-or-later
//! This run of the command: its version, commit and arguments.

use std::path::Path;
use std::sync::LazyLock;

use calhive::report::{Root, Run, Tool};
use calhive_evidence::escape;

/// Commit that the command was built from.
const COMMIT: &str = env!("CALHIVE_COMMIT");
/// Name of the option with a secret. Reports and manifests show it without its value.
const RECOVERY_PASSWORD: &str = "--bitlocker-recovery-password";
/// What stands for a secret on the command line.
const SECRET: &str = "[secret]";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Version, commit and features, for `--version`.
pub(crate) static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let features = Tool::this().features.join(", ");
    format!("{VERSION}\ncommit {COMMIT}\nfeatures {features}")
});

/// Describes this run, which searches these files and folders.
pub(crate) fn run<P: AsRef<Path>>(paths: &[P]) -> Run {
    Run {
        program: String::from("calhive"),
        version: String::from(VERSION),
        commit: String::from(COMMIT),
        arguments: arguments().skip(1).collect(),
        evidence_roots: paths.iter().map(|path| root(path.as_ref())).collect(),
    }
}

/// Returns the command line, with special characters escaped and without secrets.
pub(crate) fn arguments() -> impl Iterator<Item = String> {
    let mut is_secret = false;
    std::env::args_os().map(move |argument| {
        let argument = escape::path(Path::new(&argument));
        let was_secret = core::mem::replace(&mut is_secret, argument == RECOVERY_PASSWORD);
        match argument.split_once('=') {
            _ if was_secret => String::from(SECRET),
            Some((RECOVERY_PASSWORD, _)) => format!("{RECOVERY_PASSWORD}={SECRET}"),
            _ => argument,
        }
    })
}

/// Returns the program of a document that is no report.
pub(crate) fn tool() -> Tool {
    Tool { name: String::from("calhive"), version: String::from(VERSION), ..Tool::this() }
}

fn root(path: &Path) -> Root {
    let absolute_path = path.canonicalize().ok();
    Root { path: escape::path(path), absolute_path: absolute_path.map(|path| escape::path(&path)) }
}
