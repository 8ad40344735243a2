// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive token`.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use calhive::describe_token;
use calhive::report::TokenKind;
use data_encoding::{BASE64, HEXLOWER, HEXUPPER_PERMISSIVE};
use hive_forge::token::{
    Generation, HostSpec, Reading, TokenSpec, bare_chain, host_certificate, odd,
};
use serde_json::{Value, json};

use super::{Folder, OnDisk, Run, assert_harmless, calhive, forged, scenario};

/// The vector of this name, in hexadecimal.
fn vector(name: &str) -> PathBuf {
    scenario("../vectors").join(name)
}

/// Its bytes.
fn vector_bytes(name: &str) -> Vec<u8> {
    let text: String = fs::read_to_string(vector(name)).unwrap().split_whitespace().collect();
    HEXUPPER_PERMISSIVE.decode(text.as_bytes()).unwrap()
}

/// The token of [MS-RDPELE] 4.6, and the same with its index.
const REAL: &str = "rdpele_4.6_ClientLicense_pkcs7_temp_A02-6.00-S.hex";
const REAL_WITH_INDEX: &str = "rdpele_4.6_NEW_LICENSE_INFO.hex";
const REAL_SHA256: &str = "cbb96a6458c5f91b43ef414ce1d201808778893dab670c7501a3491377f664f0";

fn token(bytes: &[u8]) -> Run {
    calhive(["token", &OnDisk::new(bytes).path])
}

fn json(bytes: &[u8]) -> Value {
    calhive(["token", &OnDisk::new(bytes).path, "--format", "json"]).code(0).json()
}

/// Runs it on standard input.
fn piped(bytes: &[u8], args: &[&str]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_calhive"))
        .args(["token", "-"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    Run { code: output.status.code().unwrap(), out: output.stdout, err }
}

/// What stands behind a label, in all of its lines.
fn values<'t>(text: &'t str, label: &str) -> Vec<&'t str> {
    let value = |line: &'t str| line.strip_prefix("  ")?.strip_prefix(label)?.strip_prefix("  ");
    text.lines().filter_map(value).map(str::trim_start).collect()
}

#[track_caller]
fn assert_says(text: &str, label: &str, value: &str) {
    assert!(values(text, label).contains(&value), "{label}: {value}\n{text}");
}

/// The fifteen fields that `tsctst` prints, in its order.
const FIELDS: [(&str, &str); 15] = [
    ("Certificate version", "0x00050001"),
    (
        "Hardware ID (inferred)",
        "00000002-3e8759f1-af98d8c9-f3f80224-26f03a29, of the form seen from Microsoft's clients for \
         Windows",
    ),
    ("Client platform id", "0xff"),
    ("Company", "Microsoft Corporation"),
    ("Issuer", "RODENT"),
    ("Scope", "WORKGROUP"),
    ("Issued to machine (client-reported)", "RODENT"),
    ("Issued to user (client-reported)", "Administrator"),
    ("License server's locale", "0x0400 (default of the process)"),
    ("License id", "A02-6.00-S"),
    ("License type", "temporary; A02, which session hosts request"),
    ("Product version", "6.0"),
    ("Flags", "0x80648000 (temporary, enforced, beta version)"),
    (
        "Valid from",
        "2007-06-20T14:51:35.0000000Z, by the license server's clock: its last issue or renewal",
    ),
    ("Expires on", "2007-09-18T14:51:35.0000000Z, by the license server's clock"),
];

