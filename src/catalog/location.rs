// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table of the catalog, with one entry for each place.

use alloc::format;
use alloc::string::String;

use calhive_regf::registry::HiveKind;

use crate::catalog::column::{Authority, Base, Meaning, Read, Subject};
use Meaning::{
    Anomaly, Bias, Certificate, FileTime, GracePeriod, HardwareId, HostCertificate, InstallState,
    Labeled, LicenseServerParameter, LicenseServers, LicensingMode, Marker, Number, PolicyAcOn,
    Presence, PrimaryDomainName, PrimaryDomainSid, Secret, ServiceLibrary, StoredLicense,
    TaskActions, Text, Texts, UnixTime,
};
use Read::{Key, SubkeyNames, SubkeyValue, SubkeyValueNaming, SubkeyValues, Value, Values};

/// A place in the registry from which calhive reads facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Stable name of the facts from this place.
    pub code: Code,
    /// Title of the place.
    pub title: &'static str,
    /// Base key of the path in [`key`](Self::key).
    pub base: Base,
    /// Path of the key, relative to the base.
    pub key: &'static str,
    /// Part of the key to read.
    pub read: Read,
    /// Meaning of the data.
    pub meaning: Meaning,
    /// Windows versions that have the place, according to the cited sources.
    pub windows: &'static str,
    /// Authority for the place and its meaning.
    pub authority: Authority,
    /// Cited text, and further authorities.
    pub source: &'static str,
}

impl Location {
    /// Returns the subject of the facts from this place.
    ///
    /// ```
    /// use calhive::catalog::{LOCATIONS, Subject};
    /// assert_eq!(LOCATIONS[0].subject(), Subject::Client);
    /// ```
    pub const fn subject(&self) -> Subject {
        self.code.subject()
    }

    /// Returns the authority and the cited text in the form that reports show.
    pub fn reference(&self) -> String {
        let Self { authority, source, .. } = self;
        let tag = authority.tag();
        if source.is_empty() { format!("[{tag}]") } else { format!("[{tag}] {source}") }
    }

    /// Returns the hive that contains the place.
    pub const fn hive(&self) -> HiveKind {
        match self.base {
            Base::ControlSet | Base::System => HiveKind::System,
            Base::Software | Base::SoftwareViews => HiveKind::Software,
            Base::Security => HiveKind::Security,
            Base::User => HiveKind::User,
            Base::VirtualStore => HiveKind::UserClasses,
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
const REMOTE_DESKTOP_CLIENT: &str = r"Software\Microsoft\Terminal Server Client\Servers";
const COMPONENTS: &str = r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache";
const WINDOWS_NT: &str = r"Microsoft\Windows NT\CurrentVersion";
const TIME_ZONE: &str = r"Control\TimeZoneInformation";
const TCPIP: &str = r"Services\Tcpip\Parameters";
const LISTENER: &str = r"Control\Terminal Server\WinStations\RDP-Tcp";
const DEPLOYMENT: &str = r"Microsoft\Windows NT\CurrentVersion\Terminal Server\TSAppAllowList";
const AVD_AGENT: &str = r"Microsoft\RDInfraAgent";
const GRACE_SECRET: &str = r"Policy\Secrets\L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588";

/// What is known of the licensing of a deployment.
const OF_DEPLOYMENT: Meaning = Labeled(
    "licensing of the deployment, kept with RemoteApp; whether it is in effect is not documented",
);

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
    ($($variant:ident $code:literal $title:literal $base:ident $key:tt $read:expr; $meaning:expr; $windows:literal $authority:ident $source:literal)*) => {
        /// Stable name of a place in the catalog, and of the facts from that place.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// Returns the code as reports show it. The code begins with the name of its
            /// [`Subject`](super::Subject).
            ///
            /// ```
            /// use calhive::catalog::Code;
            /// assert_eq!(Code::ClientHardwareId.as_str(), "client.hardware_id");
            /// ```
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// Returns the subject of the facts with this code.
            pub const fn subject(self) -> Subject {
                match self {
                    $(Self::$variant => const { Subject::of($code) },)*
                }
            }

            /// Returns the place in the catalog.
            pub const fn location(self) -> &'static Location {
                match self {
                    $(Self::$variant => {
                        const LOCATION: Location = Location {
                            code: Code::$variant,
                            title: $title,
                            base: Base::$base,
                            key: $key,
                            read: $read,
                            meaning: $meaning,
                            windows: $windows,
                            authority: Authority::$authority,
                            source: $source,
                        };
                        &LOCATION
                    })*
                }
            }
        }

        /// The catalog in the order of reports: client, session host, license server, system.
        ///
        /// ```
        /// use calhive::catalog::LOCATIONS;
        /// assert!(LOCATIONS.iter().any(|location| location.key.ends_with("HardwareID")));
        /// ```
        pub const LOCATIONS: &[&Location] = &[$(Code::$variant.location()),*];
    };
}

