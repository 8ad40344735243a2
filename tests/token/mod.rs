// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decoding of tokens and of the certificates of hosts.

mod chains;
mod forged;
mod hostile;
mod ironrdp;
mod kinds;
mod odd;
mod published;

/// Bytes of a vector.
fn vector(name: &str) -> Vec<u8> {
    let path = format!("{}/testdata/vectors/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let hex = std::fs::read_to_string(path).unwrap();
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap();
    digits.chunks_exact(2).map(byte).collect()
}
