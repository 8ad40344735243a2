// SPDX-License-Identifier: MIT OR Apache-2.0
//! The module that decrypts has one door. No public item takes or returns key material, and no type with key material
//! has `Debug`.

use std::collections::BTreeSet;
use std::fs::read_to_string;

use crate::house::{project, sources};

/// Public items of the module, as the first lines of their declarations.
const PUBLIC: [&str; 12] = [
    "pub authenticated: bool,",
    "pub const fn code(&self) -> &'static str {",
    "pub end: FileTime,",
    "pub enum Half {",
    "pub enum NotOpened {",
    "pub enum OpenedWith {",
    "pub fn grace_end(",
    "pub opened_with: OpenedWith,",
    "pub set_at: Option<FileTime>,",
    "pub struct GraceEnd {",
    "pub use master_key::Half;",
    "pub use reason::NotOpened;",
];

/// Fields of the public enumerations.
const FIELDS: [&str; 16] = [
    "boot_key_set: u32,",
    "cipher: &'static str,",
    "control_set: u32,",
    "file: usize,",
    "flags: u32,",
    "guid: String,",
    "half: Half,",
    "hash: &'static str,",
    "is_current: bool,",
    "is_hmac: bool,",
    "length: usize,",
    "mode: u32,",
    "most: u32,",
    "number: u32,",
    "rounds: u32,",
    "value: &'static str,",
];

fn module() -> Vec<(String, String)> {
    let files = sources::files(&project().join("src/grace_end"));
    let read = files.iter().map(|path| (path.display().to_string(), read_to_string(path).unwrap()));
    read.filter(|(path, _)| !path.ends_with("tests.rs")).collect()
}

#[test]
fn public_items_of_the_module_that_decrypts_are_known() {
    let mut found = BTreeSet::new();
    for (_, text) in module() {
        let lines = text.lines().map(str::trim);
        found.extend(lines.filter(|it| it.starts_with("pub ")).map(str::to_owned));
    }
    assert_eq!(found, PUBLIC.map(str::to_owned).into());
}

#[test]
fn fields_of_public_enumerations_of_the_module_are_known() {
    let mut found = BTreeSet::new();
    for (_, text) in module() {
        for enumeration in text.split("\npub enum ").skip(1) {
            let body = enumeration.lines().take_while(|line| *line != "}").map(str::trim);
            let fields = body.filter(|it| !it.starts_with("//") && it.contains([':', '(']));
            found.extend(fields.map(str::to_owned));
        }
    }
    assert_eq!(found, FIELDS.map(str::to_owned).into());
}

/// The arguments are two hives and a look-up from a GUID to file bytes. There is no name of a secret, no blob and no
/// key.
#[test]
fn door_takes_hives_and_files_only() {
    let text = read_to_string(project().join("src/grace_end/mod.rs")).unwrap();
    let (_, after) = text.split_once("pub fn grace_end(").unwrap();
    let signature = after.split_once('{').unwrap().0;
    let signature: String = signature.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        signature,
        "system: Hive<'_>, security: Option<Hive<'_>>, master_keys: impl FnMut(&str) -> Vec<Vec<u8>>, ) -> \
         Result<GraceEnd, NotOpened>"
    );
}

/// Types with keys, secrets or plaintexts are private and have no `Debug` and no `Clone`.
#[test]
fn type_with_key_material_has_no_debug() {
    let mut seen = 0;
    for (path, text) in module() {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let private = ["pub(super) struct ", "pub(super) enum ", "struct ", "enum "];
            let Some(name) = private.iter().find_map(|it| line.strip_prefix(it)) else { continue };
            let above = lines[..at].iter().rev().take_while(|line| !line.trim().is_empty());
            let mut derives = above.filter(|line| line.trim().starts_with("#["));
            assert!(!derives.any(|it| it.contains("Debug")), "{path}: {name}");
            seen += 1;
        }
        assert!(!text.contains("impl fmt::Debug") && !text.contains("println!"), "{path}");
    }
    assert!(seen > 10, "{seen}");
}

/// The names of the secrets are constants: the two that the module reads, and no other.
#[test]
fn module_names_two_secrets_only() {
    let mut secrets = BTreeSet::new();
    for (_, text) in module() {
        for part in text.split("Policy\\Secrets\\").skip(1) {
            secrets.insert(part.split('\\').next().unwrap().to_owned());
        }
    }
    let known = ["DPAPI_SYSTEM", "L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588"];
    assert_eq!(secrets, known.map(str::to_owned).into());
}
