// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of Windows language identifiers. Numbers and tags are those of [MS-LCID] 2.2, in a revision of 2020 or
//! later. The file languages.txt has one line for each: number, tag, and name.

const LANGUAGES: &str = include_str!("languages.txt");

/// Returns the name of a language with this number; `None` if [MS-LCID] assigns no language to the
/// number.
pub(crate) fn name(id: u32) -> Option<&'static str> {
    line(id).map(|(_, name)| name)
}

/// Returns the tag and the name of a language.
fn line(id: u32) -> Option<(&'static str, &'static str)> {
    LANGUAGES.lines().find_map(|line| {
        let (number, rest) = line.split_once(' ')?;
        (u32::from_str_radix(number, 16) == Ok(id)).then_some(())?;
        rest.split_once(' ')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_their_names() {
        for (id, expected) in [
            (0x0400, "default of the process"),
            (0x0407, "German (Germany)"),
            (0x0409, "English (United States)"),
            (0x040C, "French (France)"),
            (0x0419, "Russian (Russia)"),
            (0x0422, "Ukrainian (Ukraine)"),
            (0x0C0A, "Spanish (Spain)"),
            (0x040A, "Spanish (Spain, traditional sort)"),
            (0x7C04, "Chinese (Traditional)"),
        ] {
            assert_eq!(name(id), Some(expected), "{id:#06x}");
        }
        assert_eq!(name(0x007B), None);
        assert_eq!(name(0x1_0409), None);
    }

    #[test]
    fn every_line_has_an_own_number_a_tag_and_a_name() {
        let numbers: Vec<u32> = LANGUAGES
            .lines()
            .map(|line| u32::from_str_radix(line.split_once(' ').unwrap().0, 16).unwrap())
            .collect();
        assert!(numbers.is_sorted_by(|one, other| one < other));
        assert!(numbers.len() > 450, "{}", numbers.len());
        for id in numbers {
            let (tag, name) = line(id).unwrap();
            assert!(!tag.is_empty() && !name.is_empty(), "{id:#06x}");
        }
    }
}
