// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`RegistryExport`]: keys and values in a text export of the registry editor (`.reg`), or in rows of a live registry.
//!
//! An export holds the keys that someone exported. It shows no last-written times and no offsets, and the lack of a
//! key or value in it shows nothing.

mod data;
mod encoding;
mod fault;
mod lines;
pub(crate) mod live_rows;
mod reader;

use calhive_regf::{FileTime, Name, ValueType};

pub use encoding::ExportEncoding;
pub use fault::{ExportFault, ExportFaultKind};

/// Keys and values in a text export of the registry editor.
///
/// ```
/// use calhive_evidence::RegistryExport;
/// let text = b"REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\r\n\"N\"=dword:00000002\r\n";
/// let export = RegistryExport::parse(text);
/// assert_eq!(export.keys[0].path(), r"HKEY_LOCAL_MACHINE\SOFTWARE\A");
/// assert_eq!(export.keys[0].values[0].data, [2, 0, 0, 0]);
/// assert_eq!(export.keys[0].values[0].line, 4);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryExport {
    /// Version in the first line; `None` without such a line. The text is then read as version 5.
    pub version: Option<ExportVersion>,
    /// Encoding of the text.
    pub encoding: ExportEncoding,
    /// Keys in the order of the text. The text can repeat a key.
    pub keys: Vec<ExportedKey>,
    /// Number of lines.
    pub line_count: u64,
    /// Number of keys in the text, with the keys that were not kept.
    pub key_count: u64,
    /// Number of values in the text, with the values that were not kept.
    pub value_count: u64,
    /// Faults in the order of the text, up to the first [`RegistryExport::KEPT_FAULTS`].
    pub faults: Vec<ExportFault>,
    /// Number of all faults.
    pub fault_count: u64,
}

/// Version of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportVersion {
    /// `REGEDIT4`: Windows 9x and NT 4.0. Texts in lists of bytes have an ANSI code page.
    Four,
    /// `Windows Registry Editor Version 5.00`: Windows 2000 and later.
    Five,
}

impl ExportVersion {
    /// Returns the text of the first line.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Four => "REGEDIT4",
            Self::Five => "Windows Registry Editor Version 5.00",
        }
    }
}

/// A key in an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedKey {
    /// Path from the root, such as `HKEY_LOCAL_MACHINE`, in UTF-16LE.
    path: Vec<u8>,
    /// Line of the key, from 1. Without a readable key, the line of the first value.
    pub line: u64,
    /// Whether the text asks the registry editor to remove the key.
    pub is_removal: bool,
    /// Last-written time of the key, if the source states one. A text export states none.
    pub last_written: Option<FileTime>,
    /// Values in the order of the text. The text can repeat a value: on import, the last one wins.
    pub values: Vec<ExportedValue>,
}

/// A value in an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedValue {
    /// Name in UTF-16LE.
    name: Vec<u8>,
    /// Type of the value. The type of a removed value is [`ValueType::NONE`].
    pub value_type: ValueType,
    /// Data as the registry holds them: texts are UTF-16LE with a terminator.
    pub data: Vec<u8>,
    /// Data as in the text, if they are text in an ANSI code page that calhive converted.
    pub ansi: Option<Vec<u8>>,
    /// Line of the value, from 1.
    pub line: u64,
    /// Whether the text asks the registry editor to remove the value.
    pub is_removal: bool,
    /// Whether the data are damaged. If so, `data` ends before the damage.
    pub is_incomplete: bool,
    /// Whether the name of the value is missing.
    pub is_nameless: bool,
}

impl RegistryExport {
    /// Maximum length of [`RegistryExport::faults`].
    pub const KEPT_FAULTS: usize = 100;
    /// Maximum number of keys and values that are kept.
    pub const KEPT_ITEMS: usize = 1_000_000;

    /// Parses an export. After a fault, parsing continues with the next line.
    pub fn parse(bytes: &[u8]) -> Self {
        Self::parse_where(bytes, |_| true)
    }

    /// Parses an export, and keeps the keys that `is_kept` accepts, with their values. All lines are checked.
    pub fn parse_where(bytes: &[u8], is_kept: impl FnMut(&ExportedKey) -> bool) -> Self {
        reader::Reader::new(bytes, is_kept).read()
    }

    /// Returns an export without keys.
    const fn empty(encoding: ExportEncoding) -> Self {
        Self {
            version: None,
            encoding,
            keys: Vec::new(),
            line_count: 0,
            key_count: 0,
            value_count: 0,
            faults: Vec::new(),
            fault_count: 0,
        }
    }
}

