// SPDX-License-Identifier: GPL-3.0-or-later
//! Paths of the evidence: a part of their own, and a part that every Windows has.

/// Names of files and folders that every Windows has, or that Windows collections share.
const COMMON: [&str; 24] = [
    "windows",
    "winnt",
    "windows.old",
    "system32",
    "config",
    "regback",
    "repair",
    "system",
    "software",
    "security",
    "sam",
    "system.log",
    "software.log",
    "system.log1",
    "system.log2",
    "software.log1",
    "software.log2",
    "security.log",
    "security.log1",
    "security.log2",
    "winevt",
    "logs",
    "lserver",
    "tlslic.edb",
];

/// Splits a path before the names at its end that every Windows has.
pub(super) fn split(path: &str) -> (&str, &str) {
    let mut own = path;
    while let Some((before, name)) = last_name(own) {
        if !COMMON.iter().any(|common| name.eq_ignore_ascii_case(common)) {
            break;
        }
        own = before;
    }
    path.split_at(own.len())
}

/// Returns the last name of a path, and what is before it and its separator.
fn last_name(path: &str) -> Option<(&str, &str)> {
    if path.is_empty() {
        return None;
    }
    Some(path.rsplit_once(['/', '\\']).unwrap_or(("", path)))
}

/// Whether a part of a path can be searched in text, since it is no word.
pub(super) fn is_distinct(path: &str) -> bool {
    path.chars().any(|letter| !letter.is_lowercase() && letter != '.')
        && path.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_windows_are_no_part_of_a_case() {
        let end = "/Windows/System32/config/SYSTEM";
        assert_eq!(split(&format!("/cases/Meier{end}")), ("/cases/Meier", end));
        assert_eq!(split("HOST-A_SYSTEM"), ("HOST-A_SYSTEM", ""));
        assert_eq!(split("a/software.LOG1"), ("a", "/software.LOG1"));
        assert_eq!(split("SYSTEM"), ("", "SYSTEM"));
        assert_eq!(split(r"C:\x\SAM"), (r"C:\x", r"\SAM"));
    }

    #[test]
    fn words_are_not_searched_in_text() {
        assert!(is_distinct("/cases/meier") && is_distinct("HOST-A_SYSTEM"));
        assert!(!is_distinct("evidence") && !is_distinct("..") && !is_distinct("/"));
    }
}
