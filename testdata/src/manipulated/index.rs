// SPDX-License-Identifier: MIT OR Apache-2.0

//! The cases as files, with an index of their content: JSON, one line for each case.
//!
//! A line has `file`, `class`, `name`, `tree`, `start`, `changes` and `hidden`, and `records` in CR
//! if records are lost. Numbers are decimal, data hexadecimal. The file beside the hive holds the
//! canonical form that a walk has to find.

use super::case::{Case, Change, Class, Hidden, Record, RecordKind};
use super::cases;
use crate::canonical::canonical;
use crate::clean::{File, dashed};
use crate::json::{array, hexadecimal, string};

/// Returns the index, each file, and for a valid hive its canonical form.
pub fn files() -> Vec<File> {
    let mut files = Vec::new();
    let mut index = String::new();
    for case in cases() {
        let path = path(&case);
        index += &line(&case, &path);
        if let Some(tree) = &case.holds {
            files.push(File { path: format!("{path}.canonical"), bytes: canonical(tree) });
        }
        files.push(File { path, bytes: case.bytes });
    }
    files.push(File { path: "cases.jsonl".to_owned(), bytes: index.into_bytes() });
    files
}

/// Returns the name of the file: the name of the case, below its class and tree.
fn path(case: &Case) -> String {
    format!("{}/{}/{}", case.class, dashed(case.tree), dashed(&case.name))
}

fn line(case: &Case, path: &str) -> String {
    let (file, class, name) = (string(path), string(&case.class.to_string()), string(&case.name));
    let (tree, start) = (string(case.tree), case.start);
    let changes = array(&case.changes, change);
    let hidden = array(&case.hidden, hidden);
    let records = match case.class {
        Class::Corrupted => format!(",\"records\":{}", array(&case.records, record)),
        Class::Normal | Class::Manipulated => String::new(),
    };
    format!(
        "{{\"file\":{file},\"class\":{class},\"name\":{name},\"tree\":{tree},\"start\":{start},\
         \"changes\":{changes},\"hidden\":{hidden}{records}}}\n"
    )
}

fn change(change: &Change) -> String {
    let Change { offset, width, found, original, .. } = change;
    let field = string(change.field);
    format!(
        "{{\"field\":{field},\"offset\":{offset},\"width\":{width},\"found\":{found},\
         \"original\":{original}}}"
    )
}

fn hidden(hidden: &Hidden) -> String {
    let path = array(&hidden.path, |name| string(name));
    let (what, below, by) = (string(hidden.what.word()), hidden.below, change(&hidden.by));
    let value = hidden.what.value().map_or_else(null, string);
    let data = hidden.data.as_deref().map_or_else(null, hexadecimal);
    format!(
        "{{\"path\":{path},\"what\":{what},\"value\":{value},\"below\":{below},\"by\":{by},\
         \"data\":{data}}}"
    )
}

fn record(record: &Record) -> String {
    let (offset, name) = (record.offset, string(&record.name.to_string()));
    match &record.kind {
        RecordKind::Key { last_written } => {
            format!("{{\"key\":{name},\"offset\":{offset},\"last_written\":{last_written}}}")
        }
        RecordKind::Value { value_type, data } => {
            let len = data.as_ref().map_or_else(null, |data| data.len().to_string());
            format!(
                "{{\"value\":{name},\"offset\":{offset},\"type\":{value_type},\"data_len\":{len}}}"
            )
        }
    }
}

fn null() -> String {
    "null".to_owned()
}
