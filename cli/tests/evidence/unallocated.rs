// SPDX-License-Identifier: GPL-3.0-or-later
//! Hives, tokens and chains in unallocated clusters of a volume.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use hive_forge::token::{Generation, TokenSpec, chain as server_chain};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::host::{CONFIG, Host};
use super::scan::Scan;
use super::tool::{has, new_folder, run};
use super::volume;

const CLUSTER: usize = 4096;
const ORACLES: &[&str] = &["icat", "dd"];

/// A volume with items in unallocated clusters.
struct Carvable {
    image: PathBuf,
    /// Offset and bytes of a SOFTWARE hive, a token and a chain.
    hive: (usize, Vec<u8>),
    token: (usize, Vec<u8>),
    chain: (usize, Vec<u8>),
}

/// Builds a volume with the hives of a host. Then writes another hive, a token and a chain into clusters that `$Bitmap`
/// marks free, by The Sleuth Kit.
fn build(name: &str) -> Carvable {
    let image = new_folder(name).join("volume.raw");
    volume::format(&image, 32 << 20, CLUSTER);
    let host = Host::session_host();
    let mounted = volume::mount(&image);
    fs::create_dir_all(mounted.path().join(CONFIG)).unwrap();
    for (name, bytes) in &host.files {
        fs::write(mounted.path().join(CONFIG).join(name), bytes).unwrap();
    }
    drop(mounted);
    let hive = Host::client().files.into_iter().find(|(name, _)| name == "SOFTWARE").unwrap().1;
    let spec = TokenSpec::generation(Generation::Server2012);
    let token = spec.encode();
    let spec = TokenSpec { key: 1, ..TokenSpec::generation(Generation::Server2008) };
    let chain = server_chain(&spec.certificates());
    let free = free_clusters(&image);
    // Clusters in the middle of free ones, far from files.
    let (first, count) = free.into_iter().max_by_key(|(_, count)| *count).unwrap();
    let at = |part: usize| (first + count * part / 4) * CLUSTER;
    let carvable = Carvable {
        hive: (at(1), hive),
        token: (at(2) + 100, token),
        chain: (at(3) + 3, chain),
        image,
    };
    let mut bytes = fs::read(&carvable.image).unwrap();
    for (at, item) in [&carvable.hive, &carvable.token, &carvable.chain] {
        bytes[*at..][..item.len()].copy_from_slice(item);
    }
    fs::write(&carvable.image, bytes).unwrap();
    carvable
}

/// Returns the runs of free clusters, each with its first cluster and length.
fn free_clusters(image: &Path) -> Vec<(usize, usize)> {
    let path = image.to_str().unwrap();
    let bitmap = run(image.parent().unwrap(), &format!("icat -f ntfs {path} 6"));
    let clusters = usize::try_from(fs::metadata(image).unwrap().len()).unwrap() / CLUSTER - 1;
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for cluster in (0..clusters).filter(|cluster| bitmap[cluster / 8] >> (cluster % 8) & 1 == 0) {
        match runs.last_mut() {
            Some((first, count)) if *first + *count == cluster => *count += 1,
            _ => runs.push((cluster, 1)),
        }
    }
    runs
}

fn scan(image: &Path, options: &[&str]) -> Value {
    let mut arguments: Vec<OsString> = vec![image.into()];
    arguments.extend(options.iter().map(OsString::from));
    let scan = Scan::json(&arguments);
    assert_eq!(scan.code, 0, "{}", scan.err);
    scan.report()
}

