// SPDX-License-Identifier: GPL-3.0-or-later
//! Text formats, one per module: escaped text, hex, numbers and wrapped paragraphs.

pub(crate) mod escape;
pub(crate) mod hex;
pub(crate) mod number;
pub(crate) mod wrap;
