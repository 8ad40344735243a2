// SPDX-License-Identifier: MIT OR Apache-2.0
//! The order of the house: layers, circles, names, citations, `unsafe`.

mod citations;
mod dependencies;
mod fuzzing;
mod grace_end;
mod layers;
mod names;
mod promises;
pub(crate) mod sources;

use std::path::PathBuf;

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
