// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs that benchmarks start, built by the same cargo.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Variables that change how the compiler builds. Programs under measurement have the profile of the manifest,
/// even if a caller builds its own programs in another way.
const BUILD: [&str; 8] = [
    "CARGO_PROFILE_BENCH_LTO",
    "CARGO_PROFILE_BENCH_CODEGEN_UNITS",
    "CARGO_PROFILE_BENCH_DEBUG",
    "CARGO_PROFILE_RELEASE_LTO",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS",
    "CARGO_PROFILE_RELEASE_DEBUG",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
];

/// Programs that a run of cargo built.
pub struct Built(Vec<serde_json::Value>);

impl Built {
    /// Runs `cargo` with these arguments.
    pub fn by(arguments: &[&str]) -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(arguments).arg("--message-format=json").stderr(Stdio::inherit());
        for variable in BUILD {
            command.env_remove(variable);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "cargo {arguments:?} failed");
        let messages = String::from_utf8(output.stdout).unwrap();
        Self(messages.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    /// The program of this name.
    pub fn program(&self, name: &str) -> PathBuf {
        self.find(name).unwrap()
    }

    /// The program of this name, or `None` if cargo did not build it.
    #[allow(dead_code, reason = "not by every benchmark")]
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        let built = |message: &&serde_json::Value| message["target"]["name"] == name;
        let mut messages = self.0.iter().filter(built);
        let message = messages.find(|message| message["executable"].is_string())?;
        Some(message["executable"].as_str()?.into())
    }
}
