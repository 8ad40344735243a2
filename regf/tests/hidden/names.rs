// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names hidden by their length or by their flag.

use calhive_regf::hive::hidden::HiddenBy;
use hive_forge::tree::{Name, Tree, Value};
use hive_forge::{ListKind, Options, write};

use super::{field, forged, hidden, tree};

#[test]
fn key_name_hidden_by_length_is_found() {
    let mut hive = forged();
    hive.set("key Bravo", "name_length", 2);
    assert_eq!(hidden(&hive.bytes), ["name Bravo is Bravo NameLength"]);
    for list in [ListKind::Lh, ListKind::Lf, ListKind::Li] {
        let mut hive = write(&tree(), &Options { list, ..Options::default() });
        hive.set("key Bravo", "name_length", 0);
        assert_eq!(hidden(&hive.bytes), ["name Bravo is Bravo NameLength"], "{list:?}");
        field(&hive, HiddenBy::NameLength, "key Bravo", "name_length", 5);
    }
    let wide = "\u{394}\u{3b4}\u{3c0}";
    let mut hive = forged();
    hive.set(&format!("key {wide}"), "name_length", 2);
    assert_eq!(hidden(&hive.bytes), [format!("name {wide} is {wide} NameLength")]);
}

#[test]
fn path_below_a_hidden_name_has_the_suggested_name() {
    let mut hive = forged();
    hive.set("key Alpha", "name_length", 0).set("key Alpha", "subkey_count", 0);
    let lines = hidden(&hive.bytes);
    assert!(lines.contains(&r"key Alpha\below\deep SubkeyCount below".to_owned()), "{lines:#?}");
}

#[test]
fn key_name_hidden_by_flag_is_found() {
    for list in [ListKind::Lh, ListKind::Lf] {
        let mut hive = write(&tree(), &Options { list, ..Options::default() });
        let flags = hive.get("key Alpha\\below", "flags");
        // UTF-16 has no odd number of bytes: the name is recognized without its hash.
        hive.set("key Alpha\\below", "flags", flags ^ 0x20);
        let lines = hidden(&hive.bytes);
        assert_eq!(lines, [r"name Alpha\below is below NameFlag"]);
    }
    let wide = "\u{394}\u{3b4}\u{3c0}";
    let mut hive = forged();
    let record = format!("key {wide}");
    let flags = hive.get(&record, "flags");
    hive.set(&record, "flags", flags ^ 0x20);
    assert_eq!(hidden(&hive.bytes), [format!("name {wide} is {wide} NameFlag")]);
    field(&hive, HiddenBy::NameFlag, &record, "flags", flags);
}

#[test]
fn value_name_hidden_by_length_or_flag_is_found() {
    let mut hive = forged();
    hive.set("value Alpha:binary", "name_length", 0);
    assert_eq!(hidden(&hive.bytes), ["name Alpha:binary NameLength"]);
    field(&hive, HiddenBy::NameLength, "value Alpha:binary", "name_length", 6);

    let mut hive = forged();
    hive.set("value Alpha:binary", "flags", 0);
    assert_eq!(hidden(&hive.bytes), ["name Alpha:binary NameFlag left over"]);

    let mut tree = tree();
    let name = Name::Utf16("wide name".encode_utf16().collect());
    tree.root.values.push(Value::new(name, 4, &[1, 0, 0, 0]));
    let mut hive = write(&tree, &Options::default());
    hive.set("value :wide name", "flags", 1);
    assert_eq!(hidden(&hive.bytes), ["name :wide name NameFlag"]);

    // Bytes in an oversized cell are no name.
    let mut tree = Tree::new("ROOT");
    tree.root = tree.root.dword("a name of some length", 1);
    let mut hive = write(&tree, &Options::default());
    hive.set("value :a name of some length", "name_length", 0);
    assert_eq!(hidden(&hive.bytes), ["name :a name of some length NameLength"]);
    hive.set_bytes("value :a name of some length", "name", b"a\0");
    assert_eq!(hidden(&hive.bytes), Vec::<String>::new());
}

/// The last byte of a UTF-16 name with an odd number of bytes is no part of the name.
#[test]
fn name_that_is_shown_whole_is_not_hidden_by_the_size_of_its_cell() {
    let mut tree = tree();
    let name = Name::Utf16("\u{394}\u{3b4}\u{3c0}\u{394}\u{3b4}".encode_utf16().collect());
    tree.root.values.push(Value::new(name, 4, &[1, 0, 0, 0]));
    let mut hive = write(&tree, &Options::default());
    let record = "value :\u{394}\u{3b4}\u{3c0}\u{394}\u{3b4}";
    // The cell has room for 8 of 9 bytes, which are 4 units.
    hive.set(record, "name_length", 9).set(record, "cell_size", u64::from(32_u32.wrapping_neg()));
    let lines = hidden(&hive.bytes);
    assert!(!lines.iter().any(|line| line.starts_with("name ")), "{lines:#?}");
}

/// A look-up by name finds the first of several values or keys of one name.
#[test]
fn later_value_or_key_of_the_same_name_is_reported() {
    let mut tree = tree();
    let mut again = hive_forge::tree::Key::new("ALPHA").dword("second", 1);
    again.values.push(Value::dword("SECOND", 2));
    tree.root.subkeys.push(again);
    let options = Options { list: ListKind::Li, ..Default::default() };
    let lines = hidden(&write(&tree, &options).bytes);
    assert_eq!(lines, ["key ALPHA SameName", "value ALPHA:SECOND SameName"]);
}

/// An empty name is the same in both encodings, and its hash is 0.
#[test]
fn empty_name_with_the_hash_of_an_empty_name_is_not_hidden_by_its_flag() {
    let mut hive = forged();
    hive.set("key Alpha", "name_length", 0).set("list ", "hash 0", 0);
    let lines = hidden(&hive.bytes);
    assert!(lines.iter().all(|line| !line.contains("NameFlag")), "{lines:#?}");
}
