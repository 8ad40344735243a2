// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a registry is made of, above single hives: which hive a file is ([`kind`]), which control
//! sets it holds ([`control_set`]), and what is said of the installation of Windows ([`system`]).

pub mod control_set;
pub mod kind;
pub mod system;

pub use control_set::{ControlSet, Role};
pub use kind::HiveKind;
