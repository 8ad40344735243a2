// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`installations`]: the states of each installation, and what differs between consecutive states.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::comparison::{Index, compare_hosts, mode_in_words, servers_in_words};
use crate::fact::Origin;
use crate::interpret::installations::{Group, State};
use crate::meaning::MachineName;
use crate::report::{
    Agreement, Attributed, ComparedItem, ComparedValue, FactReport, HiveState, Host, Installation,
    ItemResult, ItemSubject, LicenseReport, Setting, StateChange, StateChangeKind, StateToken,
    Text, TokenKind, TokenReport,
};

/// Returns the states of each group of hosts, and what differs between them.
pub(super) fn installations(index: &Index<'_>, groups: &[Group]) -> Vec<Installation> {
    let mut installations = Vec::new();
    let mut first = 1_usize;
    for (number, group) in (1_usize..).zip(groups) {
        let ids = (first..).map(|number| format!("state-{number}"));
        let ids: Vec<String> = ids.take(group.states.len()).collect();
        first = first.saturating_add(ids.len());
        let states = group.states.iter().zip(&ids);
        let of = States::new(index, &group.states, &ids);
        installations.push(Installation {
            id: format!("installation-{number}"),
            states: states.map(|(state, id)| of.describe(state, id)).collect(),
            changes: of.changes(),
            not_grouped: group.not_grouped.clone(),
        });
    }
    installations
}

/// The states of one installation in order of time, with their ids.
struct States<'r> {
    index: &'r Index<'r>,
    states: &'r [State],
    ids: &'r [String],
    /// Facts of each state in the tree of its hives, by the id of the host and the sources of the state.
    facts: BTreeMap<Sources<'r>, Vec<&'r FactReport>>,
    /// Stored licenses in the tree of the hives of each state.
    tokens: BTreeMap<Sources<'r>, Vec<&'r TokenReport>>,
}

/// Ids of the sources of a state.
type Sources<'r> = Vec<&'r str>;

/// Differences between two states, by the indexes of both.
type Compared = BTreeMap<(usize, usize), Vec<ComparedItem>>;

impl<'r> States<'r> {
    fn new(index: &'r Index<'r>, states: &'r [State], ids: &'r [String]) -> Self {
        let (mut facts, mut tokens) = (BTreeMap::new(), BTreeMap::new());
        for state in states {
            let of_state = || facts_in_tree(index, state);
            let all = facts.entry(sources(state)).or_insert_with(of_state);
            let of_state = || tokens_in_tree(index, state, all);
            tokens.entry(sources(state)).or_insert_with(of_state);
        }
        Self { index, states, ids, facts, tokens }
    }

