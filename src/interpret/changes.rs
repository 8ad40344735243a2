// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes from transaction logs as events. The text of an event states only what was observed.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use calhive_regf::log::Format;

use crate::fact::explain::{explain, is_withheld};
use crate::fact::{Change, ChangeKind, Fact, Facts, History};
use crate::interpret::facts::{data_report, from_log};
use crate::interpret::view::View;
use crate::meaning::stored_license::DECODED;
use crate::meaning::{Certainty, Explanation};
use crate::report::{
    ChangeReport, ChangeStateReport, Clock, Event, EventCode, FromLogReport, HistoryReport, Text,
};

/// Returns the changes of a host's hives. The changes of each hive are in the order of its logs.
pub(super) fn of_host(view: &View<'_>, host: &str) -> Vec<Event> {
    let mut events = Vec::new();
    for (id, source) in &view.sources {
        let Some(history) = &source.history else { continue };
        let mut here: BTreeMap<Place, Vec<&str>> = BTreeMap::new();
        for exhibit in view.facts.iter().filter(|it| source.holds(it.fact)) {
            here.entry(place(exhibit.fact)).or_default().push(&exhibit.id);
        }
        let changes = history.changes.iter();
        events.extend(changes.filter_map(|change| event(&here, host, id, source, change)));
    }
    events
}

/// Path of a key and name of a value, in lower case.
type Place = (String, Option<String>);

fn place(fact: &Fact) -> Place {
    let place = &fact.provenance;
    (place.key.to_lowercase(), place.value.as_ref().map(|value| value.to_lowercase()))
}

/// Reports the history of a source.
pub(super) fn report(history: &History) -> HistoryReport {
    let History { changes, updates, looked_at, uncertain, is_cut } = history;
    HistoryReport {
        updates: *updates,
        looked_at: *looked_at,
        uncertain: *uncertain,
        changes: changes.len() as u64,
        is_cut: *is_cut,
    }
}

/// Returns a note about the changes that the report lacks, or `None` if the report is complete.
pub(super) fn not_reported(id: &str, history: &History) -> Option<String> {
    let History { updates, looked_at, uncertain, is_cut, .. } = history;
    let mut parts = Vec::new();
    if looked_at < updates {
        parts
            .push(format!("{} of {updates} were not examined", updates.saturating_sub(*looked_at)));
    }
    if *uncertain > 0 {
        parts.push(format!("{uncertain} have unknown effects"));
    }
    if *is_cut {
        parts.push(String::from("some changes exceed the limit of kept changes"));
    }
    (!parts.is_empty()).then(|| {
        format!("the complete changes by the entries of {id}'s logs: {}", parts.join("; "))
    })
}

/// Returns a change as an event. `here` holds the facts in the tree of the hive.
fn event(
    here: &BTreeMap<Place, Vec<&str>>,
    host: &str,
    id: &str,
    source: &Facts,
    change: &Change,
) -> Option<Event> {
    let fact = change.fact()?;
    let from_log = from_log(&change.from, source)?;
    let here = here.get(&place(fact)).into_iter().flatten();
    Some(Event {
        id: String::new(),
        time: change.dated.as_ref().map(|(_, time)| *time),
        clock: Clock::LocalMachine,
        code: EventCode::Log(change.kind),
        meaning: words(change, fact, &from_log).into(),
        certainty: Certainty::Observed,
        host: String::from(host),
        facts: here.map(|id| String::from(*id)).collect(),
        tokens: Vec::new(),
        change: Some(ChangeReport {
            kind: change.kind,
            source: String::from(id),
            location: fact.location.code,
            key_path: fact.provenance.key.clone(),
            value_name: fact.provenance.value.clone(),
            before: change.before.as_ref().map(state),
            after: change.after.as_ref().map(state),
            is_before_in_file: change.is_before_in_file,
            dated_by: change.dated.as_ref().map(|(key, _)| key.clone()),
            entry_offset: change.entry_offset,
            from_log,
        }),
    })
}

fn state(fact: &Fact) -> ChangeStateReport {
    let explanation = explained(fact).filter(|_| fact.state.is_value());
    let (shown, label, certainty) = match explanation {
        Some(it) => (it.shown, it.label, Some(it.certainty)),
        None => (None, None, None),
    };
    ChangeStateReport {
        shown: shown.map(Text::from),
        label: label.map(Text::from),
        certainty,
        value_type: fact.provenance.value_type().map(|value_type| value_type.to_string()),
        data: fact.state.is_value().then(|| data_report(&fact.data, fact.size, is_withheld(fact))),
        key_last_written: fact.provenance.key_place.map(|(_, written)| written),
    }
}

