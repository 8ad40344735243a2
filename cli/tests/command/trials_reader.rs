// SPDX-License-Identifier: GPL-3.0-or-later
//! Trials of `info`, `walk`, `get`, `recover` and `replay`. Inputs of `CALHIVE_TRIALS` are read only
//! if the folder is named. Each class also has a forged input.

use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{ListKind, Options, write};

use super::{OnDisk, calhive, forged};

/// Path of a trial input. `None` if `CALHIVE_TRIALS` is not set.
fn input(path: &str) -> Option<String> {
    let folder = std::env::var_os("CALHIVE_TRIALS").map(std::path::PathBuf::from)?;
    Some(folder.join(path).display().to_string())
}

fn software() -> OnDisk {
    let mut tree = Tree::new("ROOT");
    tree.root.at(r"Microsoft\MSLicensing").values.push(Value::dword("n", 7));
    tree.root.at("Classes").values.clear();
    OnDisk::new(&write(&tree, &Options::default()).bytes)
}

fn system() -> OnDisk {
    let mut tree = Tree::new("ROOT");
    tree.root.at(r"ControlSet002\Control").values.push(Value::dword("n", 9));
    tree.root.at("Select").values.push(Value::dword("Current", 2));
    OnDisk::new(&write(&tree, &Options::default()).bytes)
}

#[test]
fn truncated_hive_is_reported_by_every_reading_command() {
    let whole = forged().bytes;
    let hive = OnDisk::new(&whole[..whole.len() - 5000]);
    let (from, message) = (whole.len() - 5000, "5000 bytes are missing from offset");
    let run = calhive(["info", &hive.path]).code(3);
    assert!(run.err.contains(message), "{run:?}");
    assert!(run.text().contains(&format!("5000 bytes from offset {from:#x} on")), "{run:?}");
    assert!(run.text().contains("clean; the file is truncated"), "{run:?}");
    let json = calhive(["info", &hive.path, "--format", "json"]).code(3).json();
    assert_eq!(json["missing"], serde_json::json!({ "offset": from, "bytes": 5000 }));
    for args in [&["info", "--check"][..], &["walk"], &["recover"]] {
        let run = calhive(args.iter().copied().chain([hive.path.as_str()])).code(3);
        assert!(run.err.contains(message), "{run:?}");
    }
    let run = calhive(["info", &OnDisk::new(&whole).path]).code(0);
    assert!(!run.text().contains("missing"), "{run:?}");
}

#[test]
fn check_with_lost_content_ends_with_code_3() {
    let mut forged = forged();
    forged.set("key Alpha", "security", 0xFFFF_FFFF);
    let hive = OnDisk::new(&forged.bytes);
    let run = calhive(["info", "--check", &hive.path]).code(3);
    assert!(run.err.contains("could not be read completely (1 fault)"), "{run:?}");
    if let Some(path) = input("hostile/inputs/loss-exit-0") {
        calhive(["info", "--check", &path]).code(3);
    }
}

#[test]
fn name_of_one_at_sign_is_shown_as_it_is_understood() {
    let mut tree = Tree::new("ROOT");
    tree.root.values = vec![Value::sz("", "default"), Value::sz("@", "named")];
    let hive = OnDisk::new(&write(&tree, &Options::default()).bytes);
    let run = calhive(["get", &hive.path, ""]).code(0);
    assert!(run.text().contains("\n\\u{40}  ") && run.text().contains("\n@       "), "{run:?}");
    let run = calhive(["get", &hive.path, "", r"\u{40}"]).code(0);
    assert!(run.text().contains("value                \\u{40}\n"), "{run:?}");
    assert!(run.text().contains("\n\nnamed\n"), "{run:?}");
    let run = calhive(["walk", &hive.path]).code(0);
    assert!(run.text().contains("@ REG_SZ \"default\""), "{run:?}");
    assert!(run.text().contains("\"\\u{40}\" REG_SZ \"named\""), "{run:?}");
    if let Some(path) = input("11-one-name-two-values/H") {
        let run = calhive(["get", &path, "", r"\u{40}"]).code(0);
        assert!(run.text().contains("value                \\u{40}\n"), "{run:?}");
    }
}

