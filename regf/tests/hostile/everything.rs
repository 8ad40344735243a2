// SPDX-License-Identifier: MIT OR Apache-2.0
//! Everything that the reader offers, called on any bytes. The tests of licensing and the fuzz
//! target `hive` call it, too.

use std::collections::BTreeSet;

use calhive_regf::hive::hidden::Item;
use calhive_regf::{CellOffset, Error, Hive, Key, KeyPath, Value};

/// Number of paths of the walk that are looked up.
const PATHS: usize = 3;
/// Number of keys and values that are shown as text and whose cells are listed. A long name counts
/// as several. Many keys may share one long list, and the cells of each key include the list.
const IN_DETAIL: usize = 500;

/// Number of keys whose cells are listed.
const CELLS: u64 = 50;
/// Longest name that is looked up, in UTF-16 units: more than Windows allows.
const LONGEST_NAME: usize = 512;

/// Counts of what was read.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Number of keys that the walk showed.
    pub(crate) keys: u64,
    /// Number of values whose data were read.
    pub(crate) values: u64,
    /// Number of errors and faults.
    pub(crate) faults: u64,
    /// The first error or fault.
    pub(crate) first: Option<Error>,
    /// A number that depends on everything that was read, so that no call is optimized away.
    pub(crate) sum: u64,
    /// Length of the file.
    file: u64,
}

impl Outcome {
    fn fault(&mut self, error: Error) {
        self.faults += 1;
        self.first = self.first.or(Some(error));
        // Every offset lies in the file or at its end.
        assert!(error.offset().get() <= self.file, "{error} in a file of {} bytes", self.file);
    }

    fn take<T>(&mut self, result: calhive_regf::Result<T>) -> Option<T> {
        result.map_err(|error| self.fault(error)).ok()
    }

    pub(crate) fn add(&mut self, number: impl TryInto<u64>) {
        self.sum = self.sum.wrapping_mul(31).wrapping_add(number.try_into().unwrap_or(0));
    }
}

