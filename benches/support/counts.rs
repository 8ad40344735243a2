// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Counts`]: the contents of `benches/instructions.toml`.

use std::fmt;

const ABOUT: &str = "\
# Instructions of one round of each reader on a fixed forged input, counted by callgrind.
# `cargo bench --bench instructions` fails if a count rises by more than 3 %. A change that needs more instructions
# declares them: it contains this file with the new counts, written by
# `cargo bench --bench instructions -- --bless`.
";

/// Declared or counted instructions.
#[derive(Default)]
pub struct Counts {
    pub compiler: String,
    pub profile: String,
    pub lines: Vec<Count>,
}

/// Instructions of one reader on one input.
#[derive(Default)]
pub struct Count {
    /// Letter of the row in the table.
    pub row: String,
    pub reader: String,
    pub input: String,
    pub sha256: String,
    pub instructions: u64,
}

impl Count {
    /// Whether this is a count of the same reader on an input of the same name.
    pub fn is_of(&self, other: &Self) -> bool {
        (&self.reader, &self.input) == (&other.reader, &other.input)
    }
}

impl Counts {
    /// Parses the lines that [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Self {
        let mut counts = Self::default();
        for line in text.lines() {
            if line == "[[count]]" {
                counts.lines.push(Count::default());
            }
            let Some((field, value)) = line.split_once(" = ") else { continue };
            let value = value.trim_matches('"').to_owned();
            match (field, counts.lines.last_mut()) {
                ("compiler", None) => counts.compiler = value,
                ("profile", None) => counts.profile = value,
                ("row", Some(count)) => count.row = value,
                ("reader", Some(count)) => count.reader = value,
                ("input", Some(count)) => count.input = value,
                ("sha256", Some(count)) => count.sha256 = value,
                ("instructions", Some(count)) => count.instructions = value.parse().unwrap(),
                _ => {}
            }
        }
        counts
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ABOUT}compiler = \"{}\"\nprofile = \"{}\"\n", self.compiler, self.profile)?;
        self.lines.iter().try_for_each(|count| {
            let Count { row, reader, input, sha256, instructions } = count;
            write!(
                f,
                "\n[[count]]\nrow = \"{row}\"\nreader = \"{reader}\"\ninput = \"{input}\"\n\
                 sha256 = \"{sha256}\"\ninstructions = {instructions}\n"
            )
        })
    }
}
