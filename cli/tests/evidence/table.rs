// SPDX-License-Identifier: GPL-3.0-or-later
//! One host gives one report in every form. The table of the forms is a page of the documentation.

use alloc::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::form::{Base, Form};
use super::forms::{EXPORT, FORMS};
use super::host::Host;
use super::normal::{REMOVED, Removed, carried, differences, normal};
use super::scan::Scan;
use super::tool::{Mounted, has, new_folder};
use super::volume::mount_read_only;

/// A row of the table.
struct Row {
    form: &'static str,
    made_by: String,
    /// Bytes read by the run, for each host.
    bytes_read: Vec<Option<u64>>,
}

/// The comparison of one host.
struct Compared {
    rows: Vec<Row>,
    failures: Vec<String>,
    /// Pointers of the normalizer that removed something.
    used: BTreeSet<&'static str>,
    is_whole: bool,
}

#[test]
fn every_form_of_a_host_gives_the_report_of_its_folder() {
    let hosts = [Host::client(), Host::session_host()];
    let compared: Vec<Compared> = std::thread::scope(|scope| {
        let threads = hosts.map(|host| scope.spawn(|| compare(host)));
        threads.map(|thread| thread.join().unwrap()).into()
    });
    let failures: Vec<&String> = compared.iter().flat_map(|it| &it.failures).collect();
    assert!(failures.is_empty(), "{} failures\n{failures:#?}", failures.len());
    if compared.iter().all(|it| it.is_whole) {
        let used: BTreeSet<&str> = compared.iter().flat_map(|it| it.used.clone()).collect();
        let unused = REMOVED.iter().find(|removed| !used.contains(removed.pointer));
        assert!(unused.is_none(), "{:?} removes nothing", unused.map(|it| it.pointer));
        keep(&page(&compared));
    }
}

fn compare(host: Host) -> Compared {
    let base = Base::new(host, "table");
    let mut compared =
        Compared { rows: Vec::new(), failures: Vec::new(), used: BTreeSet::new(), is_whole: true };
    let mut expected: Option<Value> = None;
    for (number, form) in FORMS.iter().enumerate() {
        if !has(&form.tools()) {
            compared.is_whole = false;
            continue;
        }
        let folder = new_folder(base.root.join(format!("{number}")).to_str().unwrap());
        let mut arguments = (form.build)(&base, &folder);
        let _mounted = mounted(form, &mut arguments);
        let scan = Scan::json(&arguments);
        let name = format!("{}, {}", base.host.name, form.name);
        if scan.code != 0 {
            compared.failures.push(format!("{name}: exit code {}: {}", scan.code, scan.err));
            continue;
        }
        let report = scan.report();
        let (normal, used) = normal(&report);
        compared.used.extend(used);
        compared.rows.push(Row {
            form: form.name,
            made_by: form.made_by(),
            bytes_read: vec![bytes_read(&report)],
        });
        let expected = expected.get_or_insert_with(|| {
            assert_tells_enough(&normal);
            normal.clone()
        });
        let differences = match form.name {
            EXPORT => differences(&carried(expected), &carried(&normal)),
            _ => differences(expected, &normal),
        };
        if !differences.is_empty() {
            let count = differences.len();
            let first: Vec<String> = differences.into_iter().take(8).collect();
            compared.failures.push(format!("{name}: {count} differences: {first:#?}"));
        }
        fs::remove_dir_all(folder).unwrap();
    }
    compared
}

/// Mounts the volume of a form that is a mounted volume, and puts the mount point in its place.
fn mounted(form: &Form, arguments: &mut [OsString]) -> Option<Mounted> {
    let is_mounted = form.name.starts_with("mounted");
    is_mounted.then(|| {
        let mounted = mount_read_only(Path::new(&arguments[0]));
        arguments[0] = mounted.path().into();
        mounted
    })
}

/// Checks that the report that all others are compared with has facts, changes from logs and findings.
fn assert_tells_enough(report: &Value) {
    for (part, least) in [("facts", 40), ("events", 10), ("findings", 1), ("sources", 2)] {
        let count = report[part].as_array().map_or(0, Vec::len);
        assert!(count >= least, "{count} {part}");
    }
    let sources = report["sources"].as_array().unwrap();
    assert!(sources.iter().any(|source| source["is_dirty"] == true), "no dirty hive");
}

/// Returns the bytes that a run read from images and archives.
pub(crate) fn bytes_read(report: &Value) -> Option<u64> {
    let inputs = report["inputs"].as_array()?;
    inputs.iter().map(|input| input["bytes_read"].as_u64()).sum()
}

/// The page of the documentation.
fn page(compared: &[Compared]) -> String {
    let mut page = "# Forms of evidence\n\n\
        A test builds every form below for two forged machines with the named programs: a client with a \
        token, and a session host. Both have dirty hives with transaction logs. Files on the volumes are \
        fragmented, compressed or small enough for their MFT record, or have an attribute list. \
        `calhive scan` reads every form. All reports of a machine have equal facts, findings, tokens and \
        events, and all other parts of the JSON report are equal except for these:\n\n"
        .to_owned();
    page += "| Part | Content |\n|---|---|\n";
    for Removed { pointer, reason } in REMOVED {
        page += &format!("| `{pointer}` | {reason} |\n");
    }
    page += "\nThe last two columns show how much of the input calhive reads, for the client and the \
             session host.\n\n\
             | Form | Made by | Facts equal | Bytes read, client | Bytes read, session host |\n\
             |---|---|---|---:|---:|\n";
    for (row, other) in compared[0].rows.iter().zip(&compared[1].rows) {
        let bytes: Vec<String> =
            row.bytes_read.iter().chain(&other.bytes_read).map(|it| shown(*it)).collect();
        let equal = match row.form {
            EXPORT => "yes; an export has no times, permissions or offsets",
            _ => "yes",
        };
        page += &format!("| {} | {} | {equal} | {} |\n", row.form, row.made_by, bytes.join(" | "));
    }
    page
}

fn shown(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "-".to_owned(), |bytes| format!("{} KiB", bytes.div_ceil(1024)))
}

/// Writes the page if asked to. Otherwise compares it with the kept one: sizes of containers vary slightly.
fn keep(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/evidence.md");
    if std::env::var_os("CALHIVE_BLESS").is_some() {
        fs::write(&path, page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
    let (kept, page): (Vec<&str>, Vec<&str>) = (kept.lines().collect(), page.lines().collect());
    assert_eq!(kept.len(), page.len(), "run the test with CALHIVE_BLESS=1");
    for (kept, now) in kept.iter().zip(&page) {
        let [(words, kept), (now_words, now)] = [words_and_sizes(kept), words_and_sizes(now)];
        assert_eq!(words, now_words, "run the test with CALHIVE_BLESS=1");
        for (kept, now) in kept.iter().zip(&now) {
            let most = kept / 4 + 64;
            assert!(kept.abs_diff(*now) <= most, "{words:?}: {kept} KiB, now {now} KiB");
        }
    }
}

/// Returns the words of a line, and its sizes in KiB.
fn words_and_sizes(line: &str) -> (Vec<&str>, Vec<u64>) {
    let cells = line.split('|').map(str::trim);
    let (sizes, words): (Vec<&str>, Vec<&str>) = cells.partition(|cell| cell.ends_with(" KiB"));
    let sizes = sizes.iter().filter_map(|size| size.trim_end_matches(" KiB").parse().ok());
    (words, sizes.collect())
}
