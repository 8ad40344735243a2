// SPDX-License-Identifier: MIT OR Apache-2.0

//! What the hives of any Windows 10 or Server 2019 hold, as far as the scenarios need it.

use crate::Options;
use crate::security::{Ace, Descriptor, FULL_CONTROL, READ, Sid};
use crate::time::filetime;
use crate::tree::{Key, Security, Tree, Value};

/// The control set that every machine has.
pub(crate) const CONTROL_SET: &str = "ControlSet001";

/// What differs between machines. Times are FILETIMEs.
pub(crate) struct Machine {
    pub(crate) computer_name: &'static str,
    pub(crate) product_name: &'static str,
    pub(crate) edition: &'static str,
    pub(crate) installation_type: &'static str,
    pub(crate) build: &'static str,
    /// UBR, the update level.
    pub(crate) revision: u32,
    /// BuildBranch and what else names the release.
    pub(crate) release: &'static [(&'static str, &'static str)],
    /// WinNT, ServerNT or LanmanNT.
    pub(crate) product_type: &'static str,
    pub(crate) product_suite: &'static [&'static str],
    /// DNS suffix; empty in a workgroup.
    pub(crate) domain: &'static str,
    pub(crate) time_zone: &'static str,
    /// Minutes to add to standard time to get UTC.
    pub(crate) bias: i32,
    pub(crate) installed: u64,
    /// The last start.
    pub(crate) booted: u64,
    pub(crate) shut_down: u64,
    /// fDenyTSConnections.
    pub(crate) deny_connections: u32,
    /// LicensingMode of the machine itself.
    pub(crate) licensing_mode: u32,
}

impl Machine {
    /// How a hive of the machine is written.
    pub(crate) fn options(&self, hive: &str) -> Options {
        let file_name = format!(r"\SystemRoot\System32\Config\{hive}");
        let (primary_sequence, secondary_sequence) = (412, 412);
        let last_written = self.shut_down;
        Options {
            file_name,
            primary_sequence,
            secondary_sequence,
            last_written,
            ..Options::default()
        }
    }

    /// The SYSTEM hive.
    pub(crate) fn system(&self) -> Tree {
        let mut tree = Tree::new("ROOT");
        tree.root.last_written = self.installed;
        let select = tree.root.at("Select");
        for (name, number) in [("Current", 1), ("Default", 1), ("Failed", 0), ("LastKnownGood", 1)]
        {
            select.push(Value::dword(name, number));
        }
        self.setup(tree.root.at("Setup"));
        let set = tree.root.at(CONTROL_SET);
        self.control(set.at("Control"));
        self.terminal_server(set.at(r"Control\Terminal Server"));
        self.services(set.at("Services"));
        tree
    }

