// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Host`]: an installation of Windows.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_evidence::Corroboration;
use calhive_regf::FileTime;
use calhive_regf::registry::Role;

use crate::catalog::Code;
use crate::meaning::{Certainty, LicensingMode, MachineName};
use crate::report::{Answer, GraceEndReport, Pairing, PairingBasis, ProfileReport, Text};

/// An installation of Windows, or one copy of its hives.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Host {
    /// Id of the host: `host-1` and so on.
    pub id: String,
    /// Ids of the sources that belong to the host.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub sources: Vec<String>,
    /// Why calhive treats these sources as one host.
    pub pairing: Pairing,
    /// The reason for the pairing, in words.
    pub pairing_statement: Text,
    /// What supports or contradicts the pairing.
    pub pairing_basis: PairingBasis,
    /// Kind of copy, if the folder shows that the hives are not those in use. Absent otherwise.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub copy: Option<HiveCopy>,
    /// What the hives say about the installation.
    pub system: System,
    /// Whether the host serves remote sessions.
    pub session_host: RoleReport,
    /// Whether the host issues licenses.
    pub license_server: RoleReport,
    /// Licensing mode in effect, according to the given hives.
    pub licensing_mode: Setting<LicensingMode>,
    /// License servers in effect, according to the given hives.
    pub license_servers: Setting<Vec<MachineName>>,
    /// License servers that issued certificates to this machine as a session host.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub registered_with: Vec<Attributed>,
    /// License servers that issued certificates to this machine as a session host. These certificates were
    /// recovered outside the tree.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub earlier_registrations: Vec<Attributed>,
    /// What the transaction logs of its hives contribute.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub logs: Vec<HostLogs>,
    /// Ids of facts that the hives hold and the tree does not show. No other statement about the host uses
    /// these facts.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub hidden: Vec<String>,
    /// Ids of facts recovered from bytes of hives and logs outside every tree, without copies of live facts.
    /// Statements about settings in effect do not use these facts.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub recovered: Vec<String>,
    /// Control sets of the SYSTEM hive, by number.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub control_sets: Vec<ControlSetReport>,
    /// Differences between the control sets.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub differences: Vec<Difference>,
    /// What remains unknown because a hive of the host was not given, in words.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub unknown: Vec<Text>,
    /// Number of tokens that calhive did not decode, because the host has too many. Absent if all were decoded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub tokens_not_decoded: Option<u64>,
    /// Time at which the tokens of the host are judged.
    pub reference_time: ReferenceTime,
    /// Answers to the questions that calhive examines a host for.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub answers: Vec<Answer>,
    /// What came of decrypting the end of the grace period. Absent if the examiner did not ask for that.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub grace_end: Option<GraceEndReport>,
    /// What profiles of users on the same volume store for the Remote Desktop client. No evidence of a connection.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub profiles: Vec<ProfileReport>,
    /// Further evidence that can confirm or contradict the answers.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub corroboration: Vec<Corroboration>,
}

/// Kind of hive copy: the hives are not the ones that Windows uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum HiveCopy {
    /// The backup copy that Windows keeps in `RegBack` or `repair`.
    Backup,
    /// The installation before an upgrade, in `Windows.old`.
    EarlierInstallation,
    /// The hives in a shadow copy of the volume.
    ShadowCopy,
    /// A deleted file.
    Deleted,
    /// Hives carved from unallocated clusters of the volume.
    Carved,
}

impl fmt::Display for HiveCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Backup => "backup copy that Windows keeps",
            Self::EarlierInstallation => "earlier installation, Windows.old",
            Self::ShadowCopy => "shadow copy",
            Self::Deleted => "deleted file",
            Self::Carved => "carved from unallocated clusters",
        })
    }
}

/// What the transaction logs of a hive contribute to the facts of a host.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HostLogs {
    /// Id of the source of the hive.
    pub source: String,
    /// Logs that were applied to the hive, in words.
    pub statement: Text,
    /// Whether changes are known to be missing. The settings then show the last complete state.
    pub is_incomplete: bool,
    /// Ids of the facts with bytes from a log.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
}

