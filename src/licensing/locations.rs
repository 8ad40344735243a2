// SPDX-License-Identifier: MIT OR Apache-2.0
//! The catalogue: every key and value of Remote Desktop licensing that is looked for, and what is
//! read of the system around it, in one table.
#![doc = ""]
#![doc = include_str!("locations.md")]

use crate::registry::HiveKind;

/// A place in the registry that facts are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Stable name of the facts from here; it begins with the [`Subject`].
    pub code: &'static str,
    /// What stands here.
    pub title: &'static str,
    /// What [`key`](Self::key) is relative to.
    pub base: Base,
    /// The key.
    pub key: &'static str,
    /// What of the key is read.
    pub read: Read,
    /// How its data are understood.
    pub meaning: Meaning,
    /// The generations of Windows that have it, as far as the sources say.
    pub windows: &'static str,
    /// Who says that it is here: `[MS]` Microsoft's text, `[REAL]` measured in real data, `[CODE]`
    /// public third-party code, `[BLOG]` only a web page, `[INF]` inferred.
    pub source: &'static str,
}

/// What the key of a location is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Each control set of SYSTEM.
    ControlSet,
    /// The root of SYSTEM.
    System,
    /// The root of SOFTWARE.
    Software,
    /// The root of SOFTWARE, and `Wow6432Node` below it: 32-bit programs on 64-bit Windows have a copy
    /// of the key of their own there.
    SoftwareViews,
}

/// What of a key is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// The key itself: that it is there, when it was last written, and who may write it.
    Key,
    /// The value of this name.
    Value(&'static str),
    /// Every value.
    Values,
    /// The value of this name in every subkey, or in every subkey whose name begins like this.
    SubkeyValue {
        /// How the name of the subkey begins.
        prefix: &'static str,
        /// The value.
        value: &'static str,
    },
    /// Every value of every subkey.
    SubkeyValues,
    /// The names of the subkeys, but for this one.
    SubkeyNames {
        /// A subkey that is a location of its own.
        except: &'static str,
    },
}

/// How data are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A `CLIENT_HARDWARE_ID` ([MS-RDPELE] 2.2.2.3.1).
    HardwareId,
    /// A value of a licence in the store, told by its own name ([MS-RDPELE] 2.2.2.6.1).
    StoredLicense,
    /// A licensing mode.
    LicensingMode,
    /// Names of licence servers.
    LicenseServers,
    /// A value of the grace period's key: a DPAPI blob under one of two names.
    GracePeriod,
    /// A certificate or public key: told by its size and hash.
    Certificate,
    /// A secret: told by its size and hash, never shown.
    Secret,
    /// A parameter of the licence server's service, told by its own name.
    LicenseServerParameter,
    /// A number, with what it stands for where that is known.
    Number(&'static [(u32, &'static str)]),
    /// Text.
    Text,
    /// Several strings.
    Texts,
    /// A FILETIME of eight bytes.
    FileTime,
    /// Seconds since 1970.
    UnixTime,
    /// Minutes to be added to local time to get UTC.
    Bias,
    /// Whatever it is: its presence is what counts.
    Presence,
    /// Whatever it is: what its presence says.
    Marker(&'static str),
    /// A certificate that only a licence server gives: told by its size and hash.
    HostCertificate,
    /// The library that a service runs in.
    ServiceLibrary,
    /// Whether a role is installed.
    InstallState,
    /// A key, or what is in it, that should not be there.
    Anomaly,
}

/// What facts are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A machine that connects to others, and the licences that it keeps.
    Client,
    /// A machine that others connect to.
    SessionHost,
    /// A machine that issues licences.
    LicenseServer,
    /// The installation of Windows.
    System,
}

impl Location {
    /// What facts from here are about.
    ///
    /// ```
    /// use calhive::licensing::{LOCATIONS, Subject};
    /// assert_eq!(LOCATIONS[0].subject(), Subject::Client);
    /// ```
    pub fn subject(&self) -> Subject {
        match self.code.split('.').next() {
            Some("client") => Subject::Client,
            Some("host") => Subject::SessionHost,
            Some("license_server") => Subject::LicenseServer,
            _ => Subject::System,
        }
    }

