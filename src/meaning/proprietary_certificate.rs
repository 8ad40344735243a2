// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ProprietaryCertificate`]: the key that a session host creates for itself ([MS-RDPBCGR]
//! 2.2.1.4.3.1.1). See [licensing.md](crate::licensing#host-certificates).

/// PROPRIETARYSERVERCERTIFICATE in `RCM\Certificate`: an RSA key without a signature of a license
/// server. Client editions also have such a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProprietaryCertificate {
    /// Length of the key in bits, according to its header.
    pub bits: u32,
    /// Public exponent.
    pub exponent: u32,
}

impl ProprietaryCertificate {
    /// Parses the header; `None` if the data are not such a certificate.
    ///
    /// ```
    /// # use calhive::meaning::ProprietaryCertificate;
    /// assert_eq!(ProprietaryCertificate::parse(b"no certificate"), None);
    /// ```
    pub fn parse(data: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_le_bytes(*data.get(at..)?.first_chunk::<4>()?));
        // Version, signature algorithm and key algorithm. Kind and size of the key follow.
        let is_one = [0, 4, 8].iter().all(|at| word(*at) == Some(1));
        let kind = data.get(12..14)?;
        (is_one && kind == [6, 0] && data.get(16..20)? == b"RSA1").then_some(())?;
        Some(Self { bits: word(24)?, exponent: word(32)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meaning::text::tests::bytes;

    #[test]
    fn certificates_of_a_real_hive_are_parsed() {
        let new = bytes(include_str!("../../testdata/vectors/regipy_RCM_Certificate.hex"));
        let old = bytes(include_str!("../../testdata/vectors/regipy_RCM_CertificateOld.hex"));
        let read =
            |data: &[u8]| ProprietaryCertificate::parse(data).map(|it| (it.bits, it.exponent));
        assert_eq!(read(&new), Some((2048, 65537)));
        assert_eq!(read(&old), Some((512, 65537)));
        assert_eq!(read(&old[..35]), None);
    }
}
