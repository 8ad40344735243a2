// SPDX-License-Identifier: MIT OR Apache-2.0

//! Vectors from published documents, as bytes.

/// Returns CLIENT_HARDWARE_ID of [MS-RDPELE] 4.5. The token contains the same ID under its mask.
pub(crate) fn hardware_id() -> Vec<u8> {
    decode(include_str!("../../vectors/hwid_rdpele_4.5.hex"))
}

/// Returns CLIENT_HARDWARE_ID from a published run of tsctst.
pub(crate) fn other_hardware_id() -> Vec<u8> {
    decode(include_str!("../../vectors/hwid_tsctst_sample.hex"))
}

/// Returns pbLicenseInfo of [MS-RDPELE] 4.6, which a client stores as ClientLicense.
pub(crate) fn token() -> Vec<u8> {
    decode(include_str!("../../vectors/rdpele_4.6_ClientLicense_pkcs7_temp_A02-6.00-S.hex"))
}

/// Returns the license server's certificate in that token.
pub(crate) fn license_server_certificate() -> Vec<u8> {
    decode(include_str!("../../vectors/rdpele_4.6_cert0_license_server_selfsigned.hex"))
}

/// Returns the terminal server's certificate of [MS-RDPELE] 4.1.
pub(crate) fn terminal_server_certificate() -> Vec<u8> {
    decode(include_str!("../../vectors/rdpele_4.1_terminal_server_cert.hex"))
}

/// Returns a PROPRIETARYSERVERCERTIFICATE of 2048 bits, `Certificate` of a public hive.
pub(crate) fn proprietary_certificate() -> Vec<u8> {
    decode(include_str!("../../vectors/regipy_RCM_Certificate.hex"))
}

/// Returns a PROPRIETARYSERVERCERTIFICATE of 512 bits, `CertificateOld` of a public hive.
pub(crate) fn old_proprietary_certificate() -> Vec<u8> {
    decode(include_str!("../../vectors/regipy_RCM_CertificateOld.hex"))
}

/// Returns the first 64 bytes of a DPAPI blob in RCM\Secrets of a public hive.
pub(crate) fn secret_head() -> Vec<u8> {
    decode(include_str!("../../vectors/regipy_RCM_Secrets_dpapi_first64.hex"))
}

/// Returns the bytes of a hex text, ignoring white space.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("ASCII");
        u8::from_str_radix(pair, 16).expect("hexadecimal")
    };
    digits.chunks(2).map(byte).collect()
}
