// SPDX-License-Identifier: GPL-3.0-or-later
//! Inputs, outputs and links that the command once got wrong.

use std::fs;
use std::path::Path;

use super::{Folder, Run, calhive, forged, scenario};

fn flat() -> std::path::PathBuf {
    scenario("flat-folder-of-two-hosts")
}

#[test]
fn image_and_archive_are_refused_by_name_with_the_number_of_their_hives() {
    let folder = Folder::new();
    let hive = forged().bytes;
    let zeros = vec![0; 4096];
    let disk = [&zeros, &hive[..], &hive].concat();
    let holds = "is not a registry hive, but holds 2 hives; extract with `calhive carve";
    for (name, bytes, by_scan, by_info) in [
        ("disk.dd", &disk[..], holds, holds),
        (
            "a.E01",
            b"EVF\x09\x0D\x0A\xFF\0",
            "go past the end at offset 0x8",
            "is a disk image (EnCase, E01); `calhive scan` reads the hives in it",
        ),
        (
            "a.zip",
            b"PK\x03\x04",
            "it has no intact entry",
            "is a zip archive; `calhive scan` reads the hives in it",
        ),
        (
            "a.7z",
            b"7z\xBC\xAF\x27\x1C",
            "is a 7z archive; calhive does not read this kind of archive; unpack it",
            "is a 7z archive; calhive does not read this kind of archive; unpack it",
        ),
    ] {
        let path = folder.file(name, bytes);
        for (command, expected) in [("scan", by_scan), ("info", by_info), ("walk", by_info)] {
            let run = calhive([command, &path]).code(1);
            // Only `scan` searches the file.
            let expected =
                if command == "scan" { expected } else { expected.split(',').next().unwrap() };
            assert!(run.err.contains(expected), "{command}: {run:?}");
            assert!(!run.err.contains("no base block"), "{run:?}");
        }
    }
    // The advice works.
    let written = Folder::new();
    let target = written.0.join("out");
    let target = target.to_str().unwrap();
    calhive(["carve", &format!("{}/disk.dd", folder.path()), "-o", target]).code(0);
    let run = calhive(["scan", target]);
    assert!(run.err.contains("2 hives read"), "{run:?}");
}

#[test]
fn hive_with_further_hives_after_its_end_is_reported() {
    let folder = Folder::new();
    let hive = forged().bytes;
    let path = folder.file("both", &[&hive[..], &hive].concat());
    let run = calhive(["scan", &path]).code(3);
    assert!(run.err.contains("holds 1 more hive after its own end"), "{run:?}");
}

#[test]
fn export_without_licensing_keys_says_what_to_export() {
    let folder = Folder::new();
    let run = calhive(["scan", &folder.file("lic.reg", b"REGEDIT4\r\n")]).code(1);
    let advice = r"export HKEY_LOCAL_MACHINE\SOFTWARE and HKEY_LOCAL_MACHINE\SYSTEM";
    assert!(run.err.contains(advice), "{run:?}");
}

#[cfg(unix)]
#[test]
fn skipped_link_is_named_and_verbose_names_every_skipped_file() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    let link = folder.0.join("C");
    std::os::unix::fs::symlink(&elsewhere.0, &link).unwrap();
    folder.file("note.txt", b"text");
    let expected =
        format!("skipped link {} -> {}: name it to follow it", link.display(), elsewhere.path());
    let run = calhive(["scan", folder.path()]).code(1);
    assert!(run.err.contains(&expected) && !run.err.contains("note.txt"), "{run:?}");
    let run = calhive(["scan", "-v", folder.path()]).code(1);
    assert!(run.err.contains("/note.txt: it is not a registry hive"), "{run:?}");
    // A named link is followed, and its target is named.
    elsewhere.file("SYSTEM", &fs::read(flat().join("HOST-A_SYSTEM")).unwrap());
    let run = calhive(["scan", link.to_str().unwrap()]).code(0);
    assert!(run.err.contains("followed link "), "{run:?}");
}

