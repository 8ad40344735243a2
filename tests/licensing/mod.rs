// SPDX-License-Identifier: MIT OR Apache-2.0
//! The catalog: every location is set in a scenario and read there, and its page is up to date.

mod damage;
#[cfg(feature = "token")]
mod exports;
mod history;
#[cfg(feature = "token")]
mod live_rows;
mod page;
mod places;
#[cfg(feature = "token")]
mod profiles;
mod settings;
