// SPDX-License-Identifier: MIT OR Apache-2.0

//! SYSTEM: the control set, the data from setup, and the roles of control sets.

use super::{Machine, spread, terminal_server};
use crate::scenario::release::Kernel;
use crate::scenario::{neighbors, permissions, services};
use crate::time::filetime;
use crate::tree::{Key, Tree, Value};

/// Name of the control set that every machine has.
pub(crate) const CONTROL_SET: &str = "ControlSet001";

/// Writes the current, default and last known good control sets.
pub(crate) fn select(system: &mut Tree, current: u32, default: u32, last_known_good: u32) {
    system
        .root
        .at("Select")
        .set(Value::dword("Current", current))
        .set(Value::dword("Default", default))
        .set(Value::dword("Failed", 0))
        .set(Value::dword("LastKnownGood", last_known_good));
}

/// Adds a copy of the control set that every machine has, under another number.
pub(crate) fn copy_control_set(system: &mut Tree, number: u32) -> &mut Key {
    let mut copy = system.root.at(CONTROL_SET).clone();
    let name = format!("ControlSet{number:03}");
    copy.name = name.as_str().into();
    system.root.subkeys.push(copy);
    system.root.at(&name)
}

impl Machine {
    /// Returns the SYSTEM hive.
    pub(crate) fn system(&self) -> Tree {
        let mut tree = self.tree("CMI-CreateHive{2A7FB991-7BBE-4F9D-B91E-7CB51D4737F5}");
        neighbors::system(&mut tree.root, &self.release);
        select(&mut tree, 1, 1, 1);
        self.setup(tree.root.at("Setup"));
        let set = tree.root.at(CONTROL_SET);
        neighbors::control_set(set, &self.release);
        self.control(set.at("Control"));
        terminal_server::write(set.at(r"Control\Terminal Server"), self);
        services::add(set.at("Services"), &self.release);
        self.services(set.at("Services"));
        spread(&mut tree.root, self.installed);
        tree
    }

    fn setup(&self, setup: &mut Key) {
        setup
            .push(Value::dword("SetupType", 0))
            .push(Value::dword("SystemSetupInProgress", 0))
            .push(Value::sz("CmdLine", ""));
        if self.release.kernel >= Kernel::V6_1 {
            setup.push(Value::dword("OOBEInProgress", 0));
        }
        if !self.clone_tag.is_empty() {
            setup.push(Value::multi_sz("CloneTag", &[self.clone_tag]));
        }
        for upgrade in self.upgrades {
            let name = format!("Source OS (Updated on {})", upgrade.updated);
            let release = &upgrade.release;
            let key = setup.made(&name, upgrade.written);
            key.push(Value::sz("ProductName", release.product_name))
                .push(Value::sz("EditionID", release.edition))
                .push(Value::sz("CurrentVersion", release.version))
                .push(Value::sz("CurrentBuild", release.build))
                .push(Value::sz("CurrentBuildNumber", release.build))
                .push(Value::dword("InstallDate", unix(upgrade.installed)))
                .push(Value::qword("InstallTime", upgrade.installed))
                .push(Value::dword("UBR", release.revision));
            for (name, text) in release.names {
                key.push(Value::sz(name, text));
            }
        }
    }

    fn control(&self, control: &mut Key) {
        control
            .push(Value::sz("CurrentUser", "USERNAME"))
            .push(Value::sz("SystemStartOptions", " NOEXECUTE=OPTIN"))
            .push(Value::sz("SystemBootDevice", "multi(0)disk(0)rdisk(0)partition(2)"));
        for name in ["ComputerName", "ActiveComputerName"] {
            let key = control.at("ComputerName").at(name);
            key.push(Value::sz("", "mnmsrvc")).push(Value::sz("ComputerName", self.computer_name));
        }
        control
            .at("ProductOptions")
            .push(Value::sz("ProductType", self.release.product_type))
            .push(Value::multi_sz("ProductSuite", &["Terminal Server"]));
        let zone = control.made("TimeZoneInformation", self.booted);
        self.time_zone.write(zone, self.release.kernel);
        control
            .made("Windows", self.shut_down)
            .push(Value::expand_sz("Directory", "%SystemRoot%"))
            .push(Value::expand_sz("SystemDirectory", r"%SystemRoot%\system32"))
            .push(Value::dword("ErrorMode", 0))
            .push(Value::binary("ShutdownTime", &self.shut_down.to_le_bytes()));
        control
            .at("FileSystem")
            .push(Value::dword("LongPathsEnabled", 0))
            .push(Value::dword("NtfsDisableLastAccessUpdate", 0x8000_0002));
        control.at("Lsa").push(Value::dword("LimitBlankPasswordUse", 1));
        for (name, class) in
            [("JD", "5b3f0a91"), ("Skew1", "c07d2e16"), ("GBG", "94e81f4c"), ("Data", "2a6bd753")]
        {
            let key = control.at("Lsa").at(name);
            key.class = Some(class.encode_utf16().collect());
            key.security = permissions::administrators_and_system();
            key.push(Value::binary("Lookup", &[0x3C, 0x71, 0x0E, 0xA9, 0x58, 0x26]));
        }
        for (name, text) in [("ACP", "1252"), ("OEMCP", "850"), ("MACCP", "10000")] {
            control.at(r"Nls\CodePage").push(Value::sz(name, text));
        }
        control
            .at("Session Manager")
            .push(Value::multi_sz("BootExecute", &["autocheck autochk *"]))
            .push(Value::dword("ProtectionMode", 1));
        control
            .at(r"Session Manager\Environment")
            .push(Value::expand_sz("ComSpec", r"%SystemRoot%\system32\cmd.exe"));
        self.membership.write_system(control, self.installed);
    }

    fn services(&self, services: &mut Key) {
        let parameters = services.at(r"TermService\Parameters");
        parameters.security = permissions::network_service();
        if self.release.kernel >= Kernel::V6_1 {
            parameters
                .push(Value::sz("ServiceMain", "ServiceMain"))
                .push(Value::dword("ServiceDllUnloadOnStop", 1));
        }
        let domain = self.membership.domain();
        services
            .made(r"Tcpip\Parameters", self.booted)
            .push(Value::expand_sz("DataBasePath", r"%SystemRoot%\System32\drivers\etc"))
            .push(Value::sz("Hostname", self.computer_name))
            .push(Value::sz("NV Hostname", self.computer_name))
            .push(Value::sz("Domain", domain))
            .push(Value::sz("NV Domain", domain))
            .push(Value::dword("IPEnableRouter", 0));
        services
            .at(r"Tcpip\Parameters\Interfaces\{8a1f6c0e-2b57-4d93-a6e4-0c7d5f3b9821}")
            .push(Value::dword("EnableDHCP", 1));
    }
}

/// Returns the seconds since 1970.
pub(super) fn unix(filetime: u64) -> u32 {
    ((filetime - EPOCH) / 10_000_000) as u32
}

const EPOCH: u64 = filetime(1970, 1, 1, 0, 0, 0);
