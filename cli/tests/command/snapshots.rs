// SPDX-License-Identifier: GPL-3.0-or-later
//! The reports of all scenarios, as text and as JSON, word for word. Each was read against the rules
//! for what may be said before it was kept; a change is read likewise: run with `INSTA_UPDATE=always`
//! and read the difference.

use std::path::Path;

use hive_forge::scenario;

use super::calhive_in;

/// The workspace, so that paths in reports are those of a clone.
fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn report(scenario: &str, format: &str) -> String {
    let folder = format!("testdata/hives/{scenario}");
    let run = calhive_in(workspace(), ["scan", "-q", "--format", format, &folder]);
    // A log that is damaged is named.
    let code = if scenario.ends_with("damaged-log") { 3 } else { 0 };
    run.code(code).text().to_owned()
}

fn kept(format: &str, extension: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for scenario in scenario::every() {
            let name = format!("{}.{extension}", scenario.name);
            insta::assert_snapshot!(name, report(scenario.name, format));
        }
    });
}

#[test]
fn texts_are_as_kept() {
    kept("table", "table");
}

#[test]
fn json_is_as_kept() {
    kept("json", "json");
}
