// SPDX-License-Identifier: GPL-3.0-or-later
//! Inputs of `calhive token` and `carve` that calhive once got wrong. The folder that `CALHIVE_TRIALS` names holds
//! them; without the variable, these tests do nothing.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::calhive;

fn trial(name: &str) -> Option<String> {
    let folder = std::env::var_os("CALHIVE_TRIALS")?;
    let path = PathBuf::from(folder).join(name);
    assert!(path.exists(), "{}", path.display());
    Some(path.display().to_string())
}

fn decoded(name: &str) -> Option<Value> {
    Some(calhive(["token", &trial(name)?, "--format", "json"]).code(0).json())
}

/// Row 13: one token of 1,978 bytes in five forms.
#[test]
fn one_real_token_is_read_from_every_text() {
    const TOKEN: &str = "84f395702f194fa0c0d94331e2974aad97d6028caa157c0786fb1f669bffee44";
    for (name, encoding) in [
        ("regq.txt", "registry_query"),
        ("ps.txt", "decimal"),
        ("json.txt", "decimal"),
        ("hexdump.txt", "hex_dump"),
    ] {
        let Some(found) = decoded(&format!("13-text-inputs/{name}")) else { return };
        assert_eq!(found["encoding"], encoding, "{name}");
        assert_eq!(found["token"]["sha256"], TOKEN, "{name}");
        assert_eq!(found["token"]["reading"], "strict", "{name}");
    }
    let Some(path) = trial("13-text-inputs/store-file-4-byte-length.bin") else { return };
    let text = calhive(["token", &path]).code(0);
    let container = format!("  {:<36} length prefix + PKCS #7 SignedData\n", "Container");
    assert!(text.text().contains(&container), "{}", text.text());
    assert!(text.text().contains("  Read                                 strict: "));
}

/// Row 01.
#[test]
fn chain_of_a_real_host_is_carved_with_its_kind_and_names() {
    let Some(path) = trial("01-carve-host-chain/raw.bin") else { return };
    let found = calhive(["carve", &path, "--format", "json"]).code(0).json();
    let found = &found["files"][0]["found"];
    assert_eq!(found.as_array().unwrap().len(), 1);
    for (pointer, value) in [
        ("/0/kind", json!("certificate_chain")),
        ("/0/offset", json!(0x2BC)),
        ("/0/length", json!(5007)),
        ("/0/is_whole", json!(true)),
        ("/0/token/certificate_kind", json!("host_certificate")),
        ("/0/token/license/binding", json!({"protocol": "ncacn_ip_tcp", "name": "10.10.44.231"})),
        ("/0/token/license_server/computer_name", json!("DC01")),
    ] {
        assert_eq!(found.pointer(pointer), Some(&value), "{pointer}");
    }
    assert_eq!(found.pointer("/0/token/license/client_reported_machine"), None);
    let statement = found[0]["statement"].as_str().unwrap();
    assert!(statement.contains("for the session host ncacn_ip_tcp:10.10.44.231"), "{statement}");
    assert!(!statement.contains("user"), "{statement}");
}

/// Row 12.
#[test]
fn altered_chain_is_of_no_established_kind_in_both_commands() {
    let Some(path) = trial("12-kind-of-certificate/chain.bin") else { return };
    let token = calhive(["token", &path]).code(0);
    let carved = calhive(["carve", &path]).code(0);
    for text in [token.text(), carved.text()] {
        assert!(text.contains("kind not established"), "{text}");
        assert!(!text.contains("certificate of a session host"), "{text}");
    }
    assert!(!token.text().contains("client-reported"), "{}", token.text());
    assert!(!carved.text().contains("issued a token"), "{}", carved.text());
}
