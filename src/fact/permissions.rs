// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Permissions`]: owner and access control list of a key.

use alloc::string::String;
use alloc::vec::Vec;

/// Owner and access control list of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Permissions {
    /// Security identifier of the owner. Null if it could not be read.
    pub owner: Option<String>,
    /// Entries of the discretionary access control list in order, up to the first 64.
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
    /// Rights, as an access mask. Null if the entry has no mask.
    pub mask: Option<u32>,
    /// Security identifier that the entry applies to. Null if the entry names no identifier.
    pub sid: Option<String>,
}
