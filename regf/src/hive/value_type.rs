// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ValueType`]: the type of a value ([regf.md](crate::format#value-types)).

use core::fmt;

/// Type of a value. Any number is a legal type. An unknown type is displayed as its number.
///
/// ```
/// use calhive_regf::ValueType;
/// assert_eq!(ValueType::DWORD.to_string(), "REG_DWORD");
/// assert_eq!(ValueType(0xFFFF_0011).to_string(), "0xffff0011");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ValueType(pub u32);

impl ValueType {
    /// `REG_NONE`.
    pub const NONE: Self = Self(0);
    /// `REG_SZ`: a UTF-16LE string.
    pub const SZ: Self = Self(1);
    /// `REG_EXPAND_SZ`: a string with names of environment variables.
    pub const EXPAND_SZ: Self = Self(2);
    /// `REG_BINARY`.
    pub const BINARY: Self = Self(3);
    /// `REG_DWORD`: a little-endian number of four bytes.
    pub const DWORD: Self = Self(4);
    /// `REG_DWORD_BIG_ENDIAN`.
    pub const DWORD_BIG_ENDIAN: Self = Self(5);
    /// `REG_LINK`: the target of a symbolic link.
    pub const LINK: Self = Self(6);
    /// `REG_MULTI_SZ`: strings that each end with a NUL.
    pub const MULTI_SZ: Self = Self(7);
    /// `REG_QWORD`: a little-endian number of eight bytes.
    pub const QWORD: Self = Self(11);

    /// Returns Microsoft's name of the type, or `None` for an unknown type.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "REG_NONE",
            1 => "REG_SZ",
            2 => "REG_EXPAND_SZ",
            3 => "REG_BINARY",
            4 => "REG_DWORD",
            5 => "REG_DWORD_BIG_ENDIAN",
            6 => "REG_LINK",
            7 => "REG_MULTI_SZ",
            8 => "REG_RESOURCE_LIST",
            9 => "REG_FULL_RESOURCE_DESCRIPTOR",
            10 => "REG_RESOURCE_REQUIREMENTS_LIST",
            11 => "REG_QWORD",
            _ => return None,
        })
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#x}", self.0),
        }
    }
}