#[test]
fn the_real_token_has_all_fifteen_fields_in_order() {
    let run = token(&vector_bytes(REAL)).code(0);
    let (text, mut rest) = (run.text(), run.text());
    assert_eq!(run.err, "");
    for (label, value) in FIELDS {
        let line = format!("\n  {label:<36} {value}\n");
        let at = rest.find(&line).unwrap_or_else(|| panic!("{line:?} in {rest}"));
        // The line feed between two lines belongs to both.
        rest = &rest[at + line.len() - 1..];
    }
    for (label, value) in [
        ("Size", "1945 bytes"),
        ("SHA-256", REAL_SHA256),
        ("Container", "PKCS #7 SignedData"),
        ("Requested product", "A02"),
        ("License server's product id", "78440-006-5867045-70347"),
        ("License server's SPK", "not in it, or not readable"),
        ("Enforced", "yes: flag 0x00008000 is set"),
        ("Released or beta version", "beta version: flag 0x00800000 is clear"),
        ("Temporary or permanent", "temporary: flag 0x80000000 is set"),
        (
            "Generation of the product version",
            "Windows Server 2008 or 2008 R2; also 2012 according to a note by Microsoft",
        ),
        ("Extension 311.18.9, unnamed", "not in it, or not readable"),
        ("Integrity, all certificates", "internally consistent; issuer not authenticated"),
        ("Serial number", "030000000f"),
        ("Key", "RSA, 2048 bits, key algorithm 1.2.840.113549.1.1.1"),
        ("Place", "1141 bytes at byte 0x322 of the token"),
        (
            "Signature",
            "valid under the key of certificate 0: the key of that certificate signed it",
        ),
    ] {
        assert_says(text, label, value);
    }
    for expected in [
        "\nCertificate 1 (2 in all), the leaf: what the token is about\n",
        "\n1.3.6.1.4.1.311.18.5  LICENSED_PRODUCT_INFO   yes       70 ",
        "\nNo index: in the registry",
        "\n\nA valid signature shows that the token is consistent in itself; its issuer is not \
         authenticated. The names of machine and user are text that the client supplied. A token is \
         not a logon, and names no session host or farm.\n",
    ] {
        assert!(text.contains(expected), "{expected:?} in {text}");
    }
}

#[test]
fn the_same_is_read_from_every_form() {
    let raw = vector_bytes(REAL);
    let base64 = BASE64.encode(&raw);
    let lines: Vec<&str> =
        base64.as_bytes().chunks(64).map(|it| core::str::from_utf8(it).unwrap()).collect();
    let lines = lines.join("\r\n");
    let listed: Vec<String> =
        raw.chunks(25).map(|line| line.iter().map(|it| format!("{it:02x},")).collect()).collect();
    let listed = listed.join("\\\r\n  ");
    let export = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\S]\r\n\
         \"LicenseScope\"=hex:6d,00\r\n\"ClientLicense\"=hex:{}\r\n\"Z\"=hex:01\r\n",
        listed.trim_end_matches(',')
    );
    let utf16: Vec<u8> =
        format!("\u{feff}{export}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let expected = json(&raw);
    assert_eq!(
        (&expected["encoding"], &expected["file_sha256"]),
        (&json!("binary"), &json!(REAL_SHA256))
    );
    for (given, encoding) in [
        (fs::read(vector(REAL)).unwrap(), "hex"),
        (HEXLOWER.encode(&raw).to_uppercase().into_bytes(), "hex"),
        (base64.clone().into_bytes(), "base64"),
        (lines.clone().into_bytes(), "base64"),
        (format!("-----BEGIN PKCS7-----\n{lines}\n-----END PKCS7-----\n").into_bytes(), "pem"),
        (export.into_bytes(), "registry_editor"),
        (utf16, "registry_editor"),
    ] {
        let found = json(&given);
        assert_eq!(found["encoding"], encoding);
        assert_eq!((&found["token"], &found["hex"]), (&expected["token"], &expected["hex"]));
        assert_eq!(found["file_size"], given.len());
        let run = piped(&given, &["--format", "json"]).code(0);
        assert_eq!((&run.json()["path"], &run.json()["token"]), (&json!("-"), &expected["token"]));
    }
    let run = calhive([std::ffi::OsStr::new("token"), vector(REAL).as_os_str()]).code(0);
    let line = "\nDecoded 1,945 bytes from 3,951 bytes of hex text; all offsets refer to the decoded bytes.\n";
    assert!(run.text().contains(": 3,951 bytes, SHA-256 "), "{}", run.text());
    assert!(run.text().contains(line), "{}", run.text());
}

