// SPDX-License-Identifier: MIT OR Apache-2.0
//! The catalog: one table of all keys and values that calhive reads. The table covers Remote Desktop
//! licensing and the system around it.
#![doc = ""]
#![doc = include_str!("locations.md")]

mod code;
mod column;
mod events;
mod key_tree;
mod location;
mod term;
mod token_fields;
mod words;

pub(crate) use key_tree::KeyTree;

pub use column::{Authority, Base, Meaning, Read, Subject};
pub use location::{Code, LOCATIONS, Location};
pub use term::{Term, TermKind};

/// Returns all terms by kind.
pub fn terms() -> impl Iterator<Item = &'static Term> {
    words::WORDS.iter().chain(token_fields::TOKEN_FIELDS).chain(events::EVENTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn codes_are_unique_and_begin_with_their_subject() {
        for (index, location) in LOCATIONS.iter().enumerate() {
            assert!(LOCATIONS[..index].iter().all(|other| other.code != location.code));
            let system = location.subject() == Subject::System;
            assert_eq!(system, location.code.as_str().starts_with("system."), "{}", location.code);
        }
    }

    #[test]
    fn name_belongs_to_one_term() {
        for term in terms() {
            for name in term.names() {
                let called: Vec<&str> =
                    terms().filter(|it| it.is_called(name)).map(|it| it.name).collect();
                assert_eq!(called, [term.name], "{name}");
            }
        }
    }

    #[test]
    fn term_ends_its_sentences_and_has_a_source() {
        assert!(terms().count() > 50);
        for term in terms() {
            assert!(term.meaning.ends_with('.'), "{}", term.name);
            let open = term.does_not_show;
            assert!(open.is_empty() || open.ends_with('.'), "{}", term.name);
            let tags = ["[MS] ", "[REAL] ", "[CODE] ", "[BLOG] ", "[INF] ", "calhive"];
            assert!(tags.iter().any(|tag| term.source.starts_with(tag)), "{}", term.name);
        }
    }
}
