// SPDX-License-Identifier: GPL-3.0-or-later
//! [`LeftOut`]: what a format leaves out of a report.

use core::fmt::{self, Display};

/// Numbers of items that a format leaves out or shortens. Standard error reports these numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeftOut(Vec<(u64, &'static str, &'static str)>);

impl LeftOut {
    /// Adds a number of items with their description, for one item and for several.
    pub(crate) fn add(&mut self, number: u64, one: &'static str, many: &'static str) {
        if number > 0 {
            self.0.push((number, one, many));
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (number, one, many)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{number} {}", if *number == 1 { one } else { many })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_words_and_zero_has_none() {
        let mut left_out = LeftOut::default();
        left_out.add(0, "event without a time", "events without a time");
        assert!(left_out.is_empty());
        left_out.add(1, "event without a time", "events without a time");
        left_out.add(2, "shortened field", "shortened fields");
        assert_eq!(left_out.to_string(), "1 event without a time, 2 shortened fields");
    }
}
