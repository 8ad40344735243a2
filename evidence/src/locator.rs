// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Locator`]: where a second tool finds a file inside an input.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

/// Where a second tool finds a file inside a disk image or an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Locator {
    /// Path of the disk image or archive, with special characters escaped.
    pub input: String,
    /// Format of the input, such as `E01` or `zip`. With a format inside a format, both: `zip, E01`.
    pub format: String,
    /// Path of the file in the innermost archive or on the volume, with special characters escaped.
    pub path: String,
    /// Place on a disk. Absent in archives.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub volume: Option<VolumePlace>,
}

/// Place of a file on a volume of a disk image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct VolumePlace {
    /// Number of the partition, in the order of the partition table, from 1. Absent if no entry of a partition table
    /// covers the volume.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub partition: Option<u32>,
    /// Offset of the volume on the disk, in bytes.
    pub offset: u64,
    /// Number of the MFT record of the file. Absent in unallocated clusters.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub mft_record: Option<u64>,
    /// Place in unallocated clusters. Absent for a file.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub unallocated: Option<Unallocated>,
    /// Whether the volume is encrypted with `BitLocker`. calhive read its decrypted form.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "core::ops::Not::not"))]
    pub is_bitlocker: bool,
    /// Shadow copy that holds the file. Absent for the volume in use.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub shadow_copy: Option<ShadowCopy>,
    /// Whether the MFT record is not in use: the file was deleted.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "core::ops::Not::not"))]
    pub is_deleted: bool,
}

/// Place of bytes in the unallocated clusters of a volume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Unallocated {
    /// Offset of the first byte on the volume.
    pub offset: u64,
    /// Number of bytes, after decompression.
    pub length: u64,
    /// Whether NTFS compressed the bytes. The offset is then that of the first compression unit.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "core::ops::Not::not"))]
    pub is_compressed: bool,
}

/// A shadow copy of a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ShadowCopy {
    /// Number of the shadow copy, in the order of creation, from 1. vshadowmount numbers them in the same way.
    pub number: u32,
    /// Identifier of the store, as a GUID.
    pub id: String,
    /// Time of creation: 100-nanosecond intervals since 1601, UTC.
    pub created: u64,
}
