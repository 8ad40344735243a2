// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests with volumes that mkntfs and ntfs-3g wrote.

pub(crate) mod forge;
mod layouts;
