// SPDX-License-Identifier: MIT OR Apache-2.0

//! The cases as files, with an index of their deleted items: JSON, one line for each case.
//!
//! A line has `file`, `class`, `name`, `tree` and `deleted`. Numbers are decimal, `offset` is the
//! file offset of the cell, data are hexadecimal. The live tree is beside the file, in its
//! canonical form. The hive before the deletions is `before/TREE`.

use super::classes::{Case, cases};
use super::truth::{Deleted, Overwritten};
use crate::canonical::canonical;
use crate::clean::{File, dashed};
use crate::json::{array, hexadecimal, string};

/// Returns the index, each file, and its canonical form.
pub fn files() -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    let mut index = String::new();
    for case in cases() {
        let path = format!("NRD/{}/{}", dashed(case.tree), dashed(case.name));
        index += &line(&case, &path);
        let before = format!("before/{}", dashed(case.tree));
        if files.iter().all(|file| file.path != before) {
            files.push(File { path: before, bytes: case.before });
        }
        let bytes = canonical(&case.edited.live);
        files.push(File { path: format!("{path}.canonical"), bytes });
        files.push(File { path, bytes: case.edited.hive.bytes });
    }
    files.push(File { path: "cases.jsonl".to_owned(), bytes: index.into_bytes() });
    files
}

fn line(case: &Case, path: &str) -> String {
    let (file, name, tree) = (string(path), string(case.name), string(case.tree));
    let deleted = array(&case.edited.truth, deleted);
    format!(
        "{{\"file\":{file},\"class\":\"NRD\",\"name\":{name},\"tree\":{tree},\
         \"deleted\":{deleted}}}\n"
    )
}

fn deleted(deleted: &Deleted) -> String {
    let (kind, name) = (string(deleted.kind.word()), string(&deleted.name.to_string()));
    let path = array(&deleted.path, |name| string(&name.to_string()));
    let (offset, data) = (deleted.file_offset(), hexadecimal(&deleted.data));
    let Deleted { last_written, value_type, alone, referenced, .. } = deleted;
    let Overwritten { record, name: of_name, value_list, data: of_data, parents } =
        &deleted.overwritten;
    let parents = array(parents, bool::to_string);
    format!(
        "{{\"kind\":{kind},\"path\":{path},\"name\":{name},\"last_written\":{last_written},\
         \"type\":{value_type},\"data\":{data},\"offset\":{offset},\"alone\":{alone},\
         \"referenced\":{referenced},\"overwritten\":{{\"record\":{record},\"name\":{of_name},\
         \"value_list\":{value_list},\"data\":{of_data},\"parents\":{parents}}}}}"
    )
}