#[test]
fn several_licenses_of_one_file_or_folder_are_all_read() {
    let specs = [Generation::Server2008, Generation::Server2012].map(TokenSpec::generation);
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|it| format!("{it:02x},")).collect() };
    let mut export = String::from("Windows Registry Editor Version 5.00\r\n");
    for (number, spec) in specs.iter().enumerate() {
        export += &format!(
            "\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSLicensing\\Store\\LICENSE00{number}]\r\n\
             \"ClientLicense\"=hex:{}\r\n\"ProductVersion\"=dword:00060000\r\n",
            hex(&spec.encode()).trim_end_matches(',')
        );
    }
    let found = json(export.as_bytes());
    let machines = |found: &Value| -> Vec<String> {
        let all = found.as_array().unwrap().iter();
        let of = |it: &Value| it.pointer("/token/license/client_reported_machine").cloned();
        all.map(|it| of(it).unwrap().as_str().unwrap().to_owned()).collect()
    };
    let expected: Vec<String> = specs.iter().map(|spec| spec.machine.clone()).collect();
    assert_eq!(machines(&found), expected);
    let name = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\MSLicensing\Store\LICENSE001\ClientLicense";
    assert_eq!(found[1]["name"], name);
    assert_eq!(found[1]["values"][1]["shown"], "393216 (0x60000)");
    let text = token(export.as_bytes()).code(0);
    assert!(text.text().contains(&format!("\n{name}\n")), "{}", text.text());
    assert!(text.text().contains("\nAll values of the text\n"), "{}", text.text());
    // The same tokens, one after the other.
    let both = specs.each_ref().map(TokenSpec::encode).concat();
    assert_eq!(machines(&json(&both)), expected);
    // A folder of stored licenses, with a file that is none.
    let folder = Folder::new();
    for (spec, name) in specs.iter().zip(["a.cal", "b.CAL"]) {
        folder.file(name, &spec.encode());
    }
    folder.file("notes.txt", b"no license");
    let path = folder.path();
    let run = calhive(["token", path, "--format", "json"]).code(0);
    assert_eq!(machines(&run.json()), expected);
    folder.file("c.cal", b"garbage\0");
    let run = calhive(["token", path, "--format", "json"]).code(3);
    assert_eq!(machines(&run.json()), expected);
    assert!(run.err.contains("c.cal: token does not begin"), "{run:?}");
}

#[test]
fn licensing_messages_and_prefixed_stores_name_their_structure() {
    let spec = TokenSpec::generation(Generation::Server2012);
    let token = spec.encode();
    let length = u32::try_from(token.len()).unwrap().to_le_bytes();
    let stored = [&spec.hardware_id[..], &length, &token].concat();
    let request = vector_bytes("rdpele_4.1_message.hex");
    for (bytes, container) in [
        ([&length[..], &token].concat(), "length prefix + PKCS #7 SignedData"),
        (stored, "hardware ID and length prefix + PKCS #7 SignedData"),
        (spec.new_license_info(), "NEW_LICENSE_INFO + PKCS #7 SignedData"),
        (request, "SERVER_LICENSE_REQUEST + X509_CERTIFICATE_CHAIN"),
    ] {
        let run = self::token(&bytes).code(0);
        assert_says(run.text(), "Container", container);
        assert!(values(run.text(), "Read")[0].starts_with("strict"), "{}", run.text());
    }
    let encrypted = [&[3, 3, 48, 0, 9, 0, 24, 0][..], &[7; 40]].concat();
    let run = self::token(&encrypted).code(1);
    assert!(run.err.contains("is encrypted with the keys of its session"), "{run:?}");
}

#[test]
fn json_has_the_whole_token() {
    let raw = vector_bytes(REAL_WITH_INDEX);
    let found = json(&raw);
    assert_eq!(found["tool"]["name"], "calhive");
    assert_eq!(found["hex"], HEXLOWER.encode(&raw));
    assert_eq!(found["proprietary_certificate"], Value::Null);
    let token = &found["token"];
    assert_eq!(
        token["index"],
        json!({
            "version": 0x0006_0000, "scope": "microsoft.com",
            "company": "Microsoft Corporation", "product": "A02"
        })
    );
    for (pointer, value) in [
        ("/kind", json!("file")),
        ("/size", json!(2031)),
        ("/reading", json!("strict")),
        ("/license/issuer", json!("RODENT")),
        ("/license/client_reported_user", json!("Administrator")),
        ("/license/license_id", json!("A02-6.00-S")),
        ("/license/is_temporary", json!(true)),
        ("/license/valid_from/utc", json!("2007-06-20T14:51:35.0000000Z")),
        ("/license/expires/utc", json!("2007-09-18T14:51:35.0000000Z")),
        ("/certificates/1/serial", json!("030000000f")),
        ("/certificates/1/signature", json!("valid")),
        ("/certificates/1/signature_issuer", json!(0)),
    ] {
        assert_eq!(token.pointer(pointer), Some(&value), "{pointer}");
    }
    assert_eq!(token.get("disagreements"), None);
    assert_eq!(token["license"]["flags"], 0x8064_8000_u32);
    assert_eq!(found["limitations"].as_array().unwrap().len(), 3);
    let text = self::token(&raw).code(0);
    for (label, value) in
        [("Version", "0x00060000 (6.0)"), ("Scope", "microsoft.com"), ("Product", "A02")]
    {
        assert_says(text.text(), label, value);
    }
}

