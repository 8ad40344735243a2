// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LicenseExtensions`]: what Microsoft's own extensions of a token's certificates say (arc
//! 1.3.6.1.4.1.311.18; [MS-RDPELE] 2.2.2.9). Their contents are structures of Windows, no ASN.1.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::hive::name::Name;
use crate::licensing::token::TokenFault;

/// The arc of the extensions.
const ARC: &str = "1.3.6.1.4.1.311.18.";

/// What the extensions of one certificate say; `None` for what it does not have or what could not be
/// read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseExtensions {
    /// .18.2: the company that made the product.
    pub manufacturer: Option<String>,
    /// .18.4: version of the certificate, 0x00050001 in every sample.
    pub certificate_version: Option<u32>,
    /// .18.5: the product that is licensed. The certificate that has it is what the token is about.
    pub product: Option<ProductInfo>,
    /// .18.6: the licence server.
    pub server: Option<LicenseServerInfo>,
    /// .18.8: the licence server's SPK, which it gets at its activation.
    pub server_spk: Option<String>,
    /// .18.9: no text names it; a number, 7 in the one sample.
    pub unnamed_9: Option<u32>,
}

/// LICENSED_PRODUCT_INFO ([MS-RDPELE] 2.2.2.9.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductInfo {
    /// Version of the structure: 0x3000.
    pub version: u32,
    /// Number of licences: 1.
    pub license_count: u32,
    /// Platform of the client: 0xFF in tokens.
    pub platform_id: u32,
    /// Language of the licence server, as a Windows language identifier.
    pub language_id: u32,
    /// The product that was asked for: `A02`.
    pub requested_product: String,
    /// The product that was given: `A02-6.00-S`.
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
    /// What kind of licence it is.
    pub flags: LicenseFlags,
}

bitflags::bitflags! {
    /// ProductLicenseFlags ([MS-RDPELE] 2.2.2.9.1.1). Bits without a name are kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LicenseFlags: u32 {
        /// The licence is enforced.
        const ENFORCED = 0x0000_8000;
        /// Issued by a released licence server; without it, by a beta version.
        const RELEASED = 0x0080_0000;
        /// Temporary; without it, permanent.
        const TEMPORARY = 0x8000_0000;
        const _ = !0;
    }
}

/// MS_LICENSE_SERVER_INFO ([MS-RDPELE] 2.2.2.9.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseServerInfo {
    /// Version of the structure: 0x1000 or 0x3000.
    pub version: u32,
    /// The licence server, as it names itself.
    pub issuer: String,
    /// Its product id; not in version 0x1000.
    pub issuer_id: Option<String>,
    /// Its scope: its domain or workgroup.
    pub scope: String,
}

impl LicenseExtensions {
    /// Takes up an extension if it is one of Microsoft's; what of it cannot be read is told.
    pub(crate) fn add(&mut self, oid: &str, content: &[u8], at: usize) -> Option<TokenFault> {
        let fault = |what| Some(TokenFault::new(what, "cannot be read", at));
        match oid.strip_prefix(ARC)? {
            "2" => self.manufacturer = Some(string(content)),
            "4" => match number(content) {
                Some(version) => self.certificate_version = Some(version),
                None => return fault("version of the certificate (extension 311.18.4)"),
            },
            "5" => match ProductInfo::parse(content) {
                Some(product) => self.product = Some(product),
                None => return fault("licensed product (extension 311.18.5)"),
            },
            "6" => match LicenseServerInfo::parse(content) {
                Some(server) => self.server = Some(server),
                None => return fault("licence server (extension 311.18.6)"),
            },
            "8" => self.server_spk = Some(string(content)),
            "9" => match number(content) {
                Some(number) => self.unnamed_9 = Some(number),
                None => return fault("extension 311.18.9"),
            },
            _ => {}
        }
        None
    }

    /// Whether it has one that licence servers write into what they issue. Their own certificates have their
    /// SPK alone.
    pub(crate) fn is_issued(&self) -> bool {
        let Self { manufacturer, certificate_version, product, server, unnamed_9, .. } = self;
        manufacturer.is_some()
            || certificate_version.is_some()
            || product.is_some()
            || server.is_some()
            || unnamed_9.is_some()
    }
}

impl ProductInfo {
    /// Bytes before the strings.
    const HEADER: usize = 28;

    /// Reads the structure; `None` where its offsets lead out of it.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let word = |at| number(bytes.get(at..)?.get(..4)?);
        let half = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        let text = |at: usize| {
            let (from, size) = (usize::from(half(at)?), usize::from(half(at.checked_add(2)?)?));
            (from >= Self::HEADER).then_some(())?;
            Some(string(bytes.get(from..)?.get(..size)?))
        };
        let (versions, count) = (usize::from(half(24)?), half(26)?);
        let rest = bytes.get(versions..)?.get(..usize::from(count).checked_mul(8)?)?;
        let (records, _) = rest.as_chunks::<8>();
        let version = |record: &[u8; 8]| {
            let [a, b, c, d, flags @ ..] = *record;
            LicensedVersion {
                major: u16::from_le_bytes([a, b]),
                minor: u16::from_le_bytes([c, d]),
                flags: LicenseFlags::from_bits_retain(u32::from_le_bytes(flags)),
            }
        };
        Some(Self {
            version: word(0)?,
            license_count: word(4)?,
            platform_id: word(8)?,
            language_id: word(12)?,
            requested_product: text(16)?,
            product: text(20)?,
            versions: records.iter().map(version).collect(),
        })
    }
}

impl LicenseServerInfo {
    /// Reads the structure; `None` for a version that is not known, or where its offsets lead out of it.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let half =
            |at: usize| Some(usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)));
        let version = number(bytes.get(..4)?)?;
        // Offsets count from behind them.
        let (id, scope, strings) = match version {
            0x1000 => (None, half(6)?, bytes.get(8..)?),
            0x3000 => (Some(half(6)?), half(8)?, bytes.get(10..)?),
            _ => return None,
        };
        let text = |from: usize| Some(string(strings.get(from..)?));
        let issuer_id = match id {
            Some(id) => Some(text(id)?),
            None => None,
        };
        Some(Self { version, issuer: text(half(4)?)?, issuer_id, scope: text(scope)? })
    }
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_le_bytes)
}

/// UTF-16LE up to a NUL or to the end.
fn string(bytes: &[u8]) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let text = pairs.split(|pair| *pair == [0, 0]).next().unwrap_or_default();
    Name::utf16(text.as_flattened()).as_text().to_string()
}

impl fmt::Display for LicenseFlags {
    /// The number, and what its known bits say, either way.
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

    const REAL: &str = include_str!("../../../testdata/vectors/ext_18.5_rdpele_leaf.hex");

    #[test]
    fn the_product_of_the_sample_of_rdpele_4_6() {
        let bytes = crate::licensing::text::tests::bytes(REAL);
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

    #[test]
    fn both_versions_of_the_licence_server() {
        let old = b"\0\x10\0\0\0\0\x04\0A\0\0\0B\0\0\0";
        let info = LicenseServerInfo::parse(old).unwrap();
        assert_eq!((&*info.issuer, info.issuer_id, &*info.scope), ("A", None, "B"));
        assert_eq!(LicenseServerInfo::parse(b"\0\x20\0\0\0\0\x04\0A\0\0\0B\0\0\0"), None);
        assert_eq!(LicenseServerInfo::parse(b"\0\x10\0\0\0\0\xFF\0A\0\0\0"), None);
    }
}
