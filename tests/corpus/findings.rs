// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings on real hives. None has licensing data, so only a damaged hive raises a finding.

use calhive::Hive;
use calhive::fact::Source;
use calhive::regf::hive::look_up::LookUp;
use calhive_regf::registry::HiveKind;
use hive_forge::corpus::hives;

/// The expected findings: file, code, and the bytes that justify the finding, with their offset.
const EXPECTED: [(&str, &str, usize, [u8; 4]); 1] = [
    // The size of a cell, 3,238,597 bytes, is no multiple of 8 and leads beyond the bin.
    ("corrupt/corrupted_system_hive", "hive.not_whole", 0x9_9308, 3_238_597_u32.to_le_bytes()),
];

#[test]
fn real_hives_raise_the_expected_findings_alone() {
    let Some(hives) = hives("real_hives_raise_the_expected_findings_alone") else { return };
    let (mut read, mut raised) = (0, Vec::new());
    for file in hives {
        let hive = Hive::parse(&file.bytes).unwrap();
        let facts = calhive::collect(&Source::new(hive, file.name.as_str()), LookUp::Thorough);
        if !matches!(facts.kind, HiveKind::System | HiveKind::Software) {
            continue;
        }
        read += 1;
        let report = calhive::interpret(&[facts], None);
        let codes: Vec<&str> = report.findings.iter().map(|it| it.code).collect();
        println!("{}: {} facts, findings {codes:?}", file.name, report.facts.len());
        let of_file = report.findings.iter();
        raised.extend(of_file.map(|it| (file.name.clone(), it.code, it.statement.clone())));
        for (name, code, at, bytes) in EXPECTED {
            if file.name == name {
                assert_eq!(file.bytes[at..at + 4], bytes, "{name}: {code}");
            }
        }
    }
    assert_eq!(read, 7, "SYSTEM and SOFTWARE hives");
    let codes: Vec<(&str, &str)> =
        raised.iter().map(|(name, code, _)| (name.as_str(), *code)).collect();
    let expected = EXPECTED.map(|(name, code, ..)| (name, code));
    assert_eq!(codes, expected, "{raised:#?}");
}
