// SPDX-License-Identifier: GPL-3.0-or-later
//! Parts of the hives of a host that could not be read.

use crate::messages::count;
use crate::screen::view::{View, source_word};
use crate::screen::{Kind, Line, Row, Section, statement};

/// Label of the section.
const LABEL: &str = "NOT READABLE";
/// Beginnings of a sentence that names what could not be read.
const DOUBTS: [&str; 2] = ["ot determinable: ", "Another value may be in effect: "];
/// Largest number of faults that are shown for a hive.
const FAULTS: usize = 3;

/// Returns a sentence of the report about a host. If the section about damage says what could not be read,
/// the sentence does not repeat it.
pub(crate) fn brief(view: &View<'_>, sentence: &str) -> Line {
    let end =
        DOUBTS.iter().find_map(|doubt| Some(sentence.find(doubt)?.saturating_add(doubt.len())));
    match end.and_then(|end| sentence.get(..end)).filter(|_| view.is_damaged()) {
        Some(start) => Line::of(Kind::Warning, start).then("see ").then(LABEL),
        None => statement::line(&view.sentence(sentence)),
    }
}

/// Returns what could not be read; `None` if all hives were read whole.
pub(crate) fn section(view: &View<'_>) -> Option<Section> {
    let damaged: Vec<_> = view.sources.iter().filter(|source| source.unread.total > 0).collect();
    if damaged.is_empty() {
        return None;
    }
    let rows = damaged.iter().flat_map(|source| {
        let kind = source_word(source);
        let faults = source.unread.first.iter().map(|fault| fault.message.clone());
        let of_export = source.export.iter().flat_map(|export| &export.faults);
        let of_export = of_export.map(|fault| format!("line {}: {}", fault.line, fault.message));
        let mut texts: Vec<String> = faults.chain(of_export).take(FAULTS).collect();
        let more = source.unread.total.saturating_sub(FAULTS as u64);
        let advice = if source.export.is_some() { "--details" } else { "info --check" };
        texts.extend((more > 0).then(|| format!("{}: {advice}", count(more, "more fault"))));
        let row = move |(index, text): (usize, String)| {
            let label = if index == 0 { Line::of(Kind::Name, &kind) } else { Line::default() };
            let row = Row::always(label, [Line::of(Kind::Warning, &text)]);
            if index == 0 { row } else { row.light() }
        };
        texts.into_iter().enumerate().map(row).collect::<Vec<_>>()
    });
    let note = "No absence is stated for a place whose lists were not read whole.";
    let unknown = view
        .host
        .unknown
        .iter()
        .map(|text| Row::of_item(Line::plain("unknown"), [Line::plain(&view.sentence(text))]));
    Some(Section::new(LABEL, "fault").head([Line::plain(note)]).rows(rows).rows(unknown))
}
