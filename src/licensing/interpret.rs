// SPDX-License-Identifier: MIT OR Apache-2.0
//! `interpret`: facts of any number of hives into a report.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use crate::hive::hidden;
use crate::hive::value::ValueType;
use crate::licensing::examined::Examined;
use crate::licensing::explain::{explain, is_withheld};
use crate::licensing::fact::{
    Fact, Facts, Faults, FromLog, Hiding, Provenance, Remains, SecondReader, SecondReading, State,
};
use crate::licensing::host::{self, Numbered};
use crate::licensing::report::{
    Agreement, ControlSetReport, DataReport, FactReport, Fault, FaultReport, FromLogReport,
    HidingReport, ProvenanceReport, RemainsReport, Report, SCHEMA_VERSION, SecondReaderReport,
    SecondReadingReport, SourceReport, Tool,
};
use crate::licensing::{answers, changes, findings, graph, text, timeline, tokens};
use crate::time::FileTime;

/// What no SYSTEM or SOFTWARE hive can show, and what was not looked at.
const LIMITATIONS: [&str; 11] = [
    "Whether enough licences were bought cannot be told from SYSTEM and SOFTWARE: what a licence \
     server issued stands in its own database, and use per user in the directory.",
    "What is in effect is told per the hives at hand. A setting for the whole deployment on a \
     connection broker, and policy that is kept in a Registry.pol file only, are not in them.",
    "Keys that 32-bit programs without a manifest may write to the VirtualStore of a user's UsrClass.dat were \
     not examined.",
    "Of transaction logs, no more was applied than each hive's entry in this report says. What each \
     entry that was applied changed is told by comparing the states before and after it, at the places of \
     the catalogue; a change says nothing of who made it or why. The first state is the file as it lies: \
     where Windows had begun to write later states to it, it is no earlier one.",
    "What was deleted can be recovered only as long as nothing was written over it: that nothing was recovered \
     is no evidence that nothing was deleted. What was recovered is marked, with how far it can be trusted; by \
     its bytes alone nobody can tell who deleted it, when, or why.",
    "A value at the policy path counts as policy; who wrote it is not shown.",
    "Sources are marked: [MS] stated by Microsoft, [REAL] measured in real data, [CODE] public third-party \
     code, [BLOG] a web page only, [INF] inferred.",
    TOKENS,
    "No finding and no answer says what a person did. Nothing is judged by the present time: tokens are \
     judged at the reference time of each host.",
    "Times are UTC: those of keys by the clock of the machine, those in tokens by the clock of the licence server.",
    "What is said of session hosts and licence servers was validated on forged hives only; of clients, \
     on forged hives, with forged tokens and one published one. The only real key of a client that is known is one of \
     Windows XP, with an empty store. What is said of transaction logs was validated on real hives as \
     well, what is said of keys, values and data outside the tree on forged ones.",
];

/// What tokens do not show.
const TOKENS: &str = if cfg!(feature = "token") {
    "Names of machines and users in tokens are text that the client software supplied. A valid signature \
     shows that a token is consistent in itself; its issuer is not authenticated, since the key that it is \
     checked with lies in the same token. The hardware id in a token is inferred. A token is not a logon, and \
     names no session host or farm; licence server and session host may be in different trusted domains (KB \
     2473823)."
} else {
    "Tokens were not taken apart: calhive was built without that. Issuer, machine, user and validity are \
     not in this report."
};

/// Where places outside the tree were not looked for.
const NOT_SEARCHED: &str = "Of some hives only the places of the catalogue were looked at, by the lists \
    that lead to them: keys, values and data outside the tree, and deleted ones, were not searched there.";

/// What the second reader does not cover.
const NOT_COVERED: &str = "The second reader reads name, type and data of values again, and confirms \
    that places are empty by listing all names beside them. It does not cover times, permissions, \
    hidden, deleted or carved data, replay, or decoding.";

