// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parts of a session host's certificate: its binding and its version records.

use alloc::format;
use alloc::string::String;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

/// RPC binding of a session host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct BindingReport {
    /// Protocol: `ncalrpc`, `ncacn_np` or `ncacn_ip_tcp`.
    pub protocol: String,
    /// Name or address of the host.
    pub name: String,
}

/// A version record of LICENSED_PRODUCT_INFO ([MS-RDPELE] 2.2.2.9.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct VersionReport {
    /// Major version.
    pub major: u16,
    /// Minor version.
    pub minor: u16,
    /// ProductLicenseFlags.
    pub flags: u32,
}

impl BindingReport {
    /// Returns the binding as the certificate writes it.
    pub fn text(&self) -> String {
        format!("{}:{}", self.protocol, self.name)
    }
}
