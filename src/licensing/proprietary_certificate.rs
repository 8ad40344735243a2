// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ProprietaryCertificate`]: the key that a session host makes itself ([MS-RDPBCGR] 2.2.1.4.3.1.1).

/// PROPRIETARYSERVERCERTIFICATE as it stands in `RCM\Certificate`: an RSA key that no licence server
/// signed. Client editions have one too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProprietaryCertificate {
    /// The length of the key in bits, as its head says.
    pub bits: u32,
    /// The public exponent.
    pub exponent: u32,
}

impl ProprietaryCertificate {
    /// Reads the head; `None` for data that are no such certificate.
    ///
    /// ```
    /// # use calhive::licensing::ProprietaryCertificate;
    /// assert_eq!(ProprietaryCertificate::parse(b"no certificate"), None);
    /// ```
    pub fn parse(data: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_le_bytes(*data.get(at..)?.first_chunk::<4>()?));
        // Version, algorithm of the signature and of the key; then the kind and size of the key.
        let is_one = [0, 4, 8].iter().all(|at| word(*at) == Some(1));
        let kind = data.get(12..14)?;
        (is_one && kind == [6, 0] && data.get(16..20)? == b"RSA1").then_some(())?;
        Some(Self { bits: word(24)?, exponent: word(32)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::licensing::text::tests::bytes;

    #[test]
    fn those_of_a_real_hive() {
        let new = bytes(include_str!("../../testdata/vectors/regipy_RCM_Certificate.hex"));
        let old = bytes(include_str!("../../testdata/vectors/regipy_RCM_CertificateOld.hex"));
        let read =
            |data: &[u8]| ProprietaryCertificate::parse(data).map(|it| (it.bits, it.exponent));
        assert_eq!(read(&new), Some((2048, 65537)));
        assert_eq!(read(&old), Some((512, 65537)));
        assert_eq!(read(&old[..35]), None);
    }
}
