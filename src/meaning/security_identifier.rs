// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`is_service`]: security identifiers of Windows services.

/// Prefix of the identifiers of services.
const SERVICES: &str = "S-1-5-80-";

/// Whether an identifier means SYSTEM, LocalService, NetworkService, a named service, or the owner
/// of the object. If the identifier means the owner, a separate check examines that owner.
pub(crate) fn is_service(sid: &str) -> bool {
    matches!(sid, "S-1-5-18" | "S-1-5-19" | "S-1-5-20" | "S-1-3-0" | "S-1-3-4")
        || sid.starts_with(SERVICES)
}
