// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`license_servers`]: the license servers that a value names. See
//! [licensing.md](crate::licensing#license-servers).

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use calhive_regf::ValueType;
use calhive_regf::hive::name::Name;
use calhive_regf::hive::upcase;

use crate::meaning::{Certainty, Explanation, MachineName, text};

/// Decodes a list of license servers: the strings of `REG_MULTI_SZ`, or names separated by commas.
///
/// The result contains no blanks around names, no empty names and no duplicate names. Names that
/// differ only in case are duplicates. The first name is the preferred server.
///
/// ```
/// use calhive::{ValueType, meaning::license_servers};
/// let data: Vec<u8> = "b.example, A.example,B.example\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
/// let servers = license_servers(&data, ValueType::SZ);
/// assert_eq!(servers.iter().map(|it| it.as_str()).collect::<Vec<_>>(), ["b.example", "A.example"]);
/// ```
pub fn license_servers(data: &[u8], value_type: ValueType) -> Vec<MachineName> {
    let mut servers = ServerList::default();
    for string in text::strings(data, value_type) {
        let text = string.as_text().to_string();
        text.split(',').map(str::trim).for_each(|server| servers.add(server));
    }
    servers.names
}

/// Distinct names in order of addition. The comparison ignores case, as Windows does.
#[derive(Default)]
pub(crate) struct ServerList {
    pub(crate) names: Vec<MachineName>,
    upcased: BTreeSet<Vec<u16>>,
}

impl ServerList {
    pub(crate) fn add(&mut self, server: &str) {
        let upcased = Name::from(server).units().map(upcase).collect();
        if !server.is_empty() && self.upcased.insert(upcased) {
            self.names.push(MachineName::from(server));
        }
    }
}

/// Returns the names separated by commas, for people.
pub(crate) fn joined(servers: &[MachineName]) -> String {
    servers.iter().map(MachineName::as_str).collect::<Vec<_>>().join(", ")
}

/// Returns the number of license servers in words.
pub(crate) fn count(servers: usize) -> String {
    match servers {
        0 => String::from("names no license server"),
        1 => String::from("names one license server"),
        n => format!("names {n} license servers, the preferred one first"),
    }
}

/// Explains a value that names license servers.
pub(crate) fn explain(data: &[u8], value_type: ValueType) -> Explanation {
    let servers = license_servers(data, value_type);
    Explanation {
        shown: Some(joined(&servers)),
        label: Some(count(servers.len())),
        certainty: Certainty::Documented,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_list_is_explained_as_naming_no_server() {
        let label = explain(b"\0\0", ValueType::MULTI_SZ).label;
        assert_eq!(label.as_deref(), Some("names no license server"));
    }
}