impl ExportedKey {
    pub(super) const fn new(path: Vec<u8>, line: u64, is_removal: bool) -> Self {
        Self { path, line, is_removal, last_written: None, values: Vec::new() }
    }

    /// Returns the path, with the escapes of [`Name`]. Empty without a readable key.
    pub fn path(&self) -> String {
        let names: Vec<String> = self.names().map(|name| name.as_text().to_string()).collect();
        names.join("\\")
    }

    /// Returns the names in the path. The first one is the root, such as `HKEY_LOCAL_MACHINE`.
    pub fn names(&self) -> impl Iterator<Item = Name<'_>> {
        let units = self.path.as_chunks::<2>().0;
        let names = units.split(|unit| *unit == *b"\\\0").map(<[[u8; 2]]>::as_flattened);
        names.filter(|name| !name.is_empty()).map(Name::utf16)
    }
}

impl ExportedValue {
    /// Returns the name. The name of the default value is empty.
    pub fn name(&self) -> Name<'_> {
        Name::utf16(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ExportFaultKind as Kind;
    use hive_forge::random::mutate_text;
    use hive_forge::rng::Rng;

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn text(text: &str) -> Vec<u8> {
        utf16(&format!("{text}\0"))
    }

    fn five(body: &str) -> String {
        format!("{}\r\n\r\n{body}", ExportVersion::Five.header())
    }

    fn faults(export: &RegistryExport) -> Vec<(u64, Option<u64>, Kind)> {
        export.faults.iter().map(|it| (it.line, it.column, it.kind)).collect()
    }

    /// Returns name, type, data and line of each value.
    fn values(key: &ExportedKey) -> Vec<(String, ValueType, Vec<u8>, u64)> {
        let value = |it: &ExportedValue| {
            (it.name().as_text().to_string(), it.value_type, it.data.clone(), it.line)
        };
        key.values.iter().map(value).collect()
    }

    const BODY: &str = "[HKEY_LOCAL_MACHINE\\SOFTWARE\\A [b]]\r\n; a comment\r\n@=\"a\\\\b\\\"c\"\r\n\
        \"d\\\\e\"=dword:0000000A ; comment\r\n\"h\"=hex:01,02,\\\r\n  ff\r\n\"q\"=hex(b):01,00,00,00,00,00,00,00\r\n\
        \"t\"=hex(FFFF0012):\r\n\"gone\"=-\r\n\r\n[-HKEY_USERS\\S-1-5-18\\B]\r\n";

    #[test]
    fn every_form_of_a_line_is_read_in_every_encoding() {
        let whole = five(BODY);
        let big: Vec<u8> = whole.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, encoding) in [
            (whole.clone().into_bytes(), ExportEncoding::Utf8),
            ([b"\xEF\xBB\xBF", whole.as_bytes()].concat(), ExportEncoding::Utf8),
            ([b"\xFF\xFE".to_vec(), utf16(&whole)].concat(), ExportEncoding::Utf16Le),
            (utf16(&whole), ExportEncoding::Utf16Le),
            ([b"\xFE\xFF".to_vec(), big.clone()].concat(), ExportEncoding::Utf16Be),
            (big, ExportEncoding::Utf16Be),
            (whole.replace("\r\n", "\n").into_bytes(), ExportEncoding::Utf8),
            (whole.replace("\r\n", "\r").into_bytes(), ExportEncoding::Utf8),
        ] {
            let export = RegistryExport::parse(&bytes);
            assert_eq!(export.encoding, encoding);
            assert_eq!(export.version, Some(ExportVersion::Five));
            assert_eq!(faults(&export), []);
            assert_eq!((export.line_count, export.key_count, export.value_count), (13, 2, 6));
            let [first, second] = export.keys.as_slice() else { panic!("{export:?}") };
            assert_eq!(first.path(), r"HKEY_LOCAL_MACHINE\SOFTWARE\A [b]");
            assert_eq!((first.line, first.is_removal), (3, false));
            assert_eq!(
                values(first),
                [
                    (String::new(), ValueType::SZ, text("a\\b\"c"), 5),
                    (r"d\e".to_owned(), ValueType::DWORD, vec![10, 0, 0, 0], 6),
                    ("h".to_owned(), ValueType::BINARY, vec![1, 2, 0xFF], 7),
                    ("q".to_owned(), ValueType::QWORD, vec![1, 0, 0, 0, 0, 0, 0, 0], 9),
                    ("t".to_owned(), ValueType(0xFFFF_0012), vec![], 10),
                    ("gone".to_owned(), ValueType::NONE, vec![], 11),
                ]
            );
            assert!(first.values[5].is_removal && !first.values[4].is_removal);
            assert_eq!(second.path(), r"HKEY_USERS\S-1-5-18\B");
            assert_eq!((second.line, second.is_removal), (13, true));
        }
    }

