// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`HostBinding`]: the RPC binding in the subject of a session host's certificate.

use alloc::string::String;

use crate::token::name::DistinguishedName;

/// RPC binding of a session host: protocol, and name or address. See
/// [licensing.md](crate::licensing#certificates-of-license-servers-and-hosts).
///
/// ```
/// use calhive::token::HostBinding;
/// let binding = HostBinding::parse("ncacn_ip_tcp:192.0.2.7").unwrap();
/// assert_eq!((&*binding.protocol, &*binding.name), ("ncacn_ip_tcp", "192.0.2.7"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostBinding {
    /// Protocol: `ncalrpc`, `ncacn_np` or `ncacn_ip_tcp`.
    pub protocol: String,
    /// Name or address of the host.
    pub name: String,
}

/// Protocols in the certificates of real session hosts.
const PROTOCOLS: [&str; 3] = ["ncalrpc", "ncacn_np", "ncacn_ip_tcp"];

impl HostBinding {
    /// Parses a binding; `None` if the text has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let (protocol, name) = text.split_once(':')?;
        let is_known = PROTOCOLS.iter().any(|known| known.eq_ignore_ascii_case(protocol));
        is_known.then(|| Self { protocol: String::from(protocol), name: String::from(name) })
    }

    /// Returns the binding in a subject. The locality has the whole binding, the common name its first 16
    /// characters. Without a locality, the common name is all that is left of the binding.
    pub(crate) fn of_subject(subject: &DistinguishedName) -> Option<Self> {
        subject.locality().or(subject.common_name()).and_then(Self::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bindings_of_real_hosts_are_parsed_and_other_text_is_none() {
        for (text, protocol, name) in [
            ("ncalrpc:RODENT", "ncalrpc", "RODENT"),
            ("ncacn_np:TS01", "ncacn_np", "TS01"),
            ("NCACN_IP_TCP:10.0.0.1", "NCACN_IP_TCP", "10.0.0.1"),
        ] {
            let binding = HostBinding::parse(text).unwrap();
            assert_eq!((&*binding.protocol, &*binding.name), (protocol, name));
        }
        for text in ["", "Administrator", "CORP:alice", "ncalrpc", "ncalrpc2:A"] {
            assert_eq!(HostBinding::parse(text), None, "{text}");
        }
    }
}