#[test]
fn pair_of_the_examiner_is_one_host() {
    let [system, software] = ["HOST-A_SYSTEM", "HOST-B_SOFTWARE"].map(|name| flat().join(name));
    let pair = format!("{},{}", software.display(), system.display());
    let run = calhive(["scan", "--pair", &pair, "--format", "json"]).code(0);
    let host = &run.json()["hosts"][0];
    assert_eq!(host["pairing"], "examiner");
    assert_eq!(host["pairing_basis"]["contradictions"][0]["kind"], "computer_name");
    calhive(["scan", "--pair", "SYSTEM"]).code(2);
    let run = calhive(["scan", "--pair", &format!("{0},{0}", system.display())]).code(1);
    assert!(run.err.contains("cannot be paired: "), "{run:?}");
}

/// One command line for each subcommand and format, with help and version.
fn every_command(hive: &str, deleted: &str, token: &str) -> Vec<Vec<String>> {
    let formats: [(&[&str], &[&str]); 9] = [
        (&["scan", deleted], &["table", "json", "jsonl"]),
        (&["info", hive], &["table", "json"]),
        (&["info", hive, "--check"], &["table", "json"]),
        (&["walk", hive], &["tree", "jsonl", "canonical"]),
        (&["get", hive, "", ""], &["table", "json", "raw"]),
        (&["recover", deleted], &["table", "json", "jsonl"]),
        (&["replay", hive], &["table", "json"]),
        (&["carve", hive], &["table", "json", "jsonl"]),
        (&["token", token], &["table", "json"]),
    ];
    let mut all: Vec<Vec<String>> = Vec::new();
    for (args, formats) in formats {
        for format in formats {
            all.push(args.iter().chain(&["--format", format]).map(|it| (*it).into()).collect());
        }
    }
    for args in [
        &["explain"][..],
        &["explain", "client.token.temporary"],
        &["--help"],
        &["--version"],
        &["help"],
    ] {
        all.push(args.iter().map(|it| (*it).into()).collect());
    }
    for command in ["scan", "info", "walk", "get", "recover", "replay", "carve", "token", "explain"]
    {
        all.push(vec![command.into(), "--help".into()]);
    }
    all
}

/// Runs the command with standard output as the shell redirects it.
#[cfg(target_os = "linux")]
fn redirected(args: &[String], output: &str) -> Run {
    let script = format!("exec \"$0\" \"$@\" {output}");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_calhive")]).args(args);
    let output = command.output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    Run { code: output.status.code().unwrap(), out: output.stdout, err }
}

#[cfg(all(target_os = "linux", not(calhive_portable)))]
#[test]
fn closed_or_full_output_ends_every_subcommand_with_1_and_a_message() {
    let folder = Folder::new();
    let mut tree = super::tree();
    tree.root.push(hive_forge::tree::Value::sz("", "default"));
    let hive = folder.file("HIVE", &hive_forge::write(&tree, &Default::default()).bytes);
    let token = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/token/server-2012.der");
    let token = token.to_str().unwrap();
    let deleted = scenario("client-licenses-removed").join("Windows/System32/config/SOFTWARE");
    for args in every_command(&hive, deleted.to_str().unwrap(), token) {
        for output in [">&-", ">/dev/full"] {
            let run = redirected(&args, output);
            assert_eq!(run.code, 1, "{args:?} {output}: {}", run.err);
            assert!(
                run.err.lines().last().is_some_and(|it| it.starts_with("calhive: ")),
                "{run:?}"
            );
        }
        let run = redirected(&args, "");
        assert!(run.code == 0 && !run.out.is_empty(), "{args:?}: {run:?}");
    }
}

#[cfg(all(target_os = "linux", not(calhive_portable)))]
#[test]
fn missing_memory_ends_with_1_and_a_message() {
    let folder = Folder::new();
    let hive = folder.file("HIVE", &forged().bytes);
    fs::OpenOptions::new().write(true).open(&hive).unwrap().set_len(300 << 20).unwrap();
    // Reading the whole file needs more memory than the limit.
    let script = "ulimit -v 200000; exec \"$0\" walk --no-mmap \"$1\"";
    let output = std::process::Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_calhive"), &hive])
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.starts_with("calhive: out of memory ("), "{err}");
}

