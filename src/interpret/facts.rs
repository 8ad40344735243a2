// SPDX-License-Identifier: MIT OR Apache-2.0
//! Turns facts into their form in a report.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_regf::ValueType;
use calhive_regf::hive::hidden;
use sha2::{Digest as _, Sha256};

use crate::catalog::Meaning;
use crate::fact::explain::is_withheld;
use crate::fact::{Facts, FromLog, Hiding, Provenance, Remains, SecondReading, State};
use crate::interpret::evidence_id::EvidenceIds;
use crate::interpret::view::Exhibit;
use crate::meaning::license_servers::license_servers;
use crate::meaning::text;
use crate::report::{
    Agreement, ControlSetReport, DataReport, FactReport, Fault, FromLogReport, HidingReport,
    ProvenanceReport, RemainsReport, SecondReadingReport, Text,
};

/// Reports a fact with its meaning and place. `begin` is the hash of its source.
pub(super) fn fact_report(
    exhibit: &Exhibit<'_>,
    source: &str,
    collected: &Facts,
    begin: &Sha256,
) -> FactReport {
    let Exhibit { id, fact, explanation } = exhibit;
    let is_withheld = is_withheld(fact);
    let recovered = fact.provenance.recovered.as_ref();
    let label = match recovered {
        // The tree no longer has the key.
        Some(_) if fact.state == State::Key => Some(String::from("the key existed")),
        _ => explanation.as_ref().and_then(|it| it.label.clone()),
    };
    let is_by_name = recovered.is_some_and(|it| !it.key_is_known);
    let title = fact.location.title;
    FactReport {
        id: id.clone(),
        evidence_id: EvidenceIds::first(begin, fact),
        source: String::from(source),
        code: fact.location.code,
        title: match is_by_name {
            true => Text::from(format!("{title} (by its name or bytes alone)")),
            false => Text::from(title),
        },
        state: fact.state,
        lost: fact.lost.as_ref().map(fault),
        shown: exhibit.shown().map(Text::from),
        number: exhibit.number_of_type().filter(|_| !is_withheld),
        list: list(exhibit).filter(|_| !is_withheld),
        time: exhibit.time(),
        label: label.map(Text::from),
        certainty: explanation.as_ref().map(|it| it.certainty),
        data: fact.state.is_value().then(|| data_report(&fact.data, fact.size, is_withheld)),
        permissions: fact.permissions.clone(),
        provenance: provenance_report(&fact.provenance, collected),
        second_reader: fact.second_reading.as_ref().map(|it| second_reading(it, is_withheld)),
        reference: fact.location.reference(),
    }
}

/// Returns the texts in a value with several, or the license servers in a value.
fn list(exhibit: &Exhibit<'_>) -> Option<Vec<String>> {
    let (fact, value_type) = (exhibit.fact, exhibit.value_type());
    if fact.state != State::Set {
        return None;
    }
    if fact.location.meaning == Meaning::LicenseServers {
        let servers = license_servers(&fact.data, value_type);
        return Some(servers.iter().map(ToString::to_string).collect());
    }
    let texts = || text::strings(&fact.data, value_type);
    let texts = (value_type == ValueType::MULTI_SZ).then(texts);
    texts.map(|texts| texts.iter().map(|it| it.as_text().to_string()).collect())
}

/// Reports an error with its offset.
pub(super) fn fault(error: &calhive_regf::Error) -> Fault {
    Fault { offset: error.offset().get(), message: error.kind().to_string() }
}

pub(super) fn data_report(data: &[u8], size: u64, is_withheld: bool) -> DataReport {
    let sha256 = text::hex(&Sha256::digest(data));
    DataReport { size, sha256, hex: (!is_withheld).then(|| text::hex(data)) }
}

pub(super) fn second_reading(reading: &SecondReading, is_withheld: bool) -> SecondReadingReport {
    let (state, why, value) = match reading {
        SecondReading::Agreed => (Agreement::Agreed, None, None),
        SecondReading::Differs { why, value } => {
            (Agreement::Differs, Some(why.clone()), value.as_ref())
        }
        SecondReading::NotReadable(error) => (Agreement::NotReadable, Some(error.clone()), None),
    };
    SecondReadingReport {
        state,
        why: why.map(Text::from),
        value_type: value.map(|(value_type, _)| ValueType::to_string(value_type)),
        data: value.map(|(_, data)| data_report(data, data.len() as u64, is_withheld)),
    }
}

pub(super) fn provenance_report(provenance: &Provenance, source: &Facts) -> ProvenanceReport {
    let control_set = provenance.control_set.as_ref();
    ProvenanceReport {
        control_set: control_set
            .map(|(number, roles)| ControlSetReport { number: *number, roles: roles.clone() }),
        redirected: provenance.redirected,
        key_path: provenance.key.clone(),
        key_offset: provenance.key_place.map(|(offset, _)| offset),
        key_last_written: provenance.key_last_written(),
        value_name: provenance.value.clone(),
        value_type: provenance.value_type().map(|value_type| value_type.to_string()),
        value_offset: provenance.value_place.map(|(offset, _)| offset),
        line: provenance.line,
        origin: provenance.origin,
        hidden: provenance.hidden.as_ref().map(hiding_report).map(Box::new),
        recovered: provenance.recovered.as_ref().map(remains_report).map(Box::new),
        from_logs: provenance.from_logs.iter().filter_map(|it| from_log(it, source)).collect(),
    }
}

pub(super) fn hiding_report(hiding: &Hiding) -> HidingReport {
    let Hiding { by, offset, found, suggested, weight } = *hiding;
    let mut statement = String::new();
    // Writing to a string never fails.
    let _ = hidden::statement(&mut statement, by, offset, found, suggested);
    statement.push_str(weight.caveat());
    HidingReport {
        field: by.to_string(),
        offset,
        found,
        suggested,
        weight,
        statement: statement.into(),
    }
}

pub(super) fn remains_report(remains: &Remains) -> RemainsReport {
    let previous = remains.previous_version_of.as_ref();
    RemainsReport {
        place: remains.place,
        confidence: remains.level,
        why: Text::from(remains.why.as_str()),
        key_is_known: remains.key_is_known,
        path_is_whole: remains.path_is_whole,
        data_offset: remains.data_offset,
        is_before_replay: remains.is_before_replay,
        previous_version_of: previous.map(|(offset, _)| *offset),
        changed: previous.map(|(_, changed)| Text::from(changed.as_str())),
    }
}

pub(super) fn from_log(from: &FromLog, source: &Facts) -> Option<FromLogReport> {
    let log = source.replay.as_ref()?.logs.get(from.log)?;
    let FromLog { sequence, log_offset, offset, .. } = *from;
    Some(FromLogReport { log: log.path.clone(), format: log.format?, sequence, log_offset, offset })
}
