// SPDX-License-Identifier: MIT OR Apache-2.0

//! Generated tables in the README.

/// Returns `readme` with `table` between two markers, or `None` without the markers.
pub(crate) fn insert(readme: &str, begin: &str, end: &str, table: &str) -> Option<String> {
    let (before, rest) = readme.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}{table}{end}{after}"))
}