    #[test]
    fn text_that_spans_lines_is_one_value() {
        let body =
            "[HKLM\\A]\r\n\"t\"=\"one\r\n[HKLM\\\\B]\r\n\\\"x\\\"=hex:01\r\n\"\r\n\"u\"=\"v\"\r\n";
        let export = RegistryExport::parse(five(body).as_bytes());
        assert_eq!(faults(&export), []);
        assert_eq!(
            values(&export.keys[0]),
            [
                ("t".to_owned(), ValueType::SZ, text("one\r\n[HKLM\\B]\r\n\"x\"=hex:01\r\n"), 4),
                ("u".to_owned(), ValueType::SZ, text("v"), 8),
            ]
        );
    }

    #[test]
    fn lone_surrogate_and_hidden_characters_in_names_are_kept() {
        let mut bytes = utf16("REGEDIT4\n[HKLM\\A");
        bytes.extend([0x00, 0xD8]);
        bytes.extend(utf16("]\n\"\u{202E}\"=dword:1\n"));
        let export = RegistryExport::parse(&bytes);
        assert_eq!(export.keys[0].path(), r"HKLM\A\u{D800}");
        assert_eq!(export.keys[0].values[0].name().to_string(), r"\u{202E}");
        assert_eq!(faults(&export), []);
    }

    #[test]
    fn text_in_a_code_page_is_converted_and_its_bytes_are_kept() {
        let body =
            b"REGEDIT4\n[HKLM\\A]\n\"n\xE4\"=\"\x80\\\\\"\n\"e\"=hex(2):e4,00\n\"b\"=hex:e4\n";
        let export = RegistryExport::parse(body);
        assert_eq!(export.encoding, ExportEncoding::CodePage);
        assert_eq!(faults(&export), [(3, None, Kind::CodePage)]);
        let [one, two, three] = export.keys[0].values.as_slice() else { panic!("{export:?}") };
        assert_eq!(one.name().to_string(), "n\u{E4}");
        assert_eq!(one.data, text("\u{20AC}\\"));
        assert_eq!(one.ansi.as_deref(), Some(&b"\x80\\\0"[..]));
        assert_eq!((two.data.clone(), two.ansi.clone()), (text("\u{E4}"), Some(vec![0xE4, 0])));
        assert_eq!((three.data.clone(), three.ansi.clone()), (vec![0xE4], None));
    }

    #[test]
    fn bad_line_is_a_fault_and_the_rest_is_read() {
        let body = "\"early\"=dword:1\n[HKLM\\A]\nnonsense\n\"a\"=hex:01,zz,\\\n 02\n\"b\"=\"open\n\
            \"c\"=dword:12345678\n\"d\"=dword:g\n\"e\"\n\"f\"=maybe\n\"g\"=hex:1,02,030\n\"h\"=\"x\"y\n\
            \"i\"=hex:01,\\\n[HKLM\\B\n\"j\"=hex:01,\n[X\\Y]\nhex:01\n\"k\"=hex:02,\\";
        let export = RegistryExport::parse(format!("REGEDIT4\n{body}").as_bytes());
        assert_eq!(
            faults(&export),
            [
                (2, None, Kind::NoKey),
                (4, None, Kind::NotUnderstood),
                (5, Some(12), Kind::NotHex('z')),
                (7, None, Kind::UnclosedText),
                (9, Some(11), Kind::NotHex('g')),
                (10, Some(4), Kind::NoData),
                (11, Some(5), Kind::UnknownData),
                (12, Some(14), Kind::OddDigits),
                (13, Some(8), Kind::TextAfterData),
                (14, None, Kind::CutData),
                (15, None, Kind::UnclosedKey),
                (16, None, Kind::CutData),
                (16, None, Kind::NoKey),
                (17, None, Kind::UnknownRoot),
                (18, None, Kind::NoName),
                (19, None, Kind::CutData),
            ]
        );
        let [early, key, lost, other] = export.keys.as_slice() else { panic!("{export:?}") };
        assert_eq!((early.path(), early.line, early.values.len()), (String::new(), 2, 1));
        let read: Vec<_> =
            key.values.iter().map(|it| (it.line, it.data.as_slice(), it.is_incomplete)).collect();
        assert_eq!(
            read,
            [
                (5, &[1][..], true),
                (7, &text("open"), true),
                (8, &[0x78, 0x56, 0x34, 0x12], false),
                (9, &[], true),
                (12, &[1, 2], true),
                (13, &text("x"), true),
                (14, &[1], true),
            ]
        );
        // A value after a damaged key belongs to no key.
        assert_eq!((lost.path(), lost.values.len()), (String::new(), 1));
        assert!(other.values[0].is_nameless && other.values[1].is_incomplete);
        assert_eq!(export.faults[2].to_string(), "line 5, column 12: not hex: unexpected 'z'");
    }

