// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Permissions`]: owner and access control list of a key.

use alloc::string::String;
use alloc::vec::Vec;

/// Owner and access control list of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permissions {
    /// Security identifier of the owner. Absent if it could not be read.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub owner: Option<String>,
    /// Entries of the discretionary access control list in order, up to the first 64.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub entries: Vec<Access>,
}

/// An entry of an access control list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Access {
    /// Type of the entry, as a number: 0 allows, 1 denies.
    pub r#type: u8,
    /// Flags of the entry, as a number. They control inheritance.
    pub flags: u8,
    /// Rights, as an access mask. Absent if the entry has no mask.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub mask: Option<u32>,
    /// Security identifier that the entry applies to. Absent if the entry names no identifier.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub sid: Option<String>,
}
