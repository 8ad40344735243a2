// SPDX-License-Identifier: MIT OR Apache-2.0

//! Content of a hive: keys with values and subkeys.

pub use crate::name::Name;
pub use crate::security::Security;
use crate::time;
use crate::upcase;

/// Value types, REG_*.
pub mod value_type {
    /// REG_NONE.
    pub const NONE: u32 = 0;
    /// REG_SZ.
    pub const SZ: u32 = 1;
    /// REG_EXPAND_SZ.
    pub const EXPAND_SZ: u32 = 2;
    /// REG_BINARY.
    pub const BINARY: u32 = 3;
    /// REG_DWORD.
    pub const DWORD: u32 = 4;
    /// REG_LINK.
    pub const LINK: u32 = 6;
    /// REG_MULTI_SZ.
    pub const MULTI_SZ: u32 = 7;
    /// REG_QWORD.
    pub const QWORD: u32 = 11;
}

/// Flag of a key: it is a symbolic link (SYM_LINK).
pub const SYM_LINK: u16 = 0x10;
/// Flag of a value: it is a tombstone of a layered key.
pub const TOMBSTONE: u16 = 2;

/// A whole hive.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// The root key.
    pub root: Key,
}

impl Tree {
    /// Returns a hive with a root key only.
    pub fn new(root_name: impl Into<Name>) -> Self {
        Self { root: Key::new(root_name) }
    }
}

/// A key (nk).
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Name of the key.
    pub name: Name,
    /// Last-written time, FILETIME.
    pub last_written: u64,
    /// Flags except COMP_NAME and the flags of a root, such as [`SYM_LINK`].
    pub flags: u16,
    /// Access bits, the byte at nk+12 (not in version 1.1).
    pub access_bits: u8,
    /// Layer semantics and inherit-class bit, the byte at nk+13 (not in version 1.1).
    pub layered: u8,
    /// User flags and virtualization flags, the byte at nk+54.
    pub user_flags: u8,
    /// Class name as UTF-16 code units.
    pub class: Option<Vec<u16>>,
    /// Security descriptor. Equal descriptors share an sk cell.
    pub security: Security,
    /// Values in the order of the value list.
    pub values: Vec<Value>,
    /// Subkeys. By default they are written in the order of their upper-case names.
    pub subkeys: Vec<Self>,
}

impl Key {
    /// Returns a key without values and subkeys, last written at [`time::DEFAULT`], with
    /// [`Security::system_default`].
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            last_written: time::DEFAULT,
            flags: 0,
            access_bits: 0,
            layered: 0,
            user_flags: 0,
            class: None,
            security: Security::system_default(),
            values: Vec::new(),
            subkeys: Vec::new(),
        }
    }

    /// Sets the last-written time, a FILETIME.
    #[must_use]
    pub fn written(mut self, filetime: u64) -> Self {
        self.last_written = filetime;
        self
    }

    /// Sets the flags, except COMP_NAME and the flags of a root.
    #[must_use]
    pub fn flags(mut self, flags: u16) -> Self {
        self.flags = flags;
        self
    }

    /// Sets the class name.
    #[must_use]
    pub fn class(mut self, class: &str) -> Self {
        self.class = Some(class.encode_utf16().collect());
        self
    }

    /// Sets the security descriptor.
    #[must_use]
    pub fn security(mut self, security: Security) -> Self {
        self.security = security;
        self
    }

    /// Adds a value.
    #[must_use]
    pub fn value(mut self, value: Value) -> Self {
        self.values.push(value);
        self
    }

    /// Adds a REG_DWORD.
    #[must_use]
    pub fn dword(self, name: &str, number: u32) -> Self {
        self.value(Value::dword(name, number))
    }

    /// Adds a REG_QWORD.
    #[must_use]
    pub fn qword(self, name: &str, number: u64) -> Self {
        self.value(Value::qword(name, number))
    }

    /// Adds a REG_SZ.
    #[must_use]
    pub fn sz(self, name: &str, text: &str) -> Self {
        self.value(Value::sz(name, text))
    }

    /// Adds a REG_EXPAND_SZ.
    #[must_use]
    pub fn expand_sz(self, name: &str, text: &str) -> Self {
        self.value(Value::expand_sz(name, text))
    }

    /// Adds a REG_MULTI_SZ.
    #[must_use]
    pub fn multi_sz(self, name: &str, texts: &[&str]) -> Self {
        self.value(Value::multi_sz(name, texts))
    }

    /// Adds a REG_BINARY.
    #[must_use]
    pub fn binary(self, name: &str, data: &[u8]) -> Self {
        self.value(Value::binary(name, data))
    }

    /// Adds a subkey.
    #[must_use]
    pub fn key(mut self, key: Self) -> Self {
        self.subkeys.push(key);
        self
    }

    /// Returns the key at `path` below this one. Missing keys are created with the last-written
    /// time and security of their parent.
    pub fn at(&mut self, path: &str) -> &mut Self {
        let mut key = self;
        for component in path.split('\\').filter(|component| !component.is_empty()) {
            let name = Name::from(component);
            let units = name.units();
            let same = |key: &Self| upcase::compare(&key.name.units(), &units).is_eq();
            let place = key.subkeys.iter().position(same).unwrap_or_else(|| {
                let made = Self::new(name);
                key.subkeys.push(made.written(key.last_written).security(key.security.clone()));
                key.subkeys.len() - 1
            });
            key = &mut key.subkeys[place];
        }
        key
    }

    /// Returns the key at `path` like [`Key::at`], last written at `written`. A parent that gets a
    /// new subkey is written at `written` or later.
    pub fn made(&mut self, path: &str, written: u64) -> &mut Self {
        let mut key = self;
        for component in path.split('\\') {
            let before = key.subkeys.len();
            // Missing keys are added at the end: a longer list has a new subkey.
            let made = {
                key.at(component);
                key.subkeys.len() > before
            };
            if made {
                key.last_written = key.last_written.max(written);
            }
            key = key.at(component);
        }
        key.last_written = written;
        key
    }

    /// Adds a value in place: `key.at("A").push(Value::dword("n", 1))`.
    pub fn push(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        self
    }

    /// Replaces the value of this name, or adds it.
    pub fn set(&mut self, value: Value) -> &mut Self {
        match self.values.iter_mut().find(|old| old.name == value.name) {
            Some(old) => *old = value,
            None => self.values.push(value),
        }
        self
    }

    /// Removes the subkey `name` and everything below it.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        let name = Name::from(name);
        self.subkeys.retain(|subkey| subkey.name != name);
        self
    }
}

