// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Base`], [`Read`], [`Meaning`], [`Authority`], [`Subject`]: the columns of the catalog.

/// Base key of a location's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Each control set of SYSTEM.
    ControlSet,
    /// The root of SYSTEM.
    System,
    /// The root of SOFTWARE.
    Software,
    /// The root of SOFTWARE and its subkey `Wow6432Node`. On 64-bit Windows, 32-bit programs have
    /// their own copy of the key in `Wow6432Node`.
    SoftwareViews,
    /// The root of SECURITY.
    Security,
    /// The root of a user's `NTUSER.DAT`.
    User,
    /// The key `VirtualStore\MACHINE\SOFTWARE` of a user's `UsrClass.dat`, and its subkey `Wow6432Node`. Windows keeps
    /// what 32-bit programs without a manifest write to SOFTWARE here.
    VirtualStore,
}

/// Part of a key that calhive reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// The key itself: its presence, last-written time and permissions.
    Key,
    /// The value with this name.
    Value(&'static str),
    /// Every value.
    Values,
    /// The value with this name in every subkey whose name has the prefix.
    SubkeyValue {
        /// Prefix of the subkey's name; empty for every subkey.
        prefix: &'static str,
        /// Name of the value.
        value: &'static str,
    },
    /// The value with this name in every subkey, if its data contain one of these texts in UTF-16LE, in any
    /// case. Only a thorough look-up reads such a place.
    SubkeyValueNaming {
        /// Name of the value.
        value: &'static str,
        /// Texts to look for.
        texts: &'static [&'static str],
    },
    /// Every value of every subkey.
    SubkeyValues,
    /// The names of all subkeys except one.
    SubkeyNames {
        /// Subkey to exclude. The catalog lists this subkey as a separate location.
        except: &'static str,
    },
}

/// Meaning of the data at a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A `CLIENT_HARDWARE_ID` ([MS-RDPELE] 2.2.2.3.1).
    HardwareId,
    /// A value of a license in the store, identified by its name ([MS-RDPELE] 2.2.2.6.1).
    StoredLicense,
    /// A licensing mode.
    LicensingMode,
    /// The licensing mode of Windows Server 2003. The documentation calls 0 invalid.
    PolicyAcOn,
    /// Names of license servers.
    LicenseServers,
    /// A value of the grace-period key: a DPAPI blob with one of two names.
    GracePeriod,
    /// A certificate or public key, reported by size and hash.
    Certificate,
    /// A secret, reported by size and hash and never shown.
    Secret,
    /// A parameter of the license server's service, identified by its name.
    LicenseServerParameter,
    /// A number, with the known meanings.
    Number(&'static [(u32, &'static str)]),
    /// Text.
    Text,
    /// Several strings.
    Texts,
    /// A FILETIME of eight bytes.
    FileTime,
    /// Seconds since 1970.
    UnixTime,
    /// Difference between local time and UTC, in minutes: UTC is local time plus the bias.
    Bias,
    /// Any data. Only the presence of the value has a meaning.
    Presence,
    /// Any data. The text is the meaning of the value's presence.
    Marker(&'static str),
    /// A number or text. The label says what is known of the value.
    Labeled(&'static str),
    /// The actions of a scheduled task.
    TaskActions,
    /// Name of the primary domain or workgroup, as the local security authority stores it.
    PrimaryDomainName,
    /// Security identifier of the primary domain. Empty on a machine without a domain.
    PrimaryDomainSid,
    /// A certificate that only a license server issues, reported by size and hash.
    HostCertificate,
    /// The library that a service loads.
    ServiceLibrary,
    /// Whether a role is installed.
    InstallState,
    /// An unexpected key or value.
    Anomaly,
}

/// Subject of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A machine that connects to session hosts, and its stored licenses.
    Client,
    /// A machine to which clients connect.
    SessionHost,
    /// A machine that issues licenses.
    LicenseServer,
    /// The installation of Windows.
    System,
}

/// Kind of source that supports a place of the catalog or its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// A text that Microsoft published.
    Microsoft,
    /// A measurement in real data.
    RealData,
    /// Public third-party code.
    PublicCode,
    /// A web page, without a stronger source.
    WebPage,
    /// An inference.
    Inferred,
}

impl Authority {
    /// Returns the tag that reports show: `MS`, `REAL`, `CODE`, `BLOG` or `INF`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Microsoft => "MS",
            Self::RealData => "REAL",
            Self::PublicCode => "CODE",
            Self::WebPage => "BLOG",
            Self::Inferred => "INF",
        }
    }
}
