// SPDX-License-Identifier: MIT OR Apache-2.0
//! Facts from what was deleted: recovered keys and values at the places of the catalogue.
//!
//! The way goes the other way round than in the tree: what was recovered is looked up in the catalogue,
//! by as much of its path as is known. A path that does not lead to the root, or no path at all, is enough
//! where no other place of the catalogue ends like it.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Limit};
use crate::hive::Hive;
use crate::hive::name::Name;
use crate::licensing::collector::{Collector, REDIRECTED, begins};
use crate::licensing::fact::{Fact, FromLog, Origin, Provenance, Remains, Replayed, State};
use crate::licensing::locations::{Base, LOCATIONS, Location, Read, Subject};
use crate::recover::{
    Counterpart, Level, Record, Recovered, RecoveredPath, Recovery, recover_left_over,
    recover_overwritten,
};
use crate::registry::control_set::is_control_set;
use crate::registry::{ControlSet, HiveKind};

/// How the name of a licence in the store begins.
const LICENSE: &str = "LICENSE";
/// Values whose names say by themselves what they are: the name, and the place of the catalogue.
const BY_NAME: [(&str, &str); 4] = [
    ("ClientHWID", "client.hardware_id"),
    ("ClientLicense", "client.store"),
    ("SpecifiedLicenseServers", "host.license_servers"),
    // By policy or locally: its name does not tell.
    ("LicensingMode", "host.rcm.licensing_mode"),
];
/// Keys that nothing else has: with nothing above them they say enough.
const OWN: [&str; 2] = ["MSLicensing", "Licensing Core"];

/// Where something was recovered from.
enum From {
    /// The hive.
    Hive,
    /// The file as it lies, where replay writes over it.
    File,
    /// A page of a log.
    Log(FromLog),
}

/// A place of the catalogue that something was recovered from.
struct Place {
    location: &'static Location,
    control_set: Option<u32>,
    redirected: bool,
}

impl<'s> Collector<'s> {
    /// Adds what was recovered, as far as it is about licensing.
    pub(crate) fn recovered(&mut self, kind: HiveKind, recovery: &Recovery<'s>) {
        recovery.faults().iter().for_each(|fault| self.unread.add(*fault));
        for found in recovery.iter() {
            let Some(work) = self.work.checked_sub(1) else { return };
            self.work = work;
            // Most of what is recovered has a name that no place of the catalogue has.
            if may_be_ours(found) && !self.is_told(found) {
                self.recovered_one(kind, recovery.hive(), found, &From::Hive);
            }
        }
    }

    /// Adds what replay writes over, and what stands in the logs of a hive and in no state of it that replay
    /// leads to.
    pub(crate) fn left_over(
        &mut self,
        kind: HiveKind,
        hive: Hive<'s>,
        replayed: &Replayed<'_>,
        logs: &[&[u8]],
    ) {
        let overwritten = replayed.patches.as_ref().map(|_| {
            recover_overwritten(replayed.base, hive, |found| {
                let Some(work) = self.work.checked_sub(1) else { return };
                self.work = work;
                if may_be_ours(found) {
                    self.recovered_one(kind, hive, found, &From::File);
                }
            })
        });
        if let Some(Err(error)) = overwritten {
            self.unread.add(error);
        }
        recover_left_over(replayed.base, hive, logs, |from, found| {
            let Some(work) = self.work.checked_sub(1) else { return };
            self.work = work;
            if may_be_ours(found) {
                let entry = from.entry;
                // Of bytes behind the last sector of a log nothing tells more than the log itself.
                let of_log = replayed.report.logs.get(entry.log).and_then(|log| log.sequence);
                let sequence = entry.sequence.or(of_log.map(|(primary, _)| primary));
                let place = FromLog {
                    log: entry.log,
                    sequence: sequence.unwrap_or_default(),
                    log_offset: from.log_offset(found.offset()).unwrap_or_default().get(),
                    offset: found.offset().get(),
                };
                self.recovered_one(kind, hive, found, &From::Log(place));
            }
        });
    }

    /// Adds tokens that lie where nothing live stands, and that no value leads to: found by their signature.
    pub(crate) fn stray_tokens(&mut self, recovery: &Recovery<'_>) {
        let Some(location) = LOCATIONS.iter().find(|it| it.code == "client.store") else { return };
        recovery.stray_tokens(|token| {
            if !self.may_keep(token.bytes.len(), recovery.hive()) {
                return;
            }
            let remains = Remains {
                place: token.origin,
                level: Level::Medium,
                why: String::from("medium: found by its signature, no value leads to it"),
                path_is_whole: false,
                key_is_known: false,
                data_offset: Some(token.bytes.offset().get()),
                is_before_replay: false,
                key_is_recovered: false,
                previous_version_of: None,
            };
            let provenance = Provenance {
                key: String::from("…"),
                origin: Origin::Carved,
                recovered: Some(remains),
                ..Provenance::default()
            };
            let data = token.bytes.as_slice().to_vec();
            let state =
                if data.len() as u64 == token.size { State::Set } else { State::Incomplete };
            self.push(Fact { data, size: token.size, ..Fact::new(location, state, provenance) });
        });
    }

