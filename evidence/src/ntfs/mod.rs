// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads files of an NTFS volume: live, deleted and orphan ones.
//!
//! The format is public: Microsoft documents compression (MS-XCA) and names, and the libfsntfs project documents
//! the structures. Each structure has one file:
//! - [`boot_sector`]: sizes, and the place of the `$MFT`;
//! - [`record`] and [`attribute`]: file records and their attributes;
//! - [`runs`] and [`attribute_list`]: the clusters and the records that an attribute is spread over;
//! - [`file_name`]: names and their parents.
//!
//! calhive does not replay `$LogFile`: a volume that was in use can have changes that only `$LogFile` holds.
//!
//! [`mft`] reads records by number, [`files`] lists files in one pass, [`stream`] reads the bytes of a file, and
//! [`bitmap`] knows the clusters in use.

mod attribute;
mod attribute_list;
mod bitmap;
mod boot_sector;
mod compression;
mod content;
mod damage;
mod file_name;
mod files;
mod folders;
mod hidden_files;
mod index;
mod mft;
mod record;
mod runs;
mod stream;
#[cfg(all(test, unix))]
pub(crate) mod tests;
mod volume;

pub(crate) use files::{NtfsFile, Wanted};
pub(crate) use volume::Volume;
