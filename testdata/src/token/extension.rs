// SPDX-License-Identifier: MIT OR Apache-2.0

//! Extensions of licensing certificates. Their content is not ASN.1 but little-endian structures.

use super::der;
use crate::tree::utf16_nul;

/// Arc of Microsoft's licensing extensions.
const LICENSING: [u32; 8] = [1, 3, 6, 1, 4, 1, 311, 18];

/// Version in the structures that have a version.
const VERSION: u32 = 0x3000;

/// Returns an extension of the licensing arc.
pub(crate) fn licensing(number: u32, critical: bool, payload: &[u8]) -> Vec<u8> {
    extension(&[&LICENSING[..], &[number]].concat(), critical, payload)
}

/// Returns the text that the Clearinghouse writes into the certificate of a license server.
pub(crate) fn clearinghouse(text: &str) -> Vec<u8> {
    extension(&LICENSING, false, &der::element(0x16, text.as_bytes()))
}

/// Returns an extension. The default, not critical, is not written.
pub(crate) fn extension(arcs: &[u32], critical: bool, payload: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 1, 0xFF] } else { &[] };
    der::sequence(&[&der::oid(arcs)[..], critical, &der::octet_string(payload)])
}

/// Extensions of every certificate that a license server issued, without its authority key.
pub(crate) fn licensed(
    version: u32,
    manufacturer: &str,
    product: &Product,
    server: &[u8],
) -> Vec<Vec<u8>> {
    vec![
        licensing(4, true, &version.to_le_bytes()),
        licensing(2, true, &utf16_nul(manufacturer)),
        licensing(5, true, &product.encode()),
        licensing(6, true, server),
    ]
}

/// A certificate authority that may only issue leaf certificates: BasicConstraints.
pub(crate) fn authority(path_length: u8) -> Vec<u8> {
    let payload = der::sequence(&[&[0x01, 1, 0xFF][..], &der::unsigned(&[path_length])]);
    extension(&[2, 5, 29, 19], false, &payload)
}

/// AuthorityKeyIdentifier with the name of the license server in raw UTF-16 in the place of a
/// directory name. `serial` is that of the certificate itself.
pub(crate) fn authority_key(server: &str, serial: &[u8]) -> Vec<u8> {
    let name = der::tagged(1, &der::tagged(4, &utf16_nul(server)));
    let payload = der::sequence(&[name, der::element(0x82, serial)]);
    extension(&[2, 5, 29, 35], true, &payload)
}

/// LICENSED_PRODUCT_INFO of [MS-RDPELE] 2.2.2.9.1.
pub(crate) struct Product<'a> {
    pub(crate) count: u32,
    pub(crate) platform: u32,
    pub(crate) language: u32,
    pub(crate) requested: &'a str,
    pub(crate) adjusted: &'a str,
    /// Versions, each with the flags.
    pub(crate) versions: &'a [(u16, u16)],
    pub(crate) flags: u32,
}

impl Product<'_> {
    /// Returns the bytes. No document has the four zero bytes at the end, but every sample has
    /// them.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let (requested, adjusted) = (utf16_nul(self.requested), utf16_nul(self.adjusted));
        let mut bytes = Vec::new();
        for number in [VERSION, self.count, self.platform, self.language] {
            bytes.extend(number.to_le_bytes());
        }
        let after = 28 + requested.len();
        let offsets = [
            28,
            requested.len(),
            after,
            adjusted.len(),
            after + adjusted.len(),
            self.versions.len(),
        ]
        .map(short);
        bytes.extend(offsets.concat());
        bytes.extend([requested, adjusted].concat());
        for (major, minor) in self.versions {
            bytes.extend(major.to_le_bytes());
            bytes.extend(minor.to_le_bytes());
            bytes.extend(self.flags.to_le_bytes());
        }
        bytes.extend([0; 4]);
        bytes
    }
}

/// Returns MS_LICENSE_SERVER_INFO, version 2, of [MS-RDPELE] 2.2.2.9.2. No document has the two
/// zero bytes at the end, but every sample has them.
pub(crate) fn server_info(name: &str, id: &str, scope: &str) -> Vec<u8> {
    let (name, id) = (utf16_nul(name), utf16_nul(id));
    let mut bytes = VERSION.to_le_bytes().to_vec();
    bytes.extend([0, name.len(), name.len() + id.len()].map(short).concat());
    bytes.extend([name, id, utf16_nul(scope)].concat());
    bytes.extend([0; 2]);
    bytes
}

fn short(number: usize) -> [u8; 2] {
    u16::try_from(number).expect("strings of tokens are short").to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::hex::decode;

    #[test]
    fn product_equals_that_of_the_sample() {
        let product = Product {
            count: 1,
            platform: 0xFF,
            language: 0x400,
            requested: "A02",
            adjusted: "A02-6.00-S",
            versions: &[(6, 0)],
            flags: 0x8064_8000,
        };
        let sample = decode(include_str!("../../vectors/ext_18.5_rdpele_leaf.hex"));
        assert_eq!(product.encode(), sample);
    }
}
