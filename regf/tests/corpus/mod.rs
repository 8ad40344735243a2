// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real hives, read from the folder that `CALHIVE_CORPUS` names.

mod agreement;
pub(crate) mod canonical;
mod damaged;
mod lookup;
mod refused;
mod replay;
