// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`StoredLicenseValue`]: a value of `Store\LICENSEnnn`, one license in the client's store (\[MS-RDPELE]
//! 2.2.2.6.1). See [licensing.md](crate::licensing#the-clients-store).

use alloc::format;
use alloc::string::String;

use calhive_regf::ValueType;
use calhive_regf::hive::name::Name;

use crate::meaning::{Certainty, Explanation, ProductVersion, text};

/// Prefix of the key of a stored license: `LICENSE000`, `LICENSE001` and so on.
pub(crate) const KEY_PREFIX: &str = "LICENSE";

/// Name of the value with the token.
const TOKEN: &str = "ClientLicense";

/// A value of a stored license. Microsoft documents no type of these values, so calhive decodes every type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoredLicenseValue {
    /// `ClientLicense`: the token. Data that begin as a token are one under every name.
    Token,
    /// `ProductVersion`: the raw number; `None` unless the data are a number of four bytes.
    Version(Option<u32>),
    /// `LicenseScope`; `None` unless the data are a single string.
    Scope(Option<String>),
    /// `CompanyName`.
    Company(Option<String>),
    /// `ProductID`.
    Product(Option<String>),
    /// A value with another name.
    Other(Option<String>),
}

impl StoredLicenseValue {
    /// Decodes the value of this name. calhive compares names as Windows does.
    pub(crate) fn decode(name: &str, data: &[u8], value_type: ValueType) -> Self {
        let is = |known: &str| Name::from(name).same(known.into());
        let shown = || text::single_lenient(data, value_type);
        if is(TOKEN) || is_signed_data(data) {
            Self::Token
        } else if is("ProductVersion") {
            // Four bytes of text are not a number.
            let number = data.try_into().ok().filter(|_| !text::is_text(value_type));
            Self::Version(number.map(u32::from_le_bytes))
        } else if is("LicenseScope") {
            Self::Scope(shown())
        } else if is("CompanyName") {
            Self::Company(shown())
        } else if is("ProductID") {
            Self::Product(shown())
        } else {
            Self::Other(shown())
        }
    }
}

/// Returns the number in the name of a stored license's key, such as 7 for `LICENSE007`; `None` for any
/// other name.
pub(crate) fn number_of_key(name: &str) -> Option<u32> {
    let (prefix, digits) = name.split_at_checked(KEY_PREFIX.len())?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_license = prefix.eq_ignore_ascii_case(KEY_PREFIX);
    (is_license && is_number).then(|| digits.parse().ok()).flatten()
}

/// Explains the value of this name.
pub(crate) fn explain(name: &str, data: &[u8], value_type: ValueType) -> Explanation {
    let (shown, label, certainty) = match StoredLicenseValue::decode(name, data, value_type) {
        StoredLicenseValue::Token if Name::from(name).same(TOKEN.into()) => {
            return explain_token(data);
        }
        StoredLicenseValue::Token => {
            let mut token = explain_token(data);
            let unusual = format!("not under the name {TOKEN}, from which a client reads it");
            token.label = token.label.map(|label| format!("{label}; {unusual}"));
            return token;
        }
        StoredLicenseValue::Version(number) => {
            let shown = |number| format!("{} ({number:#010x})", ProductVersion::from_raw(number));
            let label = "version of the licensed product, as major.minor";
            (number.map(shown), label, Certainty::Inferred)
        }
        StoredLicenseValue::Scope(scope) => (scope, "scope of the license", Certainty::Inferred),
        StoredLicenseValue::Company(company) => {
            (company, "company that made the product", Certainty::Inferred)
        }
        StoredLicenseValue::Product(product) => {
            (product, "product that the license is for", Certainty::Inferred)
        }
        StoredLicenseValue::Other(text) => {
            (text, "not a known value of a stored license", Certainty::Observed)
        }
    };
    Explanation { shown, label: Some(String::from(label)), certainty }
}

/// Text for the label of a token: where the report shows the decoded contents.
pub(crate) const DECODED: &str =
    if cfg!(feature = "token") { "decoded among the tokens of this report" } else { "not decoded" };

/// Explains the bytes of a token. The report lists the contents among the tokens.
pub(crate) fn explain_token(data: &[u8]) -> Explanation {
    let (form, certainty) = if is_signed_data(data) {
        let form = "token: begins as PKCS #7 SignedData, as in real tokens; [MS-RDPELE] 2.2.2.6.1 describes \
                    a chain of X.509 certificates";
        (form, Certainty::Inferred)
    } else {
        ("token: does not begin as PKCS #7 SignedData", Certainty::Observed)
    };
    let label = format!("{form}; {DECODED}");
    let shown = Some(format!("{} bytes", data.len()));
    Explanation { shown, label: Some(label), certainty }
}

/// Whether data begin as PKCS #7 SignedData: a SEQUENCE with a length of two bytes, and the OBJECT IDENTIFIER
/// signedData.
const fn is_signed_data(data: &[u8]) -> bool {
    matches!(data, [0x30, 0x82, _, _, 0x06, 0x09, 0x2A, 0x86, 0x48, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_of_the_sample_of_rdpele_4_6_is_decoded() {
        let shown = |name, data: &[u8]| explain(name, data, ValueType::BINARY).shown;
        assert_eq!(shown("productversion", &[0, 0, 6, 0]).unwrap(), "6.0 (0x00060000)");
        assert_eq!(shown("LicenseScope", b"microsoft.com\0").unwrap(), "microsoft.com");
        assert_eq!(shown("ProductID", b"A\x000\x002\0\0\0").unwrap(), "A02");
        assert_eq!(shown("ProductVersion", &[1]), None);
    }

    #[test]
    fn token_under_another_name_is_a_token() {
        let token = [0x30, 0x82, 0, 9, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86];
        for name in ["", "ClientLicense\0", "CompanyName", "other"] {
            let decoded = StoredLicenseValue::decode(name, &token, ValueType::BINARY);
            assert_eq!(decoded, StoredLicenseValue::Token, "{name:?}");
            let label = explain(name, &token, ValueType::BINARY).label.unwrap();
            assert!(label.contains("not under the name ClientLicense"), "{label}");
        }
        let label = explain("clientlicense", &token, ValueType::BINARY).label.unwrap();
        assert!(!label.contains("not under"), "{label}");
    }

    #[test]
    fn garbage_token_is_not_explained_as_signed_data() {
        let label = explain("ClientLicense", b"garbage", ValueType::BINARY).label.unwrap();
        assert!(label.contains("does not begin"), "{label}");
    }

    #[test]
    fn numbers_of_license_keys_are_read() {
        assert_eq!(number_of_key("LICENSE007"), Some(7));
        assert_eq!(number_of_key("license12"), Some(12));
        for other in ["LICENSE", "LICENSEx", "Other000", "LIC"] {
            assert_eq!(number_of_key(other), None, "{other}");
        }
    }
}
