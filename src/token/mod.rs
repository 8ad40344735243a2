// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Token`]: a decoded license of a client, with its certificates, issuer, subject, validity and
//! signatures. [`Chain`] decodes the certificates of a session host in the same way.
//!
//! A token is a chain of certificates: the first belongs to the license server, and the last
//! describes the license ([MS-RDPELE] 2.2.2.6.1). Tokens of real license servers store the chain as
//! PKCS #7. calhive trusts none of these certificates. The key that checks a signature is in the
//! same token. A valid signature therefore shows only that the token is internally consistent.
//!
//! The samples cover two generations of license servers (6.0 and 6.2), and a printed token of 5.2. See
//! [licensing.md](crate::licensing#license-tokens).

#[cfg(feature = "token")]
mod ber;
#[cfg(feature = "token")]
mod binding;
mod carve;
#[cfg(feature = "token")]
mod certificate;
#[cfg(feature = "token")]
mod chain;
#[cfg(feature = "token")]
mod client_license;
#[cfg(feature = "token")]
mod container;
mod container_extent;
mod der;
#[cfg(feature = "token")]
mod directory_string;
#[cfg(feature = "token")]
mod embedded_hardware_id;
#[cfg(feature = "token")]
mod envelope;
#[cfg(feature = "token")]
mod extension;
#[cfg(feature = "token")]
mod fault;
#[cfg(feature = "token")]
mod fault_log;
#[cfg(feature = "token")]
mod key;
#[cfg(feature = "token")]
mod kind;
#[cfg(feature = "token")]
mod license_extensions;
#[cfg(feature = "token")]
mod license_index;
#[cfg(feature = "token")]
mod license_server_info;
#[cfg(feature = "token")]
mod little_endian;
#[cfg(feature = "token")]
mod name;
#[cfg(feature = "token")]
mod pkcs1;
#[cfg(feature = "token")]
mod product_info;
#[cfg(feature = "x509")]
mod second_opinion;
#[cfg(feature = "token")]
mod server_certificate;
#[cfg(feature = "token")]
mod signature;
#[cfg(feature = "token")]
mod structure;
#[cfg(feature = "token")]
mod time;

#[cfg(feature = "token")]
pub use binding::HostBinding;
pub use carve::{CarvedToken, TokenSignatures};
#[cfg(feature = "token")]
pub use certificate::Certificate;
#[cfg(feature = "token")]
pub use chain::Chain;
#[cfg(feature = "token")]
pub use client_license::Token;
#[cfg(feature = "token")]
pub use embedded_hardware_id::EmbeddedHardwareId;
#[cfg(feature = "token")]
pub use extension::Extension;
#[cfg(feature = "token")]
pub use fault::{TokenFault, TokenFaultKind};
#[cfg(feature = "token")]
pub use key::PublicKey;
#[cfg(feature = "token")]
pub use license_extensions::LicenseExtensions;
#[cfg(feature = "token")]
pub use license_index::LicenseIndex;
#[cfg(feature = "token")]
pub use license_server_info::LicenseServerInfo;
#[cfg(feature = "token")]
pub use name::{Attribute, DistinguishedName};
#[cfg(feature = "token")]
pub use product_info::{LicenseFlags, LicensedVersion, ProductInfo};
#[cfg(feature = "token")]
pub use server_certificate::ServerCertificateText;
#[cfg(feature = "token")]
pub use signature::Signature;
#[cfg(feature = "token")]
pub use structure::TokenStructure;
