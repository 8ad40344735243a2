// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Lane`]: what the timeline shows of one host.

use std::collections::HashMap;

use calhive::FileTime;
use calhive::fact::Origin;
use calhive::report::{Event, EventCode, FactReport, Host, Report, TokenKind, TokenReport};

use crate::output::html::page;

/// What the timeline shows of one host.
#[derive(Debug)]
pub(super) struct Lane<'r> {
    pub(super) host: &'r Host,
    /// Licenses with a start or an end.
    pub(super) bars: Vec<Bar<'r>>,
    /// Times by the machine's clock.
    pub(super) marks: Vec<Mark<'r>>,
    /// Time at which the licenses are judged.
    pub(super) reference: Option<FileTime>,
}

/// Validity of a license, from issue to expiry.
#[derive(Debug)]
pub(super) struct Bar<'r> {
    pub(super) token: &'r TokenReport,
    /// Start of validity: the last issue or renewal.
    pub(super) from: Option<FileTime>,
    /// End of validity.
    pub(super) until: Option<FileTime>,
    /// Whether the token is outside the tree.
    pub(super) is_recovered: bool,
}

/// A time by the machine's clock.
#[derive(Debug)]
pub(super) struct Mark<'r> {
    pub(super) time: FileTime,
    pub(super) shape: Shape,
    /// Whether all facts behind the time are outside the tree.
    pub(super) is_recovered: bool,
    pub(super) event: &'r Event,
}

/// Shape of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Shape {
    /// Last-written time of a key.
    KeyLastWritten,
    /// Another time.
    Other,
}

impl<'r> Lane<'r> {
    /// Returns the lanes of all hosts with a time.
    pub(super) fn all(report: &'r Report) -> Vec<Self> {
        let facts: HashMap<&str, &FactReport> =
            report.facts.iter().map(|fact| (fact.id.as_str(), fact)).collect();
        let mut events: HashMap<&str, Vec<&Event>> = HashMap::new();
        for event in &report.events {
            events.entry(&event.host).or_default().push(event);
        }
        let tokens: HashMap<&str, &TokenReport> =
            report.tokens.iter().map(|token| (token.id.as_str(), token)).collect();
        let lanes = report.hosts.iter().map(|host| {
            let events = events.remove(host.id.as_str()).unwrap_or_default();
            Self {
                host,
                bars: bars(&events, &tokens),
                marks: events.iter().filter_map(|event| mark(event, &facts)).collect(),
                reference: host.reference_time.time,
            }
        });
        lanes.filter(|lane| !lane.bars.is_empty() || !lane.marks.is_empty()).collect()
    }

    /// Returns the name of the host.
    pub(super) fn name(&self) -> &'r str {
        page::host_name(self.host)
    }
}

/// Returns the bars, in the order of the tokens in the events. An event leaves out dates that mean "no date".
fn bars<'r>(events: &[&'r Event], tokens: &HashMap<&str, &'r TokenReport>) -> Vec<Bar<'r>> {
    let mut bars: Vec<Bar<'r>> = Vec::new();
    for event in events {
        let is_start = match event.code {
            EventCode::TokenValidFrom => true,
            EventCode::TokenExpires => false,
            _ => continue,
        };
        for token in event.tokens.iter().filter_map(|id| tokens.get(id.as_str()).copied()) {
            if token.kind != TokenKind::StoredLicense {
                continue;
            }
            let known = bars.iter().position(|bar| bar.token.id == token.id);
            let at = known.unwrap_or_else(|| {
                let is_recovered = token.origin.is_some_and(is_outside_tree);
                bars.push(Bar { token, from: None, until: None, is_recovered });
                bars.len().saturating_sub(1)
            });
            let Some(bar) = bars.get_mut(at) else { continue };
            if is_start { bar.from = event.time } else { bar.until = event.time }
        }
    }
    bars
}

fn mark<'r>(event: &'r Event, facts: &HashMap<&str, &FactReport>) -> Option<Mark<'r>> {
    let shape = match event.code {
        EventCode::KeyLastWritten => Shape::KeyLastWritten,
        EventCode::TokenValidFrom | EventCode::TokenExpires => return None,
        _ => Shape::Other,
    };
    let mut behind = event.facts.iter().filter_map(|id| facts.get(id.as_str())).peekable();
    let is_recovered =
        behind.peek().is_some() && behind.all(|fact| is_outside_tree(fact.provenance.origin));
    Some(Mark { time: event.time?, shape, is_recovered, event })
}

/// Whether the tree of the hive does not show facts of this origin.
fn is_outside_tree(origin: Origin) -> bool {
    matches!(origin, Origin::Hidden | Origin::Recovered | Origin::Carved)
}
