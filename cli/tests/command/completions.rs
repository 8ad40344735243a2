// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive completions`.

use super::{OnDisk, calhive};

#[test]
fn every_shell_has_a_script_that_names_the_subcommands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = calhive(["completions", shell]).code(0);
        for word in ["scan", "recover", "completions", "no-replay"] {
            assert!(run.text().contains(word), "{shell}: {word}");
        }
        assert_eq!(run.err, "");
    }
    calhive(["completions", "csh"]).code(2);
    calhive(["completions"]).code(2);
}

#[cfg(unix)]
#[test]
fn script_for_bash_is_valid_and_completes_a_subcommand() {
    let script = OnDisk::new(&calhive(["completions", "bash"]).code(0).out);
    let bash = |line: &str| {
        let output = std::process::Command::new("bash").args(["-c", line]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    bash(&format!("bash -n {}", script.path));
    let words = bash(&format!(
        "source {}; COMP_WORDS=(calhive sc); COMP_CWORD=1; _calhive calhive sc calhive; \
         echo \"${{COMPREPLY[@]}}\"",
        script.path
    ));
    assert_eq!(words.trim(), "scan");
}
