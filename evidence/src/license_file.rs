// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LicenseFile`]: a license that a Remote Desktop client on another system stores in a file.
//!
//! FreeRDP and rdesktop store the license itself: PKCS #7 signed data. The name of the file is a hash of the host
//! name of the session host. WALLIX stores a hardware ID and a length before the license.

use core::fmt;

/// Length of the hardware ID at the start of a WALLIX file.
const HARDWARE_ID: usize = 20;

/// Object identifier of PKCS #7 signed data, in DER.
const SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];

/// Start of signed data without signatures, which carry certificates only: version 1, no digest algorithms, no content.
const UNSIGNED: &[u8] =
    &[0x02, 0x01, 0x01, 0x31, 0x00, 0x30, 0x0B, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D];

/// Number of bytes that hold the start of signed data.
const HEAD: usize = 64;

/// A license that a Remote Desktop client stored in a file.
///
/// ```
/// use calhive_evidence::LicenseFile;
/// assert!(LicenseFile::parse(b"regf").is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LicenseFile<'d> {
    /// Form of the file.
    pub form: LicenseFileForm,
    /// Bytes of the license.
    pub license: &'d [u8],
    /// Offset of the license in the file, in bytes.
    pub offset: u64,
    /// Hardware ID at the start of a WALLIX file.
    pub hardware_id: Option<[u8; HARDWARE_ID]>,
    /// Whether the file ends before the license does.
    pub is_cut: bool,
}

/// Form of a license file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum LicenseFileForm {
    /// The license alone, as FreeRDP and rdesktop store it.
    Plain,
    /// A hardware ID, a length and the license, as WALLIX stores them.
    WithHardwareId,
}

impl fmt::Display for LicenseFileForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "license file in the form of FreeRDP and rdesktop",
            Self::WithHardwareId => "license file in the form of WALLIX",
        })
    }
}

impl<'d> LicenseFile<'d> {
    /// Maximum size of a license file, in bytes. A license has up to 1 MiB.
    pub const MOST: u64 = 2 << 20;

    /// Returns the license in a file; `None` if the file has another form.
    pub fn parse(bytes: &'d [u8]) -> Option<Self> {
        let length = bytes.len() as u64;
        let has_identifier = || Self::identifier_in(bytes).is_some();
        if length > Self::MOST || !Self::may_begin(bytes) || !has_identifier() {
            return None;
        }
        if let Some(stated) = signed_data(bytes) {
            let is_cut = stated > length;
            // The license must fill the file, except for a few bytes of padding.
            let is_all = is_cut || length.checked_sub(stated).is_some_and(|rest| rest < 16);
            let form = LicenseFileForm::Plain;
            let license = bytes;
            return is_all.then_some(Self { form, license, offset: 0, hardware_id: None, is_cut });
        }
        let (hardware_id, rest) = bytes.split_first_chunk::<HARDWARE_ID>()?;
        let (stated, license) = rest.split_first_chunk::<4>()?;
        let stated = u64::from(u32::from_le_bytes(*stated));
        let there = license.len() as u64;
        let fits = signed_data(license).is_some_and(|inner| inner <= stated) && stated >= there;
        fits.then_some(Self {
            form: LicenseFileForm::WithHardwareId,
            license,
            offset: 24,
            hardware_id: Some(*hardware_id),
            is_cut: stated > there,
        })
    }

    /// Object identifier of Microsoft's extensions of license certificates, 1.3.6.1.4.1.311.18, without its header.
    pub(crate) const IDENTIFIER: &'static [u8] = &[0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x12];

    /// Returns the offset of the identifier of a license.
    pub(crate) fn identifier_in(bytes: &[u8]) -> Option<usize> {
        bytes.windows(Self::IDENTIFIER.len()).position(|it| it == Self::IDENTIFIER)
    }

    /// Whether a file that begins with these bytes can be a license.
    pub(crate) fn may_begin(head: &[u8]) -> bool {
        let after_id = head.get(HARDWARE_ID.saturating_add(4)..).unwrap_or_default();
        [head, after_id].into_iter().any(|bytes| {
            let start = bytes.get(..HEAD.min(bytes.len())).unwrap_or_default();
            signed_data(start).is_some() && start.windows(UNSIGNED.len()).any(|it| it == UNSIGNED)
        })
    }
}

