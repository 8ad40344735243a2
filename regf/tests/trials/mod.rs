// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inputs that an earlier version read wrongly, from the folder that `CALHIVE_TRIALS` names. Other
//! tests cover each class with forged hives.

mod reader;

/// Bytes of a trial input. `None` if `CALHIVE_TRIALS` is not set.
fn input(path: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("CALHIVE_TRIALS").map(std::path::PathBuf::from)?;
    Some(std::fs::read(folder.join(path)).expect("the folder has this input"))
}
