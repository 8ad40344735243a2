// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real hives, read from the folder that `CALHIVE_CORPUS` names.

mod findings;
mod licensing;
