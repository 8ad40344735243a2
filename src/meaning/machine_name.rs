// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`MachineName`]: the name of a machine, compared as Windows compares NetBIOS names. See rule 1 in
//! [licensing.md](crate::licensing#what-may-be-said).

use alloc::string::String;
use core::fmt;

/// Number of characters in a NetBIOS name.
const NETBIOS: usize = 15;
/// Number of characters that a comparison of addresses uses.
const ADDRESS: usize = 64;
/// Prefix of the machine name in some host certificates. The prefix is the RPC binding of a local
/// call.
const LOCAL_CALL: &str = "ncalrpc:";

/// Name of a machine in the spelling of the evidence: a NetBIOS name, a full name or an address.
///
/// ```
/// use calhive::meaning::MachineName;
/// let name = MachineName::from("rdlic01.corp.example");
/// assert!(name.is_same(&MachineName::from("RDLIC01")));
/// assert_eq!(name.as_str(), "rdlic01.corp.example");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MachineName(String);

impl MachineName {
    /// Returns the name in the spelling of the evidence.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form for comparisons. For a full name, the form is the first part in upper case,
    /// cut to the 15 characters of a NetBIOS name. The form lacks the prefix of a local call. An
    /// address stays whole.
    pub fn comparable(&self) -> String {
        let name = self.0.trim();
        let is_local_call =
            name.get(..LOCAL_CALL.len()).is_some_and(|head| head.eq_ignore_ascii_case(LOCAL_CALL));
        let name =
            if is_local_call { name.get(LOCAL_CALL.len()..).unwrap_or_default() } else { name };
        let is_address = Self::from(name).is_address();
        let name = if is_address { name } else { name.split('.').next().unwrap_or_default() };
        let length = if is_address { ADDRESS } else { NETBIOS };
        name.chars().take(length).flat_map(char::to_uppercase).collect()
    }

    /// Whether the text is an address instead of a name.
    pub fn is_address(&self) -> bool {
        let name = self.0.trim();
        name.contains(':') || name.split('.').all(|part| part.parse::<u8>().is_ok())
    }

    /// Whether two names are equal in their form for comparisons.
    pub fn is_same(&self, other: &Self) -> bool {
        self.comparable() == other.comparable()
    }

    /// Whether two names can belong to one machine. A client encodes its name in its own character
    /// set, so every character outside ASCII can be lost.
    pub fn may_be_same(&self, reported: &Self) -> bool {
        let (reported, own) = (reported.comparable(), self.comparable());
        // The loss of characters can also change the length of the name.
        if !own.is_ascii() && reported.chars().count() != own.chars().count() {
            return true;
        }
        let is_alike = |(a, b): (char, char)| a == b || !a.is_ascii() || !b.is_ascii() || a == '?';
        reported.chars().count() == own.chars().count()
            && reported.chars().zip(own.chars()).all(is_alike)
    }

    /// Whether the name means the machine itself on every machine: `localhost` or a loopback address.
    pub fn is_loopback(&self) -> bool {
        let name = self.0.trim().trim_matches(['[', ']']).to_lowercase();
        let mut parts = name.split('.');
        let is_address = parts.next() == Some("127")
            && parts.clone().next().is_some()
            && parts.all(|part| part.parse::<u8>().is_ok());
        is_address || matches!(name.as_str(), "localhost" | "::1" | "localhost.localdomain" | ".")
    }
}

impl From<&str> for MachineName {
    fn from(name: &str) -> Self {
        Self(String::from(name))
    }
}

impl fmt::Display for MachineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

json_text!(MachineName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_netbios_names() {
        let form = |name: &str| MachineName::from(name).comparable();
        assert_eq!(form("rdlic01.corp.example"), "RDLIC01");
        assert_eq!(form("ncalrpc:RODENT"), "RODENT");
        assert_eq!(form(" a-very-long-name-of-a-machine "), "A-VERY-LONG-NAM");
        assert_eq!(form("10.0.0.7"), "10.0.0.7");
        assert_eq!(form("fe80::1"), "FE80::1");
    }

    #[test]
    fn reported_names_are_compared_with_losses_of_character_sets() {
        let may_be = |reported: &str, own: &str| {
            MachineName::from(own).may_be_same(&MachineName::from(reported))
        };
        assert!(may_be("client01", "CLIENT01"));
        assert!(may_be("A-VERY-LONG-NAM", "a-very-long-name-indeed"));
        assert!(may_be("M?LLER", "M\u{dc}LLER"));
        assert!(!may_be("CLIENT01", "CLIENT02"));
        assert!(!may_be("CLIENT", "CLIENT01"));
        assert!(may_be("????-PC", "\u{5c71}\u{7530}-PC"));
    }

    #[test]
    fn loopback_names_are_recognized() {
        for name in ["localhost", "127.0.0.1", "[::1]", "LOCALHOST.localdomain", "."] {
            assert!(MachineName::from(name).is_loopback(), "{name}");
        }
        for name in ["127", "127.example", "10.0.0.1", "localhost.corp", ""] {
            assert!(!MachineName::from(name).is_loopback(), "{name}");
        }
    }
}
