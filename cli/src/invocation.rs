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
/// Name of the program.
const PROGRAM: &str = match option_env!("CARGO_BIN_NAME") {
    Some(name) => name,
    None => "calhive",
};
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Version, commit and features, for `--version`.
pub(crate) static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let features = Tool::this().features.join(", ");
    format!("{VERSION}\ncommit {COMMIT}\nfeatures {features}")
});

/// Describes this run, which searches these files and folders.
pub(crate) fn run<P: AsRef<Path>>(paths: &[P]) -> Run {
    Run {
        program: String::from(PROGRAM),
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

/// Whether an argument that is no value of the option is a recovery password, and no file. Reports and messages name
/// their inputs, so such a run is refused.
pub(crate) fn has_misplaced_password() -> bool {
    let mut is_value = false;
    std::env::args_os().any(|argument| {
        let was_value = core::mem::replace(&mut is_value, argument == RECOVERY_PASSWORD);
        let is_password = argument.to_str().is_some_and(is_recovery_password);
        is_password && !was_value && Path::new(&argument).symlink_metadata().is_err()
    })
}

/// Whether a text has the 48 digits of a recovery password, and nothing but digits and separators.
fn is_recovery_password(text: &str) -> bool {
    is_of_digits(text) && digits(text) == 48
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn is_of_digits(text: &str) -> bool {
    text.chars().all(|it| it.is_ascii_digit() || "- ".contains(it))
}

/// Returns a text without the secrets of the command line; `None` if the text has no secret.
pub(crate) fn without_secrets(text: &str) -> Option<String> {
    let arguments: Vec<String> =
        std::env::args_os().map(|it| it.to_string_lossy().into_owned()).collect();
    hide(text, &secrets(&arguments))
}

fn hide(text: &str, secrets: &[String]) -> Option<String> {
    let shown = |text: String, secret: &String| text.replace(secret.as_str(), SECRET);
    let hidden = secrets.iter().fold(String::from(text), shown);
    (hidden != text).then_some(hidden)
}

/// Returns the parts of a command line that can be recovery passwords or parts of them, the longest first.
fn secrets(arguments: &[String]) -> Vec<String> {
    let mut secrets = Vec::new();
    let mut is_after_option = false;
    let mut has_option = false;
    for argument in arguments {
        if core::mem::take(&mut is_after_option) {
            secrets.push(argument.clone());
        }
        // A misspelled option has the same start.
        if argument.starts_with("--bitlocker") {
            has_option = true;
            is_after_option = !argument.contains('=');
            secrets.extend(argument.split_once('=').map(|(_, value)| String::from(value)));
        }
        let is_part = has_option && is_of_digits(argument) && digits(argument) >= 6;
        if is_part || is_recovery_password(argument) {
            secrets.push(argument.clone());
        }
    }
    secrets.retain(|secret| secret.bytes().any(|byte| byte.is_ascii_digit()));
    secrets.sort_by_key(|secret| core::cmp::Reverse(secret.len()));
    secrets
}

/// Returns the program of a document that is no report.
pub(crate) fn tool() -> Tool {
    Tool { name: String::from("calhive"), version: String::from(VERSION), ..Tool::this() }
}

fn root(path: &Path) -> Root {
    let absolute_path = path.canonicalize().ok();
    Root { path: escape::path(path), absolute_path: absolute_path.map(|path| escape::path(&path)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "111111-222222-333333-444444-555555-666666-777777-888888";

    fn secrets_of(line: &[&str]) -> Vec<String> {
        secrets(&line.iter().map(|it| String::from(*it)).collect::<Vec<_>>())
    }

    #[test]
    fn recovery_password_is_known_in_every_wrong_command_line() {
        let joined = format!("--bitlocker-recovery-password={PASSWORD}x");
        assert_eq!(secrets_of(&["calhive", "scan", &joined]), [format!("{PASSWORD}x")]);
        let misspelled = ["calhive", "scan", "--bitlocker-pasword", PASSWORD];
        assert!(secrets_of(&misspelled).contains(&String::from(PASSWORD)));
        let spread = ["calhive", "scan", "--bitlocker-recovery-password", "1111112", "222222"];
        assert_eq!(secrets_of(&spread), ["1111112", "1111112", "222222"]);
        assert_eq!(secrets_of(&["calhive", "info", "H", PASSWORD]), [PASSWORD]);
        assert!(secrets_of(&["calhive", "info", "20240101", "--at", "0x20"]).is_empty());
    }

    #[test]
    fn text_without_a_secret_is_left_to_its_writer() {
        assert_eq!(hide("error: no '12'", &[String::from("123")]), None);
        let hidden = hide("error: '123' and '123'", &[String::from("123")]);
        assert_eq!(hidden.as_deref(), Some("error: '[secret]' and '[secret]'"));
    }
}
