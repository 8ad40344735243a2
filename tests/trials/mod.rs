// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inputs that calhive once got wrong. The folder that `CALHIVE_TRIALS` names holds them; without the variable,
//! these tests do nothing, and forged hives test the same classes.

mod answers;
mod certificates;
mod inputs;
mod places;

use std::path::PathBuf;

/// Path of a trial input; `None` without the folder.
fn trial(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CALHIVE_TRIALS")?;
    let path = PathBuf::from(folder).join(name);
    assert!(path.exists(), "{}", path.display());
    Some(path)
}