/// Makes facts into a report.
///
/// SYSTEM and SOFTWARE of one configuration folder of Windows are one host. Of any other folder they
/// are assumed to be one where it holds one of each; any other hive is taken for a host of its own.
///
/// Tokens are judged at `reference_time`; without one, at the newest plausible last-written time of each
/// host's keys, never at the present time.
pub fn interpret(collected: &[Facts], reference_time: Option<FileTime>) -> Report {
    let ids = (1_usize..).map(|number| format!("source-{number}"));
    let sources: Vec<(String, &Facts)> = ids.zip(collected).collect();
    let mut number = 0_usize;
    let mut numbered = |fact| {
        number = number.saturating_add(1);
        (format!("fact-{number}"), fact)
    };
    let facts: Vec<Vec<Numbered<'_>>> =
        collected.iter().map(|source| source.facts.iter().map(&mut numbered).collect()).collect();
    let of_source = sources.iter().zip(&facts);
    let reports = of_source.flat_map(|((source, collected), facts)| {
        facts.iter().map(move |(id, fact)| fact_report(fact, id, source, collected))
    });
    let mut limitations: Vec<String> = LIMITATIONS.iter().map(|text| String::from(*text)).collect();
    if collected.iter().any(|source| source.outside.is_none()) {
        limitations.push(String::from(NOT_SEARCHED));
    }
    if collected.iter().any(|source| matches!(source.second_reader, SecondReader::Asked)) {
        limitations.push(String::from(NOT_COVERED));
    }
    let facts_of_report: Vec<FactReport> = reports.collect();
    let mut hosts: Vec<Examined<'_>> = Vec::new();
    let mut tokens = 1_usize;
    for (number, view) in (1_usize..).zip(host::views(&sources, &facts)) {
        let host = host::host(number, &view, reference_time);
        let own = tokens::of_host(&view, &host.id, tokens);
        tokens = tokens.saturating_add(own.len());
        hosts.push(Examined { view, host, tokens: own });
    }
    for examined in &mut hosts {
        if examined.tokens.len() >= tokens::MOST {
            let most = tokens::MOST;
            examined
                .host
                .unknown
                .push(format!("tokens after the first {most}: they were not taken apart"));
        }
    }
    let events = hosts.iter().flat_map(|it| {
        let dated = timeline::of_host(&it.view, &it.host.id, &it.tokens);
        dated.into_iter().chain(changes::of_host(&it.view, &it.host.id))
    });
    let events = timeline::in_order(events.collect());
    let findings = findings::all(&hosts, &facts_of_report);
    for examined in &mut hosts {
        examined.host.answers = answers::answers(examined, &findings);
        examined.host.registered_with = examined.registered_with();
    }
    let graph = graph::graph(&hosts);
    let (hosts, tokens): (Vec<_>, Vec<_>) =
        hosts.into_iter().map(|examined| (examined.host, examined.tokens)).unzip();
    Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        sources: sources.iter().map(|(id, source)| source_report(source, id)).collect(),
        hosts,
        facts: facts_of_report,
        tokens: tokens.concat(),
        findings,
        events,
        graph,
        limitations,
    }
}

fn source_report(source: &Facts, id: &str) -> SourceReport {
    let (major, minor) = source.version;
    let (primary, secondary) = source.sequence;
    // A base block that was made up says nothing.
    let told = |sequence| (!source.is_fragment).then_some(sequence);
    let told_flag = |flag| (!source.is_fragment).then_some(flag);
    SourceReport {
        id: id.to_owned(),
        path: source.path.clone(),
        sha256: source.sha256.clone(),
        size: source.size,
        shift: source.shift,
        kind: source.kind,
        version: format!("{major}.{minor}"),
        is_fragment: source.is_fragment,
        sequence: told(source.sequence),
        checksum_is_valid: told_flag(source.checksum_is_valid),
        is_dirty: told_flag(primary != secondary || !source.checksum_is_valid),
        outside: source.outside,
        recovered: source.recovered,
        replay: source.replay.clone(),
        history: source.history.as_ref().map(changes::report),
        counts: source.counts,
        unread: fault_report(&source.unread),
        faults: fault_report(&source.faults),
        second_reader: second_reader_report(source),
    }
}

fn fault_report(faults: &Faults) -> FaultReport {
    let fault = |error: &crate::Error| Fault {
        offset: error.offset().get(),
        message: error.kind().to_string(),
    };
    FaultReport { total: faults.total, first: faults.first.iter().map(fault).collect() }
}

