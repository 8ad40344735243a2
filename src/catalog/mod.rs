// SPDX-License-Identifier: MIT OR Apache-2.0
//! The catalog: one table of all keys and values that calhive reads. The table covers Remote Desktop
//! licensing and the system around it.
#![doc = ""]
#![doc = include_str!("locations.md")]

mod code;
mod column;
mod location;

pub use column::{Authority, Base, Meaning, Read, Subject};
pub use location::{Code, LOCATIONS, Location};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_begin_with_their_subject() {
        for (index, location) in LOCATIONS.iter().enumerate() {
            assert!(LOCATIONS[..index].iter().all(|other| other.code != location.code));
            let system = location.subject() == Subject::System;
            assert_eq!(system, location.code.as_str().starts_with("system."), "{}", location.code);
        }
    }
}
