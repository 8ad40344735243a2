// SPDX-License-Identifier: GPL-3.0-or-later
//! One machine of a report, for people.

use std::io::{self, Write};

use calhive::report::{Attributed, FactReport, Host, Report, RoleReport, RoleState, Setting};

use crate::args::ReportPart;
use crate::output::{answers_table, host_facts};
use crate::text::escape;

/// Width of the labels.
const LABEL: usize = 18;

/// Writes these parts of the report about the machine.
pub(crate) fn write(
    out: &mut dyn Write,
    report: &Report,
    host: &Host,
    parts: &[ReportPart],
) -> io::Result<()> {
    let is_ours = |id: &String| host.sources.contains(id);
    let facts: Vec<&FactReport> =
        report.facts.iter().filter(|fact| is_ours(&fact.source)).collect();
    let name = host.system.computer_name.as_ref();
    let name = name.map(|name| format!(": {}", name.text)).unwrap_or_default();
    let copy = host.copy.as_ref().map(|copy| format!(" ({copy})")).unwrap_or_default();
    writeln!(out, "{}{name}{copy}", host.id)?;
    for source in report.sources.iter().filter(|source| is_ours(&source.id)) {
        writeln!(out, "  {}: {} ({})", source.kind, source.path, source.id)?;
        source.copies.iter().try_for_each(|copy| writeln!(out, "    same content: {copy}"))?;
    }
    writeln!(out, "  {}", host.pairing_statement)?;
    for logs in &host.logs {
        let facts = match logs.facts.as_slice() {
            [] => String::new(),
            facts => format!(" (facts with bytes from a log: {})", facts.join(", ")),
        };
        writeln!(out, "  {}: {}{facts}", logs.source, escape::message(&logs.statement))?;
    }
    for unknown in &host.unknown {
        writeln!(out, "  Unknown: {unknown}")?;
    }
    let has = |part: ReportPart| part.is_in(parts);
    if has(ReportPart::Answers) {
        answers_table::write(out, report, host)?;
    }
    if has(ReportPart::System) {
        write_system(out, host)?;
        write_roles(out, host)?;
        write_settings(out, host)?;
        write_control_sets(out, host)?;
    }
    writeln!(out)?;
    if has(ReportPart::Facts) {
        host_facts::write_found(out, &facts)?;
        host_facts::write_hidden(out, &facts)?;
        host_facts::write_recovered(out, &facts)?;
    }
    if has(ReportPart::Absent) {
        host_facts::write_missing(out, &facts)?;
    }
    Ok(())
}

/// Writes the settings in effect, and the registration.
fn write_settings(out: &mut dyn Write, host: &Host) -> io::Result<()> {
    writeln!(out, "\n  {}", if host.copy.is_some() { "Set in this copy" } else { "In effect" })?;
    for logs in host.logs.iter().filter(|logs| logs.is_incomplete) {
        let source = &logs.source;
        writeln!(
            out,
            "  State of {source} without all of its logs: later changes may be missing, see above"
        )?;
    }
    write_setting(out, "Licensing mode", &host.licensing_mode)?;
    write_setting(out, "License servers", &host.license_servers)?;
    for Attributed { text, facts } in &host.registered_with {
        writeln!(out, "  {:<LABEL$}{text} ({})", "Registered with", facts.join(", "))?;
    }
    for Attributed { text, facts } in &host.earlier_registrations {
        writeln!(out, "  {:<LABEL$}{text} ({})", "Earlier registration", facts.join(", "))?;
    }
    Ok(())
}

fn write_system(out: &mut dyn Write, host: &Host) -> io::Result<()> {
    let system = &host.system;
    let upgraded = system.upgraded_from.iter().map(|it| ("Upgraded from", Some(it)));
    let mut lines: Vec<(&str, Option<&Attributed>)> = vec![
        ("Product", system.product.as_ref()),
        ("Edition", system.edition.as_ref()),
        ("Version", system.build.as_ref()),
        ("Product type", system.product_type.as_ref()),
        ("Last installed", system.installed.as_ref()),
    ];
    lines.extend(upgraded);
    lines.extend([
        ("Clone tag", system.clone_tag.as_ref()),
        ("Domain", system.domain.as_ref()),
        ("Microsoft Entra", system.entra.as_ref()),
        ("Time zone", system.time_zone.as_ref()),
        ("Last shutdown", system.shut_down.as_ref()),
        ("Farm", system.farm.as_ref()),
    ]);
    lines.iter().try_for_each(|(label, line)| match line {
        Some(line) => {
            writeln!(out, "  {label:<LABEL$}{} ({})", line.text, line.facts.join(", "))
        }
        None => Ok(()),
    })
}

fn write_roles(out: &mut dyn Write, host: &Host) -> io::Result<()> {
    for (label, role) in
        [("Session host", &host.session_host), ("License server", &host.license_server)]
    {
        writeln!(out, "  {label:<LABEL$}{}", role_text(role))?;
        if let Some(background) = &role.background {
            writeln!(out, "  {:<LABEL$}{background}", "")?;
        }
    }
    Ok(())
}

fn role_text(role: &RoleReport) -> String {
    let state = match role.state {
        RoleState::Present => "present",
        RoleState::Absent => "absent",
        RoleState::NotApplicable => "not applicable",
        RoleState::Unknown => "unknown",
    };
    let facts: String = role.facts.iter().map(|id| format!("; {id}")).collect();
    format!("{state}: {} ({}{facts})", role.statement, role.certainty)
}

fn write_setting<T>(out: &mut dyn Write, label: &str, setting: &Setting<T>) -> io::Result<()> {
    writeln!(out, "  {label:<LABEL$}{}", setting.in_words())?;
    let ids = |ids: &[String]| ids.join(", ");
    match (setting.facts.is_empty(), setting.overrides.is_empty()) {
        (true, _) => Ok(()),
        (false, true) => writeln!(out, "  {:<LABEL$}({})", "", ids(&setting.facts)),
        (false, false) => writeln!(
            out,
            "  {:<LABEL$}({}; overrides {})",
            "",
            ids(&setting.facts),
            ids(&setting.overrides)
        ),
    }
}

fn write_control_sets(out: &mut dyn Write, host: &Host) -> io::Result<()> {
    if host.control_sets.is_empty() {
        return Ok(());
    }
    let sets: Vec<String> = host
        .control_sets
        .iter()
        .map(|set| {
            let roles: Vec<String> = set.roles.iter().map(ToString::to_string).collect();
            let roles =
                if roles.is_empty() { String::from("no role known") } else { roles.join(", ") };
            match set.number {
                0 => String::from("CurrentControlSet (stored key, normally a link)"),
                number => format!("{number} ({roles})"),
            }
        })
        .collect();
    writeln!(out, "\n  {:<LABEL$}{}", "Control sets", sets.join(", "))?;
    for difference in &host.differences {
        let values: Vec<String> = difference
            .values
            .iter()
            .map(|it| match &it.content {
                Some(content) => format!("{} has {content}", set_in_words(it.control_set)),
                None => format!("{} has none", set_in_words(it.control_set)),
            })
            .collect();
        writeln!(out, "  {:<LABEL$}{} differs: {}", "", difference.title, values.join("; "))?;
    }
    Ok(())
}

/// Returns the name of a control set in a list of differences.
fn set_in_words(number: u32) -> String {
    match number {
        0 => String::from("the stored key CurrentControlSet"),
        number => format!("set {number}"),
    }
}