    fn setup(&self, setup: &mut Key) {
        setup
            .push(Value::dword("SetupType", 0))
            .push(Value::dword("SystemSetupInProgress", 0))
            .push(Value::sz("CmdLine", ""))
            .push(Value::dword("OOBEInProgress", 0));
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
            .push(Value::sz("ProductType", self.product_type))
            .push(Value::multi_sz("ProductSuite", self.product_suite));
        let zone = control.at("TimeZoneInformation");
        zone.last_written = self.booted;
        zone.push(Value::dword("Bias", self.bias as u32))
            .push(Value::sz("StandardName", "@tzres.dll,-322"))
            .push(Value::dword("StandardBias", 0))
            .push(Value::binary(
                "StandardStart",
                &[0, 0, 10, 0, 5, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ))
            .push(Value::sz("DaylightName", "@tzres.dll,-321"))
            .push(Value::dword("DaylightBias", (-60i32) as u32))
            .push(Value::binary("DaylightStart", &[0, 0, 3, 0, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
            .push(Value::sz("TimeZoneKeyName", self.time_zone))
            .push(Value::dword("DynamicDaylightTimeDisabled", 0))
            .push(Value::dword("ActiveTimeBias", self.bias as u32));
        let windows = control.at("Windows");
        windows.last_written = self.shut_down;
        windows
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
            key.push(Value::binary("Lookup", &[0x3C, 0x71, 0x0E, 0xA9, 0x58, 0x26]));
        }
        for (name, text) in [("ACP", "1252"), ("OEMCP", "850"), ("MACCP", "10000")] {
            control.at(r"Nls\CodePage").push(Value::sz(name, text));
        }
        let manager = control.at("Session Manager");
        manager
            .push(Value::multi_sz("BootExecute", &["autocheck autochk *"]))
            .push(Value::dword("ProtectionMode", 1));
        manager
            .at("Environment")
            .push(Value::expand_sz("ComSpec", r"%SystemRoot%\system32\cmd.exe"));
    }

    fn terminal_server(&self, server: &mut Key) {
        server
            .push(Value::dword("AllowRemoteRPC", 0))
            .push(Value::dword("DelayConMgrTimeout", 0))
            .push(Value::dword("DeleteTempDirsOnExit", 1))
            .push(Value::dword("fDenyTSConnections", self.deny_connections))
            .push(Value::dword("fSingleSessionPerUser", 1))
            .push(Value::dword("NotificationTimeOut", 0))
            .push(Value::dword("PerSessionTempDir", 0))
            .push(Value::sz("ProductVersion", "5.1"))
            .push(Value::multi_sz("RCDependentServices", &["CertPropSvc", "SessionEnv"]))
            .push(Value::dword("SnapshotMonitors", 1))
            .push(Value::dword("StartRCM", 0))
            .push(Value::dword("TSUserEnabled", 0))
            .push(Value::sz("InstanceID", "6c1d7f0e-31ba-4c52-9d0f-27e8b5a0d416"));
        if self.product_type == "ServerNT" {
            server.push(Value::dword("TSAppCompat", 1));
        }
        server
            .at(r"WinStations\RDP-Tcp")
            .push(Value::dword("PortNumber", 3389))
            .push(Value::dword("UserAuthentication", 1))
            .push(Value::dword("MinEncryptionLevel", 2))
            .push(Value::dword("SecurityLayer", 2));
        let manager = server.at("RCM");
        manager.security = network_service();
        manager.push(Value::dword("TSFeatures", 0));
        manager.at("Licensing Core").push(Value::dword("LicensingMode", self.licensing_mode));
    }

    fn services(&self, services: &mut Key) {
        for service in &SERVICES {
            let key = services.at(service.name);
            key.push(Value::dword("Type", service.kind))
                .push(Value::dword("Start", service.start))
                .push(Value::dword("ErrorControl", 1))
                .push(Value::expand_sz("ImagePath", service.image))
                .push(Value::sz("DisplayName", service.display_name))
                .push(Value::sz("ObjectName", service.account));
            if !service.needs.is_empty() {
                key.push(Value::multi_sz("DependOnService", service.needs));
            }
            if !service.library.is_empty() {
                key.at("Parameters").push(Value::expand_sz("ServiceDll", service.library));
            }
        }
        services
            .at(r"TermService\Parameters")
            .push(Value::sz("ServiceMain", "ServiceMain"))
            .push(Value::dword("ServiceDllUnloadOnStop", 1));
        let network = services.at(r"Tcpip\Parameters");
        network.last_written = self.booted;
        network
            .push(Value::sz("Hostname", self.computer_name))
            .push(Value::sz("NV Hostname", self.computer_name))
            .push(Value::sz("Domain", self.domain))
            .push(Value::sz("NV Domain", self.domain));
    }

    /// The SOFTWARE hive.
    pub(crate) fn software(&self) -> Tree {
        let mut tree = Tree::new("ROOT");
        tree.root.last_written = self.installed;
        let version = tree.root.at(r"Microsoft\Windows NT\CurrentVersion");
        let unix = (self.installed - filetime(1970, 1, 1, 0, 0, 0)) / 10_000_000;
        for (name, text) in [
            ("SystemRoot", r"C:\Windows"),
            ("ProductName", self.product_name),
            ("EditionID", self.edition),
            ("InstallationType", self.installation_type),
            ("CurrentVersion", "6.3"),
            ("CurrentBuild", self.build),
            ("CurrentBuildNumber", self.build),
            ("CurrentType", "Multiprocessor Free"),
            ("RegisteredOwner", "user"),
            ("PathName", r"C:\Windows"),
        ] {
            version.push(Value::sz(name, text));
        }
        for (name, text) in self.release {
            version.push(Value::sz(name, text));
        }
        version
            .push(Value::dword("CurrentMajorVersionNumber", 10))
            .push(Value::dword("CurrentMinorVersionNumber", 0))
            .push(Value::dword("InstallDate", unix as u32))
            .push(Value::qword("InstallTime", self.installed))
            .push(Value::dword("UBR", self.revision));
        let logon = version.at("Winlogon");
        logon.last_written = self.booted;
        logon
            .push(Value::sz("Shell", "explorer.exe"))
            .push(Value::sz("Userinit", r"C:\Windows\system32\userinit.exe,"))
            .push(Value::dword("AutoRestartShell", 1));
        let windows = tree.root.at(r"Microsoft\Windows\CurrentVersion");
        windows
            .push(Value::sz("ProgramFilesDir", r"C:\Program Files"))
            .push(Value::sz("ProgramFilesDir (x86)", r"C:\Program Files (x86)"))
            .push(Value::expand_sz("ProgramFilesPath", "%ProgramFiles%"));
        windows.at("Run").push(Value::expand_sz(
            "SecurityHealth",
            r"%windir%\system32\SecurityHealthSystray.exe",
        ));
        windows.at(r"Policies\System").push(Value::dword("EnableLUA", 1));
        tree.root
            .at(r"Microsoft\Cryptography")
            .push(Value::sz("MachineGuid", "3f1c9c1e-6a52-4f4e-9d5c-1b8a2d90e477"));
        let clients = tree.root.at(r"Microsoft\Terminal Server Client");
        clients.push(Value::dword("RemoteDesktop_SuppressWhenMinimized", 2));
        tree.root.at(r"Policies\Microsoft\Windows NT\Terminal Services");
        tree.root
            .at(r"Wow6432Node\Microsoft\Windows\CurrentVersion")
            .push(Value::sz("ProgramFilesDir", r"C:\Program Files (x86)"));
        tree
    }
}

/// The permissions of keys that the Remote Desktop services write.
fn network_service() -> Security {
    Descriptor {
        owner: Some(Sid::system()),
        group: Some(Sid::system()),
        dacl: Some(vec![
            Ace::allow(FULL_CONTROL, Sid::system()),
            Ace::allow(FULL_CONTROL, Sid::network_service()),
            Ace::allow(READ, Sid::administrators()),
        ]),
        sacl: None,
    }
    .build()
}

struct Service {
    name: &'static str,
    display_name: &'static str,
    kind: u32,
    start: u32,
    image: &'static str,
    account: &'static str,
    needs: &'static [&'static str],
    library: &'static str,
}

const SERVICES: [Service; 6] = [
    Service {
        name: "EventLog",
        display_name: r"@%SystemRoot%\system32\wevtsvc.dll,-200",
        kind: 0x20,
        start: 2,
        image: r"%SystemRoot%\System32\svchost.exe -k LocalServiceNetworkRestricted -p",
        account: r"NT AUTHORITY\LocalService",
        needs: &[],
        library: r"%SystemRoot%\System32\wevtsvc.dll",
    },
    Service {
        name: "RpcSs",
        display_name: r"@combase.dll,-5010",
        kind: 0x20,
        start: 2,
        image: r"%SystemRoot%\system32\svchost.exe -k rpcss -p",
        account: r"NT AUTHORITY\NetworkService",
        needs: &["RpcEptMapper", "DcomLaunch"],
        library: r"%SystemRoot%\system32\rpcss.dll",
    },
    Service {
        name: "SessionEnv",
        display_name: r"@%SystemRoot%\System32\SessEnv.dll,-1026",
        kind: 0x20,
        start: 3,
        image: r"%SystemRoot%\System32\svchost.exe -k netsvcs -p",
        account: "localSystem",
        needs: &["RPCSS", "LanmanWorkstation"],
        library: r"%SystemRoot%\system32\sessenv.dll",
    },
    Service {
        name: "Tcpip",
        display_name: r"@%SystemRoot%\system32\drivers\tcpip.sys,-10001",
        kind: 1,
        start: 0,
        image: r"System32\drivers\tcpip.sys",
        account: "",
        needs: &[],
        library: "",
    },
    Service {
        name: "TermService",
        display_name: r"@%SystemRoot%\System32\termsrv.dll,-268",
        kind: 0x20,
        start: 3,
        image: r"%SystemRoot%\System32\svchost.exe -k NetworkService",
        account: r"NT Authority\NetworkService",
        needs: &["RPCSS"],
        library: r"%SystemRoot%\System32\termsrv.dll",
    },
    Service {
        name: "UmRdpService",
        display_name: r"@%SystemRoot%\system32\umrdp.dll,-1000",
        kind: 0x20,
        start: 3,
        image: r"%SystemRoot%\System32\svchost.exe -k LocalSystemNetworkRestricted -p",
        account: "localSystem",
        needs: &["TermService", "RDPDR"],
        library: r"%SystemRoot%\System32\umrdp.dll",
    },
];
