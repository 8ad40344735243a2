// SPDX-License-Identifier: GPL-3.0-or-later
//! Words for a place in the registry.

use calhive::catalog::{Base, Location, Read, Subject};

/// Returns the full path of the key.
pub(super) fn key(place: &Location) -> String {
    let key = place.key;
    match place.base {
        Base::ControlSet => format!(r"SYSTEM\ControlSetNNN\{key}"),
        Base::System => format!(r"SYSTEM\{key}"),
        Base::Software | Base::SoftwareViews => format!(r"SOFTWARE\{key}"),
        Base::Security => format!(r"SECURITY\{key}"),
        Base::User => format!(r"NTUSER.DAT\{key}"),
        Base::VirtualStore => format!(r"UsrClass.dat\VirtualStore\MACHINE\SOFTWARE\{key}"),
    }
}

/// Returns the further keys of the place, in words.
pub(super) const fn also(base: Base) -> Option<&'static str> {
    match base {
        Base::ControlSet => Some("in each control set"),
        Base::SoftwareViews | Base::VirtualStore => {
            Some("also below Wow6432Node, the view of 32-bit programs")
        }
        Base::System | Base::Software | Base::Security | Base::User => None,
    }
}

/// Returns the part of the key that calhive reads.
pub(super) fn read(read: Read) -> String {
    match read {
        Read::Key => String::from("the key: its presence, last-written time and permissions"),
        Read::Value("") => String::from("the default value"),
        Read::Value(name) => format!("the value {name}"),
        Read::Values => String::from("all values"),
        Read::SubkeyValue { prefix: "", value } => format!("the value {value} of each subkey"),
        Read::SubkeyValue { prefix, value } => {
            format!("the value {value} of each subkey whose name begins with \"{prefix}\"")
        }
        Read::SubkeyValueNaming { value, texts } => {
            format!("the value {value} of each subkey, if its data name {}", texts.join(" or "))
        }
        Read::SubkeyValues => String::from("all values of each subkey"),
        Read::SubkeyNames { except: "" } => String::from("the names of the subkeys"),
        Read::SubkeyNames { except } => format!("the names of the subkeys except {except}"),
    }
}

/// Returns the name of the machine that the place is about.
pub(super) const fn subject(subject: Subject) -> &'static str {
    match subject {
        Subject::Client => "client",
        Subject::SessionHost => "session host",
        Subject::LicenseServer => "license server",
        Subject::System => "installation of Windows",
    }
}
