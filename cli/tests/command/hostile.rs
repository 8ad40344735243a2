// SPDX-License-Identifier: GPL-3.0-or-later
//! Small inputs with much content: output and memory stay in proportion, and limits are reported.

use hive_forge::overlapping::{Wide, deep, full_lists, wide};

use crate::{Folder, Run, calhive, run_in_shell};

/// Most memory of a run, in KiB.
const MEMORY: u32 = 64 << 10;

/// Runs the command with at most [`MEMORY`] of memory beside mapped files. The command ends with 1 if it
/// needs more.
fn limited(args: &[&str]) -> Run {
    let output = run_in_shell(&format!("ulimit -d {MEMORY}; exec"), args);
    let code = output.status.code().unwrap();
    Run { code, out: output.stdout, err: String::from_utf8(output.stderr).unwrap() }
}

#[test]
fn overlapping_cells_of_135_kb_give_less_than_5_mb_of_output() {
    let folder = Folder::new();
    let bytes = wide(1000, Wide::Keys);
    assert!((120_000..140_000).contains(&bytes.len()), "{}", bytes.len());
    let path = folder.file("SOFTWARE", &bytes);
    for format in ["table", "json", "jsonl"] {
        let run = limited(&["recover", &path, "--format", format]);
        assert!(run.err.contains("1 key and 1001 values recovered"), "{format}: {}", run.err);
        assert!(run.out.len() < 5_000_000, "{format}: {} bytes", run.out.len());
    }
}

#[test]
fn overlapping_cells_of_549_kb_are_scanned_within_64_mib() {
    let folder = Folder::new();
    for (kind, count) in [
        (Wide::Keys, 4000),
        (Wide::ValueLists, 3900),
        (Wide::SubkeyLists, 3700),
        (Wide::Data, 6400),
    ] {
        let bytes = wide(count, kind);
        assert!((500_000..600_000).contains(&bytes.len()), "{kind:?}: {}", bytes.len());
        let path = folder.file("SOFTWARE", &bytes);
        for command in ["scan", "recover"] {
            let run = limited(&[command, &path]);
            assert!([0, 3].contains(&run.code), "{kind:?}, {command}: {run:?}");
            assert!(run.out.len() < 5_000_000, "{kind:?}, {command}: {} bytes", run.out.len());
        }
    }
}

#[test]
fn long_paths_of_recovered_keys_are_shortened_beyond_the_limit() {
    let folder = Folder::new();
    let bytes = deep(2000);
    let path = folder.file("SOFTWARE", &bytes);
    for format in ["table", "json", "jsonl"] {
        let run = limited(&["recover", &path, "--format", format]).code(3);
        assert!(run.out.len() < 30 * bytes.len(), "{format}: {} bytes", run.out.len());
        assert!(run.err.contains("limit reached: UTF-16 units of recovered paths"), "{}", run.err);
        assert!(run.err.contains("at file offset 0x"), "{}", run.err);
    }
    let lines = calhive(["recover", &path, "--format", "jsonl"]).code(3).lines();
    let short: Vec<_> = lines.iter().filter(|line| line["path_is_shortened"] == true).collect();
    assert!(lines.len() > 2000 && short.len() > 1000, "{} of {}", short.len(), lines.len());
    for line in short {
        assert_eq!(line["path"].as_array().unwrap().len(), 1, "{line}");
        // The statements about the path count for the whole path, or the line says that they do not.
        let why = line["why"].as_str().unwrap();
        let is_followed = !why.contains("path not followed because a limit was reached");
        assert_eq!(line["path_is_whole"], is_followed, "{line}");
    }
}

#[test]
fn faults_beyond_the_limit_are_counted() {
    let folder = Folder::new();
    for signature in [*b"li", *b"lh"] {
        let bytes = full_lists(20_000, signature);
        let path = folder.file("SOFTWARE", &bytes);
        let run = calhive(["info", "--check", &path]).code(3);
        assert!(run.out.len() < 10 * bytes.len(), "{} bytes", run.out.len());
        assert!(run.text().contains("limit reached: faults (at most "), "{signature:?}");
        assert!(run.err.contains(" faults left out of the list"), "{}", run.err);
    }
}

#[test]
fn values_in_16_mb_of_noise_are_carved_within_64_mib() {
    let folder = Folder::new();
    let mut value = (-0x10000_i32).to_le_bytes().to_vec();
    value.extend_from_slice(b"vk\x08\0\x04\0\0\x80abcd\x04\0\0\0\x01\0\0\0abcdefgh");
    value.resize(32, 0);
    let count = (16 << 20) / value.len();
    let path = folder.file("noise", &value.repeat(count));
    for format in ["table", "json", "jsonl"] {
        let run = limited(&["carve", &path, "--format", format]).code(0);
        match format {
            "table" => {
                assert!(run.text().contains(&format!("{count} items found")), "{}", run.err);
                assert!(run.text().contains("listed in parts"), "{}", run.err);
            }
            "jsonl" => assert_eq!(run.text().lines().count(), count),
            _ => {
                let found = run.json();
                let file = &found["files"][0];
                assert_eq!(file["found"].as_array().unwrap().len(), count);
                assert_eq!(file["size"], 16 << 20);
            }
        }
    }
}

#[test]
fn bin_with_a_far_offset_is_read_like_a_bin_with_a_near_offset() {
    let folder = Folder::new();
    let read = |offset: u32| {
        let mut bin = wide(10, Wide::Data).split_off(4096);
        bin[4..8].copy_from_slice(&offset.to_le_bytes());
        let path = folder.file("part", &bin);
        ["recover", "info", "scan"].map(|command| {
            let run = calhive([command, &path]);
            assert!([0, 3].contains(&run.code), "{command}: {run:?}");
            run.code
        })
    };
    assert_eq!(read(0x1000_0000), read(0x1000));
}
