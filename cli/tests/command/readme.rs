// SPDX-License-Identifier: GPL-3.0-or-later
//! What the README shows is what the command prints.

use super::{calhive_in, workspace};

/// Beginning of a block with a command and its output.
const BLOCK: &str = "```console\n$ calhive ";

fn readme() -> String {
    std::fs::read_to_string(workspace().join("README.md")).unwrap().replace('\r', "")
}

#[test]
fn the_output_in_the_readme_is_real() {
    let readme = readme();
    let mut lines = 0;
    for block in readme.split(BLOCK).skip(1) {
        let (command, rest) = block.split_once('\n').unwrap();
        let shown = rest.split("```").next().unwrap();
        let args = command.split('\'').enumerate().flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().collect::<Vec<_>>(),
            _ => vec![part],
        });
        let run = calhive_in(workspace(), args).code(0);
        if !shown.contains("…\n") {
            assert_eq!(shown, run.text(), "{command}");
        }
        // In order, each line or its beginning; an ellipsis stands for any lines.
        let mut printed = run.text().lines();
        for wanted in shown.lines().filter(|line| *line != "…") {
            assert!(printed.any(|line| line.starts_with(wanted)), "{wanted:?} of {command}");
            lines += 1;
        }
    }
    assert!(lines > 15, "{lines}");
}

#[test]
fn readme_is_short_and_begins_with_installation_and_one_screen() {
    let readme = readme();
    assert!(readme.lines().count() < 120, "{}", readme.lines().count());
    let install = readme.find("cargo install --path cli").unwrap();
    let screen = readme.find(&format!("{BLOCK}scan ")).unwrap();
    assert!(install < screen);
    // Every block runs the installed command.
    assert_eq!(readme.matches("```console").count(), readme.matches(BLOCK).count());
}
