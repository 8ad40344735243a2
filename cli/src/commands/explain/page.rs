// SPDX-License-Identifier: GPL-3.0-or-later
//! The page of a topic.

use std::io::{self, Write};

use calhive::catalog::{Location, Term, terms};
use calhive::findings::FindingPage;

use super::field::Field;
use super::topic::Topic;
use super::{meaning, place};
use crate::text::wrap;

/// Writes the page of a topic.
pub(super) fn write(out: &mut dyn Write, topic: &Topic) -> io::Result<()> {
    match topic {
        Topic::Finding(page) => write_finding(out, page),
        Topic::Place(place) => write_place(out, place),
        Topic::Term(term) => write_term(out, term),
        Topic::Field(field) => write_field(out, field),
    }
}

fn write_finding(out: &mut dyn Write, page: &FindingPage) -> io::Result<()> {
    writeln!(out, "{}\n{}\n", page.title, page.code)?;
    writeln!(out, "Severity   {}", page.severity)?;
    writeln!(out, "Certainty  {}", page.certainty)?;
    for (heading, text) in [
        ("When it is raised", page.rule),
        ("What it shows", page.shows),
        ("What it does not show", page.does_not_show),
    ] {
        write_section(out, heading, text)?;
    }
    writeln!(out, "\nInnocent explanations")?;
    for explanation in page.innocent {
        wrap::write(out, "  - ", explanation)?;
    }
    for (heading, text) in [
        ("Validated on", page.validated_on),
        ("How to see the same with another tool", page.reproduce),
        ("Source", page.source),
    ] {
        write_section(out, heading, text)?;
    }
    write_terms(out, page.code)
}

fn write_place(out: &mut dyn Write, place: &Location) -> io::Result<()> {
    writeln!(out, "{}\n{}\n", place.title, place.code)?;
    writeln!(out, "About    {}", place::subject(place.subject()))?;
    wrap::write(out, "Windows  ", place.windows)?;
    write_section(out, "Key", &place::key(place))?;
    if let Some(also) = place::also(place.base) {
        wrap::write(out, "  ", also)?;
    }
    write_section(out, "What calhive reads", &place::read(place.read))?;
    write_section(out, "Meaning of the data", &meaning::text(place.meaning))?;
    write_section(out, "Source", &place.reference())?;
    write_terms(out, place.code.as_str())
}

fn write_term(out: &mut dyn Write, term: &Term) -> io::Result<()> {
    writeln!(out, "{}\n{}", term.name, term.kind)?;
    if !term.also.is_empty() {
        wrap::write(out, "also: ", &term.also.join(", "))?;
    }
    write_section(out, "Meaning", term.meaning)?;
    if !term.does_not_show.is_empty() {
        write_section(out, "What it does not show", term.does_not_show)?;
    }
    write_section(out, "Source", term.source)?;
    write_section(out, "See also", &term.see.join(", "))
}

fn write_field(out: &mut dyn Write, field: &Field) -> io::Result<()> {
    writeln!(out, "{}\nfield of the JSON report", field.name)?;
    for it in &field.uses {
        writeln!(out, "\n{}.{}: {}", it.object, field.name, it.value)?;
        wrap::write(out, "  ", &it.description)?;
    }
    Ok(())
}

/// Writes the terms that cite a place or a finding.
fn write_terms(out: &mut dyn Write, code: &str) -> io::Result<()> {
    let names: Vec<&str> =
        terms().filter(|term| term.see.contains(&code)).map(|term| term.name).collect();
    if names.is_empty() {
        return Ok(());
    }
    write_section(out, "See also", &names.join(", "))
}

fn write_section(out: &mut dyn Write, heading: &str, text: &str) -> io::Result<()> {
    writeln!(out, "\n{heading}")?;
    wrap::write(out, "  ", text)
}
