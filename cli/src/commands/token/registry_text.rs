// SPDX-License-Identifier: GPL-3.0-or-later
//! [`RegistryValue`]: values in the output of `reg export`, of either version, and of `reg query`.

use alloc::collections::BTreeSet;

use anyhow::{Result, bail};
use calhive_evidence::{ExportFault, ExportFaultKind, ExportedValue, RegistryExport};
use calhive_regf::ValueType;

use super::digits;

/// A value in text that a registry tool wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RegistryValue {
    /// Key of the value; empty if the text names none.
    pub(super) key: String,
    /// Name of the value; empty for the default value.
    pub(super) name: String,
    /// Type of the value.
    pub(super) value_type: ValueType,
    /// Decoded data.
    pub(super) data: Vec<u8>,
}

/// Values that hold tokens or certificates.
const TOKENS: [&str; 4] = ["ClientLicense", "X509 Certificate", "X509 Certificate2", "Certificate"];

impl RegistryValue {
    /// Whether the name is that of a token or certificate.
    pub(super) fn has_token_name(&self) -> bool {
        TOKENS.iter().any(|name| name.eq_ignore_ascii_case(&self.name))
    }

    /// Returns the key and the name.
    pub(super) fn path(&self) -> String {
        let name = if self.name.is_empty() { "(default)" } else { &self.name };
        if self.key.is_empty() { name.to_owned() } else { format!("{}\\{name}", self.key) }
    }
}

/// Parses the text of `reg export`; `None` if the text has another form.
///
/// # Errors
/// If a list of bytes is not hex. The message names line and column.
pub(super) fn export(text: &str) -> Result<Option<Vec<RegistryValue>>> {
    let export = RegistryExport::parse(text.as_bytes());
    let all = || export.keys.iter().flat_map(|key| key.values.iter().map(move |it| (key, it)));
    let numbers: BTreeSet<u64> =
        all().filter(|(_, it)| it.value_type == ValueType::DWORD).map(|(_, it)| it.line).collect();
    let is_hex = |kind| matches!(kind, ExportFaultKind::NotHex(_) | ExportFaultKind::OddDigits);
    let mut faults = export.faults.iter().filter(|it| is_hex(it.kind));
    if let Some(fault) = faults.find(|it| !numbers.contains(&it.line)) {
        let ExportFault { line, column, kind } = fault;
        bail!("{kind} at line {line}, column {}", column.unwrap_or_default());
    }
    let is_number_or_text = |it: &ExportedValue| {
        matches!(it.value_type, ValueType::DWORD | ValueType::SZ) && it.is_incomplete
    };
    let values: Vec<RegistryValue> = all()
        .filter(|(_, it)| !it.is_removal && !is_number_or_text(it))
        .map(|(key, it)| RegistryValue {
            key: key.path(),
            name: it.name().as_text().to_string(),
            value_type: it.value_type,
            data: it.data.clone(),
        })
        .collect();
    Ok((export.version.is_some() || !values.is_empty()).then_some(values))
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

/// Parses the output of `reg query`; `None` if the text has another form.
///
/// # Errors
/// If a REG_BINARY value is not hex. The message names line and column.
pub(super) fn query(text: &str) -> Result<Option<Vec<RegistryValue>>> {
    let (mut values, mut key, mut at) = (Vec::new(), String::new(), 0_usize);
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.starts_with("HKEY_") {
            key = trimmed.to_owned();
        } else if let Some((name, kind, start)) = row(line) {
            let data = line.get(start..).unwrap_or_default();
            let offset = at.saturating_add(start);
            if let Some((value_type, data)) = of_query(text, kind, data, offset)? {
                values.push(RegistryValue { key: key.clone(), name, value_type, data });
            }
        }
        at = at.saturating_add(line.len());
    }
    Ok((!values.is_empty()).then_some(values))
}

