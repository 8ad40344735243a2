// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a report concludes: findings, answers, events, and the graph of who issued to whom.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use super::{Certainty, ChangeReport};

/// Something to look at: one sentence, and the card that belongs to it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Finding {
    /// Id of the finding: `finding-1` and so on.
    pub id: String,
    /// Its stable name: `calhive explain CODE` prints its page.
    pub code: String,
    /// What it is about.
    pub title: String,
    /// How much it matters to look at it; never guilt.
    pub severity: Severity,
    /// How sure its meaning is.
    pub certainty: Certainty,
    /// The hosts that it is about.
    pub hosts: Vec<String>,
    /// What was found, in one sentence.
    pub statement: String,
    /// The bytes that it rests on, and where they stand.
    pub observed: Vec<String>,
    /// The facts that it rests on.
    pub facts: Vec<String>,
    /// The tokens that it rests on.
    pub tokens: Vec<String>,
    /// What it shows.
    pub shows: String,
    /// What it does not show.
    pub does_not_show: String,
    /// Explanations that nobody has to answer for.
    pub innocent_explanations: Vec<String>,
    /// What its rule was validated on.
    pub validated_on: String,
    /// How to see the same with another tool.
    pub reproduce: String,
    /// Who says so.
    pub reference: String,
}

/// How much it matters to look at a finding; never guilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth a look.
    Notice,
    /// To be looked at before the evidence is relied on.
    Attention,
}

/// An answer to one of the questions that a host is examined for.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Answer {
    /// Its stable name.
    pub code: String,
    /// The question.
    pub question: String,
    /// The best answer that the hives at hand give.
    pub answer: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// The facts that it rests on.
    pub facts: Vec<String>,
    /// The tokens that it rests on.
    pub tokens: Vec<String>,
    /// What else would leave the same traces, or none.
    pub alternatives: Vec<String>,
    /// Where to look next.
    pub next_evidence: Vec<String>,
}

/// Evidence that would bear on the answers, and whether it is at hand.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Corroboration {
    /// What it is.
    pub what: String,
    /// What it would bear on.
    pub about: String,
    /// Whether it is there.
    pub state: Presence,
    /// Where it is: no more than the first ten.
    pub paths: Vec<String>,
}

/// Whether evidence is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Presence {
    /// It is there. It was not read.
    Present,
    /// The folder where it would be was searched, and it is not there.
    Absent,
    /// The folder where it would be was not searched.
    NotSearched,
}

/// The time that tokens of a host are judged at.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ReferenceTime {
    /// The time, UTC; null where the hives have no plausible time.
    pub time: Option<String>,
    /// The same in units of 100 ns since 1601.
    pub filetime: Option<u64>,
    /// Whether it was given; otherwise it is the newest plausible last-written time.
    pub is_given: bool,
    /// The oldest plausible last-written time of the keys that were read.
    pub oldest: Option<String>,
    /// The newest plausible one.
    pub newest: Option<String>,
    /// How many times were left out as implausible.
    pub implausible: u64,
    /// The same in words.
    pub statement: String,
}

/// An event: dated, or a change from a log that nothing dates.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Event {
    /// Id of the event: `event-1` and so on, in the order of time. What nothing dates stands behind what its
    /// log has before it.
    pub id: String,
    /// The time, UTC; null where nothing dates it: an entry of a log has no time of its own.
    pub time: Option<String>,
    /// The same in units of 100 ns since 1601.
    pub filetime: Option<u64>,
    /// Whose clock that is.
    pub clock: Clock,
    /// What kind of event it is, as a stable name.
    pub code: String,
    /// What happened, as far as the time says.
    pub meaning: String,
    /// How sure that is.
    pub certainty: Certainty,
    /// The host that it belongs to.
    pub host: String,
    /// The facts that it rests on; their places hold the logs that they come from.
    pub facts: Vec<String>,
    /// The tokens that it rests on.
    pub tokens: Vec<String>,
    /// What an update from a log changed; null where the event is none.
    pub change: Option<ChangeReport>,
}

/// Whose clock a time is by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Clock {
    /// That of the machine whose hive it is.
    LocalMachine,
    /// That of the licence server.
    LicenseServer,
}

/// Who issued to whom, who is set to ask whom, and which hosts belong together.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Graph {
    /// What there is.
    pub nodes: Vec<Node>,
    /// How it hangs together.
    pub edges: Vec<Edge>,
}

/// Something in the graph.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Node {
    /// Id of the node: `node-1` and so on.
    pub id: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its name, as it is spelled where it was found first.
    pub name: String,
    /// The hosts that it is, where their hives are at hand.
    pub hosts: Vec<String>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum NodeKind {
    /// A machine whose hives are at hand.
    Host,
    /// A licence server.
    LicenseServer,
    /// A scope of a licence server.
    Scope,
    /// A farm of session hosts.
    Farm,
}

/// A line of the graph.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Edge {
    /// The node that it begins at.
    pub from: String,
    /// The node that it leads to.
    pub to: String,
    /// What it says.
    pub kind: EdgeKind,
    /// The facts and tokens that it rests on.
    pub evidence: Vec<String>,
}

/// What a line of the graph says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum EdgeKind {
    /// The host keeps a token that names the licence server as its issuer.
    HoldsTokenOf,
    /// The host is set to ask the licence server.
    IsSetToAsk,
    /// The host keeps a certificate that names the licence server as its issuer.
    HoldsCertificateOf,
    /// A token or certificate of the licence server names the scope.
    NamesScope,
    /// The host names the farm as its own.
    BelongsTo,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Attention => "attention",
        })
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::NotSearched => "not searched",
        })
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LocalMachine => "local machine",
            Self::LicenseServer => "licence server",
        })
    }
}

impl fmt::Display for EdgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HoldsTokenOf => "holds a token naming as its issuer",
            Self::IsSetToAsk => "is set to ask",
            Self::HoldsCertificateOf => "holds a certificate naming as its issuer",
            Self::NamesScope => "names",
            Self::BelongsTo => "names as its farm",
        })
    }
}