    fn host(&self, state: &State) -> Option<&'r Host> {
        self.index.host(&state.host)
    }

    /// Returns the facts in the tree of the hives of a state.
    fn facts(&self, state: &'r State) -> impl Iterator<Item = &'r FactReport> {
        self.facts.get(&sources(state)).into_iter().flatten().copied()
    }

    /// Returns the stored licenses in the tree of the hives of a state.
    fn tokens(&self, state: &'r State) -> &[&'r TokenReport] {
        self.tokens.get(&sources(state)).map_or(&[], Vec::as_slice)
    }

    fn describe(&self, state: &'r State, id: &str) -> HiveState {
        let tokens = self.tokens(state).iter().copied().map(state_token);
        let original = self.states.iter().zip(self.ids);
        let original = original.filter(|(it, _)| !it.is_same && it.host == state.host);
        let host = self.host(state).filter(|_| state.is_whole);
        HiveState {
            id: String::from(id),
            host: state.host.clone(),
            copy: state.place.copy(),
            shadow_copy: state.place.shadow_copy,
            place: state.place.in_words().into(),
            paths: state.paths.iter().map(|(_, path)| path.clone()).collect(),
            same_bytes_as: original.map(|(_, id)| id.clone()).next().filter(|_| state.is_same),
            time: state.time,
            time_basis: state.time_basis,
            tokens: tokens.collect(),
            hardware_ids: self.hardware_ids(state),
            licensing_mode: host.and_then(|host| {
                let mode = &host.licensing_mode;
                attributed(mode, mode_in_words(mode))
            }),
            license_servers: host.and_then(|host| {
                let servers = &host.license_servers;
                attributed(servers, servers_in_words(servers))
            }),
        }
    }

    fn hardware_ids(&self, state: &'r State) -> Vec<Attributed> {
        let mut ids: Vec<Attributed> = Vec::new();
        for fact in self.facts(state).filter(|fact| fact.code == Code::ClientHardwareId) {
            let Some(text) = fact.shown.as_ref().map(|text| text.to_string()) else { continue };
            match ids.iter_mut().find(|known| known.text == text) {
                Some(known) => known.facts.push(fact.id.clone()),
                None => ids.push(Attributed { text, facts: Vec::from([fact.id.clone()]) }),
            }
        }
        ids
    }

    /// Returns the differences between consecutive states. A state without a time is compared with the hives in
    /// use, or else with the last state.
    fn changes(&self) -> Vec<StateChange> {
        let indexes = (0..self.states.len())
            .filter(|index| self.states.get(*index).is_some_and(|it| it.is_whole || !it.is_same));
        let (dated, undated): (Vec<usize>, Vec<usize>) =
            indexes.partition(|index| self.states.get(*index).is_some_and(|it| it.time.is_some()));
        let in_use = self.states.iter().position(|state| state.place.copy().is_none());
        let last = in_use.or(dated.last().copied()).or(undated.last().copied());
        let mut compared = Compared::new();
        let mut changes = Vec::new();
        let mut known = BTreeSet::new();
        for (at, pair) in dated.windows(2).enumerate() {
            let [from, to] = pair else { continue };
            for item in self.items(&mut compared, *from, *to) {
                let later = dated.iter().skip(at.saturating_add(2));
                let earlier = dated.iter().take(at).rev();
                let found = match item.result {
                    ItemResult::NotDeterminable => {
                        self.determined(&mut compared, (*from, *to), item, later, earlier)
                    }
                    _ => Some((*from, *to, item)),
                };
                let Some((from, to, item)) = found else { continue };
                if known.insert((from, to, key(&item))) {
                    changes.extend(self.change((from, to), item));
                }
            }
        }
        for from in undated.into_iter().filter(|index| Some(*index) != last) {
            let Some(to) = last else { continue };
            for item in self.items(&mut compared, from, to) {
                changes.extend(self.change((from, to), item));
            }
        }
        changes
    }

    /// Returns what differs between two states about licenses, hardware ids and settings in effect.
    fn items(&self, compared: &mut Compared, from: usize, to: usize) -> Vec<ComparedItem> {
        if let Some(known) = compared.get(&(from, to)) {
            return known.clone();
        }
        let pair = (self.states.get(from), self.states.get(to));
        let hosts = match pair {
            (Some(one), Some(two)) if one.host != two.host => (self.host(one), self.host(two)),
            _ => (None, None),
        };
        let (Some(one), Some(two)) = hosts else { return Vec::new() };
        let all = compare_hosts(self.index, one, two).items;
        let items: Vec<ComparedItem> = all.into_iter().filter(is_about_licensing).collect();
        compared.insert((from, to), items.clone());
        items
    }

    /// Returns the difference between the nearest states that show whether they hold the thing. `None` if these
    /// states are equal.
    fn determined<'i>(
        &self,
        compared: &mut Compared,
        (from, to): (usize, usize),
        item: ComparedItem,
        later: impl Iterator<Item = &'i usize>,
        earlier: impl Iterator<Item = &'i usize>,
    ) -> Option<(usize, usize, ComparedItem)> {
        let own = key(&item);
        let pairs: Vec<(usize, usize)> = match (&item.a, &item.b) {
            (Some(_), None) => later.map(|later| (from, *later)).collect(),
            (None, Some(_)) => earlier.map(|earlier| (*earlier, to)).collect(),
            _ => Vec::new(),
        };
        for (one, two) in pairs {
            let items = self.items(compared, one, two);
            match items.into_iter().find(|other| key(other) == own) {
                None => return None,
                Some(other) if other.result == ItemResult::NotDeterminable => {}
                Some(other) => return Some((one, two, other)),
            }
        }
        Some((from, to, item))
    }

    /// Describes a difference between two states.
    fn change(&self, (from, to): (usize, usize), item: ComparedItem) -> Option<StateChange> {
        let (one, two) = (self.states.get(from)?, self.states.get(to)?);
        let (first, second) = (self.ids.get(from)?, self.ids.get(to)?);
        let is_ordered = one.precedes(two);
        let ComparedItem { subject, code, title, result, a, b, mut doubts } = item;
        doubts.extend(self.second_reader(two, &code).filter(|_| result == ItemResult::Removed));
        doubts.extend(self.second_reader(one, &code).filter(|_| result == ItemResult::Added));
        let note = self.note((one, two), subject, (a.as_ref(), b.as_ref()));
        let kind = match result {
            _ if !doubts.is_empty() => StateChangeKind::NotDeterminable,
            ItemResult::Added if is_ordered && note.is_empty() => StateChangeKind::Appeared,
            ItemResult::Removed if is_ordered && note.is_empty() => StateChangeKind::Removed,
            _ => StateChangeKind::Differs,
        };
        Some(StateChange {
            from: first.clone(),
            to: second.clone(),
            is_ordered,
            kind,
            subject,
            statement: statement(kind, is_ordered, (one, two), (&a, &b), note).into(),
            code,
            title,
            before: a.map(|value| self.at(one, value)),
            after: b.map(|value| self.at(two, value)),
            doubts,
        })
    }

    /// Returns a doubt if a second reader reads a fact of this code differently.
    fn second_reader(&self, state: &State, code: &str) -> Option<Text> {
        let is_other = |fact: &&FactReport| {
            fact.code.as_str() == code
                && fact.second_reader.as_ref().is_some_and(|it| it.state == Agreement::Differs)
        };
        let facts = self.index.facts_of(sources(state).into_iter());
        let fact = facts.into_iter().find(is_other)?;
        Some(format!("the second reader reads {} differently", fact.id).into())
    }

    /// Replaces the paths of the hives that were read by those of hives with the same bytes.
    fn at(&self, state: &State, mut value: ComparedValue) -> ComparedValue {
        for place in &mut value.places {
            let source = self.index.source_at(&place.path);
            let own = source.and_then(|it| state.paths.iter().find(|(id, _)| *id == it.id));
            if let Some((_, path)) = own {
                place.path.clone_from(path);
            }
        }
        value
    }

    /// Returns what a token has to do with the tokens of the other state: the same bytes at another place, or
    /// another token of the same license with a later end. Empty otherwise.
    fn note(
        &self,
        (one, two): (&'r State, &'r State),
        subject: ItemSubject,
        values: (Option<&ComparedValue>, Option<&ComparedValue>),
    ) -> &'static str {
        if subject != ItemSubject::Token {
            return "";
        }
        let (before, after) = (self.tokens(one), self.tokens(two));
        let of = |tokens: &[&'r TokenReport], value: Option<&ComparedValue>| {
            tokens.iter().copied().find(|token| value.is_some_and(|it| self.holds(it, token)))
        };
        let (mine, others, is_later) = match (of(before, values.0), of(after, values.1)) {
            (Some(mine), Some(other)) => {
                return if is_renewed(mine, other) { RENEWED } else { "" };
            }
            (Some(mine), None) => (mine, after, true),
            (None, Some(mine)) => (mine, before, false),
            (None, None) => return "",
        };
        if others.iter().any(|other| other.sha256 == mine.sha256) {
            return MOVED;
        }
        let renews = |other: &&TokenReport| {
            if is_later { is_renewed(mine, other) } else { is_renewed(other, mine) }
        };
        if others.iter().copied().any(|other| renews(&other)) { RENEWED } else { "" }
    }

    /// Whether the value of a comparison is this token.
    fn holds(&self, value: &ComparedValue, token: &TokenReport) -> bool {
        let facts = token.facts.iter().filter_map(|id| self.index.fact(id));
        let mut ids = facts.map(|fact| &fact.evidence_id);
        ids.any(|id| value.places.iter().any(|place| place.evidence_id == *id))
    }
}