impl From<Vec<u16>> for Name {
    fn from(units: Vec<u16>) -> Self {
        Self::Utf16(units)
    }
}

/// A value (vk).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Name of the value; empty for the default value.
    pub name: Name,
    /// Value type, REG_*.
    pub value_type: u32,
    /// The data.
    pub data: Vec<u8>,
    /// Flags except COMP_NAME, such as [`TOMBSTONE`] (not in version 1.1).
    pub flags: u16,
}

impl Value {
    /// Returns a value of any type.
    pub fn new(name: impl Into<Name>, value_type: u32, data: &[u8]) -> Self {
        Self { name: name.into(), value_type, data: data.to_vec(), flags: 0 }
    }

    /// Returns a REG_DWORD.
    pub fn dword(name: &str, number: u32) -> Self {
        Self::new(name, value_type::DWORD, &number.to_le_bytes())
    }

    /// Returns a REG_QWORD.
    pub fn qword(name: &str, number: u64) -> Self {
        Self::new(name, value_type::QWORD, &number.to_le_bytes())
    }

    /// Returns a REG_SZ with its NUL.
    pub fn sz(name: &str, text: &str) -> Self {
        Self::new(name, value_type::SZ, &utf16_nul(text))
    }

    /// Returns a REG_EXPAND_SZ with its NUL.
    pub fn expand_sz(name: &str, text: &str) -> Self {
        Self::new(name, value_type::EXPAND_SZ, &utf16_nul(text))
    }

    /// Returns a REG_MULTI_SZ: each string with its NUL, and one more NUL at the end.
    pub fn multi_sz(name: &str, texts: &[&str]) -> Self {
        let mut data: Vec<u8> = texts.iter().flat_map(|text| utf16_nul(text)).collect();
        data.extend_from_slice(&[0, 0]);
        Self::new(name, value_type::MULTI_SZ, &data)
    }

    /// Returns a REG_BINARY.
    pub fn binary(name: &str, data: &[u8]) -> Self {
        Self::new(name, value_type::BINARY, data)
    }

    /// Returns the target of a symbolic link: REG_LINK "SymbolicLinkValue", without NUL.
    pub fn link(target: &str) -> Self {
        let data: Vec<u8> = target.encode_utf16().flat_map(u16::to_le_bytes).collect();
        Self::new("SymbolicLinkValue", value_type::LINK, &data)
    }

    /// Returns the tombstone of a layered key's value: type REG_NONE and no data.
    pub fn tombstone(name: &str) -> Self {
        Self { flags: TOMBSTONE, ..Self::new(name, value_type::NONE, &[]) }
    }
}

/// Returns text as UTF-16LE with a NUL, as in REG_SZ data and licensing values.
pub fn utf16_nul(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}
