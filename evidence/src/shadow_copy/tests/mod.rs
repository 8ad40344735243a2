// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests with a volume of Windows and with forged volumes. vshadowmount is the second reader.

mod damaged_copies;
mod forge;
mod forged_volumes;
mod mutations;
mod oracle;
mod states;
mod windows;