/// Splits a line into name, type, and the offset of its data.
fn row(line: &str) -> Option<(String, &str, usize)> {
    const TYPE: &str = "REG_";
    let place = line.match_indices(TYPE).map(|(at, _)| at).find(|at| {
        let before = line.get(..*at).unwrap_or_default();
        before.ends_with(char::is_whitespace) && !before.trim().is_empty()
    })?;
    let (name, rest) = line.split_at_checked(place)?;
    let kind = rest.split_whitespace().next()?;
    let name = match name.trim() {
        "(Default)" => "",
        name => name,
    };
    Some((name.to_owned(), kind, place.checked_add(kind.len())?))
}

/// Decodes the data of a value, which begin at this offset of the text.
fn of_query(text: &str, kind: &str, data: &str, at: usize) -> Result<Option<(ValueType, Vec<u8>)>> {
    let value = data.trim();
    Ok(match kind {
        "REG_BINARY" => Some((ValueType::BINARY, digits::hex(text, &digits::letters(data, at))?)),
        "REG_DWORD" => {
            let number = value.strip_prefix("0x").and_then(|it| u32::from_str_radix(it, 16).ok());
            number.map(|number| (ValueType::DWORD, number.to_le_bytes().to_vec()))
        }
        "REG_SZ" => Some((ValueType::SZ, utf16(value))),
        "REG_EXPAND_SZ" => Some((ValueType::EXPAND_SZ, utf16(value))),
        "REG_MULTI_SZ" => Some((ValueType::MULTI_SZ, utf16(&value.replace("\\0", "\0")))),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: Option<Vec<RegistryValue>>) -> Vec<(String, ValueType, Vec<u8>)> {
        let row = |it: RegistryValue| (it.path(), it.value_type, it.data);
        values.unwrap().into_iter().map(row).collect()
    }

    #[test]
    fn every_value_of_an_export_is_decoded() {
        let text = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\K]\r\n\
            \"ClientLicense\"=hex:30,82,\\\r\n  ab\r\n@=\"a\\\\b\"\r\n\"N\"=dword:00060000\r\n\
            \"E\"=hex(2):41,00\r\n\"gone\"=-\r\n[HKEY_LOCAL_MACHINE\\L]\r\n\"a\\\"b\"=hex(0):\r\n";
        let key = |name: &str| format!("HKEY_LOCAL_MACHINE\\K\\{name}");
        assert_eq!(
            shown(export(text).unwrap()),
            [
                (key("ClientLicense"), ValueType::BINARY, vec![0x30, 0x82, 0xAB]),
                (key("(default)"), ValueType::SZ, utf16("a\\b")),
                (key("N"), ValueType::DWORD, vec![0, 0, 6, 0]),
                (key("E"), ValueType::EXPAND_SZ, vec![0x41, 0]),
                ("HKEY_LOCAL_MACHINE\\L\\a\"b".to_owned(), ValueType::NONE, vec![]),
            ]
        );
        let old = "REGEDIT4\n[K]\n\"E\"=hex(2):41,00\n";
        assert_eq!(shown(export(old).unwrap())[0].2, [0x41, 0, 0, 0]);
        assert_eq!(export("30 82 00").unwrap(), None);
    }

    #[test]
    fn every_value_of_a_query_is_decoded() {
        let text = "\r\nHKEY_LOCAL_MACHINE\\K\r\n    ClientLicense    REG_BINARY    308200\r\n    \
            LicenseScope    REG_SZ    microsoft.com\r\n    N    REG_DWORD    0x60000\r\n    \
            X509 Certificate\tREG_BINARY\t0200\r\n";
        let key = |name: &str| format!("HKEY_LOCAL_MACHINE\\K\\{name}");
        assert_eq!(
            shown(query(text).unwrap()),
            [
                (key("ClientLicense"), ValueType::BINARY, vec![0x30, 0x82, 0]),
                (key("LicenseScope"), ValueType::SZ, utf16("microsoft.com")),
                (key("N"), ValueType::DWORD, vec![0, 0, 6, 0]),
                (key("X509 Certificate"), ValueType::BINARY, vec![2, 0]),
            ]
        );
        assert_eq!(query("REG_BINARY").unwrap(), None);
        let error = query("  A  REG_BINARY  30g2").unwrap_err().to_string();
        assert_eq!(error, "not hex: unexpected 'g' at line 1, column 20");
    }
}