    /// The hive that it is in.
    pub const fn hive(&self) -> HiveKind {
        match self.base {
            Base::ControlSet | Base::System => HiveKind::System,
            Base::Software | Base::SoftwareViews => HiveKind::Software,
        }
    }
}

const TERMINAL_SERVER: &str = r"Control\Terminal Server";
const RCM: &str = r"Control\Terminal Server\RCM";
const LICENSING_CORE: &str = r"Control\Terminal Server\Licensing Core";
const CLUSTER: &str = r"Control\Terminal Server\ClusterSettings";
const POLICY: &str = r"Policies\Microsoft\Windows NT\Terminal Services";
const TERM_SERVICE: &str = r"Services\TermService";
const PARAMETERS: &str = r"Services\TermService\Parameters";
const LICENSE_SERVERS: &str = r"Services\TermService\Parameters\LicenseServers";
const LICENSING_SERVICE: &str = r"Services\TermServLicensing";
const COMPONENTS: &str = r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache";
const WINDOWS_NT: &str = r"Microsoft\Windows NT\CurrentVersion";
const TIME_ZONE: &str = r"Control\TimeZoneInformation";
const TCPIP: &str = r"Services\Tcpip\Parameters";

const START: Meaning = Number(&[
    (0, "started by the boot loader"),
    (1, "started by the system"),
    (2, "started automatically"),
    (3, "started on demand"),
    (4, "disabled"),
]);
const YES_NO: Meaning = Number(&[(0, "no"), (1, "yes")]);
const ENABLED: Meaning = Number(&[(0, "not enabled"), (1, "enabled")]);

macro_rules! locations {
    ($($code:literal $title:literal $base:ident $key:tt $read:expr; $meaning:expr; $windows:literal $source:literal)*) => {
        /// The catalogue, in the order in which facts are reported: client, session host, licence server,
        /// system.
        ///
        /// ```
        /// use calhive::licensing::LOCATIONS;
        /// assert!(LOCATIONS.iter().any(|location| location.key.ends_with("HardwareID")));
        /// ```
        pub const LOCATIONS: &[Location] = &[$(Location {
            code: $code,
            title: $title,
            base: Base::$base,
            key: $key,
            read: $read,
            meaning: $meaning,
            windows: $windows,
            source: $source,
        }),*];
    };
}

use Meaning::{
    Anomaly, Bias, Certificate, FileTime, GracePeriod, HardwareId, HostCertificate, InstallState,
    LicenseServerParameter, LicenseServers, LicensingMode, Marker, Number, Presence, Secret,
    ServiceLibrary, StoredLicense, Text, Texts, UnixTime,
};
use Read::{Key, SubkeyNames, SubkeyValue, SubkeyValues, Value, Values};

