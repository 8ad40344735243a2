// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real hives of clients and servers without licensing raise no finding.

use calhive::Hive;
use calhive::fact::Source;
use calhive::regf::hive::look_up::LookUp;
use calhive_regf::registry::HiveKind;
use hive_forge::corpus::hives;

#[test]
fn real_hives_raise_no_finding() {
    let Some(hives) = hives("real_hives_raise_no_finding") else { return };
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
        raised.extend(of_file.map(|it| format!("{}: {}: {}", file.name, it.code, it.statement)));
    }
    assert_eq!(read, 7, "SYSTEM and SOFTWARE hives");
    assert!(raised.is_empty(), "{}", raised.join("\n"));
}
