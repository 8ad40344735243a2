// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Reader`]: reads the lines of an export in order.

use calhive_regf::ValueType;

use super::data::{self, Data, Place, Quoted};
use super::lines::{Line, Lines};
use super::{
    ExportEncoding, ExportFault, ExportFaultKind, ExportVersion, ExportedKey, ExportedValue,
    RegistryExport,
};

/// Names of the roots, long and short.
const ROOTS: [&str; 12] = [
    "HKEY_LOCAL_MACHINE",
    "HKLM",
    "HKEY_USERS",
    "HKU",
    "HKEY_CURRENT_USER",
    "HKCU",
    "HKEY_CLASSES_ROOT",
    "HKCR",
    "HKEY_CURRENT_CONFIG",
    "HKCC",
    "HKEY_PERFORMANCE_DATA",
    "HKEY_DYN_DATA",
];

/// First words of the first line of version 5.
const VERSION_5: &str = "windows registry editor version";

/// Reads the lines of an export.
pub(super) struct Reader<'b, F> {
    lines: Lines<'b>,
    is_kept: F,
    export: RegistryExport,
    current: Current,
    /// Whether the current key is one that the export removes, without a value so far.
    is_in_removed_key: bool,
    /// Version of the last header.
    version: Option<ExportVersion>,
    kept_items: usize,
    has_code_page_fault: bool,
}

/// Key that the next values belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Current {
    /// No key, or an unreadable one.
    None,
    /// The last key of the export.
    Kept,
    /// A key that is not kept.
    Left,
}

/// The name of a value, and its data; `None` for a removal.
struct Named {
    name: Quoted,
    is_nameless: bool,
    data: Option<Data>,
}

impl<'b, F: FnMut(&ExportedKey) -> bool> Reader<'b, F> {
    pub(super) fn new(bytes: &'b [u8], is_kept: F) -> Self {
        let lines = Lines::new(bytes);
        let export = RegistryExport::empty(lines.encoding);
        let (current, version) = (Current::None, None);
        let (kept_items, has_code_page_fault) = (0, false);
        Self {
            lines,
            is_kept,
            export,
            current,
            is_in_removed_key: false,
            version,
            kept_items,
            has_code_page_fault,
        }
    }

    pub(super) fn read(mut self) -> RegistryExport {
        while let Some(line) = self.lines.next() {
            self.encoding(&line);
            let start = line.skip_space(0);
            match line.at(start) {
                None | Some(';') => {}
                Some('[') => self.key(&line, start),
                Some('"' | '@') => self.value(line, start),
                Some(_) => self.other(line, start),
            }
        }
        self.export.line_count = self.lines.number;
        if self.export.version.is_none() {
            self.export.fault_count = self.export.fault_count.saturating_add(1);
            let fault = ExportFault { line: 1, column: None, kind: ExportFaultKind::NoHeader };
            self.export.faults.insert(0, fault);
        }
        self.export
    }

    /// Adds the faults of the encoding.
    fn encoding(&mut self, line: &Line<'_>) {
        if !line.is_whole {
            let is_utf8 = self.lines.encoding == ExportEncoding::Utf8;
            let kind = if is_utf8 { ExportFaultKind::NotUtf8 } else { ExportFaultKind::OddLength };
            self.fault(kind, line.number, None);
        }
        let has_text = self.lines.encoding == ExportEncoding::CodePage && !line.bytes.is_ascii();
        if has_text && !self.has_code_page_fault {
            self.has_code_page_fault = true;
            self.fault(ExportFaultKind::CodePage, line.number, None);
        }
    }

    fn fault(&mut self, kind: ExportFaultKind, line: u64, index: Option<usize>) {
        self.export.fault_count = self.export.fault_count.saturating_add(1);
        if self.export.faults.len() < RegistryExport::KEPT_FAULTS {
            let column = index.map(|index| (index as u64).saturating_add(1));
            self.export.faults.push(ExportFault { line, column, kind });
        }
    }

    fn key(&mut self, line: &Line<'_>, start: usize) {
        // The name of a key can hold brackets.
        self.is_in_removed_key = false;
        let Some(end) = line.units.iter().rposition(|unit| *unit == 0x5D) else {
            self.current = Current::None;
            return self.fault(ExportFaultKind::UnclosedKey, line.number, None);
        };
        let mut start = start.saturating_add(1);
        let is_removal = line.at(start) == Some('-');
        start = start.saturating_add(usize::from(is_removal));
        let path = line.units.get(start..end).unwrap_or_default();
        let path = path.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let key = ExportedKey::new(path, line.number, is_removal);
        if !line.is_over(end.saturating_add(1)) {
            self.fault(ExportFaultKind::TextAfterData, line.number, Some(end.saturating_add(1)));
        }
        if !has_root(&key) {
            self.fault(ExportFaultKind::UnknownRoot, line.number, None);
        }
        self.export.key_count = self.export.key_count.saturating_add(1);
        self.is_in_removed_key = is_removal;
        self.current = if (self.is_kept)(&key) && self.keeps_one(line.number) {
            self.export.keys.push(key);
            Current::Kept
        } else {
            Current::Left
        };
    }

    /// Whether the limit allows a further item.
    fn keeps_one(&mut self, line: u64) -> bool {
        if self.kept_items == RegistryExport::KEPT_ITEMS {
            self.fault(ExportFaultKind::TooMany, line, None);
        }
        self.kept_items = self.kept_items.saturating_add(1);
        self.kept_items <= RegistryExport::KEPT_ITEMS
    }

