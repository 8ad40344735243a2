// SPDX-License-Identifier: MIT OR Apache-2.0

//! Ordinary keys around the licensing artifacts, from the lists in `neighbors/`. Real hives have
//! long lists and deep paths.
//!
//! ```text
//! [6.1 Microsoft\Ole]              a key that Windows has from this version of its kernel on
//! EnableDCOM=Y                     REG_SZ; others are dword:, expand:, multi: (parts between ;), hex:
//! @=default                        the default value
//! ```

use crate::scenario::hex;
use crate::scenario::release::{Kernel, Release};
use crate::tree::{Key, Value};

const SYSTEM: &str = include_str!("../../neighbors/system.txt");
const CONTROL_SET: &str = include_str!("../../neighbors/control-set.txt");
const SOFTWARE: &str = include_str!("../../neighbors/software.txt");

/// Adds neighbors at the root of SYSTEM.
pub(crate) fn system(root: &mut Key, release: &Release) {
    plant(root, release, SYSTEM);
}

/// Adds neighbors in a control set.
pub(crate) fn control_set(set: &mut Key, release: &Release) {
    plant(set, release, CONTROL_SET);
}

/// Adds neighbors in SOFTWARE.
pub(crate) fn software(root: &mut Key, release: &Release) {
    plant(root, release, SOFTWARE);
}

fn plant(root: &mut Key, release: &Release, list: &str) {
    let mut key = None;
    for line in lines(list) {
        if let Some(head) = line.strip_prefix('[') {
            let head = head.strip_suffix(']').expect("a key ends with ]");
            let (since, path) = head.split_once(' ').expect("a version before the path");
            let since = Kernel::parse(since).expect("a version of Windows");
            let view = path.starts_with("Wow6432Node");
            let has = since <= release.kernel && (!view || release.is_64_bit());
            key = has.then(|| root.at(path));
        } else if let Some(key) = &mut key {
            key.push(value(line));
        }
    }
}

fn value(line: &str) -> Value {
    let (name, data) = line.split_once('=').expect("a value has a name");
    let name = if name == "@" { "" } else { name };
    match data.split_once(':') {
        Some(("dword", number)) => Value::dword(name, number.parse().expect("a number")),
        Some(("expand", text)) => Value::expand_sz(name, text),
        Some(("multi", texts)) => Value::multi_sz(name, &texts.split(';').collect::<Vec<_>>()),
        Some(("hex", digits)) => Value::binary(name, &hex::decode(digits)),
        _ => Value::sz(name, data),
    }
}

/// Returns the lines of a list, without empty lines and comments.
pub(crate) fn lines(list: &str) -> impl Iterator<Item = &str> {
    list.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#'))
}
