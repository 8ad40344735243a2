// SPDX-License-Identifier: GPL-3.0-or-later
//! Text forms of licenses, and license files of other systems: each form of any bytes decodes to these
//! bytes.

#[path = "../../cli/src/commands/token/base64.rs"]
mod base64;
#[path = "../../cli/src/commands/token/digits.rs"]
mod digits;
#[path = "../../cli/src/commands/token/encoding.rs"]
mod encoding;
#[path = "../../cli/src/commands/token/registry_text.rs"]
mod registry_text;

use calhive::fact::FileCopy;
use calhive::meaning::ProprietaryCertificate;
use calhive::report::TokenKind;
use calhive_evidence::LicenseFile;
use data_encoding::{BASE64, HEXLOWER};
use encoding::{Encoding, License};

/// Longest input that is encoded and decoded again.
const ROUND_TRIP: usize = 4096;

/// Decodes `bytes` as text and as a license file, then each text form of `bytes`.
pub fn message(bytes: &[u8]) {
    match Encoding::decode(bytes) {
        Ok(decoded) => {
            assert!(!decoded.licenses.is_empty());
            decoded.licenses.iter().for_each(describe);
            std::hint::black_box((decoded.encoding.words(), decoded.values.len()));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    license_file(bytes);
    if (1..ROUND_TRIP).contains(&bytes.len()) {
        forms(bytes);
    }
}

fn describe(license: &License) {
    let report = calhive::describe_token(&license.bytes, TokenKind::File);
    assert_eq!(report.size, license.bytes.len() as u64);
    std::hint::black_box((ProprietaryCertificate::parse(&license.bytes), &license.name));
}

/// Asserts that the license lies in the file, and that the facts of the file hold it.
fn license_file(bytes: &[u8]) {
    let Some(found) = LicenseFile::parse(bytes) else { return };
    let from = usize::try_from(found.offset).expect("an offset in memory");
    assert!(bytes[from..] == *found.license);
    let file = FileCopy { path: "license".to_owned(), real_path: None, locator: None };
    let facts = calhive::collect_license_file(bytes, file, None).expect("the same form");
    assert!(facts.facts[0].data == found.license);
    std::hint::black_box(calhive::interpret(&[facts], None).tokens.len());
}

/// Asserts that hex and PEM of `bytes` decode to `bytes`.
fn forms(bytes: &[u8]) {
    let base64 = BASE64.encode(bytes);
    let pem = format!("-----BEGIN PKCS7-----\n{base64}\n-----END PKCS7-----\n");
    let hex = HEXLOWER.encode(bytes);
    for (text, encoding) in [(hex, Encoding::Hex), (pem, Encoding::Pem)] {
        let decoded = Encoding::decode(text.as_bytes()).expect("a form of the bytes");
        assert_eq!(decoded.encoding, encoding, "{text}");
        match &decoded.licenses[..] {
            [only] => assert!(only.bytes == bytes, "{text}"),
            // Several containers, one after the other.
            several => assert!(several.iter().all(|it| is_part(&it.bytes, bytes)), "{text}"),
        }
    }
}

fn is_part(part: &[u8], of: &[u8]) -> bool {
    !part.is_empty() && of.windows(part.len()).any(|window| window == part)
}
