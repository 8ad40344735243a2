// SPDX-License-Identifier: MIT OR Apache-2.0

//! Tables in the README that are written by this package.

/// `readme` with `table` between two markers; none if they are not there.
pub(crate) fn insert(readme: &str, begin: &str, end: &str, table: &str) -> Option<String> {
    let (before, rest) = readme.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}{table}{end}{after}"))
}