fn second_reader_report(source: &Facts) -> Option<SecondReaderReport> {
    let refused = match &source.second_reader {
        SecondReader::NotAsked => return None,
        SecondReader::Asked => None,
        SecondReader::Refused(error) => Some(error.clone()),
    };
    let count = |is: fn(&SecondReading) -> bool| {
        let readings = source.facts.iter().filter_map(|fact| fact.second_reading.as_ref());
        readings.filter(|reading| is(reading)).count() as u64
    };
    Some(SecondReaderReport {
        reader: String::from("nt-hive"),
        refused,
        agreed: count(|it| matches!(it, SecondReading::Agreed)),
        differs: count(|it| matches!(it, SecondReading::Differs { .. })),
        not_readable: count(|it| matches!(it, SecondReading::NotReadable(_))),
        not_covered: source.facts.iter().filter(|it| it.second_reading.is_none()).count() as u64,
    })
}

fn fact_report(fact: &Fact, id: &str, source: &str, collected: &Facts) -> FactReport {
    let (shown, label, certainty) = match explain(fact) {
        Some(it) => (it.shown, it.label, Some(it.certainty)),
        None => (None, None, None),
    };
    let is_withheld = is_withheld(fact);
    let recovered = fact.provenance.recovered.as_ref();
    // Of a key that is not in the tree nobody can say that it is there.
    let label = match recovered {
        Some(_) if fact.state == State::Key => Some(String::from("the key was there")),
        _ => label,
    };
    let is_by_name = recovered.is_some_and(|it| !it.key_is_known);
    let title = fact.location.title;
    FactReport {
        id: id.to_owned(),
        source: source.to_owned(),
        code: fact.location.code.to_owned(),
        title: match is_by_name {
            true => format!("{title} (by its name or bytes alone)"),
            false => title.to_owned(),
        },
        state: fact.state,
        shown,
        label,
        certainty,
        data: fact.state.is_value().then(|| data_report(&fact.data, fact.size, is_withheld)),
        permissions: fact.permissions.clone(),
        provenance: provenance_report(&fact.provenance, collected),
        second_reader: fact.second_reading.as_ref().map(|it| second_reading(it, is_withheld)),
        reference: fact.location.source.to_owned(),
    }
}

pub(crate) fn data_report(data: &[u8], size: u64, is_withheld: bool) -> DataReport {
    let sha256 = text::hex(&Sha256::digest(data));
    DataReport { size, sha256, hex: (!is_withheld).then(|| text::hex(data)) }
}

fn second_reading(reading: &SecondReading, is_withheld: bool) -> SecondReadingReport {
    let (state, why, value) = match reading {
        SecondReading::Agreed => (Agreement::Agreed, None, None),
        SecondReading::Differs { why, value } => {
            (Agreement::Differs, Some(why.clone()), value.as_ref())
        }
        SecondReading::NotReadable(error) => (Agreement::NotReadable, Some(error.clone()), None),
    };
    SecondReadingReport {
        state,
        why,
        value_type: value.map(|(value_type, _)| ValueType::to_string(value_type)),
        data: value.map(|(_, data)| data_report(data, data.len() as u64, is_withheld)),
    }
}

fn provenance_report(provenance: &Provenance, source: &Facts) -> ProvenanceReport {
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
        hidden: provenance.hidden.as_ref().map(hiding_report),
        recovered: provenance.recovered.as_ref().map(remains_report),
        from_logs: provenance.from_logs.iter().filter_map(|it| from_log(it, source)).collect(),
    }
}

fn hiding_report(hiding: &Hiding) -> HidingReport {
    let Hiding { by, offset, found, suggested, weight } = *hiding;
    let mut statement = String::new();
    // Writing to a string never fails.
    let _ = hidden::statement(&mut statement, by, offset, found, suggested);
    statement.push_str(weight.caveat());
    HidingReport { field: by.to_string(), offset, found, suggested, weight, statement }
}

fn remains_report(remains: &Remains) -> RemainsReport {
    let previous = remains.previous_version_of.as_ref();
    RemainsReport {
        place: remains.place,
        confidence: remains.level,
        why: remains.why.clone(),
        path_is_whole: remains.path_is_whole,
        data_offset: remains.data_offset,
        is_before_replay: remains.is_before_replay,
        previous_version_of: previous.map(|(offset, _)| *offset),
        changed: previous.map(|(_, changed)| changed.clone()),
    }
}

pub(crate) fn from_log(from: &FromLog, source: &Facts) -> Option<FromLogReport> {
    let log = source.replay.as_ref()?.logs.get(from.log)?;
    let FromLog { sequence, log_offset, offset, .. } = *from;
    Some(FromLogReport { log: log.path.clone(), format: log.format?, sequence, log_offset, offset })
}
