// SPDX-License-Identifier: MIT OR Apache-2.0

//! Paths of the settings of a session host.

use crate::scenario::machine::CONTROL_SET;
use crate::tree::{Key, Tree, Value};

/// Returns `Control\Terminal Server` of the control set that every machine has.
pub(crate) fn terminal_server(system: &mut Tree) -> &mut Key {
    system.root.at(CONTROL_SET).at(r"Control\Terminal Server")
}

/// Returns `Services\TermService\Parameters` of the same control set.
pub(crate) fn parameters(system: &mut Tree) -> &mut Key {
    system.root.at(CONTROL_SET).at(r"Services\TermService\Parameters")
}

/// Returns the key of group policy, last applied at `written`.
pub(crate) fn policy(software: &mut Tree, written: u64) -> &mut Key {
    software.root.made(r"Policies\Microsoft\Windows NT\Terminal Services", written)
}

/// Names license servers in the value that most tools use, at `written`.
pub(crate) fn specify(parameters: &mut Key, written: u64, servers: &[&str]) {
    let key = parameters.made("LicenseServers", written);
    key.set(Value::multi_sz("SpecifiedLicenseServers", servers));
}
