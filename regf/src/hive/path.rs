// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`KeyPath`]: the path of a key, as a sequence of names.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::hive::name::{Name, escape};

/// Names of the keys from below the root to a key.
///
/// The displayed path has backslashes between the names, and each name has the escapes of [`Name`].
/// The displayed path therefore parses into the same names. Leading, trailing and doubled
/// backslashes are ignored.
///
/// ```
/// use calhive_regf::KeyPath;
/// let path = KeyPath::from(r"\Microsoft\MSLicensing\Store\");
/// assert_eq!(path.names().count(), 3);
/// assert_eq!(path.to_string(), r"Microsoft\MSLicensing\Store");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath {
    /// Names in escaped form, which loses nothing.
    names: Vec<String>,
}

impl KeyPath {
    /// Returns the names, from below the root on.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = Name<'_>> + Clone {
        self.names.iter().map(|name| Name::from(name.as_str()))
    }

    /// Returns whether the path is the path of the root key.
    pub fn is_root(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns the number of bytes of the displayed names, and one more for each name.
    pub(crate) fn text_length(&self) -> usize {
        self.names.iter().fold(0, |sum, name| sum.saturating_add(name.len()).saturating_add(1))
    }

    /// Appends the name of a subkey.
    pub fn push(&mut self, name: Name<'_>) {
        self.names.push(name.to_string());
    }

    /// Returns the path of a key below this key. `below` is a path itself.
    #[must_use]
    pub fn join(&self, below: &str) -> Self {
        let below = components(below).map(|name| Name::from(name).to_string());
        Self { names: self.names.iter().cloned().chain(below).collect() }
    }
}

impl From<&str> for KeyPath {
    fn from(path: &str) -> Self {
        Self::default().join(path)
    }
}

impl<'d> FromIterator<Name<'d>> for KeyPath {
    fn from_iter<I: IntoIterator<Item = Name<'d>>>(names: I) -> Self {
        Self { names: names.into_iter().map(|name| name.to_string()).collect() }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, self.names())
    }
}

/// Writes names with backslashes between them.
pub(crate) fn join<'d>(
    f: &mut fmt::Formatter<'_>,
    names: impl IntoIterator<Item = Name<'d>>,
) -> fmt::Result {
    names.into_iter().enumerate().try_for_each(|(index, name)| {
        if index > 0 {
            f.write_str("\\")?;
        }
        fmt::Display::fmt(&name, f)
    })
}

/// Path of a look-up: text or a [`KeyPath`].
pub trait ToNames {
    /// Returns the names, from below the root on.
    fn to_names(&self) -> impl Iterator<Item = Name<'_>>;
}

impl ToNames for str {
    fn to_names(&self) -> impl Iterator<Item = Name<'_>> {
        components(self).map(Name::from)
    }
}

impl ToNames for KeyPath {
    fn to_names(&self) -> impl Iterator<Item = Name<'_>> {
        self.names()
    }
}

impl<T: ToNames + ?Sized> ToNames for &T {
    fn to_names(&self) -> impl Iterator<Item = Name<'_>> {
        (**self).to_names()
    }
}

impl ToNames for String {
    fn to_names(&self) -> impl Iterator<Item = Name<'_>> {
        self.as_str().to_names()
    }
}

/// Splits a path at each backslash that does not begin an escape.
fn components(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path;
    core::iter::from_fn(move || {
        let mut from = 0;
        loop {
            let tail = rest.get(from..)?;
            let Some(found) = tail.find('\\') else {
                let last = core::mem::take(&mut rest);
                return (!last.is_empty()).then_some(last);
            };
            let at = from.saturating_add(found);
            if let Some((_, after)) = rest.get(at..).and_then(escape) {
                from = rest.len().saturating_sub(after.len());
                continue;
            }
            let component = rest.get(..at)?;
            rest = rest.get(at.saturating_add(1)..)?;
            if !component.is_empty() {
                return Some(component);
            }
            from = 0;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> Vec<&str> {
        components(path).collect()
    }

    #[test]
    fn escaped_backslash_does_not_split_a_path() {
        assert_eq!(parts(r"A\B"), ["A", "B"]);
        assert_eq!(parts(r"\\A\\B\"), ["A", "B"]);
        assert_eq!(parts(r"A\u{5C}B\C"), [r"A\u{5C}B", "C"]);
        assert_eq!(parts(r"A\\u{75}{5C}"), ["A", r"\u{75}{5C}"]);
        assert_eq!(parts(r"A\\u{}"), ["A", r"\u{}"]);
        assert_eq!(parts(r"A\uninstall"), ["A", "uninstall"]);
        assert_eq!(parts(""), Vec::<&str>::new());
    }

    #[test]
    fn displayed_path_of_odd_names_parses_into_the_same_names() {
        let odd: [&[u8]; 4] = [b"a\\b", b"", b"u{5C}", b"\\u{41}"];
        let path: KeyPath = odd.iter().map(|name| Name::latin1(name)).collect();
        let again = KeyPath::from(path.to_string().as_str());
        assert!(again.names().eq(odd.iter().map(|name| Name::latin1(name))), "{path}");
    }
}
