// SPDX-License-Identifier: MIT OR Apache-2.0
//! Facts from recovered keys and values at the places of the catalog.
//!
//! The path of a recovered item can be incomplete. calhive compares the known end of the path with
//! every place in the catalog. A partial path, or a name without a path, is enough if only one
//! place matches.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use calhive_regf::error::{Error, ErrorKind, Limit};
use calhive_regf::hive::Hive;
use calhive_regf::hive::name::Name;
use calhive_regf::log::Plan;
use calhive_regf::recover::{
    Counterpart, Level, OverwrittenValue, Record, Recovered, RecoveredPath, Recovery,
    recover_from_logs, recover_overwritten,
};
use calhive_regf::registry::{ControlSet, HiveKind};

use crate::catalog::{Code, Location, Read};
use crate::collect::collector::{Collector, begins};
use crate::collect::place::item_names::may_be_ours;
use crate::collect::place::{Place, places};
use crate::fact::Replayed;
use crate::fact::{Fact, State};
use crate::fact::{FromLog, Origin, Provenance, Remains};
use crate::meaning::stored_license::KEY_PREFIX;
use crate::token::{CarvedToken, TokenSignatures};

/// Origin of a recovered item.
enum From {
    /// The hive.
    Hive,
    /// The stored file, in bytes that replay overwrites.
    File,
    /// A page of a log.
    Log(FromLog),
}

impl<'s> Collector<'s> {
    /// Adds the recovered items that concern licensing.
    pub(in crate::collect) fn add_recovered(&mut self, kind: HiveKind, recovery: &Recovery<'s>) {
        recovery.faults().iter().for_each(|fault| self.unread.add(*fault));
        let hidden = self.hidden_places();
        for found in recovery.iter() {
            let Some(work) = self.budget.work.checked_sub(1) else { break };
            self.budget.work = work;
            // Most recovered names do not occur in the catalog.
            let at = found.cell_offset().file_offset().get();
            if may_be_ours(found) && !hidden.contains(&at) {
                self.add_item(kind, recovery.hive(), found, &From::Hive);
            }
        }
        recovery.limits_of_records().into_iter().for_each(|limit| self.unread.add(limit));
    }

    /// Adds items that replay overwrites. Also adds items in logs that are missing from every state
    /// of the replay.
    pub(in crate::collect) fn add_left_over(
        &mut self,
        kind: HiveKind,
        hive: Hive<'s>,
        replayed: &Replayed<'_>,
        plan: &Plan<'_>,
    ) {
        let overwritten = replayed.patches.as_ref().map(|_| {
            recover_overwritten(replayed.base, hive, |found| {
                let Some(work) = self.budget.work.checked_sub(1) else { return };
                self.budget.work = work;
                if may_be_ours(found) {
                    self.add_item(kind, hive, found, &From::File);
                }
            })
        });
        let limits =
            overwritten.unwrap_or(Ok(Vec::new())).unwrap_or_else(|error| Vec::from([error]));
        limits.into_iter().for_each(|limit| self.unread.add(limit));
        let limits = recover_from_logs(plan, hive, |from, found| {
            let Some(work) = self.budget.work.checked_sub(1) else { return };
            self.budget.work = work;
            if may_be_ours(found) {
                let entry = from.entry;
                // An item after the last sector of a log belongs to no entry. Use the sequence
                // number of the log.
                let of_log = replayed.report.logs.get(entry.log).and_then(|log| log.sequence);
                let sequence = entry.sequence.or(of_log.map(|(primary, _)| primary));
                let place = FromLog {
                    log: entry.log,
                    sequence: sequence.unwrap_or_default(),
                    log_offset: from.log_offset(found.offset()).unwrap_or_default().get(),
                    offset: found.offset().get(),
                };
                self.add_item(kind, hive, found, &From::Log(place));
            }
        });
        limits.into_iter().for_each(|limit| self.unread.add(limit));
    }

