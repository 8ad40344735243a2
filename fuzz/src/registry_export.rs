// SPDX-License-Identifier: MIT OR Apache-2.0
//! Text exports of the registry editor and rows of live registries: each item has a line of the text,
//! and the filter of keys changes no count.

use calhive::fact::FileCopy;
use calhive_evidence::{LiveRows, RegistryExport};

/// Parses `bytes` as an export and as rows, and reports on both.
pub fn registry_export(bytes: &[u8]) {
    let export = RegistryExport::parse(bytes);
    is_in_proportion(&export, bytes);
    assert!(export.keys.len() as u64 <= export.key_count.max(1) + export.fault_count);
    assert!(export.faults.len() as u64 <= export.fault_count);
    let none = RegistryExport::parse_where(bytes, |_| false);
    have_equal_counts(&export, &none);
    let file = || FileCopy { path: "export.reg".to_owned(), real_path: None, locator: None };
    let facts = calhive::collect_export(bytes, file(), None);
    crate::report::is_written(&calhive::interpret(&facts, None));

    let rows = LiveRows::parse_where(bytes, |_| true);
    let none = LiveRows::parse_where(bytes, |_| false);
    assert_eq!(rows.clients.len(), none.clients.len());
    assert!(rows.faults.len() as u64 <= rows.fault_count);
    for ((client, export), (same, none)) in rows.clients.iter().zip(&none.clients) {
        assert_eq!(client, same);
        is_in_proportion(export, bytes);
        // Each row has one key, or one value with its key.
        assert!(export.keys.len() as u64 <= export.key_count + export.value_count);
        let lost = export.faults.iter().filter(|fault| !fault.kind.is_remark());
        assert!(lost.count() as u64 <= export.fault_count);
        have_equal_counts(export, none);
    }
    if LiveRows::may_begin(bytes) {
        for facts in calhive::collect_live_rows(bytes, file(), None) {
            crate::report::is_written(&calhive::interpret(&[facts], None));
        }
    }
}

/// Checks that lines grow, and that data and faults are in proportion to the text.
fn is_in_proportion(export: &RegistryExport, bytes: &[u8]) {
    let mut before = 0;
    for key in &export.keys {
        assert!(before <= key.line && key.line <= export.line_count, "{key:?}");
        before = key.line;
        assert!(key.path().split('\\').count() >= key.names().count(), "{key:?}");
        for value in &key.values {
            assert!(key.line <= value.line && value.line <= export.line_count, "{value:?}");
            assert!(!value.is_removal || value.data.is_empty(), "{value:?}");
        }
    }
    let data: usize = export.keys.iter().flat_map(|key| &key.values).map(|it| it.data.len()).sum();
    assert!(data <= 4 * bytes.len() + 4 * export.line_count as usize, "{data} bytes of data");
    for fault in &export.faults {
        assert!(fault.line <= export.line_count.max(1), "{fault:?}");
        assert!(!fault.to_string().is_empty());
    }
}

/// Checks that a filter of keys changes no count.
fn have_equal_counts(export: &RegistryExport, none: &RegistryExport) {
    assert_eq!(
        (none.line_count, none.key_count, none.value_count, none.fault_count),
        (export.line_count, export.key_count, export.value_count, export.fault_count)
    );
}
