// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds registry hives in files and folders, and opens them with their transaction logs.
//!
//! The crate identifies hives by content, never by name: archives flatten folders, and copies have arbitrary
//! names. A file with the name of a hive and other content is reported. The crate never writes to evidence, and never opens special files.
//!
//! - [`mod@file`] identifies a file by its first bytes.
//! - [`folder`] searches files and folders in a fixed order.
//! - [`logs`] finds the transaction logs of a hive.
//! - [`Opener`] opens a hive and applies its logs in memory.
//! - [`Found::corroboration`] lists other files that can corroborate a hive.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "tests may panic; builds without tests lint all other code"
    )
)]

extern crate alloc;

#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
mod accessors;
#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
#[allow(dead_code, reason = "each feature uses a part")]
mod archive;
#[cfg(test)]
mod bad_sectors;
mod beside;
mod bitlocker;
mod carving;
mod container;
#[cfg(any(
    feature = "zip",
    feature = "tar",
    feature = "gzip",
    feature = "zstd",
    feature = "vhdx",
    feature = "vmdk",
    feature = "bitlocker",
    feature = "ewf",
    feature = "qcow2"
))]
#[allow(dead_code, reason = "each feature uses a part")]
mod containment;
mod contradiction;
mod corroboration;
mod disk;
mod disk_image;
mod disk_tree;
pub mod escape;
mod field;
pub mod file;
pub mod folder;
pub mod foreign;
mod found;
mod free_clusters;
mod free_space;
mod hash;
mod held;
mod image_hash;
mod input;
mod kind;
#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
mod layout;
mod license_file;
mod locator;
pub mod logs;
mod master_key;
mod memory;
mod memory_tree;
mod name_filter;
mod not_read;
mod notice;
mod ntfs;
mod open_error;
mod open_hive;
mod open_tree;
mod opener;
mod partitions;
mod place;
mod real_path;
mod registry_export;
#[cfg(test)]
mod scratch;
mod search;
mod second_tool;
mod shadow_copy;
mod skip;
mod source_file;
mod stdin;
mod structure;
mod survey;
mod tree;
mod trees;
#[cfg(test)]
mod trial;
#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
mod uploads;
mod volume;

pub use carving::{CarveSignatures, CarvedMatch};
pub use container::FileContainer;
pub use corroboration::{Corroboration, Presence};
pub use file::{Recognized, recognize};
pub use folder::{find, find_with};
pub use found::{Found, MoreHives, Refused};
pub use hash::Hash;
pub use held::Held;
pub use image_hash::{ImageHash, ImageHashState};
pub use input::{Input, InputFile};
pub use kind::{MASTER_KEYS, SECURITY};
pub use license_file::{LicenseFile, LicenseFileForm};
pub use locator::{Locator, ShadowCopy, Unallocated, VolumePlace};
pub use logs::Neighbors;
pub use memory::find_in_memory;
pub use not_read::{NotRead, NotReadKind};
pub use notice::{Notice, Shift};
pub use open_error::OpenError;
pub use open_hive::OpenHive;
pub use open_tree::SearchOptions;
pub use opener::{LogChoice, Opener};
pub use real_path::real_path;
pub use registry_export::live_rows::{LiveClient, LiveRows};
pub use registry_export::{
    ExportEncoding, ExportFault, ExportFaultKind, ExportVersion, ExportedKey, ExportedValue,
    RegistryExport,
};
pub use skip::{Link, SearchStep, Skipped};
pub use tree::Omission;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