    /// Takes so many bytes from those that may be kept; where they may not be, that is told.
    fn may_keep(&mut self, length: usize, hive: Hive<'_>) -> bool {
        let left = self.data.checked_sub(length as u64);
        match (left, hive.root()) {
            (Some(left), _) => self.data = left,
            (None, Ok(root)) => {
                let most = hive.file_length();
                let limit = ErrorKind::LimitReached { limit: Limit::Data, most };
                self.unread.add(Error::new(limit, root.offset()));
            }
            (None, Err(error)) => self.unread.add(error),
        }
        left.is_some()
    }

    /// Whether the cell was told already, as one that the tree leaves out.
    fn is_told(&self, found: Recovered<'_, '_>) -> bool {
        let at = found.cell_offset().file_offset().get();
        self.facts.iter().any(|fact| {
            let place = &fact.provenance;
            place.hidden.is_some()
                && (place.key_place.is_some_and(|(offset, _)| offset == at)
                    || place.value_place.is_some_and(|(offset, _)| offset == at))
        })
    }

    fn recovered_one(
        &mut self,
        kind: HiveKind,
        hive: Hive<'_>,
        found: Recovered<'_, '_>,
        from: &From,
    ) {
        let path = found.key_path();
        let places = places(kind, found, path.as_ref());
        // A live key may have very many values to compare with: that is for what is about licensing.
        if places.is_empty() {
            return;
        }
        let counterpart = found.counterpart();
        if matches!(counterpart, Some(Counterpart::Duplicate { .. })) {
            return;
        }
        for place in places {
            let path = path.clone().unwrap_or_default();
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
                key: if found.key_path().is_some() {
                    path.to_string()
                } else {
                    String::from("…")
                },
                key_place: key.map(|(offset, time)| (offset.get(), time)),
                origin: Origin::Recovered,
                recovered: Some(remains(found, &path, counterpart, from)),
                ..Provenance::default()
            };
            match from {
                From::Log(entry) => provenance.from_logs.push(*entry),
                From::Hive if self.patches.is_some() => {
                    provenance.trace(self.patches, &found.spans());
                }
                From::Hive | From::File => {}
            }
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
                    Fact {
                        data: bytes,
                        size: data.size(),
                        ..Fact::new(place.location, state, provenance)
                    }
                }
                None => return,
            };
            self.push(fact);
        }
    }
}

/// A key as a fact: that it was there, or what its name says.
fn key_fact(location: &'static Location, name: Name<'_>, provenance: Provenance) -> Fact {
    if !matches!(location.read, Read::SubkeyNames { .. }) {
        return Fact::new(location, State::Key, provenance);
    }
    let name = name.to_string_lossy();
    let data: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let size = data.len() as u64;
    Fact { data, size, ..Fact::new(location, State::KeyName, provenance) }
}

/// What is known of the recovered thing itself.
fn remains(
    found: Recovered<'_, '_>,
    path: &RecoveredPath,
    counterpart: Option<Counterpart>,
    from: &From,
) -> Remains {
    let confidence = found.confidence();
    Remains {
        place: found.origin(),
        level: confidence.level,
        why: confidence.to_string(),
        path_is_whole: path.is_whole,
        key_is_known: found.key_path().is_some(),
        data_offset: found.data().pieces().first().map(|piece| piece.bytes.offset().get()),
        is_before_replay: matches!(from, From::File),
        key_is_recovered: found.key().is_some() || found.owner().is_some(),
        previous_version_of: match counterpart {
            Some(Counterpart::PreviousVersion { of, changed }) => {
                Some((of.get(), changed.to_string()))
            }
            _ => None,
        },
    }
}

/// Whether a place of the catalogue may be meant, by its name and those of the keys above.
fn may_be_ours(found: Recovered<'_, '_>) -> bool {
    let name = found.name();
    let [above, further] = found.names_above();
    let is_last = |name: Name<'_>, key: &str| {
        key.rsplit('\\').next().is_some_and(|last| name.same(last.into()))
    };
    let is_below = |above: Option<Name<'_>>, key| above.is_some_and(|above| is_last(above, key));
    let of_key = found.key().is_some();
    LOCATIONS.iter().filter(|it| it.subject() != Subject::System).any(|location| {
        let key = location.key;
        match location.read {
            Read::Key => of_key && is_last(name, key),
            Read::SubkeyNames { .. } => of_key && is_below(above, key),
            Read::Value(value) | Read::SubkeyValue { value, .. } => {
                !of_key && name.same(value.into())
            }
            Read::Values => !of_key && (is_below(above, key) || is_by_name(location, name)),
            Read::SubkeyValues => {
                let is_license = above.is_some_and(|above| begins(above, LICENSE));
                !of_key && (is_below(further, key) || is_license || is_by_name(location, name))
            }
        }
    })
}