/// Returns the sources in unallocated clusters: the path below the volume, and the source.
fn carved<'r>(report: &'r Value, image: &Path) -> Vec<(String, &'r Value)> {
    let sources = report["sources"].as_array().unwrap().iter().map(|source| {
        let path = Path::new(source["path"].as_str().unwrap());
        (path.strip_prefix(image).unwrap().to_str().unwrap().to_owned(), source)
    });
    sources.filter(|(path, _)| path.starts_with("unallocated/")).collect()
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn hive_token_and_chain_in_free_clusters_are_found_at_their_offsets() {
    if !has(volume::TOOLS) || !has(ORACLES) {
        return;
    }
    let Carvable { image, hive, token, chain } = build("unallocated");
    let report = scan(&image, &["--carve"]);
    let carved = carved(&report, &image);
    for ((at, bytes), name) in [(&hive, "hive"), (&token, "token"), (&chain, "certificate chain")] {
        let path = format!("unallocated/{at:#x}/{name}");
        let found = carved.iter().find(|(other, _)| *other == path);
        let Some((_, source)) = found else { panic!("{path}: {carved:?}") };
        let volume = &source["locator"]["volume"];
        assert_eq!(volume["unallocated"]["offset"], *at as u64);
        assert_eq!(volume["mft_record"], Value::Null);
        let length = volume["unallocated"]["length"].as_u64().unwrap();
        let length = usize::try_from(length).unwrap();
        assert_eq!(source["sha256"], hash(&bytes[..length]), "{path}");
        let dd = format!(
            "dd if={} iflag=skip_bytes,count_bytes skip={at} count={length} status=none",
            image.display()
        );
        assert_eq!(run(image.parent().unwrap(), &dd), bytes[..length]);
        // A hive is the form that needs no name.
        let form = if name == "hive" { Value::Null } else { "unallocated_space".into() };
        assert_eq!(source["form"], form);
    }
    assert_eq!(carved.len(), 3, "{carved:?}");
    let input = &report["inputs"][0];
    assert!(input["bytes_read"].as_u64().unwrap() > 16 << 20, "{input}");
}

#[test]
fn carved_token_belongs_to_no_host_and_names_the_volume_of_the_only_installation() {
    if !has(volume::TOOLS) || !has(ORACLES) {
        return;
    }
    let Carvable { image, .. } = build("unallocated-hosts");
    let report = scan(&image, &["--carve"]);
    let hosts = report["hosts"].as_array().unwrap();
    let statement = |host: &Value| host["pairing_statement"]["text"].as_str().unwrap().to_owned();
    let tokens: Vec<&Value> =
        hosts.iter().filter(|host| statement(host).contains("no key leads to it")).collect();
    let [tokens] = tokens.as_slice() else { panic!("{hosts:?}") };
    let name = hosts[0]["system"]["computer_name"]["text"].as_str().unwrap();
    let expected =
        format!("found in unallocated clusters of the volume of {name}; no key leads to it");
    assert_eq!(statement(tokens), expected);
    assert_eq!(tokens["system"]["computer_name"], Value::Null);
    assert_eq!(tokens["copy"], "carved");
    let all = report["tokens"].as_array().unwrap();
    let of_host: Vec<&Value> = all.iter().filter(|it| it["host"] == tokens["id"]).collect();
    assert_eq!(of_host.len(), 2, "{of_host:?}");
    assert!(of_host.iter().all(|it| it["origin"] == "carved"), "{of_host:?}");
    // The carved hive is a state without a time of its own.
    let states = report["copies"].as_array().unwrap().iter();
    let states: Vec<&Value> = states.flat_map(|it| it["states"].as_array().unwrap()).collect();
    let carved: Vec<&&Value> = states.iter().filter(|it| it["copy"] == "carved").collect();
    assert!(carved.iter().all(|it| it["time"].is_null()), "{carved:?}");
}

#[test]
fn nothing_is_carved_without_the_option_or_from_clusters_in_use() {
    if !has(volume::TOOLS) || !has(ORACLES) {
        return;
    }
    let Carvable { image, .. } = build("unallocated-not");
    let report = scan(&image, &[]);
    assert_eq!(carved(&report, &image), []);
    let files = report["sources"].as_array().unwrap().len();
    let report = scan(&image, &["--carve"]);
    // Each hive in use is one source without a copy.
    let sources = report["sources"].as_array().unwrap();
    assert_eq!(sources.len(), files + 3);
    assert!(sources.iter().all(|it| it["copies"].as_array().is_none_or(Vec::is_empty)));
}
