// SPDX-License-Identifier: MIT OR Apache-2.0

//! Families of hostile inputs, each in any size. A reader's work, memory and output must grow with the
//! size of the input, and no faster.

mod data;
mod deletions;
mod licensing;
mod lists;
mod logs;
mod names;
mod noise;

/// Hostile inputs of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// What the inputs have in common.
    pub name: &'static str,
    /// Writes an input of about this number of bytes.
    pub make: fn(usize) -> Case,
}

/// One input: a hive or other bytes, and the logs beside them.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The hive, or raw bytes.
    pub bytes: Vec<u8>,
    /// Its logs.
    pub logs: Vec<Vec<u8>>,
}

impl Case {
    /// Number of bytes of the hive and its logs.
    pub fn length(&self) -> usize {
        self.bytes.len() + self.logs.iter().map(Vec::len).sum::<usize>()
    }
}

impl From<Vec<u8>> for Case {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, logs: Vec::new() }
    }
}

/// All families.
pub fn all() -> Vec<Family> {
    let groups = [
        lists::families(),
        names::families(),
        data::families(),
        deletions::families(),
        licensing::families(),
        logs::families(),
        noise::families(),
    ];
    groups.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_have_about_the_size_asked_for() {
        for family in all() {
            for size in [16 << 10, 64 << 10] {
                let length = (family.make)(size).length();
                assert!(
                    (size / 3..size * 3 + 12_288).contains(&length),
                    "{}: {length}",
                    family.name
                );
            }
        }
    }

    #[test]
    fn names_are_unique() {
        let names: std::collections::BTreeSet<_> = all().iter().map(|family| family.name).collect();
        assert_eq!(names.len(), all().len());
        assert!(names.len() >= 50, "{}", names.len());
    }
}
