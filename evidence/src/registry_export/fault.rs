// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ExportFault`]: a part of an export that could not be read as written.

use core::fmt;

/// A part of an export that could not be read as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportFault {
    /// Line of the fault, from 1.
    pub line: u64,
    /// Column of the fault in characters, from 1; `None` if the fault concerns the whole line.
    pub column: Option<u64>,
    /// What is wrong.
    pub kind: ExportFaultKind,
}

/// What is wrong in an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFaultKind {
    /// The text has no line that names the version.
    NoHeader,
    /// The version is not 5.00.
    UnknownVersion,
    /// A later line names a version again, as in joined files.
    SecondHeader,
    /// The line is no key, no value, and no comment.
    NotUnderstood,
    /// A key without `]`.
    UnclosedKey,
    /// A key path that begins with no known root.
    UnknownRoot,
    /// A value that follows no key.
    NoKey,
    /// A value after the line of a key that the export removes.
    InRemovedKey,
    /// Data without the name of a value.
    NoName,
    /// A name or text without its closing quotation mark.
    UnclosedText,
    /// A name without `=`.
    NoData,
    /// Data in an unknown form.
    UnknownData,
    /// Characters that follow the end of the data.
    TextAfterData,
    /// A character that is no hex digit.
    NotHex(char),
    /// An odd number of hex digits.
    OddDigits,
    /// A list of bytes that ends before its last line.
    CutData,
    /// Text in an unknown code page, decoded as Windows-1252.
    CodePage,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A UTF-16 file with an odd number of bytes.
    OddLength,
    /// More keys and values than calhive keeps.
    TooMany,
    /// A row of a live registry that is no JSON object.
    NotJson,
    /// A JSON object that is no row of a live registry, or a row of an unknown version.
    OtherRow,
    /// A row without a readable field of this name.
    NoField(&'static str),
    /// A row whose data are not base64.
    NotBase64,
    /// A row with fewer bytes than the value has.
    CutValue,
}

impl ExportFaultKind {
    /// Whether everything was read, so that the fault is a remark only.
    pub const fn is_remark(self) -> bool {
        matches!(self, Self::SecondHeader | Self::CodePage | Self::CutValue)
    }
}

impl fmt::Display for ExportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

impl fmt::Display for ExportFaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoHeader => {
                "expected \"REGEDIT4\" or \"Windows Registry Editor Version 5.00\" as the first line"
            }
            Self::UnknownVersion => "unknown version; read as version 5.00",
            Self::SecondHeader => "a second export begins here",
            Self::NotUnderstood => "expected a key, a value or a comment",
            Self::UnclosedKey => "expected \"]\" at the end of a key",
            Self::UnknownRoot => {
                "expected a key below HKEY_LOCAL_MACHINE, HKEY_USERS or another root"
            }
            Self::NoKey => "a value without a readable key before it",
            Self::InRemovedKey => {
                "values below a line that removes their key; calhive reports none of them"
            },
            Self::NoName => "data without the name of a value",
            Self::UnclosedText => "expected a closing quotation mark",
            Self::NoData => "expected \"=\" after the name of a value",
            Self::UnknownData => "expected a text, \"dword:\", \"hex:\", \"hex(n):\" or \"-\"",
            Self::TextAfterData => "unexpected characters after the data",
            Self::NotHex(found) => return write!(f, "not hex: unexpected {found:?}"),
            Self::OddDigits => "odd number of hex digits: a digit is missing",
            Self::CutData => "the list of bytes is cut off",
            Self::CodePage => {
                "text in an unknown code page; decoded as Windows-1252, which can be wrong"
            }
            Self::NotUtf8 => "bytes that are not UTF-8",
            Self::OddLength => "the last byte is half of a UTF-16 character",
            Self::TooMany => "more keys and values than calhive keeps; the rest is left out",
            Self::NotJson => "expected a JSON object",
            Self::OtherRow => "expected a row with \"CalhiveRow\": 1",
            Self::NoField(name) => return write!(f, "the field {name} is missing or unreadable"),
            Self::NotBase64 => "the field Data is not base64",
            Self::CutValue => "the row holds fewer bytes than the value; the data are incomplete",
        })
    }
}
