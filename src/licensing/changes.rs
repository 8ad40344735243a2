// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every change that a log brought as an event, in words that say what was observed and no more.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::licensing::explain::{explain, is_withheld};
use crate::licensing::fact::{Fact, Facts};
use crate::licensing::history::{Change, ChangeKind, History};
use crate::licensing::host::View;
use crate::licensing::interpret::{data_report, from_log};
use crate::licensing::report::{
    Certainty, ChangeReport, ChangeStateReport, Clock, Event, Explanation, FromLogReport,
    HistoryReport,
};
use crate::licensing::store::TAKEN_APART;
use crate::log::Format;
use crate::time::FileTime;

/// The changes of a host's hives, those of each in the order of its logs.
pub(crate) fn of_host(view: &View<'_>, host: &str) -> Vec<Event> {
    let sources = view.sources.iter();
    let changes = sources.flat_map(|(id, source)| {
        let changes = source.history.iter().flat_map(|history| &history.changes);
        changes.filter_map(move |change| event(view, host, id, source, change))
    });
    changes.collect()
}

/// What is said of a source's history.
pub(crate) fn report(history: &History) -> HistoryReport {
    let History { changes, updates, looked_at, uncertain, is_cut } = history;
    HistoryReport {
        updates: *updates,
        looked_at: *looked_at,
        uncertain: *uncertain,
        changes: changes.len() as u64,
        is_cut: *is_cut,
    }
}

/// Where not all changes are told, that.
pub(crate) fn not_told(id: &str, history: &History) -> Option<String> {
    let History { updates, looked_at, uncertain, is_cut, .. } = history;
    let mut parts = Vec::new();
    if looked_at < updates {
        parts.push(format!(
            "{} of {updates} were not looked at",
            updates.saturating_sub(*looked_at)
        ));
    }
    if *uncertain > 0 {
        parts.push(format!("of {uncertain} it is not known what they set or removed"));
    }
    if *is_cut {
        parts.push(String::from("there are more changes than are kept"));
    }
    (!parts.is_empty())
        .then(|| format!("all that the entries of {id}'s logs changed: {}", parts.join("; ")))
}

fn event(view: &View<'_>, host: &str, id: &str, source: &Facts, change: &Change) -> Option<Event> {
    let fact = change.fact()?;
    let from_log = from_log(&change.from, source)?;
    let time = change.dated.as_ref().map(|(_, time)| *time);
    let is_same = |a: Option<&str>, b: Option<&str>| match (a, b) {
        (Some(a), Some(b)) => a.to_lowercase() == b.to_lowercase(),
        (a, b) => a == b,
    };
    let is_here = |other: &Fact| {
        let (a, b) = (&fact.provenance, &other.provenance);
        is_same(Some(&a.key), Some(&b.key)) && is_same(a.value.as_deref(), b.value.as_deref())
    };
    let here = view.facts.iter().filter(|(_, other)| source.holds(other) && is_here(other));
    Some(Event {
        id: String::new(),
        time: time.map(|time| time.to_string()),
        filetime: time.map(FileTime::raw),
        clock: Clock::LocalMachine,
        code: change.kind.code().to_string(),
        meaning: words(change, fact, &from_log),
        certainty: Certainty::Observed,
        host: String::from(host),
        facts: here.map(|(id, _)| id.clone()).collect(),
        tokens: Vec::new(),
        change: Some(ChangeReport {
            kind: change.kind,
            source: String::from(id),
            location: String::from(fact.location.code),
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
    let written = fact.provenance.key_place.map(|(_, written)| written);
    ChangeStateReport {
        shown,
        label,
        certainty,
        value_type: fact.provenance.value_place.map(|(_, value_type)| value_type.to_string()),
        data: fact.state.is_value().then(|| data_report(&fact.data, fact.size, is_withheld(fact))),
        key_last_written: written.map(|time| time.to_string()),
        key_last_written_filetime: written.map(FileTime::raw),
    }
}

/// "entry 7 of X (at 0x200 of it) changed V of K from 2 (Per Device) to 4 (Per User)".
fn words(change: &Change, fact: &Fact, from: &FromLogReport) -> String {
    let name = from.log.rsplit(['/', '\\']).next().unwrap_or(&from.log);
    let at = change.entry_offset;
    let update = match from.format {
        Format::New => format!("entry {} of {name} (at {at:#x} of it)", from.sequence),
        Format::Old => format!("{name} (sequence number {})", from.sequence),
    };
    let key = &fact.provenance.key;
    let value = match fact.provenance.value.as_deref() {
        Some("") => format!("the default value of {key}"),
        Some(value) => format!("{value} of {key}"),
        None => format!("the key {key}"),
    };
    let is_file = change.is_before_in_file;
    let said = |fact: &Option<Fact>| fact.as_ref().map(data).unwrap_or_default();
    let time = |fact: &Option<Fact>| {
        let written = fact.as_ref().and_then(|fact| fact.provenance.key_place);
        written.map(|(_, time)| time.to_string()).unwrap_or_default()
    };
    let (before, after) = (said(&change.before), said(&change.after));
    let had = if is_file { "the file as it lies has" } else { "before it was" };
    let mut text = match change.kind {
        ChangeKind::ValueSet if is_file => {
            format!("{update} set {value} to {after}; the file as it lies does not have it")
        }
        ChangeKind::ValueSet => format!("{update} set {value} to {after}"),
        ChangeKind::ValueChanged if before == after => {
            format!(
                "{update} changed {value}: {after}, other content than {}",
                match is_file {
                    true => "in the file as it lies",
                    false => "before",
                }
            )
        }
        ChangeKind::ValueChanged if is_file => {
            format!("{update} changed {value} from {before} in the file as it lies to {after}")
        }
        ChangeKind::ValueChanged => format!("{update} changed {value} from {before} to {after}"),
        ChangeKind::ValueRemoved => format!("{update} removed {value}; {had} {before}"),
        ChangeKind::KeyMade if is_file => {
            format!("{update} made {value}; the file as it lies does not have it")
        }
        ChangeKind::KeyMade => format!("{update} made {value}"),
        ChangeKind::KeyRemoved if is_file => {
            format!("{update} removed {value}, which the file as it lies has")
        }
        ChangeKind::KeyRemoved => format!("{update} removed {value}"),
        ChangeKind::KeyWritten => format!(
            "{update} changed the last-written time of {value} from {}{} to {}; which value, subkey or other \
             part of it was changed is not shown",
            time(&change.before),
            if is_file { " in the file as it lies" } else { "" },
            time(&change.after),
        ),
    };
    match &change.dated {
        Some((by, _)) if by != key => text.push_str(&format!("; dated by {by}, a key above it")),
        Some(_) => {}
        None => text.push_str("; nothing dates it"),
    }
    text
}

/// What data mean. Only tokens that the hives still hold are taken apart.
fn explained(fact: &Fact) -> Option<Explanation> {
    let mut explanation = explain(fact)?;
    if let Some(label) = &mut explanation.label {
        for separator in ["; ", ", "] {
            *label = label.replace(&format!("{separator}{TAKEN_APART}"), "");
        }
    }
    Some(explanation)
}

/// The data of a value as a person reads them, with what they mean.
fn data(fact: &Fact) -> String {
    let explanation = explained(fact);
    let (shown, label) = explanation.map(|it| (it.shown, it.label)).unwrap_or_default();
    match (shown, label) {
        (Some(shown), Some(label)) => format!("{shown} ({label})"),
        (Some(text), None) | (None, Some(text)) => text,
        (None, None) => format!("{} bytes", fact.data.len()),
    }
}