/// Returns the ids of the sources of a state.
fn sources(state: &State) -> Sources<'_> {
    state.paths.iter().map(|(id, _)| id.as_str()).collect()
}

fn facts_in_tree<'r>(index: &'r Index<'r>, state: &State) -> Vec<&'r FactReport> {
    let is_in_tree = |fact: &&FactReport| {
        fact.state.is_found() && matches!(fact.provenance.origin, Origin::Live | Origin::Replayed)
    };
    let facts = index.facts_of(sources(state).into_iter());
    facts.into_iter().filter(is_in_tree).collect()
}

/// Returns the stored licenses in the tree. `facts` are the facts in the tree of the state.
fn tokens_in_tree<'r>(
    index: &'r Index<'r>,
    state: &State,
    facts: &[&FactReport],
) -> Vec<&'r TokenReport> {
    let facts: BTreeSet<&str> = facts.iter().map(|fact| fact.id.as_str()).collect();
    let is_here = |token: &&TokenReport| {
        token.kind == TokenKind::StoredLicense
            && token.is_shown()
            && token.facts.iter().any(|id| facts.contains(id.as_str()))
    };
    index.tokens_of(&state.host).filter(is_here).collect()
}

/// Another token of the same license with a later end.
const RENEWED: &str = "another token of the same license with a later end";
/// The same token at another place.
const MOVED: &str = "the same bytes are at another place";

