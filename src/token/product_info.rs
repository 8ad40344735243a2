// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ProductInfo`]: the licensed product, extension 311.18.5.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::meaning::ProductVersion;
use crate::token::little_endian::{u16_at, u32_at, utf16_text};

/// LICENSED_PRODUCT_INFO ([MS-RDPELE] 2.2.2.9.1). See
/// [licensing.md](crate::licensing#product-information).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductInfo {
    /// Version of the structure: 0x3000.
    pub version: u32,
    /// Number of licenses: 1.
    pub license_count: u32,
    /// Platform of the client: 0xFF in tokens.
    pub platform_id: u32,
    /// Language of the license server, a Windows language identifier.
    pub language_id: u32,
    /// Product that the client requested: `A02`.
    pub requested_product: String,
    /// Product that the license server issued: `A02-6.00-S`.
    pub product: String,
    /// Versions of the product; one in every sample.
    pub versions: Vec<LicensedVersion>,
}

/// LICENSED_VERSION_INFO ([MS-RDPELE] 2.2.2.9.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LicensedVersion {
    /// Major version.
    pub major: u16,
    /// Minor version.
    pub minor: u16,
    /// Kind of the license.
    pub flags: LicenseFlags,
}

bitflags::bitflags! {
    /// ProductLicenseFlags ([MS-RDPELE] 2.2.2.9.1.1). The value keeps bits without a name.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LicenseFlags: u32 {
        /// The license is enforced.
        const ENFORCED = 0x0000_8000;
        /// A released license server issued the license. Without this flag, a beta version issued
        /// the license.
        const RELEASED = 0x0080_0000;
        /// The license is temporary. Without this flag, the license is permanent.
        const TEMPORARY = 0x8000_0000;
        const _ = !0;
    }
}

impl ProductInfo {
    /// Bytes before the text.
    const HEADER: usize = 28;

    /// Parses the structure. Returns `None` if the bytes end too early, or if an offset points
    /// outside the bytes.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = |at: usize| {
            let offset = usize::from(u16_at(bytes, at)?);
            let size = usize::from(u16_at(bytes, at.checked_add(2)?)?);
            (offset >= Self::HEADER).then_some(())?;
            Some(utf16_text(bytes.get(offset..)?.get(..size)?))
        };
        let (versions, count) = (usize::from(u16_at(bytes, 24)?), usize::from(u16_at(bytes, 26)?));
        let (records, _) = bytes.get(versions..)?.get(..count.checked_mul(8)?)?.as_chunks::<8>();
        Some(Self {
            version: u32_at(bytes, 0)?,
            license_count: u32_at(bytes, 4)?,
            platform_id: u32_at(bytes, 8)?,
            language_id: u32_at(bytes, 12)?,
            requested_product: text(16)?,
            product: text(20)?,
            versions: records.iter().map(LicensedVersion::parse).collect(),
        })
    }
}

impl LicensedVersion {
    /// Returns the version without its flags.
    pub const fn number(&self) -> ProductVersion {
        ProductVersion { major: self.major, minor: self.minor }
    }

    fn parse(record: &[u8; 8]) -> Self {
        let [a, b, c, d, flags @ ..] = *record;
        Self {
            major: u16::from_le_bytes([a, b]),
            minor: u16::from_le_bytes([c, d]),
            flags: LicenseFlags::from_bits_retain(u32::from_le_bytes(flags)),
        }
    }
}

impl fmt::Display for LicenseFlags {
    /// Shows the number, and for each known bit whether the bit is set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let either = |flag, set, clear| if self.contains(flag) { set } else { clear };
        let enforced = either(Self::ENFORCED, "enforced", "not enforced");
        let released = either(Self::RELEASED, "released version", "beta version");
        let temporary = either(Self::TEMPORARY, "temporary", "permanent");
        write!(f, "{:#010x} ({temporary}, {enforced}, {released})", self.bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: &str = include_str!("../../testdata/vectors/ext_18.5_rdpele_leaf.hex");

    #[test]
    fn sample_of_rdpele_4_6_is_read_and_cut_bytes_are_refused() {
        let bytes = crate::meaning::text::tests::bytes(REAL);
        let info = ProductInfo::parse(&bytes).unwrap();
        assert_eq!((info.version, info.license_count, info.platform_id), (0x3000, 1, 0xFF));
        assert_eq!(info.language_id, 0x400);
        assert_eq!((&*info.requested_product, &*info.product), ("A02", "A02-6.00-S"));
        let [version] = info.versions[..] else { panic!("{info:?}") };
        assert_eq!((version.major, version.minor), (6, 0));
        assert_eq!(version.flags.to_string(), "0x80648000 (temporary, enforced, beta version)");
        for end in 0..66 {
            assert_eq!(ProductInfo::parse(&bytes[..end]), None, "{end}");
        }
    }
}