    /// Reads a header, or data without a name.
    fn other(&mut self, line: Line<'b>, start: usize) {
        if data::list_type(&line, start).is_some() {
            self.fault(ExportFaultKind::NoName, line.number, None);
            return self.value(line, start);
        }
        let word = line.word(start, 64);
        let header = word.trim_end();
        let version = if header == "regedit4" {
            ExportVersion::Four
        } else if header.starts_with(VERSION_5) {
            if header != ExportVersion::Five.header().to_ascii_lowercase() {
                self.fault(ExportFaultKind::UnknownVersion, line.number, None);
            }
            ExportVersion::Five
        } else {
            return self.fault(ExportFaultKind::NotUnderstood, line.number, None);
        };
        if self.version.is_some() {
            self.fault(ExportFaultKind::SecondHeader, line.number, None);
        }
        self.version = Some(version);
        self.export.version = self.export.version.or(self.version);
        (self.current, self.is_in_removed_key) = (Current::None, false);
    }

    fn value(&mut self, line: Line<'b>, start: usize) {
        let number = line.number;
        let before = self.lines;
        let named = match self.named(line, start) {
            Ok(named) => named,
            Err((kind, index)) => {
                // The text has no end, so the next line is a line of its own.
                self.lines = before;
                return self.fault(kind, number, index);
            }
        };
        self.export.value_count = self.export.value_count.saturating_add(1);
        if let Some(fault) = named.data.as_ref().and_then(|data| data.fault.as_ref()) {
            self.fault(fault.kind, fault.line, fault.index);
        }
        // One fault for all values of the key.
        if core::mem::take(&mut self.is_in_removed_key) {
            self.fault(ExportFaultKind::InRemovedKey, number, None);
        }
        if self.current == Current::None {
            self.fault(ExportFaultKind::NoKey, number, None);
            let key = ExportedKey::new(Vec::new(), number, false);
            self.current = if (self.is_kept)(&key) {
                self.export.keys.push(key);
                Current::Kept
            } else {
                Current::Left
            };
        }
        if self.current == Current::Kept && self.keeps_one(number) {
            let value = named.into_value(number);
            if let Some(key) = self.export.keys.last_mut() {
                key.values.push(value);
            }
        }
    }

    /// Reads the name and data of a value. Returns the fault if the line has no data.
    fn named(
        &mut self,
        mut line: Line<'b>,
        start: usize,
    ) -> Result<Named, (ExportFaultKind, Option<usize>)> {
        let (mut name, mut index, first) = (Quoted::default(), start, line.number);
        let is_nameless = !matches!(line.at(start), Some('"' | '@'));
        if !is_nameless {
            index = index.saturating_add(1);
            if line.at(start) == Some('"') && !name.take(&mut self.lines, &mut line, &mut index) {
                return Err((ExportFaultKind::UnclosedText, None));
            }
            index = line.skip_space(index);
            if line.at(index) != Some('=') {
                let is_same = line.number == first;
                let kind =
                    if is_same { ExportFaultKind::NoData } else { ExportFaultKind::UnclosedText };
                return Err((kind, Some(index).filter(|_| is_same)));
            }
            index = line.skip_space(index.saturating_add(1));
        }
        let data = match line.at(index) {
            Some('-') if line.is_over(index.saturating_add(1)) => None,
            Some('"') => Some(self.text(line, index.saturating_add(1))),
            _ if line.word(index, 6) == "dword:" => {
                Some(data::number(&line, index.saturating_add(6)))
            }
            _ => {
                let (value_type, index) = data::list_type(&line, index)
                    .ok_or((ExportFaultKind::UnknownData, Some(index)))?;
                Some(data::list(&mut self.lines, line, index, value_type, self.version))
            }
        };
        Ok(Named { name, is_nameless, data })
    }

    /// Reads a text after its opening quotation mark. A text without end ends with its first line.
    fn text(&mut self, mut line: Line<'b>, start: usize) -> Data {
        let (before, first, mut index) = (self.lines, line.clone(), start);
        let is_code_page = self.lines.encoding == ExportEncoding::CodePage;
        let mut text = Quoted::default();
        let is_closed = text.take(&mut self.lines, &mut line, &mut index);
        if is_closed && line.is_over(index) {
            return text.into_data(is_code_page);
        }
        let is_one_line = is_closed && line.number == first.number;
        let (kind, index) = if is_one_line {
            (ExportFaultKind::TextAfterData, Some(index))
        } else {
            self.lines = before;
            let mut only = Lines::of_no_text(before.encoding);
            (text, line, index) = (Quoted::default(), first.clone(), start);
            text.take(&mut only, &mut line, &mut index);
            (ExportFaultKind::UnclosedText, None)
        };
        let fault = Some(Place { kind, line: first.number, index });
        Data { fault, is_incomplete: true, ..text.into_data(is_code_page) }
    }
}

/// Whether the path of a key begins with a known root.
pub(super) fn has_root(key: &ExportedKey) -> bool {
    let root = key.names().next();
    root.is_some_and(|root| ROOTS.iter().any(|known| root.same((*known).into())))
}

impl Named {
    fn into_value(self, line: u64) -> ExportedValue {
        let is_removal = self.data.is_none();
        let (value_type, data, ansi, is_incomplete) = match self.data {
            Some(it) => (it.value_type, it.bytes, it.ansi, it.is_incomplete),
            None => (ValueType::NONE, Vec::new(), None, false),
        };
        ExportedValue {
            name: self.name.units.into_iter().flat_map(u16::to_le_bytes).collect(),
            value_type,
            data,
            ansi,
            line,
            is_removal,
            is_incomplete,
            is_nameless: self.is_nameless,
        }
    }
}
