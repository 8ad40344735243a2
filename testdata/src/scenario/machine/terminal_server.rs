// SPDX-License-Identifier: MIT OR Apache-2.0

//! `Control\Terminal Server` of every machine.

use super::Machine;
use crate::scenario::permissions;
use crate::scenario::release::Kernel;
use crate::tree::{Key, Value};

/// Writes the key. Before Windows Vista the key had no RCM.
pub(super) fn write(server: &mut Key, machine: &Machine) {
    server
        .push(Value::dword("AllowRemoteRPC", 0))
        .push(Value::dword("DelayConMgrTimeout", 0))
        .push(Value::dword("DeleteTempDirsOnExit", 1))
        .push(Value::dword("fDenyTSConnections", machine.deny_connections))
        .push(Value::dword("fSingleSessionPerUser", 1))
        .push(Value::dword("NotificationTimeOut", 0))
        .push(Value::dword("PerSessionTempDir", u32::from(machine.session_host)))
        .push(Value::sz("ProductVersion", "5.1"))
        .push(Value::dword("TSAdvertise", 0))
        .push(Value::dword("TSUserEnabled", 0));
    if machine.session_host {
        server.push(Value::dword("TSAppCompat", 1));
    }
    let listener = server.at(r"WinStations\RDP-Tcp");
    listener.push(Value::dword("PortNumber", 3389)).push(Value::dword("MinEncryptionLevel", 2));
    if machine.release.kernel < Kernel::V6_1 {
        return;
    }
    listener.push(Value::dword("UserAuthentication", 1)).push(Value::dword("SecurityLayer", 2));
    server
        .push(Value::multi_sz("RCDependentServices", &["CertPropSvc", "SessionEnv"]))
        .push(Value::dword("SnapshotMonitors", 1))
        .push(Value::dword("StartRCM", 0))
        .push(Value::sz("InstanceID", "6c1d7f0e-31ba-4c52-9d0f-27e8b5a0d416"));
    let manager = server.at("RCM");
    manager.security = permissions::network_service();
    manager.push(Value::dword("TSFeatures", 0));
    let core = manager.at("Licensing Core");
    if let Some(mode) = machine.licensing_mode {
        core.push(Value::dword("LicensingMode", mode));
    }
}