locations! {
    "client.mslicensing" "Licensing key of the client"
        SoftwareViews r"Microsoft\MSLicensing" Key; Presence;
        "NT 4.0 Terminal Server Edition and later" "[MS] KB 187614"
    "client.hardware_id.key" "Key of the hardware id"
        SoftwareViews r"Microsoft\MSLicensing\HardwareID" Key; Presence;
        "NT 4.0 Terminal Server Edition and later" "[MS] KB 187614"
    "client.hardware_id" "Client hardware id"
        SoftwareViews r"Microsoft\MSLicensing\HardwareID" Value("ClientHWID"); HardwareId;
        "NT 4.0 Terminal Server Edition and later" "[MS] MS-RDPELE 2.2.2.3.1, 3.3.1.9"
    "client.store.key" "Licence store"
        SoftwareViews r"Microsoft\MSLicensing\Store" Key; Presence;
        "NT 4.0 Terminal Server Edition and later" "[MS] KB 187614"
    "client.store" "Stored licence"
        SoftwareViews r"Microsoft\MSLicensing\Store" SubkeyValues; StoredLicense;
        "NT 4.0 Terminal Server Edition and later" "[MS] MS-RDPELE 2.2.2.6.1, 3.3.1.8; [REAL]"

    "host.policy.key" "Policy key of Remote Desktop"
        Software POLICY Key; Presence; "Server 2003 SP1 and later" "[MS] TerminalServer.admx"
    "host.policy.licensing_mode" "Licensing mode, by policy"
        Software POLICY Value("LicensingMode"); LicensingMode;
        "Server 2003 SP1 and later" "[MS] TerminalServer.admx"
    "host.rcm.licensing_core" "Key of the licensing mode"
        ControlSet r"Control\Terminal Server\RCM\Licensing Core" Key; Presence;
        "Vista and Server 2008, and later" "[MS] remote-desktop-licensing-mode-not-configured-warning; [REAL]"
    "host.rcm.licensing_mode" "Licensing mode, local setting"
        ControlSet r"Control\Terminal Server\RCM\Licensing Core" Value("LicensingMode"); LicensingMode;
        "Vista and Server 2008, and later" "[MS] remote-desktop-licensing-mode-not-configured-warning; [REAL]"
    "host.policy_ac_on" "Licensing mode, Windows Server 2003"
        ControlSet LICENSING_CORE Value("PolicyAcOn"); LicensingMode;
        "Server 2003" "[MS] KB 834651"
    "host.policy_ac_on.as_printed" "Licensing mode, Windows Server 2003, path as KB 834651 prints it"
        ControlSet r"Control\TerminalServer\Licensing Core" Value("PolicyAcOn"); LicensingMode;
        "Server 2003" "[MS] KB 834651"
    "host.licensing_core.licensing_mode" "Licensing mode at a place that Microsoft does not document"
        ControlSet LICENSING_CORE Value("LicensingMode"); LicensingMode;
        "any" "[CODE] written by third-party scripts"
    "host.licensing_core.concurrent_sessions" "Concurrent sessions at a place that Microsoft does not document"
        ControlSet LICENSING_CORE Value("EnableConcurrentSessions"); ENABLED;
        "any" "[CODE] written by third-party scripts"

    "host.policy.license_servers" "Licence servers, by policy"
        Software POLICY Value("LicenseServers"); LicenseServers;
        "Server 2003 SP1 and later" "[MS] TerminalServer.admx"
    "host.license_servers.key" "Key of the licence servers"
        ControlSet LICENSE_SERVERS Key; Presence; "Server 2003 and later" "[MS] KB 301932"
    "host.license_servers" "Licence servers, local setting"
        ControlSet LICENSE_SERVERS Value("SpecifiedLicenseServers"); LicenseServers;
        "Server 2008 R2 and later" "[CODE] public scripts"
    "host.license_servers.console" "Licence servers, local setting made in the console"
        ControlSet r"Services\TermService\Parameters\LicenseServers\SpecifiedLicenseServers" Value("SpecifiedLicenseServers"); LicenseServers;
        "Server 2008 R2 and later" "[MS] remote-desktop-licensing-mode-not-configured-warning"
    "host.license_servers.parameters" "Licence servers, beside the service's parameters"
        ControlSet PARAMETERS Value("SpecifiedLicenseServers"); LicenseServers;
        "Server 2008 R2 and later" "[MS] Azure Virtual Desktop troubleshooting"
    "host.license_servers.subkey" "Licence server, Windows Server 2003"
        ControlSet LICENSE_SERVERS SubkeyNames { except: "SpecifiedLicenseServers" }; LicenseServers;
        "Server 2003" "[MS] KB 301932 for the key; [INF] for its subkeys"
    "host.default_license_server" "Licence server, Windows 2000"
        ControlSet PARAMETERS Value("DefaultLicenseServer"); LicenseServers;
        "2000" "[MS] KB 239107 for the value; [INF] for its key"

    "host.grace_period.key" "Key of the grace period"
        ControlSet r"Control\Terminal Server\RCM\GracePeriod" Key; Presence;
        "Vista and Server 2008, and later" "[CODE] TSTool"
    "host.grace_period" "Grace period"
        ControlSet r"Control\Terminal Server\RCM\GracePeriod" Values; GracePeriod;
        "Vista and Server 2008, and later" "[CODE] TSTool"
    "host.grace_period_ended" "Marker that the grace period has ended"
        ControlSet PARAMETERS Value("LicensingGracePeriodEnded"); Marker("created once a permanent licence was received (hh553157)");
        "Server 2008 and later" "[MS] hh553157"

    "host.certificate.parameters" "Public key of the host, Windows 2000 and Server 2003"
        ControlSet PARAMETERS Value("Certificate"); Certificate;
        "2000, Server 2003" "[MS] KB 329896"
    "host.x509_certificate.parameters" "X509 Certificate, Windows 2000 and Server 2003"
        ControlSet PARAMETERS Value("X509 Certificate"); HostCertificate;
        "2000, Server 2003" "[MS] KB 329896"
    "host.x509_certificate_id.parameters" "Id of that certificate, Windows 2000 and Server 2003"
        ControlSet PARAMETERS Value("X509 Certificate ID"); Certificate;
        "2000, Server 2003" "[MS] KB 329896"
    "host.rcm" "Key of the Remote Connection Manager"
        ControlSet RCM Key; Presence;
        "Vista and Server 2008, and later; client editions too" "[MS] cannot-connect-rds-no-license-server; [REAL]"
    "host.certificate" "Public key of the host"
        ControlSet RCM Value("Certificate"); Certificate;
        "Vista and Server 2008, and later; client editions too" "[MS] cannot-connect-rds-no-license-server; [REAL]"
    "host.certificate.old" "Public key of the host, shorter"
        ControlSet RCM Value("CertificateOld"); Certificate;
        "Vista and Server 2008, and later; client editions too" "[REAL]"
    "host.x509_certificate" "X509 Certificate"
        ControlSet RCM Value("X509 Certificate"); HostCertificate;
        "Server 2008 and later" "[MS] cannot-connect-rds-no-license-server"
    "host.x509_certificate_id" "Id of that certificate"
        ControlSet RCM Value("X509 Certificate ID"); Certificate;
        "Server 2008 and later" "[MS] cannot-connect-rds-no-license-server"
    "host.x509_certificate2" "X509 Certificate2"
        ControlSet RCM Value("X509 Certificate2"); HostCertificate;
        "Server 2008 and later" "[MS] cannot-connect-rds-no-license-server"
    "host.ts_features" "TSFeatures"
        ControlSet RCM Value("TSFeatures"); Number(&[]);
        "7 and later" "[REAL]"
    "host.secrets" "Secret of the host"
        ControlSet r"Control\Terminal Server\RCM\Secrets" Values; Secret;
        "Vista and Server 2008, and later" "[REAL]"

    "host.deny_connections" "Connections denied"
        ControlSet TERMINAL_SERVER Value("fDenyTSConnections"); YES_NO; "XP and later" "[REAL]"
    "host.single_session" "One session per user"
        ControlSet TERMINAL_SERVER Value("fSingleSessionPerUser"); YES_NO; "Server 2003 and later" "[REAL]"
    "host.ts_enabled_users" "TSUserEnabled"
        ControlSet TERMINAL_SERVER Value("TSUserEnabled"); Number(&[]); "2000 and later" "[REAL]"
    "host.advertise" "TSAdvertise"
        ControlSet TERMINAL_SERVER Value("TSAdvertise"); Number(&[]); "2000 and later" "[REAL]"
    "host.delete_temp" "Temporary folders deleted on exit"
        ControlSet TERMINAL_SERVER Value("DeleteTempDirsOnExit"); YES_NO; "2000 and later" "[REAL]"
    "host.temp_per_session" "Temporary folder per session"
        ControlSet TERMINAL_SERVER Value("PerSessionTempDir"); YES_NO; "2000 and later" "[REAL]"
    "host.product_version" "Version of Terminal Server"
        ControlSet TERMINAL_SERVER Value("ProductVersion"); Text; "2000 and later" "[REAL] 5.1 on 7 to 10"
    "host.instance_id" "Instance id"
        ControlSet TERMINAL_SERVER Value("InstanceID"); Text; "7 and later" "[REAL]"
    "host.dependent_services" "Dependent services"
        ControlSet TERMINAL_SERVER Value("RCDependentServices"); Texts; "7 and later" "[REAL]"
    "host.snapshot_monitors" "SnapshotMonitors"
        ControlSet TERMINAL_SERVER Value("SnapshotMonitors"); Number(&[]); "7 and later" "[REAL]"
    "host.remote_rpc" "AllowRemoteRPC"
        ControlSet TERMINAL_SERVER Value("AllowRemoteRPC"); YES_NO; "7 and later" "[REAL]"
    "host.app_compat" "Application server flag"
        ControlSet TERMINAL_SERVER Value("TSAppCompat"); Number(&[(1, "application server"), (0, "remote administration")]);
        "2000 and later, servers" "[CODE] an export; [INF] for its meaning"

    "host.policy.tooltip" "Licensing warnings suppressed, by policy"
        Software POLICY Value("fDisableTerminalServerTooltip"); YES_NO; "Server 2008 and later" "[MS] TerminalServer.admx"
    "host.policy.single_session" "One session per user, by policy"
        Software POLICY Value("fSingleSessionPerUser"); YES_NO; "Server 2003 and later" "[MS] TerminalServer.admx"
    "host.policy.deny_connections" "Connections denied, by policy"
        Software POLICY Value("fDenyTSConnections"); YES_NO; "XP and later" "[MS] TerminalServer.admx"
    "host.policy.instances" "Number of connections allowed, by policy"
        Software POLICY Value("MaxInstanceCount"); Number(&[]); "Server 2003 and later" "[MS] TerminalServer.admx"

    "host.service.start" "Remote Desktop service, start type"
        ControlSet TERM_SERVICE Value("Start"); START; "2000 and later" "[REAL]"
    "host.service.image" "Remote Desktop service, image"
        ControlSet TERM_SERVICE Value("ImagePath"); Text; "2000 and later" "[REAL]"
    "host.service.dependencies" "Remote Desktop service, dependencies"
        ControlSet TERM_SERVICE Value("DependOnService"); Texts; "2000 and later" "[REAL]"
    "host.service.account" "Remote Desktop service, account"
        ControlSet TERM_SERVICE Value("ObjectName"); Text; "2000 and later" "[REAL]"
    "host.service.library" "Remote Desktop service, library"
        ControlSet PARAMETERS Value("ServiceDll"); ServiceLibrary; "XP and later" "[REAL]"
    "host.multiple_sessions" "Several sessions allowed, at sign-in"
        Software r"Microsoft\Windows NT\CurrentVersion\Winlogon" Value("AllowMultipleTSSessions"); YES_NO;
        "XP and later" "[CODE]"
    "host.anomaly.policy_view" "Policy key in the view of 32-bit programs"
        Software r"Wow6432Node\Policies\Microsoft\Windows NT\Terminal Services" Key; Anomaly;
        "not expected" "[INF] Policies is shared by both views"
    "host.anomaly.policy_view.value" "Value of the policy key in the view of 32-bit programs"
        Software r"Wow6432Node\Policies\Microsoft\Windows NT\Terminal Services" Values; Anomaly;
        "not expected" "[INF] Policies is shared by both views"

    "license_server.service" "Licence server's service"
        ControlSet LICENSING_SERVICE Key; Presence; "2000 and later" "[BLOG]"
    "license_server.start" "Licence server's service, start type"
        ControlSet LICENSING_SERVICE Value("Start"); START; "2000 and later" "[BLOG] Automatic on a Windows 2000 Server"
    "license_server.image" "Licence server's service, image"
        ControlSet LICENSING_SERVICE Value("ImagePath"); Text; "2000 and later" "[BLOG] lserver.exe on 2000 and 2003"
    "license_server.dependencies" "Licence server's service, dependencies"
        ControlSet LICENSING_SERVICE Value("DependOnService"); Texts; "2000 and later" "[BLOG] Event Log and RPC"
    "license_server.account" "Licence server's service, account"
        ControlSet LICENSING_SERVICE Value("ObjectName"); Text; "2000 and later" "[BLOG]"
    "license_server.name" "Licence server's service, name shown"
        ControlSet LICENSING_SERVICE Value("DisplayName"); Text; "2000 and later" "[BLOG]"
    "license_server.parameters.key" "Key of the licence server's parameters"
        ControlSet r"Services\TermServLicensing\Parameters" Key; Presence;
        "2000 and later" "[MS] KB 3167312, rds-license-session-hosts"
    "license_server.parameters" "Licence server's parameter"
        ControlSet r"Services\TermServLicensing\Parameters" Values; LicenseServerParameter;
        "2000 and later" "[MS] KB 3167312, rds-license-session-hosts; other values undocumented"
    "license_server.software.key" "Key of the licence server's settings"
        Software r"Microsoft\TermServLicensing" Key; Presence; "2003 and later" "[CODE] TSTool"
    "license_server.software" "Licence server's setting"
        Software r"Microsoft\TermServLicensing" Values; LicenseServerParameter;
        "2003 and later" "[CODE] RunAsRTM; other values undocumented"
    "license_server.anomaly.software_view" "Licence server's key in the view of 32-bit programs"
        Software r"Wow6432Node\Microsoft\TermServLicensing" Key; Anomaly;
        "not expected" "[INF] the key is shared by both views"
    "license_server.database" "Data source of a licence server of NT 4.0"
        Software r"ODBC\ODBC.ini\Hydra License" Values; Text;
        "NT 4.0 Terminal Server Edition" "[MS] KB 187629, 190233, 216159"
    "license_server.policy.secure" "Licences only for hosts of a group, by policy"
        Software POLICY Value("fSecureLicensing"); YES_NO; "Server 2003 and later" "[MS] TerminalServer.admx"
    "license_server.policy.no_upgrade" "Licence upgrade prevented, by policy"
        Software POLICY Value("fPreventLicenseUpgrade"); YES_NO; "Server 2003 and later" "[MS] TerminalServer.admx"

    "system.product" "Product"
        Software WINDOWS_NT Value("ProductName"); Text; "after NT 4.0" "[REAL] not on NT 4.0"
    "system.edition" "Edition"
        Software WINDOWS_NT Value("EditionID"); Text; "Vista and later" "[REAL]"
    "system.installation_type" "Installation type"
        Software WINDOWS_NT Value("InstallationType"); Text; "7 and later" "[REAL]"
    "system.version" "Version"
        Software WINDOWS_NT Value("CurrentVersion"); Text; "NT 4.0 and later" "[REAL] 6.3 from 8.1 on"
    "system.build" "Build"
        Software WINDOWS_NT Value("CurrentBuildNumber"); Text; "NT 4.0 and later" "[REAL]"
    "system.build.current" "Build, under its other name"
        Software WINDOWS_NT Value("CurrentBuild"); Text; "NT 4.0 and later" "[REAL] not a build number on NT 4.0 and XP"
    "system.update" "Update level"
        Software WINDOWS_NT Value("UBR"); Number(&[]); "8.1 and later" "[REAL]"
    "system.service_pack" "Service pack"
        Software WINDOWS_NT Value("CSDVersion"); Text; "NT 4.0 to 7" "[REAL]"
    "system.release" "Release"
        Software WINDOWS_NT Value("DisplayVersion"); Text; "10 20H2 and later" "[REAL]"
    "system.release_id" "Release, older form"
        Software WINDOWS_NT Value("ReleaseId"); Text; "10 1511 and later" "[REAL]"
    "system.installed" "Installed"
        Software WINDOWS_NT Value("InstallDate"); UnixTime; "NT 4.0 and later" "[REAL]"
    "system.role.session_host" "Role Remote Desktop Session Host"
        Software r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache\RDS-RD-Server" Value("InstallState"); InstallState;
        "Server 2012 and later" "[MS] Azure Virtual Desktop documentation"
    "system.role.license_server" "Role Remote Desktop Licensing"
        Software r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache\RDS-Licensing" Value("InstallState"); InstallState;
        "Server 2012 and later" "[INF] the name of the key is not verified"
    "system.roles" "Cache of the roles"
        Software COMPONENTS Key; Presence; "Server 2012 and later" "[MS] Azure Virtual Desktop documentation"
    "system.distinguished_name" "Name in the directory, at the last policy update"
        Software r"Microsoft\Windows\CurrentVersion\Group Policy\State\Machine" Value("Distinguished-Name"); Text;
        "2000 and later" "[CODE]"
    "system.policy.broker_farm" "Farm, by policy"
        Software POLICY Value("SessionDirectoryClusterName"); Text; "Server 2003 and later" "[MS] TerminalServer.admx"
    "system.policy.broker_active" "Part of a farm, by policy"
        Software POLICY Value("SessionDirectoryActive"); YES_NO; "Server 2003 and later" "[MS] TerminalServer.admx"
    "system.policy.broker" "Connection broker, by policy"
        Software POLICY Value("SessionDirectoryLocation"); Text; "Server 2003 and later" "[MS] TerminalServer.admx"

    "system.product_type" "Product type"
        ControlSet r"Control\ProductOptions" Value("ProductType"); Text; "NT 3.5 and later" "[REAL]"
    "system.product_suite" "Product suite"
        ControlSet r"Control\ProductOptions" Value("ProductSuite"); Texts; "NT 4.0 and later" "[REAL] Terminal Server on clients too"
    "system.product_policy" "Product policy"
        ControlSet r"Control\ProductOptions" Value("ProductPolicy"); Certificate; "Vista and later" "[REAL]"
    "system.computer_name" "Computer name"
        ControlSet r"Control\ComputerName\ComputerName" Value("ComputerName"); Text; "NT 4.0 and later" "[REAL]"
    "system.host_name" "Host name"
        ControlSet TCPIP Value("Hostname"); Text; "NT 4.0 and later" "[REAL]"
    "system.dns_suffix" "DNS suffix"
        ControlSet TCPIP Value("Domain"); Text; "NT 4.0 and later" "[REAL] no evidence of membership"
    "system.entra.tenant" "Microsoft Entra join, tenant"
        ControlSet r"Control\CloudDomainJoin\JoinInfo" SubkeyValue { prefix: "", value: "TenantId" }; Text;
        "10 and later" "[CODE] public scripts"
    "system.time_zone" "Time zone"
        ControlSet TIME_ZONE Value("TimeZoneKeyName"); Text; "Vista and later" "[REAL]"
    "system.time_zone.standard" "Time zone, name of its standard time"
        ControlSet TIME_ZONE Value("StandardName"); Text; "NT 4.0 and later" "[REAL]"
    "system.bias" "Bias"
        ControlSet TIME_ZONE Value("Bias"); Bias; "NT 4.0 and later" "[REAL]"
    "system.bias.active" "Bias in force when the hive was last in use"
        ControlSet TIME_ZONE Value("ActiveTimeBias"); Bias; "NT 4.0 and later" "[REAL]"
    "system.shut_down" "Last shut down"
        ControlSet r"Control\Windows" Value("ShutdownTime"); FileTime; "XP and later" "[REAL]"
    "system.farm" "Farm"
        ControlSet CLUSTER Value("SessionDirectoryClusterName"); Text; "Server 2003 and later" "[CODE]"
    "system.farm_active" "Part of a farm"
        ControlSet CLUSTER Value("SessionDirectoryActive"); YES_NO; "Server 2003 and later" "[CODE]"
    "system.broker" "Connection broker"
        ControlSet CLUSTER Value("SessionDirectoryLocation"); Text; "Server 2003 and later" "[CODE]"
    "system.clone_tag" "Cloned by Sysprep"
        System "Setup" Value("CloneTag"); Texts; "NT 4.0 and later" "[CODE]"
    "system.upgraded" "Installation before an upgrade"
        System "Setup" SubkeyValue { prefix: "Source OS", value: "ProductName" }; Text;
        "10 and later" "[CODE] public scripts"
    "system.upgraded.installed" "Installation before an upgrade, installed"
        System "Setup" SubkeyValue { prefix: "Source OS", value: "InstallDate" }; UnixTime;
        "10 and later" "[CODE] public scripts"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_begin_with_their_subject() {
        for (index, location) in LOCATIONS.iter().enumerate() {
            assert!(LOCATIONS[..index].iter().all(|other| other.code != location.code));
            let system = location.subject() == Subject::System;
            assert_eq!(system, location.code.starts_with("system."), "{}", location.code);
        }
    }
}
