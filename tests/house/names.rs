// SPDX-License-Identifier: MIT OR Apache-2.0
//! One name for one thing.

use std::collections::BTreeMap;

use crate::house::project;
use crate::house::sources::{self, Crate};

#[test]
fn no_two_public_types_have_one_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for src in ["regf/src", "evidence/src", "src"] {
        for (path, module) in Crate::read(&project().join(src)).modules {
            for name in module.types {
                places.entry(name).or_default().push(format!("{src}/{}", path.join("/")));
            }
        }
    }
    assert!(places.len() > 200, "{}", places.len());
    places.retain(|_, places| places.len() > 1);
    assert_eq!(places, BTreeMap::new());
}

#[test]
fn files_are_named_by_nouns() {
    let mut recovered = Vec::new();
    for folder in ["regf/src", "evidence/src", "src", "cli/src", "python/src"] {
        for path in sources::files(&project().join(folder)) {
            let stem = path.file_stem().unwrap().to_str().unwrap();
            if stem == "recovered" {
                recovered.push(path.clone());
                continue;
            }
            // "Finding", "reading" and "pairing" are nouns.
            assert!(!stem.ends_with("ed"), "{}", path.display());
        }
    }
    assert_eq!(recovered, [project().join("regf/src/recover/recovered.rs")]);
}
