// SPDX-License-Identifier: MIT OR Apache-2.0
//! The architecture: a layer uses only layers below it, and `unsafe` stays where it is.

use std::path::{Path, PathBuf};

/// The modules of the library by layer, lowest first. Modules of layer 0 may use each other.
const LAYERS: [&[&str]; 6] = [
    &["bytes", "error", "image", "limits", "raw", "time"],
    &["hive"],
    &["log"],
    &["recover"],
    &["registry"],
    &["licensing"],
];

/// What `lib.rs` re-exports, and where it comes from.
const RE_EXPORTS: [(&str, &str); 23] = [
    ("Bytes", "bytes"),
    ("CellOffset", "bytes"),
    ("FileOffset", "bytes"),
    ("Error", "error"),
    ("ErrorKind", "error"),
    ("Field", "error"),
    ("FileError", "error"),
    ("Limit", "error"),
    ("Result", "error"),
    ("Structure", "error"),
    ("Data", "hive"),
    ("Entry", "hive"),
    ("Hive", "hive"),
    ("Key", "hive"),
    ("Name", "hive"),
    ("KeyPath", "hive"),
    ("Value", "hive"),
    ("ValueType", "hive"),
    ("Walk", "hive"),
    ("Access", "image"),
    ("Image", "image"),
    ("Limits", "limits"),
    ("FileTime", "time"),
];

fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below `folder`, each with its content.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let (mut found, mut rest) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = rest.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                rest.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// Lines of code: comments left out, and in the library the tests at the end of a file.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].lines().map(|line| line.split("//").next().unwrap())
}

/// The first names after `crate::` in a file.
fn used(text: &str) -> Vec<String> {
    let code: String = code(text).collect::<Vec<_>>().join("\n");
    let mut names = Vec::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(group) => {
                let inside = group.split('}').next().unwrap();
                names.extend(inside.split(',').map(|name| first_word(name.trim())));
            }
            None => names.push(first_word(after)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// The module that a name after `crate::` belongs to.
fn module(name: &str) -> &str {
    RE_EXPORTS.iter().find(|(export, _)| *export == name).map_or(name, |(_, module)| module)
}

/// Uses of a higher layer in a file of `module`, or of a module that is in no layer.
fn upward(module_of_file: &str, text: &str) -> Vec<String> {
    let own = layer(module_of_file);
    let mut wrong = used(text);
    wrong.retain(|name| match (own, layer(module(name))) {
        (Some(own), Some(other)) => other > own,
        _ => true,
    });
    wrong
}

#[test]
fn a_layer_uses_only_those_below_it() {
    let src = package().join("src");
    let mut seen = 0;
    for (path, text) in sources(&src) {
        let inside = path.strip_prefix(&src).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first);
        if module == "lib" {
            continue;
        }
        seen += used(&text).len();
        assert!(layer(module).is_some(), "{module} is in no layer");
        assert_eq!(upward(module, &text), Vec::<String>::new(), "{}", inside.display());
    }
    assert!(seen > 100, "{seen} uses");
}

#[test]
fn an_upward_use_is_seen() {
    assert_eq!(upward("hive", "use crate::licensing::collect;"), ["licensing"]);
    assert_eq!(upward("bytes", "fn f() { crate::Hive::parse(&[]) }"), ["Hive"]);
    assert_eq!(upward("hive", "use crate::{Error, registry::HiveKind};"), ["registry"]);
    assert_eq!(upward("hive", "use crate::nowhere::X;"), ["nowhere"]);
    assert_eq!(upward("hive", "use crate::error::Error; // crate::licensing"), [""; 0]);
}

/// Licensing reads keys and values; it never sees the bytes of the file.
#[test]
fn licensing_never_slices_the_file() {
    for (path, text) in sources(&package().join("src/licensing")) {
        for name in used(&text) {
            let module = module(&name);
            assert!(!["bytes", "raw", "image"].contains(&module), "{}: {name}", path.display());
        }
        for line in code(&text) {
            for means in [".bin_bytes(", ".file().as_slice(", ".cell(", ".cells(", ".raw()."] {
                assert!(!line.contains(means), "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn unsafe_stays_in_two_files() {
    let mut found: Vec<String> = Vec::new();
    for folder in ["src", "cli/src", "evidence/src", "testdata/src"] {
        for (path, text) in sources(&package().join(folder)) {
            let is_word = |part: &str| part == "unsafe";
            let mut words =
                code(&text).flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
            if words.any(is_word) {
                let path =
                    path.strip_prefix(package()).unwrap().to_str().unwrap().replace('\\', "/");
                found.push(path);
            }
        }
    }
    found.sort();
    found.retain(|path| path != "cli/src/sigbus.rs");
    assert_eq!(found, ["src/image.rs"]);
}
