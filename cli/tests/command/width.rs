// SPDX-License-Identifier: GPL-3.0-or-later
//! No line of text for people is wider than the output, whatever the names in the evidence.

use std::path::Path;

use hive_forge::deletion::Edits;
use hive_forge::tree::{Key, Name, Tree, Value, utf16_nul};
use hive_forge::{Options, cases, time, write};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use unicode_width::UnicodeWidthChar as _;

use super::{Folder, run};

/// Returns the columns of a line: two for a wide character, none for a combining one.
pub(super) fn width(line: &str) -> usize {
    line.chars().map(|c| c.width().unwrap_or_default()).sum()
}

/// Parts of hostile names: wide, combining, escaped and unbroken text, separators, and text like a time.
const PARTS: [&str; 16] = [
    "許可証サーバー",
    "e\u{301}\u{300}",
    "👩\u{200D}💻",
    "\x1b[31m",
    "\u{202E}",
    "\0",
    "\n",
    "  ",
    "/",
    "a",
    "word ",
    "very-long-unbroken-name_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "2023-09-18 13:07:55 ",
    "2023-09-18T13:07:55.7654321Z",
    "]|\"'<b>",
    "\u{1F1E9}\u{1F1EA}",
];

fn name() -> impl Strategy<Value = String> {
    let parts = prop::collection::vec(prop::sample::select(&PARTS[..]), 1..8);
    parts.prop_map(|parts| parts.concat())
}

/// Returns a name of a key or value: at most 255 units, without the separator of paths.
fn short(name: &str) -> Name {
    let units: Vec<u16> = name.encode_utf16().take(120).collect();
    Name::Utf16(units)
}

/// Writes the hives of a session host with these names.
fn write_host(folder: &Folder, host: &str, names: &[String]) -> [String; 2] {
    let mut system = Tree::new("ROOT");
    system.root.at("Select").push(Value::dword("Current", 1));
    let set = |key: &str| format!("ControlSet001\\{key}");
    let computer = system.root.at(&set(r"Control\ComputerName\ComputerName"));
    computer.push(Value::sz("ComputerName", &names[0]));
    system.root.at(&set(r"Control\ProductOptions")).push(Value::sz("ProductType", "ServerNT"));
    let core = system.root.at(&set(r"Control\Terminal Server\RCM\Licensing Core"));
    core.push(Value::dword("LicensingMode", 4));
    let servers: Vec<&str> = names.iter().map(String::as_str).collect();
    let key = system.root.at(&set(r"Services\TermService\Parameters\LicenseServers"));
    key.push(Value::multi_sz("SpecifiedLicenseServers", &servers));
    let service = system.root.at(&set(r"Services\TermServLicensing"));
    service.push(Value::dword("Start", 2));
    service.push(Value::sz("ImagePath", &names[1]));
    let mut software = Tree::new("ROOT");
    let version = software.root.at(r"Microsoft\Windows NT\CurrentVersion");
    version.push(Value::sz("ProductName", &names[2]));
    let mut license = Key::new(short(&names[1])).binary("ClientLicense", &[1, 2, 3]);
    license.push(Value::new(short(&names[2]), 1, &utf16_nul(&names[0])));
    software.root.at(r"Microsoft\MSLicensing\Store").subkeys.push(license);
    let file = |name: &str, tree: &Tree| {
        folder.file(&format!("{host}/{name}"), &write(tree, &Options::default()).bytes)
    };
    // A copy from which the licenses were deleted.
    let mut edits = Edits::new(&software, &Options::default());
    edits.delete_key(edits.key(r"Microsoft\MSLicensing"), time::DEFAULT + 36_000_000_000);
    folder.file(&format!("{host}/deleted/SOFTWARE"), &edits.finish().hive.bytes);
    [file("SYSTEM", &system), file("SOFTWARE", &software)]
}

/// Asserts the width of every line that a command writes.
fn check(args: &[&str], columns: usize) -> Result<(), TestCaseError> {
    let shown = columns.to_string();
    let run = run(Path::new("."), &[("COLUMNS", &shown)], args);
    prop_assert!(!run.out.is_empty(), "{args:?}: {}", run.err);
    for line in run.text().lines() {
        prop_assert!(width(line) <= columns, "{args:?}, {columns} columns: {line:?}");
    }
    Ok(())
}

#[test]
fn no_line_is_wider_than_the_output() {
    let token = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../testdata/vectors/rdpele_4.6_ClientLicense_pkcs7_temp_A02-6.00-S.hex"
    );
    let mut runner = TestRunner::new(Config { cases: cases::cases(6), ..Config::default() });
    let names = || prop::collection::vec(name(), 3);
    runner
        .run(&(names(), names(), 60..=200_usize), |(one, other, columns)| {
            let folder = Folder::new();
            let [system, software] = write_host(&folder, "1", &one);
            write_host(&folder, "2", &other);
            let deleted = software.replace("SOFTWARE", "deleted/SOFTWARE");
            let all = folder.path();
            for args in [
                &["scan", &software, &system][..],
                &["scan", all],
                &["scan", all, "--hosts"],
                &["scan", all, "--details"],
                &["scan", all, "--host", "host-2"],
                &["info", &system],
                &["info", &system, "--check"],
                &["info", &system, "--at", "0x1020"],
                &["walk", &software],
                &["walk", &software, "--hidden", "--recovered"],
                &["get", &system, r"ControlSet001\Services\TermServLicensing"],
                &["get", &system, r"ControlSet001\Services\TermServLicensing", "ImagePath"],
                &["recover", &deleted],
                &["replay", &system],
                &["carve", &software],
                &["token", token],
                &["explain"],
                &["explain", "client.token.temporary"],
            ] {
                check(args, columns)?;
            }
            Ok(())
        })
        .unwrap();
}
