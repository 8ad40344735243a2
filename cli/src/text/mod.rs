// SPDX-License-Identifier: GPL-3.0-or-later
//! Text of one kind each: escaped names, hex, numbers, wrapped paragraphs.

pub(crate) mod escape;
pub(crate) mod hex;
pub(crate) mod number;
pub(crate) mod wrap;
