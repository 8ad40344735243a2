// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real hives of clients and servers without licensing raise no finding.

use calhive::Hive;
use calhive::licensing::{self, Source};
use calhive::registry::HiveKind;

use super::hives;

#[test]
fn real_hives_raise_no_finding() {
    let Some(hives) = hives("findings") else { return };
    let (mut read, mut raised) = (0, Vec::new());
    for file in hives {
        let Ok(hive) = Hive::parse(&file.bytes) else { continue };
        let facts = licensing::collect(&Source::new(hive, file.name.as_str()), &Default::default());
        if !matches!(facts.kind, HiveKind::System | HiveKind::Software) {
            continue;
        }
        read += 1;
        let report = licensing::interpret(&[facts], None);
        let codes: Vec<&str> = report.findings.iter().map(|it| it.code.as_str()).collect();
        println!("{}: {} facts, findings {codes:?}", file.name, report.facts.len());
        let of_file = report.findings.iter();
        raised.extend(of_file.map(|it| format!("{}: {}: {}", file.name, it.code, it.statement)));
    }
    assert!(read > 6, "{read} hives of a system");
    assert!(raised.is_empty(), "{}", raised.join("\n"));
}
