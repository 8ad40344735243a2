// SPDX-License-Identifier: MIT OR Apache-2.0
//! Text exports of the registry editor: each item has a line of the text, and the filter of keys
//! changes no count.

use calhive::fact::FileCopy;
use calhive_evidence::RegistryExport;

/// Parses `bytes` as an export, and reports on it.
pub fn registry_export(bytes: &[u8]) {
    let export = RegistryExport::parse(bytes);
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
    assert!(export.keys.len() as u64 <= export.key_count.max(1) + export.fault_count);
    let data: usize = export.keys.iter().flat_map(|key| &key.values).map(|it| it.data.len()).sum();
    assert!(data <= 4 * bytes.len() + 4 * export.line_count as usize, "{data} bytes of data");
    assert!(export.faults.len() as u64 <= export.fault_count);
    for fault in &export.faults {
        assert!(fault.line <= export.line_count.max(1), "{fault:?}");
        assert!(!fault.to_string().is_empty());
    }
    let none = RegistryExport::parse_where(bytes, |_| false);
    assert_eq!(
        (none.line_count, none.key_count, none.value_count, none.fault_count),
        (export.line_count, export.key_count, export.value_count, export.fault_count)
    );
    let file = FileCopy { path: "export.reg".to_owned(), real_path: None, locator: None };
    let facts = calhive::collect_export(bytes, file, None);
    crate::report::is_written(&calhive::interpret(&facts, None));
}