    /// Adds tokens of clients (in SOFTWARE) and chains of session hosts (in SYSTEM) found by signature in bytes
    /// without live items. No value refers to these bytes.
    pub(in crate::collect) fn add_unclaimed_tokens(
        &mut self,
        kind: HiveKind,
        recovery: &Recovery<'_>,
    ) {
        recovery.unclaimed(&TokenSignatures::new(), |token| {
            let location = match (CarvedToken::from_tag(token.tag), kind) {
                (Some(CarvedToken::Token), HiveKind::Software | HiveKind::Other) => {
                    Code::ClientStore.location()
                }
                (Some(CarvedToken::Chain), HiveKind::System | HiveKind::Other) => {
                    Code::HostX509Certificate.location()
                }
                // Only a value of a license ties a part of a token to a license.
                (Some(CarvedToken::Fragment), HiveKind::Software | HiveKind::Other)
                    if token.value.is_some_and(is_of_license) =>
                {
                    Code::ClientStore.location()
                }
                _ => return,
            };
            if !self.may_keep(token.bytes.len(), recovery.hive()) {
                return;
            }
            let remains = Remains {
                place: token.space,
                level: Level::Medium,
                why: String::from("medium: found by its signature, no value leads to it"),
                path_is_whole: false,
                key_is_known: false,
                data_offset: Some(token.bytes.offset().get()),
                is_before_replay: false,
                key_is_recovered: false,
                subkeys: None,
                previous_version_of: None,
            };
            let mut provenance = Provenance {
                key: String::from("…"),
                origin: Origin::Carved,
                recovered: Some(remains),
                ..Provenance::default()
            };
            if let Some(of) = token.value {
                tie(&mut provenance, of);
            }
            let data = token.bytes.as_slice().to_vec();
            let state =
                if data.len() as u64 == token.size { State::Set } else { State::Incomplete };
            self.push(Fact { data, size: token.size, ..Fact::new(location, state, provenance) });
        });
    }

    /// Takes bytes from the budget for data. Reports a fault if the budget is used up.
    fn may_keep(&mut self, length: usize, hive: Hive<'_>) -> bool {
        let left = self.budget.data.checked_sub(length as u64);
        match (left, hive.root()) {
            (Some(left), _) => self.budget.data = left,
            (None, Ok(root)) => {
                let most = hive.file_length();
                let limit = ErrorKind::LimitReached { limit: Limit::Data, most };
                self.unread.add(Error::new(limit, root.offset()));
            }
            (None, Err(error)) => self.unread.add(error),
        }
        left.is_some()
    }

    /// Returns the cells that are already reported as hidden items.
    fn hidden_places(&self) -> BTreeSet<u64> {
        let hidden = self.facts.iter().map(|fact| &fact.provenance);
        let hidden = hidden.filter(|place| place.hidden.is_some());
        let places = hidden.flat_map(|place| {
            let key = place.key_place.map(|(offset, _)| offset);
            [key, place.value_place.map(|(offset, _)| offset)]
        });
        places.flatten().collect()
    }

    fn add_item(&mut self, kind: HiveKind, hive: Hive<'_>, found: Recovered<'_, '_>, from: &From) {
        let path = found.key_path_within(&mut self.budget.look_ups);
        let places = places(kind, found, path.as_ref());
        // A comparison with every value of a live key can be slow. Compare licensing items only.
        if places.is_empty() {
            return;
        }
        let counterpart = found.counterpart_within(&mut self.budget.look_ups);
        if matches!(counterpart, Some(Counterpart::Duplicate { .. })) {
            return;
        }
        let key = path.as_ref().map_or_else(|| String::from("…"), RecoveredPath::to_string);
        let path = path.unwrap_or_default();
        for place in places {
            let mut provenance = Provenance {
                key: key.clone(),
                recovered: Some(remains(found, &path, counterpart, from)),
                ..self.provenance_of(hive, found, &place, from)
            };
            let fact = match found.record() {
                Some(Record::Key(key)) => key_fact(place.location, key.name(), provenance),
                Some(Record::Value(value)) => {
                    provenance.value = Some(value.name().as_text().to_string());
                    provenance.value_place = Some((found.offset().get(), value.value_type()));
                    let data = found.data();
                    let mut bytes = data.to_bytes();
                    if !self.may_keep(bytes.len(), hive) {
                        bytes.clear();
                    }
                    let is_whole = bytes.len() as u64 == data.size();
                    let state = if is_whole { State::Set } else { State::Incomplete };
                    let fact = Fact::new(place.location, state, provenance);
                    Fact { data: bytes, size: data.size(), ..fact }
                }
                None => return,
            };
            self.push(fact);
        }
    }

