// SPDX-License-Identifier: MIT OR Apache-2.0

//! The vectors of published documents, as bytes.

/// CLIENT_HARDWARE_ID of [MS-RDPELE] 4.5; the token's own, under its mask.
pub(crate) fn hardware_id() -> Vec<u8> {
    decode(include_str!("../../vectors/hwid_rdpele_4.5.hex"))
}

/// CLIENT_HARDWARE_ID from a published run of tsctst.
pub(crate) fn other_hardware_id() -> Vec<u8> {
    decode(include_str!("../../vectors/hwid_tsctst_sample.hex"))
}

/// The pbLicenseInfo of [MS-RDPELE] 4.6, which is what a client stores as ClientLicense.
pub(crate) fn token() -> Vec<u8> {
    decode(include_str!("../../vectors/rdpele_4.6_ClientLicense_pkcs7_temp_A02-6.00-S.hex"))
}

fn decode(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("ASCII");
        u8::from_str_radix(pair, 16).expect("hexadecimal")
    };
    digits.chunks(2).map(byte).collect()
}