#[test]
fn forged_tokens_of_all_generations_are_read() {
    for generation in Generation::ALL {
        let spec = TokenSpec::generation(generation);
        for bytes in [spec.encode(), spec.new_license_info(), spec.certificates().concat()] {
            let run = token(&bytes).code(0);
            for (label, value) in [
                ("Issuer", spec.server.as_str()),
                ("Issued to machine (client-reported)", &spec.machine),
                ("License id", &spec.product),
                ("Signature of this certificate", "valid"),
                (
                    "License server's SPK",
                    spec.server_spk.as_deref().unwrap_or("not in it, or not readable"),
                ),
                (
                    "Extension 311.18.9, unnamed",
                    spec.unnamed_9.map_or("not in it, or not readable", |_| "7"),
                ),
            ] {
                assert_says(run.text(), label, value);
            }
        }
    }
}

#[test]
fn odd_tokens_are_told_as_they_are() {
    let mut salvaged = 0;
    for odd in odd() {
        let disk = OnDisk::new(&odd.token);
        let run = calhive(["token", &disk.path]);
        if odd.reading == Reading::Undecodable {
            // A key that the host made itself is something else.
            let code = i32::from(odd.name != "proprietary certificate");
            assert_eq!(run.code, code, "{}: {run:?}", odd.name);
            assert!(
                code == 0 || run.err.starts_with(&format!("calhive: {}", disk.path)),
                "{run:?}"
            );
            continue;
        }
        // Which departures from the standards are looked at is the reader's own business.
        let token = describe_token(&odd.token, TokenKind::File);
        let word = token.reading.unwrap().to_string();
        let code = if odd.reading == Reading::Salvaged { 3 } else { 0 };
        assert_eq!(code == 3, word == "salvaged", "{}", odd.name);
        let run = run.code(code);
        assert_harmless(run.text());
        assert!(values(run.text(), "Read")[0].starts_with(&word), "{}: {}", odd.name, run.text());
        if code == 3 {
            salvaged += 1;
            let expected = format!("calhive: {}: the token is incomplete", disk.path);
            assert!(run.err.starts_with(&expected), "{}: {run:?}", odd.name);
            let faults = values(run.text(), "Fault");
            assert!(faults.iter().all(|it| it.contains(", at byte 0x")), "{faults:?}");
            assert!(!faults.is_empty(), "{}: {}", odd.name, run.text());
        } else {
            assert_eq!(run.err, "", "{}", odd.name);
        }
    }
    assert!(salvaged > 3, "{salvaged}");
}

#[test]
fn a_signature_that_does_not_hold_is_told() {
    let spec = TokenSpec::generation(Generation::Server2008);
    let mut bytes = spec.encode();
    let user: Vec<u8> = spec.user.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let at = bytes.windows(user.len()).position(|it| it == user).unwrap();
    bytes[at + 1] = b'A';
    let run = token(&bytes).code(0);
    for (label, value) in [
        ("Issued to user (client-reported)", "Alice"),
        ("Signature of this certificate", "invalid"),
        ("Integrity, all certificates", "1 of 2 signatures do not hold"),
        (
            "Signature",
            "invalid under the key of certificate 0: the key of that certificate did not sign these bytes",
        ),
    ] {
        assert_says(run.text(), label, value);
    }
}

#[test]
fn what_disagrees_is_told() {
    let mut spec = TokenSpec::generation(Generation::Server2008);
    spec.product = "A02-5.02-S".to_owned();
    let run = token(&spec.encode()).code(0);
    let told = "license ID: A02-5.02-S; version record: 6.0";
    assert_says(run.text(), "product version", told);
    let run = token(&TokenSpec::generation(Generation::Server2008).encode()).code(0);
    assert!(run.text().contains("\nDisagreements\n  None found. Compared"), "{}", run.text());
}