    #[test]
    fn joined_exports_are_read_each_in_its_version() {
        let joined = "REGEDIT4\n[HKLM\\A]\n\"e\"=hex(2):41,00\n\
            \u{FEFF}Windows Registry Editor Version 5.00\n[HKLM\\A]\n\"e\"=hex(2):42,00,00,00\n";
        let export = RegistryExport::parse(joined.as_bytes());
        assert_eq!(faults(&export), [(4, None, Kind::SecondHeader)]);
        assert_eq!(export.version, Some(ExportVersion::Four));
        let data: Vec<_> = export.keys.iter().map(|key| key.values[0].data.clone()).collect();
        assert_eq!(data, [text("A"), text("B")]);
    }

    #[test]
    fn text_without_a_header_or_with_another_version_is_read() {
        let export = RegistryExport::parse(b"[HKLM\\A]\n@=hex(2):41,00,00,00\n");
        assert_eq!(faults(&export), [(1, None, Kind::NoHeader)]);
        assert_eq!(export.keys[0].values[0].data, text("A"));
        let export = RegistryExport::parse(b"Windows Registry Editor Version 6.00\n");
        assert_eq!(faults(&export), [(1, None, Kind::UnknownVersion)]);
        assert_eq!(RegistryExport::parse(b"").keys, []);
    }

    #[test]
    fn only_accepted_keys_are_kept_and_all_are_counted() {
        let text = five("[HKLM\\A]\n@=\"a\"\n[HKLM\\B]\n@=\"b\"\n@=\"c\"\n");
        let export = RegistryExport::parse_where(text.as_bytes(), |key| key.path() == "HKLM\\B");
        assert_eq!((export.key_count, export.value_count, export.keys.len()), (2, 3, 1));
        // The text can repeat a value. Both are kept.
        assert_eq!(export.keys[0].values.len(), 2);
    }

    /// If each of the lines were searched again, this test would take hours.
    #[test]
    fn values_below_a_removed_key_are_a_fault_of_the_first_value() {
        let body = "[-HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\r\n\"a\"=\"1\"\r\n\"b\"=\"2\"\r\n\
                    [-HKEY_LOCAL_MACHINE\\SOFTWARE\\B]\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\B]\r\n\"c\"=\"3\"\r\n";
        let export = RegistryExport::parse(five(body).as_bytes());
        assert_eq!(faults(&export), [(4, None, Kind::InRemovedKey)]);
    }

    #[test]
    fn many_unclosed_texts_are_each_a_fault() {
        let line = "\"a\"=\"open\n@=\\\"\n@ = x\\\"\n".repeat(100_000);
        let export = RegistryExport::parse(five(&line).as_bytes());
        assert!(export.fault_count > 100_000);
        assert_eq!(export.faults.len(), RegistryExport::KEPT_FAULTS);
    }

    #[test]
    fn mutated_exports_are_read_without_panic() {
        let cases: u64 =
            std::env::var("CALHIVE_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(200);
        let body = BODY.repeat(4) + "\"m\"=\"two\r\nlines\"\r\n\"s\"=hex(7):41,00,00,00,00,00\r\n";
        let four = five(&body).replace(ExportVersion::Five.header(), "REGEDIT4");
        let bases = [five(&body).into_bytes(), utf16(&five(&body)), four.into_bytes()];
        let special = b"\"\\[]=-@;,:\r\n\0\xFFhx(1";
        for case in 0..cases {
            let mut bytes = bases[usize::try_from(case % 3).unwrap()].clone();
            mutate_text(&mut bytes, special, &mut Rng::nth(0x7F4A_7C15, case));
            let export = RegistryExport::parse(&bytes);
            for key in &export.keys {
                let _ = key.path();
                assert!(key.line <= export.line_count);
                assert!(key.values.iter().all(|it| it.line <= export.line_count));
            }
            assert!(export.faults.iter().all(|it| !it.to_string().is_empty()));
        }
    }
}
