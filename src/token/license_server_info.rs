// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LicenseServerInfo`]: the license server that issued a certificate, extension 311.18.6.

use alloc::string::String;

use crate::token::little_endian::{u16_at, u32_at, utf16_text};

/// MS_LICENSE_SERVER_INFO ([MS-RDPELE] 2.2.2.9.2). See [licensing.md](crate::licensing#extensions).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseServerInfo {
    /// Version of the structure: 0x1000 or 0x3000.
    pub version: u32,
    /// Name that the license server gives itself.
    pub issuer: String,
    /// Product ID of the license server; absent in version 0x1000.
    pub issuer_id: Option<String>,
    /// Scope: domain or workgroup of the license server.
    pub scope: String,
}

impl LicenseServerInfo {
    /// Parses the structure; `None` if the version is unknown, the bytes end too early, or an offset points
    /// outside them.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let half = |at: usize| u16_at(bytes, at).map(usize::from);
        let version = u32_at(bytes, 0)?;
        // The stored offsets count from the end of the offset fields.
        let (id, scope, strings) = match version {
            0x1000 => (None, half(6)?, bytes.get(8..)?),
            0x3000 => (Some(half(6)?), half(8)?, bytes.get(10..)?),
            _ => return None,
        };
        let text = |offset: usize| Some(utf16_text(strings.get(offset..)?));
        let issuer_id = match id {
            Some(id) => Some(text(id)?),
            None => None,
        };
        Some(Self { version, issuer: text(half(4)?)?, issuer_id, scope: text(scope)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_version_is_read_and_unknown_version_or_offset_is_refused() {
        let old = b"\0\x10\0\0\0\0\x04\0A\0\0\0B\0\0\0";
        let info = LicenseServerInfo::parse(old).unwrap();
        assert_eq!((&*info.issuer, info.issuer_id, &*info.scope), ("A", None, "B"));
        let new = b"\0\x30\0\0\0\0\x04\0\x08\0A\0\0\0I\0\0\0B\0\0\0";
        let info = LicenseServerInfo::parse(new).unwrap();
        assert_eq!((&*info.issuer, info.issuer_id.as_deref(), &*info.scope), ("A", Some("I"), "B"));
        assert_eq!(LicenseServerInfo::parse(b"\0\x20\0\0\0\0\x04\0A\0\0\0B\0\0\0"), None);
        assert_eq!(LicenseServerInfo::parse(b"\0\x10\0\0\0\0\xFF\0A\0\0\0"), None);
    }
}
