// SPDX-License-Identifier: MIT OR Apache-2.0

//! Certificates and secrets of a session host. No text describes the container of the chain in
//! Windows, so hive-forge writes both forms of the protocol.

use crate::rng::Rng;
use crate::scenario::dpapi::Blob;
use crate::scenario::{hex, permissions};
use crate::token;
use crate::tree::{Key, Value};

/// Returns the chain of a registered host: X509_CERTIFICATE_CHAIN of [MS-RDPELE] 2.2.1.4.2.
pub(crate) fn chain() -> Vec<u8> {
    token::bare_chain(&certificates())
}

/// The chain after the version of a SERVER_CERTIFICATE: chain, temporarily issued.
pub(crate) fn versioned_chain() -> Vec<u8> {
    token::chain(&certificates())
}

fn certificates() -> [Vec<u8>; 2] {
    [hex::license_server_certificate(), hex::terminal_server_certificate()]
}

/// Returns `X509 Certificate ID`: 16 bytes of filler.
pub(crate) fn id() -> Vec<u8> {
    Rng::new(0x509).bytes(16)
}

/// Writes `RCM\Secrets`: the private keys of the host, as blobs in the sizes of real blobs.
pub(crate) fn write_secrets(manager: &mut Key, written: u64) {
    let secrets = manager.made("Secrets", written);
    secrets.security = permissions::network_service();
    let head = hex::secret_head();
    for (name, blocks) in [
        ("L$HYDRAENCKEY_28ada6da-d622-11d1-9cb9-00c04fb16e75", 84),
        ("L$HYDRAENCKEY_52d1ad03-4565-44f3-8bfd-bbb0591f4b9d", 24),
    ] {
        let blob = Blob {
            master_key: head[24..40].try_into().expect("16 bytes"),
            flags: 0,
            description: "",
            salt: &head[62..],
            cipher_text: 16 * blocks,
            seed: blocks as u64,
        };
        secrets.push(Value::binary(name, &blob.encode()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_has_two_certificates() {
        let chain = chain();
        assert_eq!(chain.len(), 4 + (4 + 757) + (4 + 1277) + 16);
        assert_eq!(chain[..8], [2, 0, 0, 0, 0xF5, 2, 0, 0]);
        assert_eq!(versioned_chain()[..8], [2, 0, 0, 0x80, 2, 0, 0, 0]);
    }
}
