// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ImageHash`]: hashes of a disk that its image stores, and whether they are right.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

/// Hashes of a disk that its image stores (E01).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ImageHash {
    /// MD5 of all bytes of the disk, in hex. Absent if the image stores none.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub md5: Option<String>,
    /// SHA-1 of all bytes of the disk, in hex. Absent if the image stores none.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub sha1: Option<String>,
    /// Comparison with the bytes of the disk.
    pub state: ImageHashState,
}

/// Comparison of stored hashes with the bytes of a disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum ImageHashState {
    /// The disk was not read whole.
    #[default]
    NotVerified,
    /// Every stored hash is the hash of the disk.
    Verified,
    /// A stored hash is not the hash of the disk: the image changed after it was made, or is damaged.
    Differs,
}
