// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inputs that calhive once read wrongly. `CALHIVE_TRIALS` names a folder of such inputs. Without it, the tests use
//! forged inputs of the same classes alone.

mod inputs;

use std::path::PathBuf;

/// Returns an input of the trials; `None` without `CALHIVE_TRIALS`.
fn trial(path: &str) -> Option<PathBuf> {
    Some(PathBuf::from(std::env::var_os("CALHIVE_TRIALS")?).join(path))
}
