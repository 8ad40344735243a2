// SPDX-License-Identifier: MIT OR Apache-2.0
//! The documentation page of the catalog is generated from the catalog.

use std::fmt::Write as _;
use std::path::Path;

use calhive::catalog::{Base, LOCATIONS, Location, Meaning, Read, Subject};

const INTRODUCTION: &str = "\
This table is generated from [`LOCATIONS`], and a test keeps the table up to date. Keys of SYSTEM are below each
control set, unless the path starts with `SYSTEM\\`. *Both views* means that calhive also reads the key below
`Wow6432Node`.

**Issued licenses are not in the registry.** The license server's own database holds the licenses (`System32\\LServer`; in
NT 4.0 Terminal Server Edition `hydra.mdb`), and the directory holds per-user use. Some web pages list a key
`IssuedLicenses`. This is the name of a WMI property, and no such key is known.
";

const GROUPS: [(Subject, &str); 4] = [
    (Subject::Client, "Client"),
    (Subject::SessionHost, "Session host"),
    (Subject::LicenseServer, "License server"),
    (Subject::System, "System"),
];

fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    for (subject, title) in GROUPS {
        write!(page, "\n# {title}\n\n| Code | Key | What is read | Meaning | Windows | Source |\n|---|---|---|---|---|---|\n").unwrap();
        for location in LOCATIONS.iter().filter(|location| location.subject() == subject) {
            let Location { code, title, windows, .. } = location;
            // Brackets would become links.
            let source = location.reference().replace('[', "\\[");
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
        Base::Security => format!("`SECURITY\\{key}`"),
        Base::SoftwareViews => format!("`SOFTWARE\\{key}`, both views"),
        Base::User => format!("`NTUSER.DAT\\{key}`"),
        Base::VirtualStore => {
            format!("`UsrClass.dat\\VirtualStore\\MACHINE\\SOFTWARE\\{key}`, both views")
        }
    }
}

fn read(read: Read) -> String {
    match read {
        Read::Key => String::from("the key"),
        Read::Value("") => String::from("the default value"),
        Read::Value(name) => format!("`{name}`"),
        Read::Values => String::from("all values"),
        Read::SubkeyValue { prefix: "", value } => format!("`{value}` of each subkey"),
        Read::SubkeyValue { prefix, value } => format!("`{value}` of each subkey `{prefix}…`"),
        Read::SubkeyValueNaming { value, texts } => {
            let texts: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
            format!("`{value}` of each subkey, if it names {}", texts.join(" or "))
        }
        Read::SubkeyValues => String::from("all values of each subkey"),
        Read::SubkeyNames { except: "" } => String::from("names of subkeys"),
        Read::SubkeyNames { except } => format!("names of subkeys except `{except}`"),
    }
}

fn meanings(meaning: Meaning) -> String {
    let meanings = match meaning {
        Meaning::Number(meanings) => meanings,
        Meaning::Marker(says) | Meaning::Labeled(says) => return format!(": {says}"),
        _ => return String::new(),
    };
    let parts: Vec<String> =
        meanings.iter().map(|(number, meaning)| format!("{number} {meaning}")).collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

#[test]
fn page_of_the_catalog_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog/locations.md");
    let page = page();
    if std::env::var_os("CALHIVE_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    // A checkout may have changed the line ends.
    let kept = std::fs::read_to_string(&path).unwrap().replace('\r', "");
    assert_eq!(kept, page, "run the test with CALHIVE_BLESS=1");
}
