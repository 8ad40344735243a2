// SPDX-License-Identifier: MIT OR Apache-2.0

//! Seeds of the fuzz targets: small valid inputs of each kind.

use crate::clean::File;
use crate::live_rows::{Accessor, Client};
use crate::registry_export::{Version, export};
use crate::rng::Rng;
use crate::scenario::{grace_period, settings, store};
use crate::token::hardware;
use crate::token::{Generation, TokenSpec};
use crate::tree::{Tree, Value};
use crate::{Options, clean, log, time, token, write};

/// Index of the test key of 512 bits.
const SMALL: usize = 4;

/// Returns the seeds, each kind in a folder of its own.
pub fn seeds() -> Vec<File> {
    let mut hives = clean::seeds();
    hives
        .extend(machines().map(|(name, tree)| file(name, write(&tree, &Options::default()).bytes)));
    let kinds = [
        ("hive", hives),
        ("log", log::seeds()),
        ("token", token::seeds()),
        ("text", texts()),
        ("export", exports()),
        ("fragment", fragments()),
        ("image", images()),
        ("script", scripts()),
    ];
    let inside = |(folder, files): (&str, Vec<File>)| {
        let path = |path: &str| format!("{folder}/{path}");
        files.into_iter().map(|file| File { path: path(&file.path), ..file }).collect::<Vec<_>>()
    };
    kinds.into_iter().flat_map(inside).collect()
}

fn file(path: &str, bytes: impl Into<Vec<u8>>) -> File {
    File { path: path.to_owned(), bytes: bytes.into() }
}

/// Returns the token of the small hives.
fn small_token() -> TokenSpec {
    TokenSpec { key: SMALL, ..TokenSpec::generation(Generation::Server2012) }
}

/// Returns the smallest SOFTWARE of a client with a token, and the smallest SYSTEM of a session host.
fn machines() -> [(&'static str, Tree); 2] {
    let written = time::DEFAULT;
    let (mut software, mut system) = (Tree::new("ROOT"), Tree::new("ROOT"));
    let token = small_token();
    let id = &token.hardware_id;
    let licensing = store::licensing(&mut software, r"Microsoft\MSLicensing", written, id);
    store::forged(store::add(licensing, "LICENSE000", written), &token);
    let policy = settings::policy(&mut software, written);
    policy.push(Value::dword("LicensingMode", 4)).push(Value::sz("LicenseServers", "rdlic01"));
    system.root.at("Select").push(Value::dword("Current", 1));
    let server = settings::terminal_server(&mut system);
    server.at(r"RCM\Licensing Core").push(Value::dword("LicensingMode", 2));
    grace_period::write(server.at("RCM"), grace_period::VALUE, "", written);
    settings::specify(settings::parameters(&mut system), written, &["rdlic01", "rdlic02"]);
    [("client.SOFTWARE", software), ("session-host.SYSTEM", system)]
}

/// Returns a token in each text form that people paste.
fn texts() -> Vec<File> {
    let bytes = small_token().encode();
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let base64 = hardware::base64(&bytes);
    let rows = pairs.chunks(16).zip((0_usize..).step_by(16));
    let dump: String = rows.map(|(row, at)| format!("{at:08x}  {}\n", row.join(" "))).collect();
    let query = format!(
        "\r\nHKEY_LOCAL_MACHINE\\K\r\n    ClientLicense    REG_BINARY    {}\r\n    N    REG_DWORD    0x1\r\n",
        pairs.concat()
    );
    vec![
        file("hex.txt", pairs.concat()),
        file("hex-with-commas.txt", pairs.join(",")),
        file("decimal.txt", format!("[{}]", numbers.join(", "))),
        file("base64.txt", base64.clone()),
        file("certificate.pem", format!("-----BEGIN PKCS7-----\n{base64}\n-----END PKCS7-----\n")),
        file("dump.txt", dump),
        file("query.txt", query),
        file("license.bin", bytes),
    ]
}

/// Returns exports of the small hives in both versions, and rows of live registries.
fn exports() -> Vec<File> {
    let [(_, software), (_, system)] = machines();
    let mounted =
        [(r"HKEY_LOCAL_MACHINE\SOFTWARE", &software), (r"HKEY_LOCAL_MACHINE\SYSTEM", &system)];
    let client = |id, accessor| Client {
        id: Some(id),
        host_name: "HOST",
        collected: time::DEFAULT,
        accessor,
    };
    let live = client("C.1", Accessor::Registry).rows(&[("SOFTWARE", &software)]);
    let rows = live + &client("C.2", Accessor::RawReg).rows(&[("SYSTEM", &system)]);
    vec![
        file("version-4.reg", export(&mounted, Version::Four)),
        file("version-5.reg", export(&mounted, Version::Five)),
        file("rows-of-two-clients.jsonl", rows),
    ]
}

/// Returns hives without their beginning.
fn fragments() -> Vec<File> {
    let [(_, software), _] = machines();
    let bytes = write(&software, &Options::default()).bytes;
    let several = clean::seeds().swap_remove(0).bytes;
    let second = (8192..several.len()).step_by(4096).find(|at| several[*at..].starts_with(b"hbin"));
    vec![
        file("without-base-block.bins", &bytes[4096..]),
        file("without-first-bin.bins", &several[second.expect("several bins")..]),
        file("after-a-sector.bins", [&[0xA5; 512], &bytes[4096..]].concat()),
    ]
}

/// Returns raw bytes with hives, logs and tokens at multiples of a sector.
fn images() -> Vec<File> {
    let [(_, software), _] = machines();
    let hive = write(&software, &Options::default()).bytes;
    let log = log::seeds().swap_remove(0).bytes;
    let noise = Rng::new(7).bytes(1024);
    let token = [small_token().encode(), vec![0; 300]].concat();
    let mut compressible = vec![0; 8192];
    compressible[..512].copy_from_slice(&noise[..512]);
    vec![
        file("hive-in-noise.raw", [&noise[..], &hive, &noise].concat()),
        file("log-and-token.raw", [&log[..], &noise, &token, &hive[4096..]].concat()),
        file("zeros.raw", compressible),
    ]
}

/// Returns scripts of operations for hive-forge: bytes of any meaning.
fn scripts() -> Vec<File> {
    let script = |seed: u64| Rng::new(seed).bytes(100 << (seed % 3));
    (0..6).map(|seed| file(&format!("script-{seed}.bin"), script(seed))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_small_seeds() {
        let seeds = seeds();
        assert_eq!(seeds.len(), 9 + 15 + 12 + 8 + 3 + 3 + 3 + 6);
        for File { path, bytes } in seeds {
            assert!((1..50_000).contains(&bytes.len()), "{path} has {} bytes", bytes.len());
        }
    }
}