locations! {
    ClientMslicensing "client.mslicensing" "Licensing key of the client"
        SoftwareViews r"Microsoft\MSLicensing" Key; Presence;
        "NT 4.0 Terminal Server Edition and later" Microsoft "KB 187614"
    ClientHardwareIdKey "client.hardware_id.key" "Hardware ID key"
        SoftwareViews r"Microsoft\MSLicensing\HardwareID" Key; Presence;
        "NT 4.0 Terminal Server Edition and later" Microsoft "KB 187614"
    ClientHardwareId "client.hardware_id" "Client hardware ID"
        SoftwareViews r"Microsoft\MSLicensing\HardwareID" Value("ClientHWID"); HardwareId;
        "NT 4.0 Terminal Server Edition and later" Microsoft "MS-RDPELE 2.2.2.3.1, 3.3.1.9"
    ClientStoreKey "client.store.key" "License store"
        SoftwareViews r"Microsoft\MSLicensing\Store" Key; Presence;
        "NT 4.0 Terminal Server Edition and later" Microsoft "KB 187614"
    ClientStoreLicense "client.store.license" "Key of a stored license"
        SoftwareViews r"Microsoft\MSLicensing\Store" SubkeyNames { except: "" }; Text;
        "NT 4.0 Terminal Server Edition and later" Microsoft "MS-RDPELE 3.3.1.8; [REAL]"
    ClientStore "client.store" "Stored license"
        SoftwareViews r"Microsoft\MSLicensing\Store" SubkeyValues; StoredLicense;
        "NT 4.0 Terminal Server Edition and later" Microsoft "MS-RDPELE 2.2.2.6.1, 3.3.1.8; [REAL]"

    ClientProfileAddresses "client.profile.address" "Address list of the Remote Desktop client"
        User r"Software\Microsoft\Terminal Server Client\Default" Values; Labeled("in the address list of the Remote Desktop client of a profile; no evidence of a connection");
        "XP and later" Microsoft "KB 312169"
    ClientProfileServer "client.profile.server" "Host in the Remote Desktop client"
        User REMOTE_DESKTOP_CLIENT SubkeyNames { except: "" }; Labeled("stored by the Remote Desktop client of a profile; no evidence of a connection");
        "XP and later" PublicCode "public scripts that delete the key; its subkeys are names of hosts"
    ClientProfileUser "client.profile.user_hint" "User name that the Remote Desktop client stores for a host"
        User REMOTE_DESKTOP_CLIENT SubkeyValue { prefix: "", value: "UsernameHint" }; Labeled("a user name for this host in the Remote Desktop client of a profile; not an authenticated account");
        "XP and later" PublicCode "public forensic tools"
    ClientProfileCertificateHash "client.profile.certificate_hash" "Hash of a certificate that the Remote Desktop client stores for a host"
        User REMOTE_DESKTOP_CLIENT SubkeyValue { prefix: "", value: "CertHash" }; Labeled("hash of a certificate for this host, by the name of the value; no evidence of a connection");
        "Vista and later" Inferred "meaning by the name of the value"
    ClientVirtualStore "client.virtual_store" "Licensing key in the VirtualStore of a profile"
        VirtualStore r"Microsoft\MSLicensing" Key; Presence;
        "Vista and later" Microsoft "registry virtualization; [INF] for MSLicensing"
    ClientVirtualHardwareId "client.virtual_store.hardware_id" "Client hardware ID in the VirtualStore of a profile"
        VirtualStore r"Microsoft\MSLicensing\HardwareID" Value("ClientHWID"); HardwareId;
        "Vista and later" Microsoft "registry virtualization; [INF] for MSLicensing"
    ClientVirtualLicense "client.virtual_store.license" "Stored license in the VirtualStore of a profile"
        VirtualStore r"Microsoft\MSLicensing\Store" SubkeyValues; StoredLicense;
        "Vista and later" Microsoft "registry virtualization; [INF] for MSLicensing"

    HostPolicyKey "host.policy.key" "Remote Desktop policy key"
        Software POLICY Key; Presence; "Server 2003 SP1 and later" Microsoft "TerminalServer.admx"
    HostPolicyLicensingMode "host.policy.licensing_mode" "Licensing mode, by policy"
        Software POLICY Value("LicensingMode"); LicensingMode;
        "Server 2003 SP1 and later" Microsoft "TerminalServer.admx"
    HostRcmLicensingCore "host.rcm.licensing_core" "Licensing mode key"
        ControlSet r"Control\Terminal Server\RCM\Licensing Core" Key; Presence;
        "Vista and Server 2008, and later" Microsoft "remote-desktop-licensing-mode-not-configured-warning; [REAL]"
    HostRcmLicensingMode "host.rcm.licensing_mode" "Licensing mode, local setting"
        ControlSet r"Control\Terminal Server\RCM\Licensing Core" Value("LicensingMode"); LicensingMode;
        "Vista and Server 2008, and later" Microsoft "remote-desktop-licensing-mode-not-configured-warning; [REAL]"
    HostPolicyAcOn "host.policy_ac_on" "Licensing mode, Windows Server 2003"
        ControlSet LICENSING_CORE Value("PolicyAcOn"); PolicyAcOn;
        "Server 2003" Microsoft "KB 834651"
    HostPolicyAcOnAsPrinted "host.policy_ac_on.as_printed" "Licensing mode, Windows Server 2003, path printed in KB 834651"
        ControlSet r"Control\TerminalServer\Licensing Core" Value("PolicyAcOn"); PolicyAcOn;
        "Server 2003" Microsoft "KB 834651"
    HostLicensingCoreLicensingMode "host.licensing_core.licensing_mode" "Licensing mode at an undocumented place"
        ControlSet LICENSING_CORE Value("LicensingMode"); LicensingMode;
        "any" PublicCode "written by third-party scripts"
    HostLicensingCoreConcurrentSessions "host.licensing_core.concurrent_sessions" "Concurrent sessions at an undocumented place"
        ControlSet LICENSING_CORE Value("EnableConcurrentSessions"); ENABLED;
        "any" PublicCode "written by third-party scripts"

    HostPolicyLicenseServers "host.policy.license_servers" "License servers, by policy"
        Software POLICY Value("LicenseServers"); LicenseServers;
        "Server 2003 SP1 and later" Microsoft "TerminalServer.admx"
    HostLicenseServersKey "host.license_servers.key" "License servers key"
        ControlSet LICENSE_SERVERS Key; Presence; "Server 2003 and later" Microsoft "KB 301932"
    HostLicenseServers "host.license_servers" "License servers, local setting"
        ControlSet LICENSE_SERVERS Value("SpecifiedLicenseServers"); LicenseServers;
        "Server 2008 R2 and later" PublicCode "public scripts"
    HostLicenseServersConsole "host.license_servers.console" "License servers, local setting from the console"
        ControlSet r"Services\TermService\Parameters\LicenseServers\SpecifiedLicenseServers" Value("SpecifiedLicenseServers"); LicenseServers;
        "Server 2008 R2 and later" Microsoft "remote-desktop-licensing-mode-not-configured-warning"
    HostLicenseServersParameters "host.license_servers.parameters" "License servers, in the service's parameters"
        ControlSet PARAMETERS Value("SpecifiedLicenseServers"); LicenseServers;
        "Server 2008 R2 and later" Microsoft "Azure Virtual Desktop troubleshooting"
    HostLicenseServersSubkey "host.license_servers.subkey" "License server, Windows Server 2003"
        ControlSet LICENSE_SERVERS SubkeyNames { except: "SpecifiedLicenseServers" }; LicenseServers;
        "Server 2003" Microsoft "KB 301932 for the key; [INF] for its subkeys"
    HostDefaultLicenseServer "host.default_license_server" "License server, Windows 2000"
        ControlSet PARAMETERS Value("DefaultLicenseServer"); LicenseServers;
        "2000" Microsoft "KB 239107 for the value; [INF] for its key"

    HostGracePeriodKey "host.grace_period.key" "Grace period key"
        ControlSet r"Control\Terminal Server\RCM\GracePeriod" Key; Presence;
        "Vista and Server 2008, and later" PublicCode "TSTool"
    HostGracePeriod "host.grace_period" "Grace period"
        ControlSet r"Control\Terminal Server\RCM\GracePeriod" Values; GracePeriod;
        "Vista and Server 2008, and later" PublicCode "TSTool"
    HostGracePeriodEnded "host.grace_period_ended" "Marker for the end of the grace period"
        ControlSet PARAMETERS Value("LicensingGracePeriodEnded"); Marker("created once a permanent license was received (hh553157)");
        "Server 2008 and later" Microsoft "hh553157"

    HostCertificateParameters "host.certificate.parameters" "Public key of the host, Windows 2000 and Server 2003"
        ControlSet PARAMETERS Value("Certificate"); Certificate;
        "2000, Server 2003" Microsoft "KB 329896"
    HostX509CertificateParameters "host.x509_certificate.parameters" "X509 Certificate, Windows 2000 and Server 2003"
        ControlSet PARAMETERS Value("X509 Certificate"); HostCertificate;
        "2000, Server 2003" Microsoft "KB 329896"
    HostX509CertificateIdParameters "host.x509_certificate_id.parameters" "X509 Certificate ID, Windows 2000 and Server 2003"
        ControlSet PARAMETERS Value("X509 Certificate ID"); Certificate;
        "2000, Server 2003" Microsoft "KB 329896"
    HostRcm "host.rcm" "Remote Connection Manager key"
        ControlSet RCM Key; Presence;
        "Vista and Server 2008, and later; client editions too" Microsoft "cannot-connect-rds-no-license-server; [REAL]"
    HostCertificate "host.certificate" "Public key of the host"
        ControlSet RCM Value("Certificate"); Certificate;
        "Vista and Server 2008, and later; client editions too" Microsoft "cannot-connect-rds-no-license-server; [REAL]"
    HostCertificateOld "host.certificate.old" "Public key of the host (CertificateOld)"
        ControlSet RCM Value("CertificateOld"); Certificate;
        "Vista and Server 2008, and later; client editions too" RealData ""
    HostX509Certificate "host.x509_certificate" "X509 Certificate"
        ControlSet RCM Value("X509 Certificate"); HostCertificate;
        "Server 2008 and later" Microsoft "cannot-connect-rds-no-license-server"
    HostX509CertificateId "host.x509_certificate_id" "X509 Certificate ID"
        ControlSet RCM Value("X509 Certificate ID"); Certificate;
        "Server 2008 and later" Microsoft "cannot-connect-rds-no-license-server"
    HostX509Certificate2 "host.x509_certificate2" "X509 Certificate2"
        ControlSet RCM Value("X509 Certificate2"); HostCertificate;
        "Server 2008 and later" Microsoft "cannot-connect-rds-no-license-server"
    HostTsFeatures "host.ts_features" "TSFeatures"
        ControlSet RCM Value("TSFeatures"); Number(&[]);
        "7 and later" RealData ""
    HostSecrets "host.secrets" "Secret of the host"
        ControlSet r"Control\Terminal Server\RCM\Secrets" Values; Secret;
        "Vista and Server 2008, and later" RealData ""

    HostDenyConnections "host.deny_connections" "Connections denied"
        ControlSet TERMINAL_SERVER Value("fDenyTSConnections"); YES_NO; "XP and later" RealData ""
    HostSingleSession "host.single_session" "One session per user"
        ControlSet TERMINAL_SERVER Value("fSingleSessionPerUser"); YES_NO; "Server 2003 and later" RealData ""
    HostTsEnabledUsers "host.ts_enabled_users" "TSUserEnabled"
        ControlSet TERMINAL_SERVER Value("TSUserEnabled"); Number(&[]); "2000 and later" RealData ""
    HostAdvertise "host.advertise" "TSAdvertise"
        ControlSet TERMINAL_SERVER Value("TSAdvertise"); Number(&[]); "2000 and later" RealData ""
    HostDeleteTemp "host.delete_temp" "Temporary folders deleted on exit"
        ControlSet TERMINAL_SERVER Value("DeleteTempDirsOnExit"); YES_NO; "2000 and later" RealData ""
    HostTempPerSession "host.temp_per_session" "Temporary folder per session"
        ControlSet TERMINAL_SERVER Value("PerSessionTempDir"); YES_NO; "2000 and later" RealData ""
    HostProductVersion "host.product_version" "Version of Terminal Server"
        ControlSet TERMINAL_SERVER Value("ProductVersion"); Text; "2000 and later" RealData "5.1 on 7 to 10"
    HostInstanceId "host.instance_id" "Instance ID"
        ControlSet TERMINAL_SERVER Value("InstanceID"); Text; "7 and later" RealData ""
    HostDependentServices "host.dependent_services" "Dependent services"
        ControlSet TERMINAL_SERVER Value("RCDependentServices"); Texts; "7 and later" RealData ""
    HostSnapshotMonitors "host.snapshot_monitors" "SnapshotMonitors"
        ControlSet TERMINAL_SERVER Value("SnapshotMonitors"); Text; "7 and later" RealData "text on 7 to 10"
    HostRemoteRpc "host.remote_rpc" "AllowRemoteRPC"
        ControlSet TERMINAL_SERVER Value("AllowRemoteRPC"); YES_NO; "7 and later" RealData ""
    HostAppCompat "host.app_compat" "Application server flag"
        ControlSet TERMINAL_SERVER Value("TSAppCompat"); Number(&[(1, "application server"), (0, "remote administration")]);
        "2000 and later, clients too" RealData "0 on three XP clients; [CODE] an export, [INF] for its meaning"

    HostEnabled "host.enabled" "TSEnabled"
        ControlSet TERMINAL_SERVER Value("TSEnabled"); Labeled("no documented meaning; 1 on an XP client");
        "XP" RealData ""
    HostDrainMode "host.drain_mode" "Drain mode"
        ControlSet TERMINAL_SERVER Value("TSServerDrainMode"); Number(&[(0, "not draining"), (1, "draining")]);
        "Server 2008 and later" PublicCode "the value; Microsoft documents draining"

    HostListenerEnabled "host.listener.enabled" "Listener enabled"
        ControlSet LISTENER Value("fEnableWinStation"); YES_NO; "XP and later" RealData ""
    HostListenerLogonDisabled "host.listener.logon_disabled" "Sign-in at the listener disabled"
        ControlSet LISTENER Value("fLogonDisabled"); YES_NO; "XP and later" RealData ""
    HostListenerPort "host.listener.port" "Port of the listener"
        ControlSet LISTENER Value("PortNumber"); Number(&[]); "XP and later" RealData "3389 by default"
    HostListenerAdapter "host.listener.adapter" "Network adapter of the listener"
        ControlSet LISTENER Value("LanAdapter"); Number(&[(0, "all adapters")]); "XP and later" RealData ""
    HostListenerInstances "host.listener.instances" "Number of connections allowed at the listener"
        ControlSet LISTENER Value("MaxInstanceCount"); Number(&[(0xFFFF_FFFF, "no limit")]);
        "XP and later" RealData ""
    HostListenerEncryption "host.listener.encryption" "Minimum encryption level of the listener"
        ControlSet LISTENER Value("MinEncryptionLevel"); Number(&[(1, "low"), (2, "client compatible"), (3, "high"), (4, "FIPS compliant")]);
        "XP and later" RealData "the value; TerminalServer.admx for its meaning"
    HostListenerShadow "host.listener.shadow" "Remote control at the listener"
        ControlSet LISTENER Value("Shadow"); Number(&[(0, "not allowed"), (1, "full control with the user's permission"), (2, "full control without the user's permission"), (3, "view with the user's permission"), (4, "view without the user's permission")]);
        "XP and later" RealData "the value; TerminalServer.admx for its meaning"
    HostListenerSecurityLayer "host.listener.security_layer" "Security layer of the listener"
        ControlSet LISTENER Value("SecurityLayer"); Number(&[(0, "RDP"), (1, "negotiate"), (2, "TLS")]);
        "7 and later" Microsoft "TerminalServer.admx; [REAL]"
    HostListenerAuthentication "host.listener.authentication" "Network level authentication at the listener"
        ControlSet LISTENER Value("UserAuthentication"); Number(&[(0, "not required"), (1, "required")]);
        "7 and later" RealData ""

    HostDeploymentLicenseServers "host.deployment.license_servers" "License servers of the deployment"
        Software DEPLOYMENT Value("LicenseServers"); OF_DEPLOYMENT; "hosts of a deployment" PublicCode ""
    HostDeploymentLicensingType "host.deployment.licensing_type" "Licensing mode of the deployment"
        Software DEPLOYMENT Value("LicensingType"); OF_DEPLOYMENT; "hosts of a deployment" PublicCode ""
    HostDeploymentCentralLicensing "host.deployment.central_licensing" "Central licensing of the deployment"
        Software DEPLOYMENT Value("CentralLicensing"); OF_DEPLOYMENT; "hosts of a deployment" PublicCode ""

    HostAvdRegistered "host.avd.registered" "Azure Virtual Desktop agent, registered"
        Software AVD_AGENT Value("IsRegistered"); YES_NO; "hosts of Azure Virtual Desktop" PublicCode ""
    HostAvdPool "host.avd.pool" "Azure Virtual Desktop agent, host pool"
        Software AVD_AGENT Value("HostPoolId"); Text; "hosts of Azure Virtual Desktop" PublicCode ""

    HostGraceTask "host.grace_task" "Scheduled task that names the grace period"
        Software r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks" SubkeyValueNaming { value: "Actions", texts: &["GracePeriod", "RTMTIMEBOMB"] }; TaskActions;
        "not established" Inferred "the cache of tasks; [CODE] for the names that reset scripts use"

    HostGraceSecretKey "host.grace_secret.key" "LSA secret L$RTMTIMEBOMB"
        Security GRACE_SECRET Key; Presence; "2000, XP, Server 2003" RealData "XP clients have the secret too"
    HostGraceSecretSet "host.grace_secret.set" "LSA secret L$RTMTIMEBOMB, time at which it was set (CupdTime)"
        Security r"Policy\Secrets\L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588\CupdTime" Value(""); FileTime;
        "2000, XP, Server 2003" RealData "a plain time beside each LSA secret, in 9 of 9 hives"
    HostGraceSecretPreviousSet "host.grace_secret.previous_set" "LSA secret L$RTMTIMEBOMB, time at which its previous value was set (OupdTime)"
        Security r"Policy\Secrets\L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588\OupdTime" Value(""); FileTime;
        "2000, XP, Server 2003" RealData "a plain time beside each LSA secret, in 9 of 9 hives"

    HostPolicyTooltip "host.policy.tooltip" "Licensing warnings suppressed, by policy"
        Software POLICY Value("fDisableTerminalServerTooltip"); YES_NO; "Server 2008 and later" Microsoft "TerminalServer.admx"
    HostPolicySingleSession "host.policy.single_session" "One session per user, by policy"
        Software POLICY Value("fSingleSessionPerUser"); YES_NO; "Server 2003 and later" Microsoft "TerminalServer.admx"
    HostPolicyDenyConnections "host.policy.deny_connections" "Connections denied, by policy"
        Software POLICY Value("fDenyTSConnections"); YES_NO; "XP and later" Microsoft "TerminalServer.admx"
    HostPolicyInstances "host.policy.instances" "Number of connections allowed, by policy"
        Software POLICY Value("MaxInstanceCount"); Number(&[]); "Server 2003 and later" Microsoft "TerminalServer.admx"

    HostServiceStart "host.service.start" "Remote Desktop service, start type"
        ControlSet TERM_SERVICE Value("Start"); START; "2000 and later" RealData ""
    HostServiceImage "host.service.image" "Remote Desktop service, image"
        ControlSet TERM_SERVICE Value("ImagePath"); Text; "2000 and later" RealData ""
    HostServiceDependencies "host.service.dependencies" "Remote Desktop service, dependencies"
        ControlSet TERM_SERVICE Value("DependOnService"); Texts; "2000 and later" RealData ""
    HostServiceAccount "host.service.account" "Remote Desktop service, account"
        ControlSet TERM_SERVICE Value("ObjectName"); Text; "2000 and later" RealData ""
    HostServiceLibrary "host.service.library" "Remote Desktop service, library"
        ControlSet PARAMETERS Value("ServiceDll"); ServiceLibrary; "XP and later" RealData ""
    HostMultipleSessions "host.multiple_sessions" "Several sessions allowed (Winlogon)"
        Software r"Microsoft\Windows NT\CurrentVersion\Winlogon" Value("AllowMultipleTSSessions"); YES_NO;
        "XP and later" PublicCode ""
    HostAnomalyPolicyView "host.anomaly.policy_view" "Policy key in the 32-bit registry view"
        Software r"Wow6432Node\Policies\Microsoft\Windows NT\Terminal Services" Key; Anomaly;
        "not expected" Inferred "Policies is shared by both views"
    HostAnomalyPolicyViewValue "host.anomaly.policy_view.value" "Policy value in the 32-bit registry view"
        Software r"Wow6432Node\Policies\Microsoft\Windows NT\Terminal Services" Values; Anomaly;
        "not expected" Inferred "Policies is shared by both views"

    LicenseServerService "license_server.service" "License server's service"
        ControlSet LICENSING_SERVICE Key; Presence; "2000 and later" WebPage ""
    LicenseServerStart "license_server.start" "License server's service, start type"
        ControlSet LICENSING_SERVICE Value("Start"); START; "2000 and later" WebPage "Automatic on a Windows 2000 Server"
    LicenseServerImage "license_server.image" "License server's service, image"
        ControlSet LICENSING_SERVICE Value("ImagePath"); Text; "2000 and later" WebPage "lserver.exe on 2000 and 2003"
    LicenseServerDependencies "license_server.dependencies" "License server's service, dependencies"
        ControlSet LICENSING_SERVICE Value("DependOnService"); Texts; "2000 and later" WebPage "Event Log and RPC"
    LicenseServerAccount "license_server.account" "License server's service, account"
        ControlSet LICENSING_SERVICE Value("ObjectName"); Text; "2000 and later" WebPage ""
    LicenseServerName "license_server.name" "License server's service, display name"
        ControlSet LICENSING_SERVICE Value("DisplayName"); Text; "2000 and later" WebPage ""
    LicenseServerParametersKey "license_server.parameters.key" "License server parameters key"
        ControlSet r"Services\TermServLicensing\Parameters" Key; Presence;
        "2000 and later" Microsoft "KB 3167312, rds-license-session-hosts"
    LicenseServerParameters "license_server.parameters" "License server parameter"
        ControlSet r"Services\TermServLicensing\Parameters" Values; LicenseServerParameter;
        "2000 and later" Microsoft "KB 3167312, rds-license-session-hosts; other values undocumented"
    LicenseServerSoftwareKey "license_server.software.key" "License server settings key"
        Software r"Microsoft\TermServLicensing" Key; Presence; "2003 and later" PublicCode "TSTool"
    LicenseServerSoftware "license_server.software" "License server setting"
        Software r"Microsoft\TermServLicensing" Values; LicenseServerParameter;
        "2003 and later" PublicCode "RunAsRTM; other values undocumented"
    LicenseServerAnomalySoftwareView "license_server.anomaly.software_view" "License server key in the 32-bit registry view"
        Software r"Wow6432Node\Microsoft\TermServLicensing" Key; Anomaly;
        "not expected" Inferred "the key is shared by both views"
    LicenseServerDatabase "license_server.database" "Data source of an NT 4.0 license server"
        Software r"ODBC\ODBC.ini\Hydra License" Values; Text;
        "NT 4.0 Terminal Server Edition" Microsoft "KB 187629, 190233, 216159"
    LicenseServerPolicySecure "license_server.policy.secure" "Licenses limited to a group of hosts, by policy"
        Software POLICY Value("fSecureLicensing"); YES_NO; "Server 2003 and later" Microsoft "TerminalServer.admx"
    LicenseServerPolicyNoUpgrade "license_server.policy.no_upgrade" "License upgrade prevented, by policy"
        Software POLICY Value("fPreventLicenseUpgrade"); YES_NO; "Server 2003 and later" Microsoft "TerminalServer.admx"

    SystemProduct "system.product" "Product"
        Software WINDOWS_NT Value("ProductName"); Text; "after NT 4.0" RealData "not on NT 4.0"
    SystemEdition "system.edition" "Edition"
        Software WINDOWS_NT Value("EditionID"); Text; "Vista and later" RealData ""
    SystemInstallationType "system.installation_type" "Installation type"
        Software WINDOWS_NT Value("InstallationType"); Text; "7 and later" RealData ""
    SystemVersion "system.version" "Version"
        Software WINDOWS_NT Value("CurrentVersion"); Text; "NT 4.0 and later" RealData "6.3 since 8.1"
    SystemBuild "system.build" "Build"
        Software WINDOWS_NT Value("CurrentBuildNumber"); Text; "NT 4.0 and later" RealData ""
    SystemBuildCurrent "system.build.current" "Build (CurrentBuild)"
        Software WINDOWS_NT Value("CurrentBuild"); Text; "NT 4.0 and later" RealData "not a build number on NT 4.0 and XP"
    SystemUpdate "system.update" "Update level"
        Software WINDOWS_NT Value("UBR"); Number(&[]); "8.1 and later" RealData ""
    SystemServicePack "system.service_pack" "Service pack"
        Software WINDOWS_NT Value("CSDVersion"); Text; "NT 4.0 to 7" RealData ""
    SystemRelease "system.release" "Release"
        Software WINDOWS_NT Value("DisplayVersion"); Text; "10 20H2 and later" RealData ""
    SystemReleaseId "system.release_id" "Release, older form"
        Software WINDOWS_NT Value("ReleaseId"); Text; "10 1511 and later" RealData ""
    SystemInstalled "system.installed" "Installation time"
        Software WINDOWS_NT Value("InstallDate"); UnixTime; "NT 4.0 and later" RealData ""
    SystemRoleSessionHost "system.role.session_host" "Role Remote Desktop Session Host"
        Software r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache\RDS-RD-Server" Value("InstallState"); InstallState;
        "Server 2012 and later" Microsoft "Azure Virtual Desktop documentation"
    SystemRoleLicenseServer "system.role.license_server" "Role Remote Desktop Licensing"
        Software r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache\RDS-Licensing" Value("InstallState"); InstallState;
        "Server 2012 and later" Inferred "the name of the key is not verified"
    SystemRoles "system.roles" "Role cache"
        Software COMPONENTS Key; Presence; "Server 2012 and later" Microsoft "Azure Virtual Desktop documentation"
    SystemDistinguishedName "system.distinguished_name" "Distinguished name at the last policy update"
        Software r"Microsoft\Windows\CurrentVersion\Group Policy\State\Machine" Value("Distinguished-Name"); Text;
        "2000 and later" PublicCode ""
    SystemPolicyBrokerFarm "system.policy.broker_farm" "Farm, by policy"
        Software POLICY Value("SessionDirectoryClusterName"); Text; "Server 2003 and later" Microsoft "TerminalServer.admx"
    SystemPolicyBrokerActive "system.policy.broker_active" "Farm member, by policy"
        Software POLICY Value("SessionDirectoryActive"); YES_NO; "Server 2003 and later" Microsoft "TerminalServer.admx"
    SystemPolicyBroker "system.policy.broker" "Connection broker, by policy"
        Software POLICY Value("SessionDirectoryLocation"); Text; "Server 2003 and later" Microsoft "TerminalServer.admx"

    SystemProductType "system.product_type" "Product type"
        ControlSet r"Control\ProductOptions" Value("ProductType"); Text; "NT 3.5 and later" RealData ""
    SystemProductSuite "system.product_suite" "Product suite"
        ControlSet r"Control\ProductOptions" Value("ProductSuite"); Texts; "NT 4.0 and later" RealData "Terminal Server on clients too"
    SystemProductPolicy "system.product_policy" "Product policy"
        ControlSet r"Control\ProductOptions" Value("ProductPolicy"); Certificate; "Vista and later" RealData ""
    SystemSelectCurrent "system.select.current" "Control set in use"
        System "Select" Value("Current"); Number(&[]); "NT 4.0 and later" RealData ""
    SystemSelectDefault "system.select.default" "Control set for the next start"
        System "Select" Value("Default"); Number(&[]); "NT 4.0 and later" RealData ""
    SystemSelectFailed "system.select.failed" "Control set whose start failed"
        System "Select" Value("Failed"); Number(&[]); "NT 4.0 and later" RealData ""
    SystemSelectLastKnownGood "system.select.last_known_good" "Control set of the last good start"
        System "Select" Value("LastKnownGood"); Number(&[]); "NT 4.0 and later" RealData ""
    SystemStoredControlSet "system.stored_control_set" "Stored key CurrentControlSet"
        System "CurrentControlSet" Key; Presence; "any" Inferred "normally a link that exists only while Windows runs"
    SystemComputerName "system.computer_name" "Computer name"
        ControlSet r"Control\ComputerName\ComputerName" Value("ComputerName"); Text; "NT 4.0 and later" RealData ""
    SystemHostName "system.host_name" "Host name"
        ControlSet TCPIP Value("Hostname"); Text; "NT 4.0 and later" RealData ""
    SystemDnsSuffix "system.dns_suffix" "DNS suffix"
        ControlSet TCPIP Value("Domain"); Text; "NT 4.0 and later" RealData "no evidence of membership"
    SystemEntraTenant "system.entra.tenant" "Microsoft Entra join, tenant"
        ControlSet r"Control\CloudDomainJoin\JoinInfo" SubkeyValue { prefix: "", value: "TenantId" }; Text;
        "10 and later" PublicCode "public scripts"
    SystemPrimaryDomain "system.primary_domain" "Primary domain or workgroup"
        Security r"Policy\PolPrDmN" Value(""); PrimaryDomainName; "NT 4.0 and later" RealData "8 hives"
    SystemPrimaryDomainSid "system.primary_domain.sid" "Security identifier of the primary domain"
        Security r"Policy\PolPrDmS" Value(""); PrimaryDomainSid; "NT 4.0 and later" RealData "empty in 2 of 2 hives of workgroup machines, set in 6 of 6 of domain members and controllers"
    SystemTimeZone "system.time_zone" "Time zone"
        ControlSet TIME_ZONE Value("TimeZoneKeyName"); Text; "Vista and later" RealData ""
    SystemTimeZoneStandard "system.time_zone.standard" "Time zone, name of standard time"
        ControlSet TIME_ZONE Value("StandardName"); Text; "NT 4.0 and later" RealData ""
    SystemBias "system.bias" "Bias"
        ControlSet TIME_ZONE Value("Bias"); Bias; "NT 4.0 and later" RealData ""
    SystemBiasActive "system.bias.active" "Bias at the last use of the hive"
        ControlSet TIME_ZONE Value("ActiveTimeBias"); Bias; "NT 4.0 and later" RealData ""
    SystemShutDown "system.shut_down" "Last shutdown"
        ControlSet r"Control\Windows" Value("ShutdownTime"); FileTime; "XP and later" RealData ""
    SystemFarm "system.farm" "Farm"
        ControlSet CLUSTER Value("SessionDirectoryClusterName"); Text; "Server 2003 and later" PublicCode ""
    SystemFarmActive "system.farm_active" "Farm member"
        ControlSet CLUSTER Value("SessionDirectoryActive"); YES_NO; "Server 2003 and later" PublicCode ""
    SystemBroker "system.broker" "Connection broker"
        ControlSet CLUSTER Value("SessionDirectoryLocation"); Text; "Server 2003 and later" PublicCode ""
    SystemCloneTag "system.clone_tag" "Sysprep clone tag"
        System "Setup" Value("CloneTag"); Labeled("Microsoft's installation images carry one, too"); "NT 4.0 and later" PublicCode ""
    SystemUpgraded "system.upgraded" "Installation before an upgrade"
        System "Setup" SubkeyValue { prefix: "Source OS", value: "ProductName" }; Text;
        "10 and later" PublicCode "public scripts"
    SystemUpgradedInstalled "system.upgraded.installed" "Installation before an upgrade, installation time"
        System "Setup" SubkeyValue { prefix: "Source OS", value: "InstallDate" }; UnixTime;
        "10 and later" PublicCode "public scripts"
}
