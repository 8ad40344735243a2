// SPDX-License-Identifier: MIT OR Apache-2.0
//! Meaning of hives in the registry: the type of a hive ([`kind`]), and the control sets of a
//! SYSTEM hive ([`control_set`]).

pub mod control_set;
pub mod kind;

pub use control_set::{ControlSet, Role, control_set_number};
pub use kind::{HiveKind, KindSigns, Sign};
