// SPDX-License-Identifier: GPL-3.0-or-later
//! What the README shows is what the command prints.

use std::path::Path;

use super::calhive_in;

#[test]
fn the_output_in_the_readme_is_real() {
    let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let readme = std::fs::read_to_string(workspace.join("README.md")).unwrap().replace('\r', "");
    let mut lines = 0;
    for block in readme.split("```console\n$ cargo run --release -- ").skip(1) {
        let (command, rest) = block.split_once('\n').unwrap();
        let shown = rest.split("```").next().unwrap();
        let args = command.split('\'').enumerate().flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().collect::<Vec<_>>(),
            _ => vec![part],
        });
        let run = calhive_in(workspace, args).code(0);
        // In order, each line or its beginning; an ellipsis stands for any lines.
        let mut printed = run.text().lines();
        for wanted in shown.lines().filter(|line| *line != "…") {
            assert!(printed.any(|line| line.starts_with(wanted)), "{wanted:?} of {command}");
            lines += 1;
        }
    }
    assert!(lines > 15, "{lines}");
}
