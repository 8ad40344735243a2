// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads volumes as they were when Windows made a shadow copy.
//!
//! The libvshadow project documents the format. Windows writes each block of 16 KiB into a store before the first
//! change after a shadow copy. The volume holds its stores itself:
//! - [`catalog`] lists the stores, [`block_header`] checks the blocks that belong to them;
//! - [`block_list`] says which blocks a store holds, [`unused_blocks`] which had no content;
//! - [`snapshot`] puts the blocks of the stores and of the volume together.

mod block_header;
mod block_list;
mod catalog;
mod shadow_copies;
mod snapshot;
#[cfg(all(test, unix))]
mod tests;
mod unused_blocks;

pub(crate) use shadow_copies::ShadowCopies;
