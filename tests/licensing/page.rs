// SPDX-License-Identifier: MIT OR Apache-2.0
//! The documentation page of the catalogue is made from it.

use std::fmt::Write as _;
use std::path::Path;

use calhive::licensing::{Base, LOCATIONS, Location, Meaning, Read, Subject};

const INTRODUCTION: &str = "\
The table is made from [`LOCATIONS`]; a test holds that it is up to date. Keys of SYSTEM stand below each control
set unless `SYSTEM\\` is before them; *both views* means that the key is looked for below `Wow6432Node` as well.

**Issued licences are not in the registry.** They stand in the licence server's own database (`System32\\LServer`; in
NT 4.0 Terminal Server Edition `hydra.mdb`), and use per user in the directory. `IssuedLicenses`, which web pages
give as a key, is the name of a WMI property; no such key has been seen.
";

const GROUPS: [(Subject, &str); 4] = [
    (Subject::Client, "Client"),
    (Subject::SessionHost, "Session host"),
    (Subject::LicenseServer, "Licence server"),
    (Subject::System, "The system around it"),
];

fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    for (subject, title) in GROUPS {
        write!(page, "\n# {title}\n\n| Code | Key | What is read | Meaning | Windows | Source |\n|---|---|---|---|---|---|\n").unwrap();
        for location in LOCATIONS.iter().filter(|location| location.subject() == subject) {
            let Location { code, title, windows, .. } = location;
            // Brackets would be taken for links.
            let source = location.source.replace('[', "\\[");
            writeln!(
                page,
                "| `{code}` | {} | {} | {title}{} | {windows} | {source} |",
                key(location),
                read(location.read),
                meanings(location.meaning),
            )
            .unwrap();
        }
    }
    page
}

fn key(location: &Location) -> String {
    let key = location.key;
    match location.base {
        Base::ControlSet => format!("`{key}`"),
        Base::System => format!("`SYSTEM\\{key}`"),
        Base::Software => format!("`SOFTWARE\\{key}`"),
        Base::SoftwareViews => format!("`SOFTWARE\\{key}`, both views"),
    }
}

fn read(read: Read) -> String {
    match read {
        Read::Key => String::from("the key"),
        Read::Value(name) => format!("`{name}`"),
        Read::Values => String::from("all values"),
        Read::SubkeyValue { prefix: "", value } => format!("`{value}` of each subkey"),
        Read::SubkeyValue { prefix, value } => format!("`{value}` of each subkey `{prefix}…`"),
        Read::SubkeyValues => String::from("all values of each subkey"),
        Read::SubkeyNames { except } => format!("names of subkeys but `{except}`"),
    }
}

fn meanings(meaning: Meaning) -> String {
    let meanings = match meaning {
        Meaning::Number(meanings) => meanings,
        Meaning::Marker(says) => return format!(": {says}"),
        _ => return String::new(),
    };
    let parts: Vec<String> =
        meanings.iter().map(|(number, meaning)| format!("{number} {meaning}")).collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

#[test]
fn the_page_of_the_catalogue_is_made_from_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/licensing/locations.md");
    let page = page();
    if std::env::var_os("CALHIVE_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    // A checkout may have changed the ends of lines.
    let kept = std::fs::read_to_string(&path).unwrap().replace('\r', "");
    assert_eq!(kept, page, "run the test with CALHIVE_BLESS=1");
}
