// SPDX-License-Identifier: MIT OR Apache-2.0
//! Look-ups of keys and values, without trust in hashes and in the order of names.

use calhive_regf::{Key, Value};

use super::reason::NotOpened;

/// Returns the key at a path below another; `None` if no list names it.
///
/// # Errors
/// If a list or key on the way is not readable and the key was not found, or if a key is a symbolic link.
pub(super) fn key_below<'d>(start: Key<'d>, path: &str) -> Result<Option<Key<'d>>, NotOpened> {
    let mut key = start;
    for name in path.split('\\') {
        let mut has_fault = false;
        match key.subkey_thorough(name, &mut |_| has_fault = true) {
            Some(below) => key = below.unless_link().map_err(|_| NotOpened::Unreadable)?,
            None if has_fault => return Err(NotOpened::Unreadable),
            None => return Ok(None),
        }
    }
    Ok(Some(key))
}

/// Returns a value of a key; `None` if the key has no such value.
///
/// # Errors
/// If the list of values or a value in it is not readable and the value was not found.
pub(super) fn value_of<'d>(key: Key<'d>, name: &str) -> Result<Option<Value<'d>>, NotOpened> {
    key.value(name).map_err(|_| NotOpened::Unreadable)
}
