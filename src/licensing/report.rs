// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Report`]: what `interpret` makes of facts; owned, and serialisable with the feature `serde`.
//!
//! Every fact has an id, and everything else refers to facts and sources by id.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

#[cfg(feature = "serde")]
use serde::Serialize;

use crate::licensing::fact::{self, Counts, Facts, Faults, Origin, State};
use crate::licensing::locations::Meaning;
use crate::licensing::{hardware_id, session_host, store, text};
use crate::registry::{HiveKind, Role};
use crate::time::FileTime;

/// The version of the report's shape. It grows when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// What the evidence says, with the place of everything in it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What made the report.
    pub tool: Tool,
    /// The hives that were read.
    pub sources: Vec<SourceReport>,
    /// The installations of Windows that they belong to.
    pub hosts: Vec<Host>,
    /// The facts, by source, in the order of the catalogue.
    pub facts: Vec<FactReport>,
    /// Conclusions from several facts. None are drawn yet.
    pub findings: Vec<Finding>,
    /// Dated events. None are derived yet.
    pub events: Vec<Event>,
    /// What the evidence cannot show, whatever was found.
    pub limitations: Vec<String>,
}

/// The program that made a report.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub struct Tool {
    /// `calhive`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A hive that was read.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub struct SourceReport {
    /// Id: `source-1` and so on.
    pub id: String,
    /// The path that it was read from.
    pub path: String,
    /// The hash of the whole file, in hex; `None` where it was not taken.
    pub sha256: Option<String>,
    /// The number of bytes of the file.
    pub size: u64,
    /// Which hive it is.
    pub kind: HiveKind,
    /// Version of the format.
    pub version: String,
    /// Primary and secondary sequence number.
    pub sequence: (u32, u32),
    /// Whether the checksum of the base block is right.
    pub checksum_is_valid: bool,
    /// Whether newest changes may stand in the transaction logs only.
    pub is_dirty: bool,
    /// The numbers of keys and values that could be read.
    pub counts: Counts,
    /// What the hive names and could not be read.
    pub unread: FaultReport,
    /// What is wrong with things that could be read.
    pub faults: FaultReport,
}

/// Faults of a source.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub struct FaultReport {
    /// How many there are.
    pub total: u64,
    /// The first of them.
    pub first: Vec<Fault>,
}

/// A fault.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub struct Fault {
    /// Where, in the file.
    pub offset: u64,
    /// What.
    pub message: String,
}

/// An installation of Windows.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub struct Host {
    /// Id: `host-1` and so on.
    pub id: String,
    /// The sources that belong to it.
    pub sources: Vec<String>,
    /// What cannot be known, since a hive of it is not at hand.
    pub unknown: Vec<String>,
}

/// A fact, with what it means.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub struct FactReport {
    /// Id: `fact-1` and so on.
    pub id: String,
    /// The source that it comes from.
    pub source: String,
    /// Its entry in the catalogue.
    pub code: String,
    /// What it is.
    pub title: String,
    /// What was found at the place.
    pub state: State,
    /// The data as a person reads them; `None` where there are none, or none that can be understood.
    pub shown: Option<String>,
    /// What the data mean; `None` where nothing was found.
    pub label: Option<String>,
    /// How sure that is; `None` where nothing was found.
    pub certainty: Option<Certainty>,
    /// The data as they are; `None` unless a value was found.
    pub data: Option<DataReport>,
    /// Where it stands.
    pub provenance: ProvenanceReport,
    /// Who says that this is the place, and what it means.
    pub reference: String,
}

/// Data of a value.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub struct DataReport {
    /// The number of bytes that the value claims.
    pub size: u64,
    /// The bytes that could be read, in hex.
    pub hex: String,
}

