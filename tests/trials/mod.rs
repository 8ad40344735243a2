// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inputs that calhive got wrong once, read from the folder that `CALHIVE_TRIALS` names. Without the folder, the
//! tests pass, and forged hives test the same classes.

mod places;
