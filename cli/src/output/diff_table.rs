// SPDX-License-Identifier: GPL-3.0-or-later
//! A comparison as text for people.

use std::io::{self, Write};

use calhive::Report;
use calhive::comparison::{
    ComparedHost, ComparedItem, ComparedPlace, ComparedValue, Comparison, HostComparison,
    ItemResult, ItemSubject,
};

use crate::messages::count;
use crate::screen::seconds;
use crate::text::{escape, wrap};

/// What the results mean, and what the hives do not show.
pub(crate) const LIMIT: &str = "Removed: A holds the thing, and B was read whole and does not. Added: the same with A and B \
    exchanged. The hives do not show who or what made a difference, or why.";
/// Largest number of places of a value.
const PLACES: usize = 3;

/// Writes the comparison of two reports.
pub(crate) fn write(
    out: &mut dyn Write,
    comparison: &Comparison,
    (a, b): (&Report, &Report),
) -> io::Result<()> {
    for (index, pair) in comparison.hosts.iter().enumerate() {
        if index > 0 {
            writeln!(out, "\n")?;
        }
        write_pair(out, pair, (a, b))?;
    }
    for (side, hosts) in [("A", &comparison.not_compared_a), ("B", &comparison.not_compared_b)] {
        let names: Vec<String> = hosts.iter().map(name).collect();
        if !names.is_empty() {
            writeln!(out)?;
            say(out, &format!("Not compared, only in {side}: "), &names.join(", "))?;
        }
    }
    Ok(())
}

fn write_pair(
    out: &mut dyn Write,
    pair: &HostComparison,
    (a, b): (&Report, &Report),
) -> io::Result<()> {
    write_host(out, "A  ", &pair.a, a)?;
    write_host(out, "B  ", &pair.b, b)?;
    writeln!(out)?;
    say(out, "", &summary(pair))?;
    if pair.items.is_empty() {
        return Ok(());
    }
    say(out, "", LIMIT)?;
    pair.items.iter().try_for_each(|item| write_item(out, item))
}

/// Returns the number of differences of each result, and of equal things.
pub(crate) fn summary(pair: &HostComparison) -> String {
    let equal = count(pair.equal, "equal thing");
    if pair.items.is_empty() {
        return format!("No difference in what was read ({equal}).");
    }
    let number = count(pair.items.len() as u64, "difference");
    let parts: Vec<String> =
        [ItemResult::Added, ItemResult::Removed, ItemResult::Changed, ItemResult::NotDeterminable]
            .into_iter()
            .filter_map(|result| {
                let number = pair.items.iter().filter(|item| item.result == result).count();
                (number > 0).then(|| format!("{number} {result}"))
            })
            .collect();
    format!("{number}: {}; {equal}.", parts.join(", "))
}

/// Writes the name of a host, its newest time, and its hives.
fn write_host(
    out: &mut dyn Write,
    first: &str,
    host: &ComparedHost,
    report: &Report,
) -> io::Result<()> {
    let mut text = name(host);
    if let Some(newest) = host.newest {
        text.push_str(&format!("; newest key time {} UTC", seconds(newest)));
    }
    say(out, first, &text)?;
    let of_host = report.hosts.iter().find(|it| it.id == host.id);
    for source in of_host.iter().flat_map(|it| &it.sources) {
        if let Some(source) = report.sources.iter().find(|it| it.id == *source) {
            say(out, "   ", &source.path)?;
        }
    }
    Ok(())
}

fn write_item(out: &mut dyn Write, item: &ComparedItem) -> io::Result<()> {
    writeln!(out)?;
    let result = item.result.to_string().to_uppercase();
    say(out, &format!("{result}  "), &format!("{}: {} ({})", item.subject, item.title, item.code))?;
    for (side, value) in [("A", &item.a), ("B", &item.b)] {
        let first = format!("  {side}  ");
        match value {
            Some(value) => write_value(out, &first, value)?,
            None if !item.doubts.is_empty() => say(out, &first, "nothing found")?,
            None if item.subject == ItemSubject::Finding => {
                say(out, &first, "no such finding; hives read whole")?;
            }
            None => say(out, &first, "nothing; read whole at this place")?,
        }
    }
    let doubts: Vec<&str> = item.doubts.iter().map(|doubt| doubt.as_str()).collect();
    if !doubts.is_empty() {
        say(out, "     ", &format!("Not determinable: {}.", doubts.join("; ")))?;
    }
    Ok(())
}

fn write_value(out: &mut dyn Write, first: &str, value: &ComparedValue) -> io::Result<()> {
    say(out, first, &value.text)?;
    if let Some(time) = value.key_last_written {
        say(out, "     ", &format!("key last written {} UTC", seconds(time)))?;
    }
    for place in value.places.iter().take(PLACES) {
        say(out, "     ", &of_place(place))?;
    }
    let more = value.places.len().saturating_sub(PLACES);
    if more > 0 {
        say(out, "     ", &format!("and {}", count(more as u64, "further place")))?;
    }
    Ok(())
}

/// Returns the path of a key, the name of its value, the hive and the offset.
pub(crate) fn of_place(place: &ComparedPlace) -> String {
    let name = place.value_name.as_ref().map(|name| if name.is_empty() { "@" } else { name });
    let name = name.map(|name| format!(", value {name}")).unwrap_or_default();
    let offset = place.offset.map(|offset| format!(" at {offset:#x}")).unwrap_or_default();
    format!("{}{name}; {}{offset}", place.key_path, place.path)
}

/// Returns the name and id of a host.
pub(crate) fn name(host: &ComparedHost) -> String {
    let name = host.computer_name.as_deref().unwrap_or("(no computer name)");
    let copy = host.copy.map(|copy| format!(", {copy}")).unwrap_or_default();
    format!("{name} ({}{copy})", host.id)
}

/// Writes a text of the evidence, escaped.
fn say(out: &mut dyn Write, first: &str, text: &str) -> io::Result<()> {
    wrap::write(out, first, &escape::message(text))
}
