// SPDX-License-Identifier: GPL-3.0-or-later
//! Grace period and registration of a session host, and why users might be refused.

use calhive::catalog::Code;
use calhive::fact::State;
use calhive::report::{FactReport, SourceReport};

use crate::messages::count;
use crate::screen::tokens::written;
use crate::screen::view::{self, View};
use crate::screen::{Kind, Line, Row, Section, damage, seconds, statement};

/// Places of the certificates that a license server issues to a session host.
const CERTIFICATES: [Code; 3] =
    [Code::HostX509Certificate, Code::HostX509Certificate2, Code::HostX509CertificateParameters];
/// Beginning of the sentence about the end of the grace period.
const ESTIMATE: &str = "Estimate";
/// Beginning of the answer that names reasons.
const REASONS: &str = "Possible reasons: ";

/// Returns grace period, registration and refusals.
pub(crate) fn sections(view: &View<'_>) -> Vec<Section> {
    let mut sections = Vec::new();
    if view.may_be_session_host() {
        sections.extend([grace_period(view), registration(view)]);
    }
    sections.extend(refusals(view));
    sections
}

fn grace_period(view: &View<'_>) -> Section {
    let section = Section::new("GRACE PERIOD", "row");
    let shown = view.answer("grace_period").map(|it| it.shown.as_str()).unwrap_or_default();
    // What the times are compared with is in the whole report.
    let short = |sentence: &str| match sentence.split_once("; for comparison") {
        Some((short, _)) => statement::line(&view.sentence(short)).then("."),
        None => damage::brief(view, sentence),
    };
    let mut sentences = statement::sentences(shown).into_iter().map(short);
    let key = view.found(Code::HostGracePeriodKey).next();
    let head = match key {
        Some(key) => Some(values(view, key)),
        None => sentences.next(),
    };
    // Sentences after an estimate explain the estimate.
    let mut is_explanation = false;
    let row = |line: Line| {
        let line = compared(view, line);
        let is_light = is_explanation;
        is_explanation = is_light || line.text().starts_with(ESTIMATE);
        let row = Row::always(Line::default(), [line]);
        if is_light { row.light() } else { row }
    };
    let marker = view.found(Code::HostGracePeriodEnded).map(|fact| {
        let text = "marker LicensingGracePeriodEnded exists";
        Row::always(Line::default(), [Line::plain(text), written(fact)])
    });
    section.head(head).rows(marker).rows(sentences.map(row))
}

/// Adds whether an estimated end is before or after the reference time.
fn compared(view: &View<'_>, line: Line) -> Line {
    let Some(reference) = view.host.reference_time.time.map(seconds) else { return line };
    let ends = line.0.iter().filter(|span| span.kind == Kind::Time);
    let ends: Vec<&str> = ends.map(|span| span.text.as_str()).collect();
    let text = match () {
        () if ends.is_empty() || !line.text().starts_with(ESTIMATE) => return line,
        () if ends.iter().all(|end| *end < reference.as_str()) => " Over by the estimate.",
        () if ends.iter().all(|end| *end > reference.as_str()) => " Running by the estimate.",
        () => return line,
    };
    line.then(text)
}

/// Returns the values of the key GracePeriod.
fn values(view: &View<'_>, key: &FactReport) -> Line {
    let values: Vec<&FactReport> = view.found(Code::HostGracePeriod).collect();
    let sizes = values.iter().filter_map(|fact| fact.data.as_ref());
    let sizes: Vec<String> = sizes.map(|data| count(data.size, "byte")).collect();
    let sizes = sizes.join(", ");
    let sizes = if sizes.is_empty() { sizes } else { format!(" ({sizes})") };
    let number = match values.len() {
        0 => String::from("without its value"),
        number => format!("with {}", count(number as u64, "value")),
    };
    Line::plain(&format!("key GracePeriod {number}{sizes}; ")).join(written(key))
}

fn registration(view: &View<'_>) -> Section {
    let section = Section::new("REGISTRATION", "registration");
    let registered = view.host.registered_with.iter().map(|it| statement::line(&it.text));
    let earlier = view.host.earlier_registrations.iter().map(|it| {
        Line::of(Kind::Warning, "recovered, not in the tree: ").join(statement::line(&it.text))
    });
    let mut lines = registered.chain(earlier);
    let head = match view.host.registered_with.is_empty() {
        true => none(view),
        false => lines.next().unwrap_or_default(),
    };
    section.head([head]).rows(lines.map(|line| Row::of_item(Line::default(), [line])))
}

/// Returns what is known without a decoded certificate.
fn none(view: &View<'_>) -> Line {
    let facts = CERTIFICATES.iter().flat_map(|code| view.at(*code));
    let facts: Vec<&FactReport> = facts.filter(|fact| view::is_in_use(fact)).collect();
    if facts.iter().any(|fact| fact.state.is_found()) {
        return Line::of(Kind::Warning, "a certificate is stored and was not decoded");
    }
    let has_logs_missing = view.host.logs.iter().any(|logs| logs.is_incomplete);
    let is_read = facts.iter().all(|fact| fact.state != State::NotReadable);
    let is_hive = |source: &&SourceReport| source.form.is_hive();
    match facts.is_empty() {
        true if !view.sources.iter().any(is_hive) => {
            Line::of(Kind::Warning, "not determinable: no hive was read")
        }
        true => Line::of(Kind::Warning, "not determinable: no control set in use was read"),
        false if !is_read => {
            Line::of(Kind::Warning, "not determinable: its places were not read whole")
        }
        false if has_logs_missing => {
            Line::of(Kind::Warning, "not determinable: changes in transaction logs may be missing")
        }
        false => Line::plain("no certificate from a license server"),
    }
}

/// Returns the reasons why users of a session host might be refused, without the ids of findings.
pub(crate) fn reasons(view: &View<'_>) -> Option<String> {
    let shown = view.answer("refused").filter(|_| view.may_be_session_host())?.shown.as_str();
    let reasons = statement::without_stop(shown.strip_prefix(REASONS)?).split("; ");
    let reasons = reasons.map(|reason| reason.split(" (finding-").next().unwrap_or(reason));
    let reasons = reasons.collect::<Vec<_>>().join("; ");
    Some(if view.is_incomplete() { format!("As read: {reasons}") } else { reasons })
}

/// Returns why users might be refused. For a client, only if there is a reason.
fn refusals(view: &View<'_>) -> Option<Section> {
    const NOT_WRITABLE: &str = "client.store.not_writable";
    let section = Section::new("REFUSALS", "reason");
    if view.is_client() {
        let finding = view.findings.iter().find(|finding| finding.code == NOT_WRITABLE)?;
        let text = format!("Users might be refused: {}", finding.title);
        return Some(section.head([Line::of(Kind::Warning, &text)]));
    }
    let shown = view.answer("refused").filter(|_| view.may_be_session_host())?.shown.as_str();
    let line = match shown.strip_prefix(REASONS) {
        Some(reasons) => {
            let as_read = if view.is_incomplete() { ", as read" } else { "" };
            let reasons = statement::without_stop(reasons);
            let text = format!("Users might be refused{as_read}: {reasons}");
            Line::of(Kind::Warning, &view.sentence(&text))
        }
        None => damage::brief(view, shown),
    };
    Some(section.head([line]))
}
