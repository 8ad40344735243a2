// SPDX-License-Identifier: MIT OR Apache-2.0
//! The values of `Store\LICENSEnnn`: one licence that a client keeps ([MS-RDPELE] 2.2.2.6.1).

use alloc::format;
use alloc::string::String;

use crate::hive::value::ValueType;
use crate::licensing::report::{Certainty, Explanation};
use crate::licensing::text;

/// What a value of this name in a stored licence says. Names are compared as Windows does.
pub(crate) fn explain(name: &str, data: &[u8], value_type: ValueType) -> Explanation {
    let is = |known: &str| crate::Name::from(name).same(known.into());
    if is("ClientLicense") {
        return token(data);
    }
    let (shown, label, certainty) = if is("ProductVersion") {
        (version(data), "version of the licensed product, as major.minor", Certainty::Inferred)
    } else if is("LicenseScope") {
        (text::single_lenient(data, value_type), "scope of the licence", Certainty::Inferred)
    } else if is("CompanyName") {
        (
            text::single_lenient(data, value_type),
            "company that made the product",
            Certainty::Inferred,
        )
    } else if is("ProductID") {
        (
            text::single_lenient(data, value_type),
            "product that the licence is for",
            Certainty::Inferred,
        )
    } else {
        (
            text::single_lenient(data, value_type),
            "not a known value of a stored licence",
            Certainty::Observed,
        )
    };
    Explanation { shown, label: Some(String::from(label)), certainty }
}

/// Where what is in certificates is told.
pub(crate) const TAKEN_APART: &str = if cfg!(feature = "token") {
    "taken apart among the tokens of this report"
} else {
    "not taken apart"
};

/// The token itself. What is inside is told among the tokens of a report.
fn token(data: &[u8]) -> Explanation {
    // SEQUENCE with a length of two bytes, OBJECT IDENTIFIER signedData.
    let is_signed_data = matches!(data, [0x30, 0x82, _, _, 0x06, 0x09, 0x2A, 0x86, 0x48, ..]);
    let (form, certainty) = if is_signed_data {
        (
            "token: begins as PKCS #7 SignedData, as in real tokens; [MS-RDPELE] 2.2.2.6.1 says a chain \
             of X.509 certificates",
            Certainty::Inferred,
        )
    } else {
        ("token: does not begin as PKCS #7 SignedData", Certainty::Observed)
    };
    let label = format!("{form}; {TAKEN_APART}");
    let shown = Some(format!("{} bytes", data.len()));
    Explanation { shown, label: Some(label), certainty }
}

/// Major and minor version: the high and low half of a number of four bytes.
fn version(data: &[u8]) -> Option<String> {
    let number = u32::from_le_bytes(data.try_into().ok()?);
    Some(format!("{}.{} ({number:#010x})", number >> 16, number & 0xFFFF))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_of_the_sample_of_rdpele_4_6() {
        let shown = |name, data: &[u8]| explain(name, data, ValueType::BINARY).shown;
        assert_eq!(shown("productversion", &[0, 0, 6, 0]).unwrap(), "6.0 (0x00060000)");
        assert_eq!(shown("LicenseScope", b"microsoft.com\0").unwrap(), "microsoft.com");
        assert_eq!(shown("ProductID", b"A\x000\x002\0\0\0").unwrap(), "A02");
        assert_eq!(shown("ProductVersion", &[1]), None);
    }

    #[test]
    fn a_token_that_is_none_is_said_to_be_none() {
        assert!(
            explain("ClientLicense", b"garbage", ValueType::BINARY)
                .label
                .unwrap()
                .contains("does not begin")
        );
    }
}
