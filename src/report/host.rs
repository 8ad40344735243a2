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
use crate::report::{Answer, Pairing, PairingBasis};

/// An installation of Windows, or one copy of its hives.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Host {
    /// Id of the host: `host-1` and so on.
    pub id: String,
    /// Ids of the sources that belong to the host.
    pub sources: Vec<String>,
    /// Why calhive treats these sources as one host.
    pub pairing: Pairing,
    /// The reason for the pairing, in words.
    pub pairing_statement: String,
    /// What supports or contradicts the pairing.
    pub pairing_basis: PairingBasis,
    /// Kind of copy, if the folder shows that the hives are not those in use. Null otherwise.
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
    pub registered_with: Vec<Attributed>,
    /// License servers that issued certificates to this machine as a session host. These certificates were
    /// recovered outside the tree.
    pub earlier_registrations: Vec<Attributed>,
    /// What the transaction logs of its hives contribute.
    pub logs: Vec<HostLogs>,
    /// Ids of facts that the hives hold and the tree does not show. No other statement about the host uses
    /// these facts.
    pub hidden: Vec<String>,
    /// Ids of facts recovered from bytes of hives and logs outside every tree, without copies of live facts.
    /// Statements about settings in effect do not use these facts.
    pub recovered: Vec<String>,
    /// Control sets of the SYSTEM hive, by number.
    pub control_sets: Vec<ControlSetReport>,
    /// Differences between the control sets.
    pub differences: Vec<Difference>,
    /// What remains unknown because a hive of the host was not given, in words.
    pub unknown: Vec<String>,
    /// Time at which the tokens of the host are judged.
    pub reference_time: ReferenceTime,
    /// Answers to the questions that calhive examines a host for.
    pub answers: Vec<Answer>,
    /// Further evidence that can confirm or contradict the answers.
    pub corroboration: Vec<Corroboration>,
}

/// Kind of hive copy: the hives are not the ones that Windows uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HiveCopy {
    /// The backup copy that Windows keeps in `RegBack` or `repair`.
    Backup,
    /// The installation before an upgrade, in `Windows.old`.
    EarlierInstallation,
}

impl fmt::Display for HiveCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Backup => "backup copy that Windows keeps",
            Self::EarlierInstallation => "earlier installation, Windows.old",
        })
    }
}

json_text!(HiveCopy);

/// What the transaction logs of a hive contribute to the facts of a host.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HostLogs {
    /// Id of the source of the hive.
    pub source: String,
    /// Logs that were applied to the hive, in words.
    pub statement: String,
    /// Whether changes are known to be missing. The settings then show the last complete state.
    pub is_incomplete: bool,
    /// Ids of the facts with bytes from a log.
    pub facts: Vec<String>,
}

/// What the hives say about an installation of Windows. A property is null if the given hives do not have it.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct System {
    /// Computer name.
    pub computer_name: Option<Attributed>,
    /// Product.
    pub product: Option<Attributed>,
    /// Edition.
    pub edition: Option<Attributed>,
    /// Version with build and update level, and service pack or release.
    pub build: Option<Attributed>,
    /// Product type: client, server or domain controller.
    pub product_type: Option<Attributed>,
    /// Time when this installation was made or last upgraded, by its own clock.
    pub installed: Option<Attributed>,
    /// Earlier installations, before upgrades.
    pub upgraded_from: Vec<Attributed>,
    /// Mark of a machine that was cloned with Sysprep.
    pub clone_tag: Option<Attributed>,
    /// Domain membership.
    pub domain: Option<Attributed>,
    /// Join to Microsoft Entra.
    pub entra: Option<Attributed>,
    /// Time zone with its offset from UTC.
    pub time_zone: Option<Attributed>,
    /// Time of the last shutdown.
    pub shut_down: Option<Attributed>,
    /// Farm that the host belongs to.
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
    pub statement: String,
    /// How certain the state is.
    pub certainty: Certainty,
    /// Ids of the facts behind the state.
    pub facts: Vec<String>,
    /// Quotation from a published text about the role, without a judgment. Null without a quotation.
    pub background: Option<String>,
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
pub struct Setting<T> {
    /// Value in effect. Null if nothing is set, or if the value cannot be determined.
    pub value: Option<T>,
    /// Name of the value, in words.
    pub label: Option<String>,
    /// Ids of the facts that define the value.
    pub facts: Vec<String>,
    /// Ids of the facts that the value overrides.
    pub overrides: Vec<String>,
    /// The setting in words, with a note on what this statement does not consider.
    pub statement: String,
    /// What the role of the host means for the setting, in words. Null if the role is present.
    pub role_note: Option<String>,
}

/// A control set of a SYSTEM hive.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ControlSetReport {
    /// Number of the control set: 1 for ControlSet001, 0 for a stored key `CurrentControlSet`.
    pub number: u32,
    /// Roles that the key `Select` gives to the control set.
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
    pub title: String,
    /// Pairs of control set number and content. The content is null if the control set does not have it.
    pub values: Vec<(u32, Option<String>)>,
    /// Ids of the facts that differ.
    pub facts: Vec<String>,
}

/// Time at which the tokens of a host are judged.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ReferenceTime {
    /// The time, UTC. Null if the hives have no plausible time.
    pub time: Option<FileTime>,
    /// Whether the user gave the time. If not, it is the newest plausible last-written time.
    pub is_given: bool,
    /// Oldest plausible last-written time of the keys that were read, UTC.
    pub oldest: Option<FileTime>,
    /// Newest plausible last-written time of the keys that were read, UTC.
    pub newest: Option<FileTime>,
    /// Number of times that were left out as implausible.
    pub implausible: u64,
    /// The same information, in words.
    pub statement: String,
}

impl<T> Setting<T> {
    /// Returns the setting in words, with what the role of the host means for it.
    pub fn in_words(&self) -> String {
        match &self.role_note {
            Some(note) => format!("{} {note}", self.statement),
            None => self.statement.clone(),
        }
    }
}
