// SPDX-License-Identifier: GPL-3.0-or-later
//! Facts of one machine, for people: in the tree, outside the tree, recovered, and absent.

use std::io::{self, Write};

use calhive::fact::{Origin, State};
use calhive::meaning::Certainty;
use calhive::report::{FactReport, ProvenanceReport, RemainsReport};

use crate::origins;
use crate::output::table;
use crate::text::escape;

/// Number of bytes above which a row also shows the SHA-256 of the data.
const LONG: u64 = 512;

/// Writes the facts found in the tree. The same fact in several control sets is one row.
pub(crate) fn write_found(out: &mut dyn Write, facts: &[&FactReport]) -> io::Result<()> {
    let found = facts.iter().filter(|fact| {
        let place = &fact.provenance;
        let is_in_tree = place.hidden.is_none() && place.recovered.is_none();
        fact.state.is_found() && is_in_tree
    });
    let mut rows: Vec<[String; 3]> = Vec::new();
    for [what, value, place] in found.map(|fact| fact_row(fact)) {
        // The same fact in another control set joins the row above.
        match rows.last_mut() {
            Some([title, same, places]) if *title == what && *same == value => {
                places.push('\n');
                places.push_str(&place);
            }
            _ => rows.push([what, value, place]),
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    table::write_tall(out, ["What", "Value", "Where"], rows)?;
    writeln!(out)
}

/// Writes the facts that the tree does not show, each with the field that hides the fact.
pub(crate) fn write_hidden(out: &mut dyn Write, facts: &[&FactReport]) -> io::Result<()> {
    let rows: Vec<[String; 3]> = facts
        .iter()
        .filter_map(|fact| {
            let hidden = fact.provenance.hidden.as_ref()?;
            let [what, value, place] = fact_row(fact);
            Some([what, format!("{value}\n{}", escape::message(&hidden.statement)), place])
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "Outside the tree, or in it in another form. How this came about cannot be told from the hive, and \
         no setting, role or difference in this report rests on it."
    )?;
    table::write_tall(out, ["What", "Value", "Where"], rows)?;
    writeln!(out)
}

/// Writes the recovered facts, each with its place and its confidence.
pub(crate) fn write_recovered(out: &mut dyn Write, facts: &[&FactReport]) -> io::Result<()> {
    let rows: Vec<[String; 3]> = facts
        .iter()
        .filter_map(|fact| {
            let remains = fact.provenance.recovered.as_ref()?;
            let [what, value, place] = fact_row(fact);
            Some([what, format!("{value}\n{}", recovered(remains)), place])
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "Recovered from bytes that the tree does not lead to: deleted, left over, or cut off from it by damage. How \
         this came about cannot be told from it, and no setting, role or difference in this report rests on it."
    )?;
    table::write_tall(out, ["What", "Value", "Where"], rows)?;
    writeln!(out)
}

/// Where something was recovered from, and how far it can be trusted.
fn recovered(remains: &RemainsReport) -> String {
    let before = match remains.is_before_replay {
        true => " of the file as it lies, where its logs write over it",
        false => "",
    };
    let previous = match (&remains.previous_version_of, &remains.changed) {
        (Some(offset), Some(changed)) => {
            format!("; the tree has another at {offset:#x} (differs in {changed})")
        }
        _ => String::new(),
    };
    let data = remains.data_offset.map(|at| format!(", data at {at:#x}")).unwrap_or_default();
    format!("{}{data}{before}; confidence {}{previous}", remains.place, remains.why)
}

/// Returns the columns of a fact: its title, its value with the meaning, and its place.
fn fact_row(fact: &FactReport) -> [String; 3] {
    let provenance = &fact.provenance;
    let mut value = fact.shown.as_deref().unwrap_or_default().to_owned();
    if value.is_empty() {
        value = match &fact.data {
            Some(data) => format!("{} bytes; their hex stands in the JSON report", data.size),
            None => String::from("-"),
        };
    }
    if let Some(label) = &fact.label {
        let inferred = fact.certainty == Some(Certainty::Inferred);
        value = format!("{value}\n{label}{}", if inferred { " (inferred)" } else { "" });
    }
    if let Some(data) = fact.data.as_ref().filter(|data| data.hex.is_none() || data.size > LONG) {
        value = format!("{value}\nSHA-256 {}", data.sha256);
    }
    if let Some(permissions) = &fact.permissions {
        let owner = permissions.owner.as_deref().map_or_else(|| "unknown".into(), sid);
        value = format!("{value}\nowner {owner}");
        for entry in &permissions.entries {
            let kind = match entry.r#type {
                0 => String::new(),
                1 => String::from(" denied"),
                other => format!(" (entry type {other})"),
            };
            let whom = entry.sid.as_deref().map_or_else(|| "nobody named".into(), sid);
            value = format!("{value}\n{whom}:{kind} {}", rights(entry.mask.unwrap_or_default()));
        }
    }
    let position = match (provenance.position(), provenance.origin) {
        (Some(position), _) => format!(" at {position}"),
        (None, Origin::LicenseFile) => String::new(),
        (None, _) => String::from(" at 0x0"),
    };
    let written = match (provenance.key_last_written, provenance.origin) {
        (Some(time), _) => format!(", key last written {time}"),
        (None, Origin::RegExport | Origin::LiveRow | Origin::LicenseFile) => String::new(),
        (None, _) => String::from(", key last written unknown"),
    };
    let place = place(provenance);
    let source = &fact.source;
    let mut place = format!("{}: {place}\n{source}{position}{written}", fact.id);
    for entry in &provenance.from_logs {
        place = format!("{place}\nbytes from {}", escape::message(&origins::words(entry)));
    }
    [fact.title.to_string(), value, place]
}

/// Returns the Windows name of a security identifier that exists on every machine. Returns any other
/// identifier unchanged.
fn sid(sid: &str) -> String {
    let name = match sid {
        "S-1-3-0" => "CREATOR OWNER",
        "S-1-5-18" => "SYSTEM",
        "S-1-5-19" => "LocalService",
        "S-1-5-20" => "NetworkService",
        "S-1-5-32-544" => "Administrators",
        "S-1-5-32-545" => "Users",
        _ => return sid.to_owned(),
    };
    name.to_owned()
}

/// Common access masks by name, others as numbers.
fn rights(mask: u32) -> String {
    match mask {
        0xF003F => String::from("full control"),
        0x20019 => String::from("read"),
        _ => format!("{mask:#x}"),
    }
}

/// Writes what was not found: each searched key, with the values not found in the key.
pub(crate) fn write_missing(out: &mut dyn Write, facts: &[&FactReport]) -> io::Result<()> {
    let missing: Vec<&&FactReport> = facts.iter().filter(|fact| !fact.state.is_found()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    writeln!(out, "Not found")?;
    let mut seen: Vec<(&str, &str, State)> = Vec::new();
    for fact in &missing {
        let place = (fact.source.as_str(), fact.provenance.key_path.as_str(), fact.state);
        if seen.contains(&place) {
            continue;
        }
        seen.push(place);
        let (source, key, state) = place;
        let here = missing.iter().filter(|other| {
            (other.source.as_str(), other.provenance.key_path.as_str(), other.state) == place
        });
        let names: Vec<String> = here
            .map(|other| match &other.provenance.value_name {
                Some(name) if name.is_empty() => String::from("@"),
                Some(name) => name.clone(),
                None => format!("anything ({})", other.title),
            })
            .collect();
        let roles = roles(&fact.provenance);
        writeln!(out, "  {source} {key}{roles} ({}): {}", why(state), names.join("; "))?;
    }
    writeln!(out)
}

const fn why(state: State) -> &'static str {
    match state {
        State::NotInKey => "key exists, value missing",
        State::NotSet => "no such key",
        State::NotReadable => "not found; not everything could be read",
        _ => "found",
    }
}

/// Returns the key path and the value name, with the roles of the control set.
pub(crate) fn place(provenance: &ProvenanceReport) -> String {
    let mut shown = provenance.key_path.clone();
    if provenance.origin == Origin::LicenseFile {
        shown = String::from("license file, not in a registry");
    }
    if let Some(name) = &provenance.value_name {
        let name = if name.is_empty() { "@" } else { name };
        shown = format!("{shown}, value {name}");
    }
    format!("{shown}{}", roles(provenance))
}

/// Returns the roles of the control set, in brackets.
fn roles(provenance: &ProvenanceReport) -> String {
    match provenance.control_set.as_ref().filter(|set| !set.roles.is_empty()) {
        Some(set) => {
            let roles: Vec<String> = set.roles.iter().map(ToString::to_string).collect();
            format!(" [{}]", roles.join(", "))
        }
        None => String::new(),
    }
}