fn is_about_licensing(item: &ComparedItem) -> bool {
    match item.subject {
        ItemSubject::Token | ItemSubject::Registration | ItemSubject::InEffect => true,
        ItemSubject::Client => item.code == Code::ClientHardwareId.as_str(),
        _ => false,
    }
}

/// Identifies a thing among the differences between two states.
fn key(item: &ComparedItem) -> (ItemSubject, String, String, String) {
    let place = item.a.as_ref().or(item.b.as_ref()).and_then(|value| value.places.first());
    let path = place.map(|place| place.key_path.to_lowercase()).unwrap_or_default();
    // A setting in effect can be at several places.
    let path = if item.subject == ItemSubject::InEffect { String::new() } else { path };
    (item.subject, item.code.clone(), item.title.to_string(), path)
}

/// Returns a setting in words, with its facts.
fn attributed<T>(setting: &Setting<T>, text: Option<String>) -> Option<Attributed> {
    Some(Attributed { text: text?, facts: setting.facts.clone() })
}

fn state_token(token: &TokenReport) -> StateToken {
    let license = token.license.as_ref();
    StateToken {
        token: token.id.clone(),
        sha256: token.sha256.clone(),
        client_reported_machine: license.and_then(|it| it.client_reported_machine.clone()),
        license_server: license.and_then(LicenseReport::license_server_in_words),
        valid_from: license.and_then(|it| it.valid_from),
        expires: license.and_then(|it| it.expires),
    }
}

/// Whether a token is another one of the same license, with a later end: the same license server, scope, machine,
/// license and product version.
fn is_renewed(token: &TokenReport, later: &TokenReport) -> bool {
    let (Some(one), Some(two)) = (&token.license, &later.license) else { return false };
    let server = |it: &LicenseReport| {
        let server = it.license_server.as_ref().or(it.issuer.as_ref());
        server.map(|name| MachineName::from(name.as_str()).comparable())
    };
    let of = |it: &LicenseReport| {
        let machine = it.client_reported_machine.as_ref().map(|name| name.to_lowercase());
        let scope = it.scope.as_ref().map(|scope| scope.to_lowercase());
        (server(it), scope, machine, it.license_id.clone(), it.product_version)
    };
    server(one).is_some()
        && one.license_id.is_some()
        && of(one) == of(two)
        && one.expires < two.expires
}

/// Describes a difference with both times.
fn statement(
    kind: StateChangeKind,
    is_ordered: bool,
    (one, two): (&State, &State),
    (before, after): (&Option<ComparedValue>, &Option<ComparedValue>),
    note: &str,
) -> String {
    let (first, second) = (one.in_words(), two.in_words());
    let between = format!("between {first} and {second}");
    let verb = match (kind, before, after) {
        (StateChangeKind::Appeared, ..) => "appeared",
        (StateChangeKind::Removed, ..) => "removed",
        (StateChangeKind::NotDeterminable, ..) => "not determinable",
        (StateChangeKind::Differs, Some(_), Some(_)) => "differs",
        (StateChangeKind::Differs, Some(_), None) => "differs: only the first state holds it",
        (StateChangeKind::Differs, ..) => "differs: only the second state holds it",
    };
    let note = if note.is_empty() { String::new() } else { format!("; {note}") };
    let order =
        if is_ordered { "" } else { "; the times do not show which state is the earlier one" };
    match kind {
        StateChangeKind::Appeared | StateChangeKind::Removed => format!("{verb} {between}{note}"),
        _ => format!("{verb}, {between}{note}{order}"),
    }
}
