// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ProfileReport`]: what the profile of a user stores about Remote Desktop.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_regf::FileTime;

/// What a hive in the profile of a user stores about Remote Desktop. No entry is evidence of a connection.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ProfileReport {
    /// Id of the source: an NTUSER.DAT or a UsrClass.dat.
    pub source: String,
    /// Name of the folder of the profile. Absent if the hive is outside such a folder.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub name: Option<String>,
    /// Hosts that the Remote Desktop client stores in the profile.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub remote_hosts: Vec<ProfileHost>,
    /// Ids of the facts about licensing keys in the `VirtualStore` of the profile.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub virtual_store: Vec<String>,
}

/// A host that the Remote Desktop client stores in the profile of a user.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ProfileHost {
    /// Name or address of the host, as stored.
    pub name: String,
    /// User name that is stored for the host. Not an authenticated account.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub user_hint: Option<String>,
    /// Last-written time of the key of the host, UTC. Absent for a host in the address list alone.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub key_last_written: Option<FileTime>,
    /// Ids of the facts.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
}
