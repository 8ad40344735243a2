// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every place of the catalogue, with a scenario that sets it and what is expected there.
