// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decoders and explanations for single registry values. Most modules decode one kind of value into
//! a Rust type.

pub(crate) mod certificate_date;
pub(crate) mod certificate_kind;
pub(crate) mod explanation;
pub(crate) mod grace_period;
pub(crate) mod hardware_id;
#[cfg(feature = "token")]
pub(crate) mod language;
pub(crate) mod license_server_parameter;
pub(crate) mod license_servers;
#[cfg(feature = "token")]
pub(crate) mod licensed_product;
pub(crate) mod licensing_mode;
pub(crate) mod machine_name;
pub(crate) mod plain;
pub(crate) mod primary_domain;
pub(crate) mod product_version;
pub(crate) mod proprietary_certificate;
pub(crate) mod security_identifier;
pub(crate) mod service_library;
pub(crate) mod stored_license;
pub(crate) mod system;
pub(crate) mod task_actions;
pub(crate) mod text;
pub(crate) mod token_state;

pub use certificate_kind::CertificateKind;
pub use explanation::Certainty;
pub(crate) use explanation::Explanation;
pub use grace_period::ProtectedBlob;
pub use hardware_id::{HardwareId, HardwareIdForm};
pub use license_servers::license_servers;
pub use licensing_mode::LicensingMode;
pub use machine_name::MachineName;
pub use product_version::ProductVersion;
pub use proprietary_certificate::ProprietaryCertificate;
pub use system::{MULTI_SESSION_EDITION, ProductType, build_number, offset_from_utc};
pub use token_state::{Container, Reading, SignatureState, Wrapping};