#[test]
fn output_below_the_folder_of_evidence_is_refused() {
    let folder = Folder::new();
    let hive = folder.file("case/HIVE", &forged().bytes);
    fs::create_dir(folder.0.join("case/below")).unwrap();
    for target in ["case", "case/new", "case/below", "case/below/new"] {
        let target = folder.0.join(target);
        let run = calhive(["carve", &hive, "-o", target.to_str().unwrap()]).code(1);
        assert!(run.err.contains("; choose a folder "), "{run:?}");
    }
    let target = folder.0.join("case/below/HIVE");
    let run = calhive(["replay", &hive, "-o", target.to_str().unwrap()]).code(1);
    assert!(run.err.contains("is below the folder of "), "{run:?}");
    assert_eq!(fs::read_dir(folder.0.join("case/below")).unwrap().count(), 0);
    calhive(["carve", &hive, "-o", folder.0.join("out").to_str().unwrap()]).code(0);
}

#[cfg(all(unix, not(calhive_portable)))]
#[test]
fn link_as_output_is_refused_and_a_device_stays() {
    let (folder, written) = (Folder::new(), Folder::new());
    let hive = folder.file("HIVE", &forged().bytes);
    let target = written.file("target", b"something else");
    let link = written.0.join("link");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let link = link.to_str().unwrap();
    let run = calhive(["replay", &hive, "-o", link, "--force"]).code(1);
    assert!(run.err.contains("is a link; name the file that it leads to"), "{run:?}");
    assert!(Path::new(link).is_symlink());
    assert_eq!(fs::read(&target).unwrap(), b"something else");
    let null = written.0.join("null");
    std::os::unix::fs::symlink("/dev/null", &null).unwrap();
    calhive(["replay", &hive, "-o", null.to_str().unwrap(), "--force"]).code(0);
    assert!(null.is_symlink());
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn deceptive_characters_are_escaped_in_every_format() {
    let mut tree = super::tree();
    let names = [
        "a\nK||1",
        "b\r\u{1B}[31m",
        "c\u{202E}",
        "d\u{3164}\u{2800}\u{A0}\u{34F}",
        "e\u{1D173}\u{8E2}",
    ];
    for name in names {
        tree.root.subkeys.push(hive_forge::tree::Key::new(hive_forge::tree::Name::Utf16(
            name.encode_utf16().collect(),
        )));
    }
    let folder = Folder::new();
    let bytes = hive_forge::write(&tree, &Default::default()).bytes;
    let mut hives = vec![folder.file("HIVE", &bytes)];
    if let Some(trials) = std::env::var_os("CALHIVE_TRIALS") {
        let path = Path::new(&trials).join("hostile/inputs/escapes");
        hives.push(path.to_str().unwrap().to_owned());
    }
    for hive in &hives {
        let run = calhive(["walk", hive, "--format", "canonical"]).code(0);
        super::assert_harmless(&run.text().replace('\u{1F}', "|"));
        assert!(run.text().lines().all(|line| line.starts_with("K|") || line.starts_with("V|")));
        let run = calhive(["walk", hive]);
        super::assert_harmless(run.text());
        let blank = ['\u{3164}', '\u{2800}', '\u{A0}', '\u{34F}', '\u{1D173}', '\u{8E2}'];
        assert!(!run.text().contains(blank), "{}", run.text());
    }
    let run = calhive(["walk", &hives[0], "--format", "canonical"]).code(0);
    assert!(run.out == hive_forge::canonical::canonical(&tree));
    assert!(run.text().contains("K|a\\u{A}K||1|"), "{}", run.text());
}

#[test]
fn dirty_hive_with_only_one_log_of_the_pair_is_noted() {
    let folder = Folder::new();
    let name = "windows-server-2019-settings-in-logs";
    for file in fs::read_dir(scenario(name).join("Windows/System32/config")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.eq_ignore_ascii_case("SYSTEM.LOG1") {
            folder.file(&name, &fs::read(&path).unwrap());
        }
    }
    let run = calhive(["scan", folder.path(), "--format", "json"]);
    assert!(run.err.contains("only one log of the pair was found; "), "{run:?}");
    let not_read = run.json()["not_read"].clone();
    assert!(
        not_read.as_array().unwrap().iter().any(|it| it["kind"] == "log_missing"),
        "{not_read}"
    );
}