/// Returns the stated length of PKCS #7 signed data, with its header; `None` if the bytes begin with something else.
fn signed_data(bytes: &[u8]) -> Option<u64> {
    let (header, length) = match bytes {
        [0x30, 0x80, ..] => (2, 0),
        [0x30, 0x82, high, low, ..] => (4, u64::from(u16::from_be_bytes([*high, *low]))),
        [0x30, 0x83, high, middle, low, ..] => {
            (5, u64::from(u32::from_be_bytes([0, *high, *middle, *low])))
        }
        [0x30, 0x81, length, ..] => (3, u64::from(*length)),
        _ => return None,
    };
    let is_signed = bytes.get(header..).is_some_and(|rest| rest.starts_with(SIGNED_DATA));
    is_signed.then_some(length.saturating_add(header as u64)).filter(|_| length > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn license() -> Vec<u8> {
        let body = [SIGNED_DATA, UNSIGNED, LicenseFile::IDENTIFIER, &[0; 300]].concat();
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[0x30, 0x82][..], &length, &body].concat()
    }

    #[test]
    fn license_is_found_in_both_forms() {
        let plain = license();
        let found = LicenseFile::parse(&plain).unwrap();
        assert_eq!(
            (found.form, found.license, found.is_cut),
            (LicenseFileForm::Plain, &*plain, false)
        );
        let length = u32::try_from(plain.len()).unwrap().to_le_bytes();
        let wallix = [&[7; 20][..], &length, &plain].concat();
        let found = LicenseFile::parse(&wallix).unwrap();
        assert_eq!((found.license, found.offset, found.is_cut), (&*plain, 24, false));
        assert_eq!(found.hardware_id, Some([7; 20]));
    }

    #[test]
    fn truncated_license_is_reported_as_cut() {
        let plain = license();
        assert!(LicenseFile::parse(&plain[..100]).unwrap().is_cut);
        let length = u32::try_from(plain.len()).unwrap().to_le_bytes();
        let wallix = [&[7; 20][..], &length, &plain[..100]].concat();
        assert!(LicenseFile::parse(&wallix).unwrap().is_cut);
    }

    #[test]
    fn other_file_is_no_license() {
        let mut plain = license();
        plain.extend([0; 16]);
        // Security catalogs and certificate bundles are PKCS #7 too.
        let at = LicenseFile::identifier_in(&plain).unwrap();
        let mut bundle = license();
        bundle[at] = 0;
        assert_eq!(LicenseFile::parse(&bundle), None);
        // A PKCS #7 structure within a larger file is another kind of file.
        assert_eq!(LicenseFile::parse(&plain), None);
        for other in [&b""[..], &[0x30, 0x82, 1], &[0x30, 0x82, 0, 9, 6, 1, 0], &[0; 64]] {
            assert_eq!(LicenseFile::parse(other), None, "{other:?}");
        }
        let large = [&license()[..], &[0; 2 << 20]].concat();
        assert_eq!(LicenseFile::parse(&large), None);
    }

    #[test]
    fn mutated_license_files_cause_no_panic() {
        let cases: u64 =
            std::env::var("CALHIVE_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(200);
        let plain = license();
        let wallix =
            [&[7; 20][..], &u32::try_from(plain.len()).unwrap().to_le_bytes(), &plain].concat();
        let mut state = 0x1234_5678_9ABC_DEF1_u64;
        for case in 0..cases {
            let mut bytes = if case % 2 == 0 { plain.clone() } else { wallix.clone() };
            for _ in 0..4 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let at = usize::try_from(state % 40).unwrap();
                bytes[at] = state.to_le_bytes()[5];
            }
            bytes.truncate(usize::try_from(state % 400).unwrap());
            if let Some(found) = LicenseFile::parse(&bytes) {
                assert!(found.license.len() <= bytes.len());
            }
        }
    }
}