#[test]
fn paths_from_above_the_root_are_understood() {
    let (software, system) = (software(), system());
    for above in [r"HKLM\SOFTWARE", r"HKEY_LOCAL_MACHINE\Software", r"HKLM:\SOFTWARE", "HKLM"] {
        let path = format!(r"{above}\Microsoft\MSLicensing");
        let run = calhive(["get", &software.path, &path, "n"]).code(0);
        assert!(run.text().contains("\n7 (0x7)\n"), "{path}: {run:?}");
    }
    for path in [
        r"HKLM\SYSTEM\CurrentControlSet\Control",
        r"CurrentControlSet\Control",
        r"\Registry\Machine\System\ControlSet002\Control",
        r"Computer\HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control",
    ] {
        let run = calhive(["get", &system.path, path, "n"]).code(0);
        assert!(run.text().contains("\n9 (0x9)\n"), "{path}: {run:?}");
    }
    let run = calhive(["get", &software.path, r"HKLM\SYSTEM\Select"]).code(1);
    assert!(run.err.contains("belongs to a hive SYSTEM; this hive looks like SOFTWARE"), "{run:?}");
    let run = calhive(["get", &software.path, r"CurrentControlSet\Control"]).code(1);
    assert!(run.err.contains("current control set is unknown"), "{run:?}");
    // A stored key of this name comes first.
    let mut tree = Tree::new("ROOT");
    tree.root.at("HKLM").values.push(Value::dword("n", 5));
    let hive = OnDisk::new(&write(&tree, &Options::default()).bytes);
    assert!(calhive(["get", &hive.path, "HKLM", "n"]).code(0).text().contains("\n5 (0x5)\n"));
}

#[test]
fn values_and_keys_of_one_name_are_reported() {
    let mut tree = Tree::new("ROOT");
    tree.root.at("Same").values = vec![Value::dword("v", 1), Value::dword("V", 3)];
    tree.root.subkeys.push(Key::new("SAME").dword("v", 2));
    let options = Options { list: ListKind::Li, ..Options::default() };
    let hive = OnDisk::new(&write(&tree, &options).bytes);
    let run = calhive(["get", &hive.path, "same", "v"]).code(3);
    assert!(run.err.contains("two values have the name v"), "{run:?}");
    assert!(run.err.contains("two keys have the name Same"), "{run:?}");
    assert!(run.text().contains("\n1 (0x1)\n"), "{run:?}");
    let run = calhive(["walk", "--hidden", &hive.path]).code(0);
    assert!(run.text().contains("not found by its name: an earlier element"), "{run:?}");
    let run = calhive(["info", "--check", &hive.path]);
    assert!(run.text().contains("earlier element of the same name"), "{run:?}");
    if let Some(path) = input("hostile/inputs/two-values-of-one-name") {
        let path_of_key = r"ControlSet001\Control\Terminal Server\Licensing Core";
        let run = calhive(["get", &path, path_of_key, "LicensingMode"]).code(3);
        assert!(run.err.contains("two values have the name LicensingMode"), "{run:?}");
    }
}

#[test]
fn values_hidden_by_the_flag_of_a_predefined_key_are_reported() {
    let mut forged = forged();
    let flags = forged.get("key Alpha", "flags");
    forged.set("key Alpha", "flags", flags | 0x40);
    let hive = OnDisk::new(&forged.bytes);
    let run = calhive(["get", &hive.path, "Alpha"]).code(3);
    assert!(run.err.contains("flag of a predefined key (0x40)"), "{run:?}");
    let run = calhive(["info", "--check", &hive.path]);
    assert!(run.text().contains("flag of a predefined key (0x40)"), "{run:?}");
    let Some(path) = input("hostile/inputs/predef-handle") else { return };
    let key = r"ControlSet001\Control\Terminal Server\RCM\Licensing Core";
    let run = calhive(["get", &path, key]).code(3);
    assert!(run.err.contains("at 0x55be"), "{run:?}");
}

#[test]
fn data_overwritten_by_shorter_data_are_listed_with_their_value() {
    let mut forged = forged();
    forged.set("value Alpha:binary", "data_size", 8);
    let hive = OnDisk::new(&forged.bytes);
    let run = calhive(["recover", &hive.path]).code(0);
    let lines = "[Alpha] \"binary\", a live value\n  36 older bytes at ";
    assert!(run.text().contains(lines), "{run:?}");
    assert!(run.err.contains("1 live value with older bytes"), "{run:?}");
    let json = calhive(["recover", &hive.path, "--format", "json"]).code(0).json();
    let older = json["recovered"].as_array().unwrap();
    let older: Vec<_> = older.iter().filter(|it| it["record"] == "older_data").collect();
    assert_eq!((older.len(), older[0]["size"].as_u64()), (1, Some(36)));
    if let Some(path) = input("23-token-in-slack/SOFTWARE") {
        let run = calhive(["recover", &path]);
        assert!(run.text().contains("LICENSE000] \"ClientLicense\", a live value"), "{run:?}");
    }
}

/// The truncated hive of a real report.
#[test]
fn hive_cut_in_its_last_bins_is_reported_with_the_missing_bytes() {
    let scenarios = hive_forge::scenario::hives();
    let name = "windows-server-2016-session-host";
    let is_it = |name_of: &str| name_of.contains(name) && name_of.ends_with("SYSTEM");
    let (_, bytes) = scenarios.iter().find(|(name, _)| is_it(name)).unwrap();
    let hive = OnDisk::new(&bytes[..40_140]);
    let run = calhive(["info", &hive.path]).code(3);
    let missing = bytes.len() - 40_140;
    assert!(
        run.err.contains(&format!("{missing} bytes are missing from offset 0x9ccc")),
        "{run:?}"
    );
}