/// Reads everything that any bytes hold. `done` is called after each step that a user may ask for.
pub(crate) fn everything(bytes: &[u8], done: &mut dyn FnMut(&'static str)) -> Outcome {
    let mut out = Outcome { file: bytes.len() as u64, ..Outcome::default() };
    let hive = match Hive::parse(bytes) {
        Ok(hive) => hive,
        Err(error) => {
            out.fault(error);
            out.add(error.to_string().len());
            return out;
        }
    };
    out.add(format!("{hive:?} {:?}", hive.base_block().last_reorganized()).len());
    out.add(hive.remnant().len());
    let paths = walk(hive, &mut out);
    look_up(hive, &paths, &mut out);
    for cell in hive.cells() {
        if let Some(cell) = out.take(cell) {
            out.add(cell.data().len());
        }
    }
    for bin in hive.bins() {
        if let Some(bin) = out.take(bin) {
            out.add(bin.timestamp().raw() ^ bin.missing());
        }
    }
    done("walk and look-ups");
    hive.check(|finding| out.fault(finding.error));
    done("check");
    hidden(hive, &mut out);
    done("hidden items");
    recovered(hive, &mut out);
    done("recovery");
    out
}

/// Reads everything that the tree leaves out.
fn hidden(hive: Hive<'_>, out: &mut Outcome) {
    let hidden = hive.hidden();
    let mut left = IN_DETAIL;
    for item in hidden.iter() {
        assert!(item.place.get() <= out.file, "{item:?}");
        if let Some(fewer) = left.checked_sub(1) {
            left = fewer;
            out.add(hidden.path(item).map_or(0, |path| path.to_string().len()));
        }
        if let Item::Data { data, .. } = &item.item {
            data.iter().for_each(|piece| out.add(piece.len()));
        }
    }
    hidden.faults().iter().for_each(|fault| out.fault(*fault));
}

/// Recovers deleted keys and values. Only the first ones are read in detail: many may share the
/// same data and lists.
fn recovered(hive: Hive<'_>, out: &mut Outcome) {
    let recovery = hive.recover();
    let mut left = IN_DETAIL;
    let mut before = None;
    for found in recovery.iter() {
        assert!(Some(found.offset()) > before && found.offset().get() < out.file, "{found:?}");
        before = Some(found.offset());
        assert!(found.key().is_some() != found.value().is_some(), "{found:?}");
        out.add(found.loss().bits());
        let Some(fewer) = left.checked_sub(1) else { continue };
        left = fewer;
        out.add(format!("{found:?} {} {}", found.confidence(), found.space()).len());
        out.add(found.path().to_string().len());
        out.add(found.values().count() + found.subkeys().count());
        out.add(found.last_written().map_or(0, |time| time.raw()));
        out.add(found.live_owner().map_or(0, |key| key.offset().get()));
        out.add(format!("{:?} {:?}", found.counterpart(), found.owner()).len());
        let data = found.data();
        let (bytes, size) = (data.to_bytes(), data.size());
        assert!(bytes.len() as u64 <= size && data.is_whole() == (bytes.len() as u64 == size));
        out.add(bytes.last().copied().unwrap_or(0));
        for span in found.spans() {
            assert!(span.start <= span.end && span.end <= out.file, "{found:?} {span:?}");
        }
    }
    recovery.faults().iter().for_each(|fault| out.add(fault.to_string().len()));
}

/// Walks with values. Returns some of the paths.
fn walk(hive: Hive<'_>, out: &mut Outcome) -> Vec<KeyPath> {
    let (mut paths, mut securities, mut left) = (Vec::new(), BTreeSet::new(), IN_DETAIL);
    let mut walk = hive.walk().with_values(true);
    while let Some(entry) = walk.next() {
        let Some(entry) = out.take(entry) else { continue };
        out.keys += 1;
        if out.keys.is_power_of_two() && out.keys.ilog2() % 3 == 2 && paths.len() < PATHS {
            let path = walk.path();
            out.add(path.to_string().len());
            // A look-up compares the whole name with every key.
            if path.names().all(|name| name.units().count() < LONGEST_NAME) {
                paths.push(path.to_key_path());
            }
        }
        read_key(entry.key, &mut securities, &mut left, out);
        for value in entry.values {
            let Some(value) = out.take(value) else { continue };
            read_value(value, &mut left, out);
            match walk.data(value) {
                Ok(data) => {
                    out.values += 1;
                    if left > 0 || out.values.is_power_of_two() {
                        data.segments().for_each(|part| out.add(part.len()));
                        out.add(data.to_bytes().last().copied().unwrap_or(0));
                    }
                    out.add(data.to_dword().unwrap_or(0));
                    out.add(data.to_qword().unwrap_or(0));
                }
                Err(error) => {
                    out.fault(error);
                    if let (Some(data), _) = walk.available(value) {
                        data.segments().for_each(|part| out.add(part.len()));
                    }
                }
            }
        }
    }
    walk.faults().iter().for_each(|fault| out.fault(*fault));
    paths
}

fn read_key(
    key: Key<'_>,
    securities: &mut BTreeSet<CellOffset>,
    left: &mut usize,
    out: &mut Outcome,
) {
    out.add(key.name().lh_hash());
    key.name_fault().into_iter().for_each(|fault| out.fault(fault));
    if let Some(Some(class)) = out.take(key.class_name()) {
        out.add(class.to_string().len());
    }
    if let Some(Some(security)) = out.take(key.security())
        && securities.insert(security.cell_offset())
    {
        read_security(security, out);
    }
    if let Some(Some(link)) = out.take(key.link_target()) {
        out.add(link.data_size());
    }
    out.take(key.parent());
    if out.keys.is_power_of_two() {
        for above in key.parent_chain() {
            out.take(above);
        }
    }
    if let Some(fewer) = left.checked_sub(1 + key.name().units().count() / LONGEST_NAME) {
        *left = fewer;
        let (name, time) = (key.name(), key.last_written());
        out.add(format!("{name} {} {time}", name.to_string_lossy()).len());
        out.add(format!("{:?} {:?} {:?}", key.flags(), key.access_bits(), key.layer()).len());
        // A key has as many spans as its lists have leaves.
        if out.keys < CELLS {
            for span in key.spans() {
                assert!(span.start < span.end && span.end <= out.file);
            }
        }
    }
}

fn read_security(security: calhive_regf::hive::security::Security<'_>, out: &mut Outcome) {
    let Some(descriptor) = out.take(security.descriptor()) else { return };
    for sid in [descriptor.owner(), descriptor.group()] {
        if let Some(Some(sid)) = out.take(sid) {
            out.add(sid.to_string().len());
        }
    }
    for acl in [descriptor.dacl(), descriptor.sacl()] {
        let Some(Some(acl)) = out.take(acl) else { continue };
        for entry in acl.entries() {
            if let Some(entry) = out.take(entry) {
                out.add(format!("{entry:?}").len());
            }
        }
    }
}

fn read_value(value: Value<'_>, left: &mut usize, out: &mut Outcome) {
    value.name_fault().into_iter().for_each(|fault| out.fault(fault));
    if let Some(fewer) = left.checked_sub(1) {
        *left = fewer;
        let (name, kind) = (value.name(), value.value_type());
        out.add(format!("{name} {kind} {:?} {}", value.flags(), value.is_tombstone()).len());
        for span in value.spans() {
            assert!(span.start < span.end && span.end <= out.file);
        }
    }
}

fn look_up(hive: Hive<'_>, paths: &[KeyPath], out: &mut Outcome) {
    for path in paths {
        out.take(hive.key(path));
        let found = hive.key_thorough(path.to_string().as_str(), |fault| out.fault(fault));
        let Some(Some(key)) = out.take(found) else { continue };
        out.take(key.subkey("no such key"));
        out.take(key.value("no such value"));
    }
    let absent = r"Microsoft\MSLicensing\Store\u{D800}";
    out.take(hive.key(absent));
}
