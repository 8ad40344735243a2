// SPDX-License-Identifier: MIT OR Apache-2.0
//! The catalogue: every place of it is set in a scenario and read there, and its page is true.

mod damage;
mod history;
mod page;
mod places;
mod settings;