#[test]
fn hostile_names_do_not_get_to_the_terminal() {
    let mut spec = TokenSpec::generation(Generation::Server2012);
    spec.machine = "\x1b[31mred\x07".to_owned();
    spec.user = "txt.\u{202e}exe\n  Issuer  X".to_owned();
    spec.server = "\x1b]0;title\x07".to_owned();
    spec.scope = "a\rb".to_owned();
    spec.manufacturer = "\u{9b}2J".to_owned();
    spec.product = "A02-6.02-S\u{8}".to_owned();
    spec.index_scope = "\x1b[2J".to_owned();
    spec.server_spk = Some("\u{2066}".to_owned());
    for format in ["table", "json"] {
        let disk = OnDisk::new(&spec.new_license_info());
        let run = calhive(["token", &disk.path, "--format", format]).code(0);
        assert_harmless(run.text());
        assert!(!run.text().contains('\u{2066}'), "{}", run.text());
    }
    let run = token(&spec.encode()).code(0);
    assert_says(run.text(), "Issued to machine (client-reported)", r"\u{1B}[31mred\u{7}");
    assert_eq!(values(run.text(), "Issuer").len(), 3, "{}", run.text());
}

#[test]
fn the_key_that_a_host_made_itself_is_told_as_what_it_is() {
    let raw = vector_bytes("regipy_RCM_Certificate.hex");
    let run = token(&raw).code(0);
    assert!(
        run.text().contains("an RSA key of 2048 bits in a PROPRIETARYSERVERCERTIFICATE"),
        "{run:?}"
    );
    assert!(run.text().contains("it contains no license"), "{run:?}");
    let found = json(&raw);
    assert_eq!((&found["token"], &found["limitations"]), (&Value::Null, &json!([])));
    assert_eq!(found["proprietary_certificate"]["key_bits"], 2048);
}

#[test]
fn the_certificates_of_a_host_are_no_license_of_a_client() {
    let spec = TokenSpec::generation(Generation::Server2008);
    let host = HostSpec::new(&spec, "HOST-1");
    let run = token(&bare_chain(&[spec.certificates().remove(0), host_certificate(&host)])).code(0);
    assert_says(run.text(), "Kind", "certificate of a session host");
    assert_says(run.text(), "Host: protocol of its binding", "ncalrpc");
    assert_says(run.text(), "Host: name or address", "HOST-1");
    assert!(!run.text().contains("client-reported"), "{}", run.text());
    assert!(!run.text().contains("client supplied"), "{}", run.text());
}

#[test]
fn what_is_no_token_is_named_with_what_is_wrong() {
    let folder = Folder::new();
    let hive = forged().bytes;
    let too_long = vec![0x30; (4 << 20) + 1];
    for (name, bytes, why) in [
        ("empty", &b""[..], ": empty, contains no token"),
        ("hive", &hive, " is a registry hive; use `calhive scan` to decode its tokens"),
        (
            "garbage",
            b"\x00\x01garbage",
            ": token does not begin like a known container of certificates (first byte 0x00), at byte 0x0 of the token",
        ),
        (
            "word",
            b"token123",
            " (read as base64 text): token does not begin like a known container of certificates (first byte 0xb6), at \
             byte 0x0 of the token",
        ),
        (
            "prose",
            b"This is no token.\n",
            ": neither hex nor base64: unexpected '.' at line 1, column 17",
        ),
        ("digits", b"3082\n07z5 0102 0304", ": not hex: unexpected 'z' at line 2, column 3"),
        ("blank", b" \n", " (read as hex text): token is empty, at byte 0x0 of the token"),
        ("long", &too_long, " is larger than 4 MiB; a token has at most 1 MiB"),
    ] {
        let path = folder.file(name, bytes);
        for format in ["table", "json"] {
            let run = calhive(["token", &path, "--format", format]).code(1);
            assert_eq!(run.err, format!("calhive: {path}{why}\n"));
            assert!(run.out.is_empty());
        }
        let run = piped(bytes, &[]).code(1);
        assert_eq!(run.err, format!("calhive: standard input{why}\n"));
    }
    let run = calhive(["token", "no/such/file"]).code(1);
    assert!(run.err.starts_with("calhive: no/such/file: "), "{run:?}");
    let run = calhive(["token", folder.path()]).code(1);
    assert!(run.err.contains(": a folder without license files (*.cal, license.*)"), "{run:?}");
}
