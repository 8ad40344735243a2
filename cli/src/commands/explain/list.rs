// SPDX-License-Identifier: GPL-3.0-or-later
//! The list of all topics, in groups.

use std::io::{self, Write};

use calhive::catalog::TermKind;

use super::topic::Topic;
use crate::text::wrap;

/// Groups of the list.
const GROUPS: [Group; 6] = [
    Group::Findings,
    Group::Places,
    Group::Terms(&[TermKind::Word], "Words"),
    Group::Terms(&[TermKind::TokenField], "Fields of a token"),
    Group::Terms(&[TermKind::Event, TermKind::ClientError], "Events, and errors of clients"),
    Group::Fields,
];

/// A group of topics.
enum Group {
    Findings,
    Places,
    Terms(&'static [TermKind], &'static str),
    Fields,
}

impl Group {
    const fn title(&self) -> &'static str {
        match self {
            Self::Findings => "Findings",
            Self::Places => "Places in the registry",
            Self::Terms(_, title) => title,
            Self::Fields => "Fields of the JSON report",
        }
    }

    fn contains(&self, topic: &Topic) -> bool {
        match (self, topic) {
            (Self::Findings, Topic::Finding(_))
            | (Self::Places, Topic::Place(_))
            | (Self::Fields, Topic::Field(_)) => true,
            (Self::Terms(kinds, _), Topic::Term(term)) => kinds.contains(&term.kind),
            _ => false,
        }
    }
}

/// Writes the list.
pub(super) fn write(out: &mut dyn Write, topics: &[Topic]) -> io::Result<()> {
    for (index, group) in GROUPS.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", group.title())?;
        let of_group: Vec<&Topic> = topics.iter().filter(|it| group.contains(it)).collect();
        if matches!(group, Group::Fields) {
            let names: Vec<&str> = of_group.iter().map(|topic| name(topic)).collect();
            wrap::write(out, "  ", &names.join(" "))?;
            continue;
        }
        let width = of_group.iter().map(|topic| name(topic).len()).max().unwrap_or_default();
        for topic in of_group {
            wrap::write(out, &format!("  {:<width$}  ", name(topic)), title(topic))?;
        }
    }
    Ok(())
}

/// Returns the name of a topic in the list.
fn name(topic: &Topic) -> &str {
    topic.names().first().copied().unwrap_or_default()
}

/// Returns the text beside the name: a title, or the first sentence about a term.
fn title(topic: &Topic) -> &str {
    match topic {
        Topic::Finding(page) => page.title,
        Topic::Place(place) => place.title,
        Topic::Term(term) => {
            let first = term.meaning.split(". ").next().unwrap_or_default();
            first.strip_suffix('.').unwrap_or(first)
        }
        Topic::Field(_) => "",
    }
}