/// Names an update: "entry 7 of X (at 0x200)".
fn update(change: &Change, from: &FromLogReport) -> String {
    let name = from.log.rsplit(['/', '\\']).next().unwrap_or(&from.log);
    let at = change.entry_offset;
    match from.format {
        Format::New => format!("entry {} of {name} (at {at:#x})", from.sequence),
        Format::Old => format!("{name} (sequence number {})", from.sequence),
    }
}

/// Names the changed key or value: "V of K".
fn item(fact: &Fact) -> String {
    let key = &fact.provenance.key;
    let Some(value) = &fact.provenance.value else { return format!("the key {key}") };
    if value.is_empty() {
        format!("the default value of {key}")
    } else {
        format!("{value} of {key}")
    }
}

/// Describes a change: "entry 7 of X (at 0x200) changed V of K from 2 (Per Device) to 4 (Per User)".
fn words(change: &Change, fact: &Fact, from: &FromLogReport) -> String {
    let update = update(change, from);
    let value = item(fact);
    let is_file = change.is_before_in_file;
    let said = |fact: &Option<Fact>| fact.as_ref().map(data).unwrap_or_default();
    let time = |fact: &Option<Fact>| {
        let written = fact.as_ref().and_then(|fact| fact.provenance.key_place);
        written.map(|(_, time)| time.to_string()).unwrap_or_default()
    };
    let (before, after) = (said(&change.before), said(&change.after));
    let had = if is_file { "the stored file has" } else { "before it was" };
    let mut text = match change.kind {
        ChangeKind::ValueSet if is_file => {
            format!("{update} set {value} to {after}; the stored file does not have the value")
        }
        ChangeKind::ValueSet => format!("{update} set {value} to {after}"),
        ChangeKind::ValueChanged if before == after => {
            format!(
                "{update} changed {value}: {after}, with different content than {}",
                match is_file {
                    true => "in the stored file",
                    false => "before",
                }
            )
        }
        ChangeKind::ValueChanged if is_file => {
            format!("{update} changed {value} from {before} in the stored file to {after}")
        }
        ChangeKind::ValueChanged => format!("{update} changed {value} from {before} to {after}"),
        ChangeKind::ValueRemoved => format!("{update} removed {value}; {had} {before}"),
        ChangeKind::KeyMade if is_file => {
            format!("{update} created {value}; the stored file does not have the key")
        }
        ChangeKind::KeyMade => format!("{update} created {value}"),
        ChangeKind::KeyRemoved if is_file => {
            format!("{update} removed {value}, which the stored file has")
        }
        ChangeKind::KeyRemoved => format!("{update} removed {value}"),
        ChangeKind::KeyWritten => format!(
            "{update} changed the last-written time of {value} from {}{} to {}; the changed value, subkey or \
             other part is not known",
            time(&change.before),
            if is_file { " in the stored file" } else { "" },
            time(&change.after),
        ),
    };
    match &change.dated {
        Some((by, _)) if *by != fact.provenance.key => {
            text.push_str(&format!("; dated by the parent or ancestor key {by}"));
        }
        Some(_) => {}
        None => text.push_str("; no timestamp dates this change"),
    }
    text
}

/// Explains data. Removes the note that a token is decoded: calhive decodes only tokens that the
/// hives still hold.
fn explained(fact: &Fact) -> Option<Explanation> {
    let mut explanation = explain(fact)?;
    if let Some(label) = &mut explanation.label {
        for separator in ["; ", ", "] {
            *label = label.replace(&format!("{separator}{DECODED}"), "");
        }
    }
    Some(explanation)
}

/// Returns the data of a value in readable form, followed by the meaning of the data.
fn data(fact: &Fact) -> String {
    let explanation = explained(fact);
    let (shown, label) = explanation.map(|it| (it.shown, it.label)).unwrap_or_default();
    match (shown, label) {
        (Some(shown), Some(label)) => format!("{shown} ({label})"),
        (Some(text), None) | (None, Some(text)) => text,
        (None, None) => format!("{} bytes", fact.data.len()),
    }
}