/// The places of the catalogue that something stood at.
fn places(kind: HiveKind, found: Recovered<'_, '_>, path: Option<&RecoveredPath>) -> Vec<Place> {
    let value = found.value().map(|value| value.name());
    let locations = LOCATIONS.iter().filter(|it| {
        let of_system = matches!(it.base, Base::ControlSet | Base::System);
        let fits = match kind {
            HiveKind::System => of_system,
            HiveKind::Software => !of_system,
            // Too damaged to tell, or none that licensing stands in.
            other => other == HiveKind::Other,
        };
        it.subject() != Subject::System && fits
    });
    let Some(path) = path else {
        return value.map_or_else(Vec::new, |name| {
            locations
                .filter(|it| is_by_name(it, name))
                .map(|location| Place { location, control_set: None, redirected: false })
                .collect()
        });
    };
    let names: Vec<Name<'_>> = path.names.names().collect();
    let matched: Vec<Place> =
        locations.filter_map(|location| place(location, &names, path.is_whole, value)).collect();
    let is_one =
        |place: &Place| Some(place.location.key) == matched.first().map(|it| it.location.key);
    // A part of a path that several keys of the catalogue end with is none of them.
    if path.is_whole || matched.iter().all(is_one) { matched } else { Vec::new() }
}

/// Whether the name of a value whose key is not known says that it stood here.
fn is_by_name(location: &Location, name: Name<'_>) -> bool {
    let code = BY_NAME.iter().find(|(known, _)| name.same((*known).into())).map(|(_, code)| *code);
    let is_grace_period = || {
        let name = name.to_string_lossy().to_ascii_uppercase();
        name.starts_with("L$") && name.contains("TIMEBOMB")
    };
    match code {
        Some(code) => location.code == code,
        None => location.code == "host.grace_period" && is_grace_period(),
    }
}

/// The place, if something of this path stood at this location.
fn place(
    location: &'static Location,
    names: &[Name<'_>],
    is_whole: bool,
    value: Option<Name<'_>>,
) -> Option<Place> {
    let (names, below) = match (location.read, value) {
        (Read::Key, None) | (Read::Values, Some(_)) => (names, None),
        (Read::Value(wanted), Some(name)) if name.same(wanted.into()) => (names, None),
        (Read::SubkeyNames { except }, None) => {
            let (last, above) = names.split_last()?;
            (!last.same(except.into())).then_some((above, Some(*last)))?
        }
        (Read::SubkeyValues, Some(_)) => {
            let (last, above) = names.split_last()?;
            (above, Some(*last))
        }
        (Read::SubkeyValue { prefix, value: wanted }, Some(name)) => {
            let (last, above) = names.split_last()?;
            let is_ours = name.same(wanted.into()) && begins(*last, prefix);
            is_ours.then_some((above, Some(*last)))?
        }
        _ => return None,
    };
    let wanted: Vec<&str> = location.key.split('\\').collect();
    let same = |names: &[Name<'_>], wanted: &[&str]| {
        names.len() == wanted.len()
            && names.iter().zip(wanted).all(|(name, wanted)| name.same((*wanted).into()))
    };
    if let Some(start) = names.len().checked_sub(wanted.len())
        && let Some((base, rest)) = names.split_at_checked(start)
        && same(rest, &wanted)
    {
        return at_base(location, base, is_whole);
    }
    // What is known of the path is the end of this place's, or nothing but a licence's own name.
    let end = wanted.get(wanted.len().saturating_sub(names.len())..)?;
    let is_license =
        || below.is_some_and(|name| begins(name, LICENSE) && location.code == "client.store");
    let says = match (names.len(), location.read) {
        (0, _) => is_license(),
        // The name of the value says what it is, together with that of its key.
        (1, Read::Value(_)) => true,
        (1, Read::Values) => value.is_some_and(|name| is_by_name(location, name)),
        (1, _) => OWN.iter().any(|own| same(names, &[own])) || is_license(),
        _ => true,
    };
    (!is_whole && same(names, end) && says).then_some(Place {
        location,
        control_set: None,
        redirected: false,
    })
}

/// The place below what its key is relative to.
fn at_base(location: &'static Location, base: &[Name<'_>], is_whole: bool) -> Option<Place> {
    let last = base.last();
    let number = last.and_then(|name| is_control_set(*name));
    let is_view = last.is_some_and(|name| name.same(REDIRECTED.into()));
    let place = |control_set, redirected| Some(Place { location, control_set, redirected });
    match location.base {
        Base::ControlSet => match (number, base.len()) {
            (Some(number), 1) => place(Some(number), false),
            (None, 0) if !is_whole => place(None, false),
            _ => None,
        },
        Base::SoftwareViews if is_view && base.len() == 1 => place(None, true),
        Base::System | Base::Software | Base::SoftwareViews => {
            base.is_empty().then(|| place(None, false)).flatten()
        }
    }
}
