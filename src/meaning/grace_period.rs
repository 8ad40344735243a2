// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values of the grace period: DPAPI blobs that only their machine can open. calhive decodes their header.
//! See [licensing.md](crate::licensing#grace-period).

use alloc::format;
use alloc::string::String;

use calhive_regf::ValueType;
use calhive_regf::hive::name::Name;

use crate::meaning::{Certainty, Explanation};

/// Name of the value in released versions of Windows.
const RELEASED: &str = "L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588";
/// Name of the value if `RunAsRTM` is 4.
const BETA: &str = "L$GracePeriodTimeBomb_1320153D-8DA3-4e8e-B27B-0D888223A588";

/// Readable part of the header of a Data Protection API blob. calhive needs no keys to read this
/// part.
///
/// ```
/// use calhive::meaning::ProtectedBlob;
/// assert!(ProtectedBlob::parse(b"no blob").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedBlob {
    /// Version of the blob: 1.
    pub version: u32,
    /// GUID of the provider.
    pub provider: String,
    /// GUID of the master key, which is the name of its file below
    /// `System32\Microsoft\Protect\S-1-5-18`.
    pub master_key: String,
    /// Flags; 4 marks a blob of the machine (LocalMachine).
    pub flags: u32,
    /// Cipher, a number of the Windows cryptography interface; 0x6610 is AES-256.
    pub cipher: u32,
}

/// Provider of every blob: df9d8cd0-1501-11d1-8c7a-00c04fc297eb.
const PROVIDER: [u8; 16] =
    [0xD0, 0x8C, 0x9D, 0xDF, 1, 0x15, 0xD1, 0x11, 0x8C, 0x7A, 0, 0xC0, 0x4F, 0xC2, 0x97, 0xEB];

impl ProtectedBlob {
    /// Parses the header; `None` if the data are not such a blob, or if the data end before the
    /// cipher.
    pub fn parse(data: &[u8]) -> Option<Self> {
        let mut rest = data;
        let version = number(&mut rest)?;
        let provider = guid(&mut rest)?;
        if provider != PROVIDER {
            return None;
        }
        let _master_key_version = number(&mut rest)?;
        let master_key = guid(&mut rest)?;
        let flags = number(&mut rest)?;
        let description = usize::try_from(number(&mut rest)?).ok()?;
        rest = rest.get(description..)?;
        let cipher = number(&mut rest)?;
        let (provider, master_key) = (shown(&provider), shown(&master_key));
        Some(Self { version, provider, master_key, flags, cipher })
    }

    /// Returns the name of the cipher; `None` for an unknown number.
    pub const fn cipher_name(&self) -> Option<&'static str> {
        Some(match self.cipher {
            0x6603 => "Triple DES",
            0x660E => "AES-128",
            0x660F => "AES-192",
            0x6610 => "AES-256",
            _ => return None,
        })
    }
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_le_bytes(*bytes))
}

fn guid(rest: &mut &[u8]) -> Option<[u8; 16]> {
    let (bytes, after) = rest.split_first_chunk::<16>()?;
    *rest = after;
    Some(*bytes)
}

/// Formats a GUID. Its first three parts are little-endian.
fn shown(guid: &[u8; 16]) -> String {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = guid;
    format!(
        "{d:02x}{c:02x}{b:02x}{a:02x}-{f:02x}{e:02x}-{h:02x}{g:02x}-{i:02x}{j:02x}-\
         {k:02x}{l:02x}{m:02x}{n:02x}{o:02x}{p:02x}"
    )
}

/// Whether a value of the key `GracePeriod` has a known name.
pub(crate) fn is_known_name(name: &str) -> bool {
    [RELEASED, BETA].iter().any(|known| Name::from(name).same((*known).into()))
}

/// Explains a value of the key `GracePeriod`.
pub(crate) fn explain(name: &str, data: &[u8], value_type: ValueType) -> Explanation {
    let is = |known: &str| Name::from(name).same(known.into());
    let what = if is(RELEASED) {
        "public code gives this name to the end of the grace period in released versions"
    } else if is(BETA) {
        "public code gives this name to the end of the grace period if RunAsRTM is 4"
    } else if name.to_ascii_uppercase().contains("TIMEBOMB") {
        "the name resembles the end of the grace period, but is not a known name"
    } else {
        "not a known value of this key"
    };
    let kind = if value_type == ValueType::BINARY {
        String::new()
    } else {
        format!("; its type is {value_type}, but public code uses REG_BINARY")
    };
    let Some(blob) = ProtectedBlob::parse(data) else {
        let shown = match (value_type, data.try_into().map(u32::from_le_bytes)) {
            (ValueType::DWORD, Ok(number)) => Some(format!("{number}")),
            _ => Some(format!("{} bytes", data.len())),
        };
        let label = format!(
            "{what}{kind}; the data are not a blob of the Data Protection API, so no end can be read. This \
             does not show intent or unlicensed use"
        );
        return Explanation { shown, label: Some(label), certainty: Certainty::Observed };
    };
    let cipher = blob.cipher_name().unwrap_or("unknown cipher");
    let label = format!(
        "{what}{kind}; blob of the Data Protection API, version {}, provider {}, cipher {:#x} \
         ({cipher}); the time in it cannot be read from the registry alone. The master key is a file of \
         that name below System32\\Microsoft\\Protect\\S-1-5-18",
        blob.version, blob.provider, blob.cipher
    );
    let shown = format!("blob of {} bytes, master key {}", data.len(), blob.master_key);
    Explanation { shown: Some(shown), label: Some(label), certainty: Certainty::Observed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meaning::text::tests::bytes;

    /// The first 64 bytes of a real blob of `RCM\Secrets`.
    const REAL: &str = include_str!("../../testdata/vectors/regipy_RCM_Secrets_dpapi_first64.hex");

    #[test]
    fn header_of_a_real_blob_is_parsed() {
        let blob = ProtectedBlob::parse(&bytes(REAL)).unwrap();
        assert_eq!(blob.version, 1);
        assert_eq!(blob.provider, "df9d8cd0-1501-11d1-8c7a-00c04fc297eb");
        assert_eq!((blob.flags, blob.cipher_name()), (0, Some("AES-256")));
        assert!(ProtectedBlob::parse(&bytes(REAL)[..40]).is_none());
    }

    #[test]
    fn number_instead_of_a_blob_is_explained() {
        let label = explain(RELEASED, &[0; 4], ValueType::DWORD).label.unwrap();
        assert!(label.contains("its type is REG_DWORD"), "{label}");
        assert!(label.contains("not a blob"), "{label}");
    }
}