/// What the hives say about an installation of Windows. A property is absent if the given hives do not have it.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct System {
    /// Computer name.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub computer_name: Option<Attributed>,
    /// Product.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub product: Option<Attributed>,
    /// Edition.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub edition: Option<Attributed>,
    /// Version with build and update level, and service pack or release.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub build: Option<Attributed>,
    /// Product type: client, server or domain controller.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub product_type: Option<Attributed>,
    /// Time when this installation was made or last upgraded, by its own clock.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub installed: Option<Attributed>,
    /// Earlier installations, before upgrades.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub upgraded_from: Vec<Attributed>,
    /// Mark of a machine that was cloned with Sysprep.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub clone_tag: Option<Attributed>,
    /// Domain membership.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub domain: Option<Attributed>,
    /// Join to Microsoft Entra.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub entra: Option<Attributed>,
    /// Time zone with its offset from UTC.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub time_zone: Option<Attributed>,
    /// Time of the last shutdown.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub shut_down: Option<Attributed>,
    /// Farm that the host belongs to.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub farm: Option<Attributed>,
}

/// A statement with the facts behind it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Attributed {
    /// The statement.
    pub text: String,
    /// Ids of the facts behind the statement.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
}

/// Whether a host has a role.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct RoleReport {
    /// Whether the host has the role.
    pub state: RoleState,
    /// Reason for the state, in words.
    pub statement: Text,
    /// How certain the state is.
    pub certainty: Certainty,
    /// Ids of the facts behind the state.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
    /// Quotation from a published text about the role, without a judgment. Absent without a quotation.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub background: Option<Text>,
}

/// Whether a host has a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum RoleState {
    /// The host has the role.
    Present,
    /// The host does not have the role.
    Absent,
    /// The host serves sessions without the role, as multi-session Windows does.
    NotApplicable,
    /// The given hives do not show the state.
    Unknown,
}

/// A setting that several places can define, and the definition in effect.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Setting_{T}"))]
pub struct Setting<T> {
    /// Value in effect. Absent if nothing is set, or if the value cannot be determined.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value: Option<T>,
    /// Name of the value, in words.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub label: Option<Text>,
    /// Ids of the facts that define the value.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
    /// Ids of the facts that the value overrides.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub overrides: Vec<String>,
    /// The setting in words, with a note on what this statement does not consider.
    pub statement: Text,
    /// What the role of the host means for the setting. Absent if the role is present.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub role_note: Option<Text>,
}

/// A control set of a SYSTEM hive.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ControlSetReport {
    /// Number of the control set: 1 for ControlSet001, 0 for a stored key `CurrentControlSet`.
    pub number: u32,
    /// Roles that the key `Select` gives to the control set.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub roles: Vec<Role>,
}

/// A place whose content differs between control sets.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Difference {
    /// Code of the place in the catalog.
    pub code: Code,
    /// What the catalog looks for at this place, in words.
    pub title: Text,
    /// Content of the place in each control set.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub values: Vec<SetContent>,
    /// Ids of the facts that differ.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub facts: Vec<String>,
}

/// Content of a place in one control set.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SetContent {
    /// Number of the control set.
    pub control_set: u32,
    /// The content in readable form. Absent if the control set does not have the place.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub content: Option<Text>,
}

/// Time at which the tokens of a host are judged.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ReferenceTime {
    /// The time, UTC. Absent if the hives have no plausible time.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub time: Option<FileTime>,
    /// Whether the user gave the time. If not, it is the newest plausible last-written time.
    pub is_given: bool,
    /// Oldest plausible last-written time of the keys that were read, UTC.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub oldest: Option<FileTime>,
    /// Newest plausible last-written time of the keys that were read, UTC.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub newest: Option<FileTime>,
    /// Number of times that were left out as implausible.
    pub implausible: u64,
    /// The same information, in words.
    pub statement: Text,
}

impl<T> Setting<T> {
    /// Returns the setting in words, with what the role of the host means for it.
    pub fn in_words(&self) -> String {
        match &self.role_note {
            Some(note) => format!("{} {note}", self.statement),
            None => self.statement.to_string(),
        }
    }
}
