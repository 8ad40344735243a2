// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive get`.

use super::{OnDisk, assert_harmless, big, calhive, forged, hostile_tree};
use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{Options, canonical};

fn get(hive: &str, args: &[&str]) -> super::Run {
    calhive(["get", hive].iter().chain(args))
}

#[test]
fn a_key_is_shown_with_values_and_subkeys() {
    let forged = forged();
    let hive = OnDisk::new(&forged.bytes);
    let run = get(&hive.path, &["alpha"]).code(0);
    let offset = forged.field("key Alpha", "cell_size").start;
    for expected in [
        "key                  Alpha\n",
        "class                class\n",
        "owner                S-1-5-32-544\n",
        "flags                0x20 COMP_NAME\n",
        &format!("offset               {offset:#x}\n"),
        "\ntexts   REG_MULTI_SZ  18 ",
        "  \"by default\"\n",
        "\nBelow   ",
    ] {
        assert!(run.text().contains(expected), "{expected:?} in {}", run.text());
    }
    let json = get(&hive.path, &["", "--format", "json"]).code(0).json();
    assert_eq!(json["name"], "ROOT");
    assert_eq!(json["subkeys"][0]["name"], "Alpha");
    assert_eq!(json["subkeys"][0]["offset"], offset);
    assert_eq!(json["flag_names"], serde_json::json!(["HIVE_ENTRY", "NO_DELETE", "COMP_NAME"]));
}

#[test]
fn symbolic_link_on_the_way_is_named_with_its_target() {
    let mut tree = Tree::new("ROOT");
    let target = r"\REGISTRY\MACHINE\SYSTEM\ControlSet001";
    let link = Key::new("Link").flags(hive_forge::tree::SYM_LINK).value(Value::link(target));
    *tree.root.at("Link") = link;
    tree.root.at(r"Link\Below");
    let hive = OnDisk::new(&hive_forge::write(&tree, &Options::default()).bytes);
    for path in ["Link", r"Link\Below"] {
        let run = get(&hive.path, &[path]).code(0);
        let expected = format!("Link is a symbolic link to \"{target}\"; shown is the key itself");
        assert_eq!(run.err.matches(&expected).count(), 1, "{}", run.err);
    }
    tree.root.at("Other");
    let hive = OnDisk::new(&hive_forge::write(&tree, &Options::default()).bytes);
    assert!(!get(&hive.path, &["Other"]).code(0).err.contains("link"));
}

#[test]
fn values_are_decoded_by_their_type() {
    let hive = OnDisk::new(&forged().bytes);
    for (name, shown) in [
        ("number", "\n\n16 (0x10)\n"),
        ("LONG", "\n\n1099511627776 (0x10000000000)\n"),
        ("text", "\n\nsome text\n"),
        ("texts", "\n\none\ntwo\n"),
        ("", "\n\nby default\n"),
        ("@", "\n\nby default\n"),
        ("binary", "\n\n00000000  07 07 07 07 07 07 07 07  07 07 07 07 07 07 07 07  ......"),
    ] {
        let run = get(&hive.path, &["Alpha", name]).code(0);
        assert!(run.text().contains(shown), "{shown:?} in {}", run.text());
    }
    let json = |name: &str| get(&hive.path, &["Alpha", name, "--format", "json"]).code(0).json();
    assert_eq!(json("number")["number"], 16);
    assert_eq!(json("text")["text"], "some text");
    assert_eq!(json("texts")["texts"], serde_json::json!(["one", "two"]));
    let value = json("big");
    assert_eq!(value["sha256"], canonical::sha256(&big()));
    assert_eq!(value["data_offsets"].as_array().unwrap().len(), 2);
    assert_eq!((&value["text"], &value["path"][0]), (&serde_json::Value::Null, &"Alpha".into()));
}

#[test]
fn raw_writes_the_bytes_and_nothing_else() {
    let hive = OnDisk::new(&forged().bytes);
    let run = get(&hive.path, &["Alpha", "big", "--format", "raw"]).code(0);
    assert_eq!(run.out, big());
    assert_eq!(run.err, "");
    let run = get(&hive.path, &["Alpha", "--format", "raw"]).code(2);
    assert!(run.err.contains("needs the name of a value"), "{run:?}");
}

#[test]
fn names_are_understood_as_they_are_shown() {
    let mut tree = Tree::new("ROOT");
    let odd = hive_forge::tree::Name::Latin1(b"a\\b".to_vec());
    tree.root.subkeys.push(Key::new(odd).dword("@", 7).value(Value::dword("", 8)));
    let hive = OnDisk::new(&hive_forge::write(&tree, &Options::default()).bytes);
    let number = |name: &str| {
        let run = get(&hive.path, &[r"a\u{5C}b", name, "--format", "json"]).code(0);
        run.json()["number"].as_u64().unwrap()
    };
    assert_eq!((number("@"), number(r"\u{40}"), number("")), (8, 7, 8));
    get(&hive.path, &[r"a\b"]).code(1);
}

#[test]
fn what_is_missing_is_named_with_what_is_there() {
    let hive = OnDisk::new(&forged().bytes);
    let run = get(&hive.path, &[r"Alpha\Nothing", "x"]).code(1);
    let expected = "calhive: no key Nothing in Alpha, which has 1 subkey; for example: Below\n";
    assert_eq!(run.err, expected);
    let run = get(&hive.path, &["Alpha", "nummer"]).code(1);
    let expected = "calhive: no value nummer in Alpha, which has 7 values; similar: number\n";
    assert_eq!(run.err, expected);
    let run = get(&hive.path, &["Beta", ""]).code(1);
    assert_eq!(run.err, "calhive: no default value in Beta, which has no values\n");
    assert!(run.out.is_empty());
}

#[test]
fn a_key_with_a_wrong_hash_is_found_and_the_hash_is_told() {
    let mut forged = forged();
    forged.set("list ", "hash 0", 0);
    let hive = OnDisk::new(&forged.bytes);
    let run = get(&hive.path, &["Alpha", "number"]).code(0);
    assert!(run.err.contains("the subkeys of the root: 1 fault; reading continued"), "{run:?}");
    assert_eq!(get(&hive.path, &["-q", "Alpha", "number"]).code(0).err, "");
}

#[test]
fn data_that_are_not_whole_are_shown_and_named() {
    let mut forged = forged();
    forged.set("value Alpha:binary", "data_size", 4000);
    let hive = OnDisk::new(&forged.bytes);
    for args in [&["Alpha", "binary"][..], &["Alpha", "binary", "--format", "json"], &["Alpha"]] {
        let run = get(&hive.path, args).code(3);
        assert!(run.err.contains("could not be read completely (1 fault)"), "{run:?}");
        assert!(run.text().contains("value data is truncated"), "{run:?}");
    }
    let run = get(&hive.path, &["Alpha", "binary", "--format", "raw"]).code(3);
    assert_eq!(run.out[..40], [7; 40]);
}

#[test]
fn hostile_names_and_data_do_not_get_to_the_terminal() {
    let hive = OnDisk::new(&hive_forge::write(&hostile_tree(), &Options::default()).bytes);
    let key = r"\u{1B}[31mred\u{7}\u{A}";
    for args in [&[""][..], &[key], &[key, r"txt.\u{202E}exe\u{D800}"], &[key, "missing"]] {
        let run = get(&hive.path, args);
        assert_harmless(run.text());
        assert_harmless(&run.err);
    }
}
