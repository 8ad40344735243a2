// SPDX-License-Identifier: MIT OR Apache-2.0

//! Certificates that a session host gets from its license server. The container in which Windows
//! keeps the chain is not published: the chain is written in both forms of the protocol.

use crate::scenario::{certificate, hex, store};
use crate::token::{HostSpec, TokenSpec, bare_chain, chain, host_certificate};
use crate::tree::{Key, Value};

/// Writes to the RCM key of `host`, at `written`, the certificates that the license server of
/// `issuer` signed, and their keys.
pub(crate) fn write(manager: &mut Key, host: &str, issuer: &TokenSpec, written: u64) {
    certificate::write_secrets(manager, written);
    let mut certificates = issuer.certificates();
    // The last certificate belongs to a client.
    certificates.pop();
    certificates.push(host_certificate(&HostSpec {
        hardware_id: store::hardware_id(host),
        not_before: written - written % 10_000_000,
        ..HostSpec::new(issuer, host)
    }));
    manager.last_written = written;
    manager
        .push(Value::binary("Certificate", &hex::proprietary_certificate()))
        .push(Value::binary("X509 Certificate", &chain(&certificates)))
        .push(Value::binary("X509 Certificate ID", &certificate::id()))
        .push(Value::binary("X509 Certificate2", &bare_chain(&certificates)));
}
