// SPDX-License-Identifier: MIT OR Apache-2.0

//! SOFTWARE: the release, the logon, and empty places for policies.

use super::system::unix;
use super::{Machine, spread};
use crate::scenario::release::Kernel;
use crate::scenario::{neighbors, permissions};
use crate::tree::{Key, Tree, Value};

/// Text that Windows XP and Server 2003 wrote to CurrentBuild.
const OBSOLETE: &str = "1.511.1 () (Obsolete data - do not use)";

impl Machine {
    /// Returns the SOFTWARE hive.
    pub(crate) fn software(&self) -> Tree {
        let mut tree = self.tree("CMI-CreateHive{199DAFC2-6F16-4946-BF90-5A3FC3A60902}");
        let root = &mut tree.root;
        neighbors::software(root, &self.release);
        self.version(root.at(r"Microsoft\Windows NT\CurrentVersion"));
        self.windows(root.at(r"Microsoft\Windows\CurrentVersion"));
        root.at(r"Microsoft\Cryptography")
            .push(Value::sz("MachineGuid", "3f1c9c1e-6a52-4f4e-9d5c-1b8a2d90e477"));
        root.at(r"Microsoft\Terminal Server Client")
            .push(Value::dword("RemoteDesktop_SuppressWhenMinimized", 2));
        root.at(r"Policies\Microsoft\Windows NT\Terminal Services");
        if self.release.is_64_bit() {
            root.at(r"Wow6432Node\Microsoft\Windows\CurrentVersion")
                .push(Value::sz("ProgramFilesDir", r"C:\Program Files (x86)"));
        }
        self.membership.write_software(root, self.computer_name, self.booted);
        spread(root, self.installed);
        tree
    }

    fn version(&self, version: &mut Key) {
        let release = &self.release;
        let kernel = release.kernel;
        if kernel >= Kernel::V6_1 {
            version.security = permissions::trusted_installer();
        }
        let build = if kernel < Kernel::V6_1 { OBSOLETE } else { release.build };
        for (name, text) in [
            ("SystemRoot", r"C:\Windows"),
            ("ProductName", release.product_name),
            ("EditionID", release.edition),
            ("InstallationType", release.installation_type),
            ("CurrentVersion", release.version),
            ("CSDVersion", release.service_pack),
            ("CurrentBuild", build),
            ("CurrentBuildNumber", release.build),
            ("CurrentType", "Multiprocessor Free"),
            ("ProductId", "00000-00000-00000-AA000"),
            ("RegisteredOrganization", "Example Corporation"),
            ("RegisteredOwner", "user"),
            ("PathName", r"C:\Windows"),
        ] {
            if !text.is_empty() {
                version.push(Value::sz(name, text));
            }
        }
        for (name, text) in release.names {
            version.push(Value::sz(name, text));
        }
        version.push(Value::dword("InstallDate", unix(self.installed)));
        if kernel >= Kernel::V10_0 {
            version
                .push(Value::dword("CurrentMajorVersionNumber", 10))
                .push(Value::dword("CurrentMinorVersionNumber", 0))
                .push(Value::qword("InstallTime", self.installed))
                .push(Value::dword("UBR", release.revision));
        }
        version
            .made("Winlogon", self.booted)
            .push(Value::sz("Shell", "explorer.exe"))
            .push(Value::sz("Userinit", r"C:\Windows\system32\userinit.exe,"))
            .push(Value::sz("LegalNoticeCaption", ""))
            .push(Value::sz("CachedLogonsCount", "10"))
            .push(Value::dword("AutoRestartShell", 1));
    }

    fn windows(&self, windows: &mut Key) {
        windows.push(Value::sz("ProgramFilesDir", r"C:\Program Files"));
        if self.release.is_64_bit() {
            windows.push(Value::sz("ProgramFilesDir (x86)", r"C:\Program Files (x86)"));
        }
        windows.push(Value::expand_sz("ProgramFilesPath", "%ProgramFiles%"));
        if self.release.kernel >= Kernel::V10_0 {
            let tray = r"%windir%\system32\SecurityHealthSystray.exe";
            windows.at("Run").push(Value::expand_sz("SecurityHealth", tray));
        }
        if self.release.kernel >= Kernel::V6_1 {
            windows.at(r"Policies\System").push(Value::dword("EnableLUA", 1));
        }
    }
}
