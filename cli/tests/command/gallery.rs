// SPDX-License-Identifier: GPL-3.0-or-later
//! The gallery: the one screen of six scenarios, as a page of the documentation.

use super::{calhive_in, workspace};

/// Scenarios of the gallery: folder, heading, and what the screen answers. A damaged log makes a scan
/// incomplete.
const SCREENS: [(&str, &str, &str, i32); 6] = [
    (
        "windows-10-client-with-token",
        "A client with a token",
        "Which license does the client hold, from which license server, and until when?",
        0,
    ),
    (
        "client-licenses-removed",
        "A client whose licensing keys were removed",
        "What was removed, and between which times?",
        0,
    ),
    (
        "windows-server-2019-session-host",
        "A session host",
        "Which mode and which license servers are in effect, what do they override, and why might users be refused?",
        0,
    ),
    (
        "license-server",
        "A license server",
        "How is the service set up, where is its database, and which hosts of the evidence name it?",
        0,
    ),
    (
        "windows-server-2016-damaged-log",
        "A hive with a damaged transaction log",
        "What is known if the newest changes may be missing?",
        3,
    ),
    (
        "office-network",
        "Several hosts",
        "Who holds which token, who names which license server, and what deserves a look?",
        0,
    ),
];

const HEAD: &str = "\
# Gallery

`calhive scan` prints one screen for a host, and one screen for several hosts. A screen has at most 30 lines.
`--details` prints the whole report.

The tests of the command write this page. The hives are forged: they are in `testdata/hives`.
";

fn page() -> String {
    let mut page = String::from(HEAD);
    for (scenario, heading, question, code) in SCREENS {
        let folder = format!("testdata/hives/{scenario}");
        let run = calhive_in(workspace(), ["scan", "-q", &folder]).code(code);
        assert!((5..=30).contains(&run.text().lines().count()), "{scenario}: {}", run.text());
        page += &format!("\n## {heading}\n\n{question}\n\n");
        page += &format!("```console\n$ calhive scan {folder}\n{}```\n", run.text());
    }
    page
}

#[test]
fn gallery_has_the_screens_of_six_scenarios() {
    let path = workspace().join("docs/gallery.md");
    let page = page();
    if std::env::var_os("CALHIVE_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
    assert_eq!(kept, page, "run the test with CALHIVE_BLESS=1");
}