/// The place of a fact in the evidence.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub struct ProvenanceReport {
    /// The control set, in SYSTEM.
    pub control_set: Option<ControlSetReport>,
    /// Whether it is the view of 32-bit programs (`Wow6432Node`).
    pub redirected: bool,
    /// The key, from the root of the hive on.
    pub key_path: String,
    /// Where the key begins in the file; `None` where there is no such key.
    pub key_offset: Option<u64>,
    /// When the key was last written, UTC.
    pub key_last_written: Option<String>,
    /// The same as it is stored.
    pub key_last_written_filetime: Option<u64>,
    /// The name of the value; empty for the default value, `None` where the fact is no value.
    pub value_name: Option<String>,
    /// The type of the value, as Windows names it.
    pub value_type: Option<String>,
    /// Where the value begins in the file; `None` where there is no such value.
    pub value_offset: Option<u64>,
    /// In which state of the hive it stands.
    pub origin: Origin,
}

/// A control set.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
pub struct ControlSetReport {
    /// Its number.
    pub number: u32,
    /// What `Select` says that it is for.
    pub roles: Vec<Role>,
}

/// A conclusion. There are none yet.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[non_exhaustive]
pub enum Finding {}

/// A dated event. There are none yet.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[non_exhaustive]
pub enum Event {}

/// How sure a meaning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Certainty {
    /// The bytes are told, without a meaning.
    Observed,
    /// Microsoft's texts say so.
    Documented,
    /// It follows from other facts, and no text of Microsoft says so.
    Inferred,
}

/// What data mean.
#[derive(Clone, Debug)]
pub(crate) struct Explanation {
    pub(crate) shown: Option<String>,
    pub(crate) label: String,
    pub(crate) certainty: Certainty,
}

/// What no SYSTEM or SOFTWARE hive can show.
const LIMITATIONS: [&str; 2] = [
    "Whether enough licences were bought cannot be told from SYSTEM and SOFTWARE: what a licence \
     server issued stands in its own database, and use per user in the directory.",
    "Transaction logs were not applied, and deleted data were not searched: a change that stands \
     only there is not in this report.",
];

/// Makes facts into a report.
///
/// Hives of one folder are one host where there is one SYSTEM and one SOFTWARE in it; any other hive
/// is taken for a host of its own.
pub fn interpret(collected: &[Facts]) -> Report {
    let ids: Vec<String> = (1..=collected.len()).map(|n| format!("source-{n}")).collect();
    let mut facts = Vec::new();
    for (source, id) in collected.iter().zip(&ids) {
        for fact in &source.facts {
            let number = facts.len().saturating_add(1);
            facts.push(fact_report(fact, format!("fact-{number}"), id));
        }
    }
    Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        sources: collected.iter().zip(&ids).map(|(source, id)| source_report(source, id)).collect(),
        hosts: hosts(collected, &ids),
        facts,
        findings: Vec::new(),
        events: Vec::new(),
        limitations: LIMITATIONS.iter().map(|text| String::from(*text)).collect(),
    }
}

fn source_report(facts: &Facts, id: &str) -> SourceReport {
    let (major, minor) = facts.version;
    SourceReport {
        id: id.to_owned(),
        path: facts.path.clone(),
        sha256: facts.sha256.clone(),
        size: facts.size,
        kind: facts.kind,
        version: format!("{major}.{minor}"),
        sequence: facts.sequence,
        checksum_is_valid: facts.checksum_is_valid,
        is_dirty: !facts.checksum_is_valid || facts.sequence.0 != facts.sequence.1,
        counts: facts.counts,
        unread: fault_report(&facts.unread),
        faults: fault_report(&facts.faults),
    }
}

fn fault_report(faults: &Faults) -> FaultReport {
    let fault = |error: &crate::Error| Fault {
        offset: error.offset().get(),
        message: error.kind().to_string(),
    };
    FaultReport { total: faults.total, first: faults.first.iter().map(fault).collect() }
}

