// SPDX-License-Identifier: MIT OR Apache-2.0
//! One check for each fuzz target. A check panics if calhive breaks a promise on the given bytes.
//!
//! The targets in `fuzz_targets/` only call these checks, so that other programs can call the same
//! checks without a fuzzer.

// The sources of the command need it.
extern crate alloc;

mod answers;
mod base_block;
mod carve;
mod check;
mod forms;
mod fragment;
mod grace_end;
mod hidden;
mod hive;
mod log;
mod look_up;
mod message;
mod nt_hive;
mod recover;
mod registry_export;
mod report;
mod scan;
mod script;
mod structure;
mod token;

pub use answers::answers;
pub use carve::carve;
pub use check::check;
pub use fragment::fragment;
pub use grace_end::grace_end;
pub use hidden::hidden;
pub use hive::hive;
pub use log::log;
pub use look_up::look_up;
pub use message::message;
pub use nt_hive::nt_hive;
pub use recover::recover;
pub use registry_export::registry_export;
pub use report::report;
pub use scan::scan;
pub use structure::structure;
pub use token::token;
