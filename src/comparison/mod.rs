// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`compare`]: what differs between two reports: of two hosts, of two copies of one host, or of one host at two times.
//!
//! The comparison names what each side holds, with its place and the last-written time of its key. It never says who
//! or what made a difference, or why. Something is *removed* or *added* only if the other side was read whole at this
//! place. Otherwise the result is *not determinable*, with the reasons.
//!
//! Settings are compared in the control set in use. Recovered and hidden facts are not compared, except recovered
//! tokens. Findings across several hosts are not compared.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_evidence::NotRead;

use crate::Report;
use crate::report::{Host, Tool};

mod findings;
mod identity;
mod index;
mod item;
mod pairs;
mod places;
mod roles;
mod settings;
mod side;
mod tokens;

pub use crate::report::{ComparedItem, ComparedPlace, ComparedValue, ItemResult, ItemSubject};
pub(crate) use index::Index;
pub use pairs::{ComparedHost, pairs};
pub(crate) use settings::{mode_in_words, servers_in_words};

use item::Items;
use side::Side;

/// Name of the schema of a comparison.
pub const SCHEMA: &str = "urn:calhive:comparison:1";

/// What differs between two reports, A and B.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Comparison {
    /// Name of the schema: `urn:calhive:comparison:1`.
    pub schema: &'static str,
    /// Program that made the comparison.
    pub tool: Tool,
    /// Inputs of A that were not read, are incomplete, or can mix two states.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub not_read_a: Vec<NotRead>,
    /// Inputs of B that were not read, are incomplete, or can mix two states.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub not_read_b: Vec<NotRead>,
    /// Pairs of hosts, with their differences.
    pub hosts: Vec<HostComparison>,
    /// Hosts of A that were not compared.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub not_compared_a: Vec<ComparedHost>,
    /// Hosts of B that were not compared.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub not_compared_b: Vec<ComparedHost>,
}

/// What differs between a host of A and a host of B.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HostComparison {
    /// Host of A.
    pub a: ComparedHost,
    /// Host of B.
    pub b: ComparedHost,
    /// Number of things that are equal on both sides.
    pub equal: u64,
    /// Differences, by subject.
    pub items: Vec<ComparedItem>,
}

/// Compares the hosts of two reports that [`pairs()`] returns.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let hive = hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default());
/// # let folder = std::env::temp_dir().join("calhive-doctest-compare");
/// # std::fs::create_dir_all(&folder)?;
/// # std::fs::write(folder.join("SYSTEM"), &hive.bytes)?;
/// use calhive::comparison::compare;
/// let before = calhive::scan([&folder], &calhive::Options::default())?;
/// let after = calhive::scan([&folder], &calhive::Options::default())?;
/// let comparison = compare(&before, &after);
/// assert!(comparison.hosts.iter().all(|host| host.items.is_empty()));
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
pub fn compare(a: &Report, b: &Report) -> Comparison {
    let (of_a, of_b): (Vec<&Host>, Vec<&Host>) =
        (a.hosts.iter().collect(), b.hosts.iter().collect());
    compare_pairs(a, b, &pairs(&of_a, &of_b))
}

/// Compares these pairs of hosts. The first host of each pair belongs to A, the second one to B.
pub fn compare_pairs(a: &Report, b: &Report, pairs: &[(&Host, &Host)]) -> Comparison {
    let (of_a, of_b): (Vec<&Host>, Vec<&Host>) = pairs.iter().copied().unzip();
    let rest = |report: &Report, compared: &[&Host]| -> Vec<ComparedHost> {
        let compared: BTreeSet<&str> = compared.iter().map(|it| it.id.as_str()).collect();
        let is_rest = |host: &&Host| !compared.contains(host.id.as_str());
        report.hosts.iter().filter(is_rest).map(ComparedHost::of).collect()
    };
    let indexes = (Index::new(a), Index::new(b));
    let compared = |(one, other): &(&Host, &Host)| {
        compare_sides(&Side::new(&indexes.0, one), &Side::new(&indexes.1, other))
    };
    Comparison {
        schema: SCHEMA,
        tool: Tool::this(),
        not_read_a: a.not_read.clone(),
        not_read_b: b.not_read.clone(),
        hosts: pairs.iter().map(compared).collect(),
        not_compared_a: rest(a, &of_a),
        not_compared_b: rest(b, &of_b),
    }
}

/// Compares two hosts of one report.
pub(crate) fn compare_hosts<'r>(index: &'r Index<'r>, a: &'r Host, b: &'r Host) -> HostComparison {
    compare_sides(&Side::new(index, a), &Side::new(index, b))
}

fn compare_sides(a: &Side<'_>, b: &Side<'_>) -> HostComparison {
    let mut items = Items::default();
    identity::compare(a, b, &mut items);
    roles::compare(a, b, &mut items);
    settings::compare(a, b, &mut items);
    tokens::compare(a, b, &mut items);
    places::compare(a, b, &mut items);
    findings::compare(a, b, &mut items);
    let (equal, items) = items.finish();
    HostComparison { a: ComparedHost::of(a.host), b: ComparedHost::of(b.host), equal, items }
}
