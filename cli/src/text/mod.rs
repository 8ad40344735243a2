// SPDX-License-Identifier: GPL-3.0-or-later
//! Text formats, one per module: columns, escaped text, hex, numbers, and lines of limited width.

pub(crate) mod columns;
pub(crate) mod escape;
pub(crate) mod hex;
pub(crate) mod number;
pub(crate) mod width;
pub(crate) mod wrap;
