// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of rows of a live registry.

use calhive_regf::ValueType;
use hive_forge::random::mutate_text;
use hive_forge::rng::Rng;

use super::*;
use ExportFaultKind as Kind;

const KEY: &str = r"HKEY_LOCAL_MACHINE\\SOFTWARE\\A";

/// Returns a row with these further fields.
fn row(fields: &str) -> String {
    format!(r#"{{"CalhiveRow":1,"Hostname":"HOST","Key":"{KEY}"{fields}}}"#)
}

fn value(value_type: &str, size: usize, data: &[u8]) -> String {
    let data = data_encoding::BASE64.encode(data);
    row(&format!(r#","ValueName":"n","Type":"{value_type}","Size":{size},"Data":"{data}""#))
}

fn parse(text: &str) -> LiveRows {
    LiveRows::parse_where(text.as_bytes(), |_| true)
}

fn faults(rows: &LiveRows) -> Vec<(u64, Kind)> {
    rows.clients[0].1.faults.iter().map(|it| (it.line, it.kind)).collect()
}

#[test]
fn value_of_each_type_has_the_bytes_of_the_registry() {
    let text = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for (word, size, data, expected_type, expected) in [
        ("SZ", 6, &b"ab"[..], ValueType::SZ, text("ab\0")),
        ("REG_SZ", 4, b"ab", ValueType::SZ, text("ab")),
        ("EXPAND_SZ", 0, b"", ValueType::EXPAND_SZ, vec![]),
        ("SZ", 4, "\u{E4}".as_bytes(), ValueType::SZ, text("\u{E4}\0")),
        ("MULTI_SZ", 12, b"a\nbc", ValueType::MULTI_SZ, text("a\0bc\0\0")),
        ("MULTI_SZ", 2, b"", ValueType::MULTI_SZ, text("\0")),
        ("DWORD", 4, b"4", ValueType::DWORD, vec![4, 0, 0, 0]),
        ("QWORD", 8, b"258", ValueType::QWORD, vec![2, 1, 0, 0, 0, 0, 0, 0]),
        ("BINARY", 2, b"\x01\xFF", ValueType::BINARY, vec![1, 0xFF]),
        ("BINARY", 1, b"\x01\0\0\0", ValueType::BINARY, vec![1]),
        ("0", 1, b"\x02", ValueType::NONE, vec![2]),
        ("4294901778", 1, b"\x03", ValueType(0xFFFF_0012), vec![3]),
    ] {
        let rows = parse(&value(word, size, data));
        let [key] = rows.clients[0].1.keys.as_slice() else { panic!("{rows:?}") };
        let [found] = key.values.as_slice() else { panic!("{key:?}") };
        assert_eq!((found.value_type, &found.data), (expected_type, &expected), "{word}");
        assert!(!found.is_incomplete && faults(&rows).is_empty(), "{word}: {rows:?}");
    }
}

#[test]
fn value_that_a_row_cuts_is_incomplete() {
    for (word, size, data) in [
        ("SZ", 20, &b"ab"[..]),
        ("SZ", 2, b"ab"),
        ("SZ", 4, "\u{FFFD}".as_bytes()),
        ("MULTI_SZ", 30, b"a"),
        ("DWORD", 4, b"x"),
        ("DWORD", 2, b"1"),
        ("DWORD", 4, b"4294967296"),
        ("BINARY", 3, b"ab"),
    ] {
        let rows = parse(&value(word, size, data));
        assert!(rows.clients[0].1.keys[0].values[0].is_incomplete, "{word} {size}");
        assert_eq!(faults(&rows), [(1, Kind::CutValue)], "{word} {size}");
        // The file was read whole.
        assert_eq!(rows.clients[0].1.fault_count, 0);
    }
}

#[test]
fn rows_of_several_clients_are_kept_apart() {
    let of = |client: &str, name: &str| {
        format!(
            r#"{{"CalhiveRow":1,"CollectedAt":"2024-02-01T00:00:0{}Z","Key":"{KEY}","ClientId":"{client}","Fqdn":"{name}"}}"#,
            client.len()
        )
    };
    let text = [of("C.1", "one"), of("C.22", "two"), String::new(), of("C.1", "")].join("\r\n");
    let rows = parse(&(text + "\n"));
    let [(one, of_one), (two, of_two)] = rows.clients.as_slice() else { panic!("{rows:?}") };
    assert_eq!((one.client_id.as_deref(), one.host_name.as_deref()), (Some("C.1"), Some("one")));
    assert_eq!((two.client_id.as_deref(), two.host_name.as_deref()), (Some("C.22"), Some("two")));
    assert_eq!((one.rows, two.rows), (2, 1));
    let lines = |export: &RegistryExport| export.keys.iter().map(|it| it.line).collect::<Vec<_>>();
    assert_eq!((lines(of_one), lines(of_two)), (vec![1, 4], vec![2]));
    assert_eq!(of_one.line_count, 4);
    assert_eq!(two.collected.unwrap().0.to_string(), "2024-02-01T00:00:04.0000000Z");
}

#[test]
fn bad_line_is_a_fault_and_the_rest_is_read() {
    let text = [
        row(""),
        "{".to_owned(),
        r#"{"CalhiveRow":2}"#.to_owned(),
        r#"{"CalhiveRow":1,"Hostname":"HOST"}"#.to_owned(),
        row(r#","ValueName":"n""#),
        row(r#","ValueName":"n","Type":"SZ","Size":1"#),
        row(r#","ValueName":"n","Type":"SZ","Data":"""#),
        row(r#","ValueName":"n","Type":"BINARY","Size":1,"Data":"?""#),
        row(r#","LastWritten":"2024-02-01T00:00:00Z","More":[1,{"a":[]}]"#),
    ];
    let rows = parse(&text.join("\n"));
    assert_eq!(
        faults(&rows),
        [
            (2, Kind::NotJson),
            (3, Kind::OtherRow),
            (4, Kind::NoField("Key")),
            (5, Kind::NoField("Type")),
            (6, Kind::NoField("Data")),
            (7, Kind::NoField("Size")),
            (8, Kind::NotBase64),
        ]
    );
    let export = &rows.clients[0].1;
    assert_eq!((export.fault_count, rows.fault_count, export.keys.len()), (7, 2, 5));
    assert_eq!(export.keys[4].last_written.unwrap().to_string(), "2024-02-01T00:00:00.0000000Z");
    assert_eq!(export.faults[0].to_string(), "line 2, column 1: expected a JSON object");
}

#[test]
fn rows_are_recognized_by_their_first_bytes() {
    for (head, expected) in [
        (row(""), true),
        (format!("\u{FEFF} {}", row("")), true),
        (r#"{"Other":1}"#.to_owned(), false),
        (r#"["CalhiveRow"]"#.to_owned(), false),
        (format!("{{{}{}", " ".repeat(HEAD), row("")), false),
        (String::new(), false),
    ] {
        assert_eq!(LiveRows::may_begin(head.as_bytes()), expected, "{head:.40}");
    }
}

#[test]
fn number_of_clients_is_in_proportion_to_bytes() {
    let text: String = (0..10_000)
        .map(|number| {
            format!("{{\"CalhiveRow\":1,\"Key\":\"HKLM\\\\A\",\"ClientId\":\"C.{number}\"}}\n")
        })
        .collect();
    let rows = parse(&text);
    assert_eq!(rows.clients.len(), CLIENTS + text.len() / BYTES_FOR_EACH);
    assert!(rows.clients.len() < 1000 && rows.faults.iter().all(|it| it.kind == Kind::TooMany));
    assert_eq!(rows.fault_count, 10_000 - rows.clients.len() as u64);
}

#[test]
fn mutated_rows_are_read_without_panic() {
    let cases: u64 =
        std::env::var("CALHIVE_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(200);
    let base = [
        row(r#","LastWritten":"2024-02-01T00:00:00.1234567Z""#),
        value("SZ", 6, b"ab"),
        value("MULTI_SZ", 12, b"a\nbc"),
        value("DWORD", 4, b"4"),
        value("BINARY", 3, b"abc"),
    ];
    let base = base.join("\n").repeat(3).into_bytes();
    let special = b"\"\\{}[]:,-0123456789nt\n\r\0\xFF=";
    for case in 0..cases {
        let mut bytes = base.clone();
        mutate_text(&mut bytes, special, &mut Rng::nth(0x9E37_79B9, case));
        let rows = LiveRows::parse_where(&bytes, |_| true);
        for (_, export) in &rows.clients {
            assert!(export.keys.iter().all(|key| key.line <= export.line_count));
            assert!(export.faults.iter().all(|it| !it.to_string().is_empty()));
        }
    }
}