    /// Returns the provenance of a recovered item, without its path and its value.
    fn provenance_of(
        &self,
        hive: Hive<'_>,
        found: Recovered<'_, '_>,
        place: &Place,
        from: &From,
    ) -> Provenance {
        let key = match (found.key(), found.owner(), found.live_owner()) {
            (Some(key), ..) => Some((found.offset(), key.last_written())),
            (_, Some(owner), _) => owner.last_written().map(|time| (owner.offset(), time)),
            (.., live) => live.map(|key| (key.offset(), key.last_written())),
        };
        let root = hive.root().ok();
        let control_set = place.control_set.map(|number| {
            let roles = root.map(|root| ControlSet::roles(root, number));
            (number, roles.unwrap_or_default())
        });
        let mut provenance = Provenance {
            control_set,
            redirected: place.redirected,
            key_place: key.map(|(offset, time)| (offset.get(), time)),
            origin: Origin::Recovered,
            ..Provenance::default()
        };
        match from {
            From::Log(entry) => provenance.from_logs.push(*entry),
            From::Hive if self.patches.is_some() => {
                provenance.trace(self.patches, &found.spans());
            }
            From::Hive | From::File => {}
        }
        provenance
    }
}

/// Returns a key as a fact: its existence, or the content of its name.
fn key_fact(location: &'static Location, name: Name<'_>, provenance: Provenance) -> Fact {
    if !matches!(location.read, Read::SubkeyNames { .. }) {
        return Fact::new(location, State::Key, provenance);
    }
    let name = name.to_string_lossy();
    let data: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let size = data.len() as u64;
    Fact { data, size, ..Fact::new(location, State::KeyName, provenance) }
}

/// Returns the details of a recovered item.
fn remains(
    found: Recovered<'_, '_>,
    path: &RecoveredPath,
    counterpart: Option<Counterpart>,
    from: &From,
) -> Remains {
    let confidence = found.confidence();
    Remains {
        place: found.space(),
        level: confidence.level,
        why: confidence.to_string(),
        path_is_whole: path.is_whole,
        key_is_known: found.key_path().is_some(),
        data_offset: found.data().pieces().first().map(|piece| piece.bytes.offset().get()),
        is_before_replay: matches!(from, From::File),
        key_is_recovered: found.key().is_some() || found.owner().is_some(),
        subkeys: found.key().map(|key| key.subkey_count()),
        previous_version_of: match counterpart {
            Some(Counterpart::PreviousVersion { of, differences }) => {
                Some((of.get(), differences.to_string()))
            }
            _ => None,
        },
    }
}

/// Whether the value is in the key of a stored license.
fn is_of_license(of: OverwrittenValue<'_>) -> bool {
    begins(of.key.name(), KEY_PREFIX)
}

/// Adds the live value whose cell of data holds the older bytes.
fn tie(provenance: &mut Provenance, of: OverwrittenValue<'_>) {
    let Ok(path) = of.key.path_by_parents() else { return };
    provenance.stand(of.key, &path);
    provenance.stand_in(of.value, of.value.name(), of.value.value_type());
    if let Some(remains) = &mut provenance.recovered {
        remains.why = String::from(
            "medium: found by its signature after the data of a live value, in the same cell",
        );
        (remains.path_is_whole, remains.key_is_known) = (true, true);
        let changed = String::from("the data, which are shorter now");
        remains.previous_version_of = Some((of.value.offset().get(), changed));
    }
}