/// Groups SYSTEM and SOFTWARE hives into hosts, by folder.
fn hosts(collected: &[Facts], ids: &[String]) -> Vec<Host> {
    let mut folders: BTreeMap<&str, Vec<(&Facts, &String)>> = BTreeMap::new();
    for (facts, id) in collected.iter().zip(ids) {
        if matches!(facts.kind, HiveKind::System | HiveKind::Software) {
            let end = facts.path.rfind(['/', '\\']).unwrap_or(0);
            folders.entry(facts.path.get(..end).unwrap_or_default()).or_default().push((facts, id));
        }
    }
    let mut groups: Vec<Vec<(&Facts, &String)>> = Vec::new();
    for members in folders.into_values() {
        let of = |kind| members.iter().filter(|(facts, _)| facts.kind == kind).count();
        if of(HiveKind::System) == 1 && of(HiveKind::Software) == 1 {
            groups.push(members);
        } else {
            groups.extend(members.into_iter().map(|member| vec![member]));
        }
    }
    let host = |(index, members): (usize, Vec<(&Facts, &String)>)| {
        let has = |kind| members.iter().any(|(facts, _)| facts.kind == kind);
        let mut unknown = Vec::new();
        if !has(HiveKind::Software) {
            unknown.push(String::from(
                "policy settings and the licences of this client: no SOFTWARE hive is at hand",
            ));
        }
        if !has(HiveKind::System) {
            unknown.push(String::from("local settings: no SYSTEM hive is at hand"));
        }
        Host {
            id: format!("host-{}", index.saturating_add(1)),
            sources: members.iter().map(|(_, id)| (*id).clone()).collect(),
            unknown,
        }
    };
    groups.into_iter().enumerate().map(host).collect()
}

fn fact_report(fact: &fact::Fact, id: String, source: &str) -> FactReport {
    let explanation = fact.state.is_found().then(|| explain(fact));
    let is_value = matches!(fact.state, State::Set | State::Incomplete);
    let (shown, label, certainty) = match explanation {
        Some(it) => (it.shown, Some(it.label), Some(it.certainty)),
        None => (None, None, None),
    };
    FactReport {
        id,
        source: source.to_owned(),
        code: fact.location.code.to_owned(),
        title: fact.location.title.to_owned(),
        state: fact.state,
        shown,
        label,
        certainty,
        data: is_value.then(|| DataReport { size: fact.size, hex: text::hex(&fact.data) }),
        provenance: provenance_report(&fact.provenance),
        reference: fact.location.source.to_owned(),
    }
}

fn provenance_report(provenance: &fact::Provenance) -> ProvenanceReport {
    let written = provenance.key_place.map(|(_, written)| written);
    let control_set = provenance.control_set.as_ref();
    ProvenanceReport {
        control_set: control_set
            .map(|(number, roles)| ControlSetReport { number: *number, roles: roles.clone() }),
        redirected: provenance.redirected,
        key_path: provenance.key.clone(),
        key_offset: provenance.key_place.map(|(offset, _)| offset),
        key_last_written: written.map(|time: FileTime| time.to_string()),
        key_last_written_filetime: written.map(FileTime::raw),
        value_name: provenance.value.clone(),
        value_type: provenance.value_place.map(|(_, value_type)| value_type.to_string()),
        value_offset: provenance.value_place.map(|(offset, _)| offset),
        origin: provenance.origin,
    }
}

fn explain(fact: &fact::Fact) -> Explanation {
    let value_type = fact.provenance.value_place.map_or(crate::ValueType::SZ, |(_, kind)| kind);
    let name = fact.provenance.value.as_deref().unwrap_or_default();
    match fact.location.meaning {
        Meaning::HardwareId => hardware_id::explain(&fact.data),
        Meaning::StoredLicense => store::explain(name, &fact.data, value_type),
        Meaning::LicensingMode => session_host::explain_mode(&fact.data),
        Meaning::LicenseServers => session_host::explain_servers(&fact.data, value_type),
        Meaning::Number => Explanation {
            shown: fact.data.as_slice().try_into().ok().map(|n| u32::from_le_bytes(n).to_string()),
            label: String::from("no documented meaning"),
            certainty: Certainty::Observed,
        },
    }
}
