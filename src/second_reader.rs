// SPDX-License-Identifier: MIT OR Apache-2.0
//! Second reader: nt-hive, an independent reader of hives, reads every fact again.
//!
//! The second reader covers name, type and data of values. Its look-up trusts the order of lists.
//! For an absent key or value, this module therefore compares all names in the list of the parent.
//! The second reader does not cover times, permissions, deleted data and decoding. See rule 20 in
//! [licensing.md](crate::licensing#what-may-be-said).
//!
//! nt-hive panics on some hives. These panics are caught by [`foreign::call`].

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_evidence::foreign;
use calhive_regf::ValueType;
use calhive_regf::hive::name::Name;
use calhive_regf::hive::path::KeyPath;
use nt_hive::{KeyNode, KeyValue, KeyValueData, NtHiveNameString};

use crate::catalog::Read;
use crate::fact::Facts;
use crate::fact::{Fact, State};
use crate::fact::{SecondReader, SecondReading};

type Node<'h> = KeyNode<'h, &'h [u8]>;
type Other<'h> = KeyValue<'h, &'h [u8]>;

/// Reads every fact of a hive again with the second reader, from the same bytes. Stores the result in
/// the facts.
///
/// ```
/// # let mut tree = hive_forge::tree::Tree::new("ROOT");
/// # tree.root.at(r"ControlSet001\Control\Terminal Server").values.push(
/// #     hive_forge::tree::Value::dword("fDenyTSConnections", 1));
/// # tree.root.at("Select").values.push(hive_forge::tree::Value::dword("Current", 1));
/// # let forged = hive_forge::write(&tree, &Default::default());
/// # let bytes = &forged.bytes[..];
/// use calhive::fact::{SecondReading, Source};
/// use calhive::second_reader;
/// let source = Source::new(calhive::Hive::parse(bytes)?, "SYSTEM");
/// let mut facts = calhive::collect(&source, Default::default());
/// second_reader::confirm(&mut facts, bytes);
/// assert!(facts.facts.iter().all(|fact| fact.second_reading == Some(SecondReading::Agreed)));
/// # Ok::<(), calhive::Error>(())
/// ```
pub fn confirm(facts: &mut Facts, bytes: &[u8]) {
    let hive = match contained(|| nt_hive::Hive::without_validation(bytes)) {
        Ok(Ok(hive)) => hive,
        Ok(Err(error)) => {
            facts.second_reader = SecondReader::Refused(error.to_string());
            return;
        }
        Err(panicked) => {
            facts.second_reader = SecondReader::Refused(panicked);
            return;
        }
    };
    facts.second_reader = SecondReader::Asked;
    // Keys can share lists, and lists can repeat names. The limit of compared
    // names grows with the size of the file.
    let mut left = (bytes.len() / 4).saturating_add(1 << 18);
    let mut opened = Opened::new();
    for fact in &mut facts.facts {
        // The second reader reads only the tree, so facts from outside the tree remain unchecked.
        if fact.state != State::NotReadable && fact.provenance.is_in_tree() {
            fact.second_reading = Some(read(&hive, fact, &mut opened, &mut left));
        }
    }
}

/// Reason why the second reader does not read a place.
enum Obstacle {
    /// The error of the second reader, or its panic.
    Error(String),
    /// The look-up misses a name that the list contains.
    LookUp(String),
}

impl From<String> for Obstacle {
    fn from(error: String) -> Self {
        Self::Error(error)
    }
}

/// Keys that the second reader opened, by path; `None` for a key that its lists do not contain.
type Opened<'h> = BTreeMap<String, Option<Node<'h>>>;

fn read<'h>(
    hive: &'h nt_hive::Hive<&'h [u8]>,
    fact: &Fact,
    opened: &mut Opened<'h>,
    left: &mut usize,
) -> SecondReading {
    match compare(hive, fact, opened, left) {
        Ok(reading) => reading,
        Err(Obstacle::Error(error)) => SecondReading::NotReadable(error),
        Err(Obstacle::LookUp(why)) => SecondReading::Differs { why, value: None },
    }
}

fn compare<'h>(
    hive: &'h nt_hive::Hive<&'h [u8]>,
    fact: &Fact,
    opened: &mut Opened<'h>,
    left: &mut usize,
) -> Result<SecondReading, Obstacle> {
    let key = match open(hive, fact, opened, left)? {
        Ok(key) => key,
        Err(_) if fact.state == State::NotSet => return Ok(SecondReading::Agreed),
        Err(name) => return Ok(differs(format!("it shows no key {name}"))),
    };
    match fact.state {
        State::Key | State::KeyName => Ok(SecondReading::Agreed),
        State::NotSet => Ok(differs(String::from("it shows this key"))),
        State::NotInKey | State::NotReadable => absent(&key, fact, left),
        State::Set | State::Incomplete => {
            let name = fact.provenance.value.as_deref().unwrap_or_default();
            match value(&key, name.into(), left)? {
                Some(value) => same_value(&value, fact),
                None => Ok(differs(format!("it shows no value {}", Name::from(name)))),
            }
        }
    }
}

/// Returns the key of a fact, or the first name on its path that the second reader does not find.
fn open<'h>(
    hive: &'h nt_hive::Hive<&'h [u8]>,
    fact: &Fact,
    opened: &mut Opened<'h>,
    left: &mut usize,
) -> Result<Result<Node<'h>, String>, Obstacle> {
    let path = fact.provenance.key.as_str();
    if let Some(Some(key)) = opened.get(path) {
        return Ok(Ok(key.clone()));
    }
    let mut key = answer(contained(|| hive.root_key_node())?)?;
    let (mut way, mut by_look_ups) = (String::new(), true);
    for name in KeyPath::from(path).names() {
        let shown = name.to_string();
        if !way.is_empty() {
            way.push('\\');
        }
        way.push_str(&shown);
        let below = match opened.get(&way) {
            Some(known) => known.clone(),
            None => {
                let (below, by) = subkey(&key, name, fact.state.is_found(), left)?;
                by_look_ups &= by == FoundBy::LookUp;
                // If a look-up misses a listed key, the result depends on the fact.
                if below.is_none() || by_look_ups {
                    opened.insert(way.clone(), below.clone());
                }
                below
            }
        };
        match below {
            Some(below) => key = below,
            None => return Ok(Err(shown)),
        }
    }
    Ok(Ok(key))
}

/// Confirms that a key lacks the key or value that the location names.
fn absent(key: &Node<'_>, fact: &Fact, left: &mut usize) -> Result<SecondReading, Obstacle> {
    let location = fact.location;
    // Whether the location's subkeys are directly below this key.
    let is_above = fact.provenance.key.to_lowercase().ends_with(&location.key.to_lowercase());
    let there = match location.read {
        Read::Key => None,
        Read::Value(name) => value(key, name.into(), left)?.map(|_| format!("a value {name}")),
        Read::SubkeyValue { value: name, .. } if !is_above => {
            value(key, name.into(), left)?.map(|_| format!("a value {name}"))
        }
        Read::SubkeyValues if !is_above => any_value(key)?,
        Read::Values => any_value(key)?,
        Read::SubkeyValue { prefix, .. } => {
            any_subkey(key, left, |name| name.units().take(prefix.len()).eq(prefix.encode_utf16()))?
        }
        Read::SubkeyValues | Read::SubkeyValueNaming { .. } => any_subkey(key, left, |_| true)?,
        Read::SubkeyNames { except } => any_subkey(key, left, |name| !name.same(except.into()))?,
    };
    Ok(there.map_or(SecondReading::Agreed, |what| differs(format!("it shows {what}"))))
}

fn any_subkey(
    key: &Node<'_>,
    left: &mut usize,
    is_wanted: impl Fn(Name<'_>) -> bool,
) -> Result<Option<String>, Obstacle> {
    let Some(subkeys) = contained(|| key.subkeys())? else { return Ok(None) };
    let mut subkeys = answer(subkeys)?;
    while let Some(subkey) = contained(|| subkeys.next())? {
        let subkey = answer(subkey)?;
        take(left)?;
        let name = answer(contained(|| subkey.name())?)?;
        let name = named(&name);
        if is_wanted(name) {
            return Ok(Some(format!("a subkey {name}")));
        }
    }
    Ok(None)
}

/// Way in which the second reader finds a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FoundBy {
    LookUp,
    List,
}

/// Returns the subkey with this name. First uses the look-up, then compares all names.
fn subkey<'h>(
    key: &Node<'h>,
    name: Name<'_>,
    must_be_found: bool,
    left: &mut usize,
) -> Result<(Option<Node<'h>>, FoundBy), Obstacle> {
    let text = name.to_string_lossy();
    let is_plain = !text.contains(char::REPLACEMENT_CHARACTER);
    if is_plain && let Some(found) = contained(|| key.subkey(&text))? {
        return Ok((Some(answer(found)?), FoundBy::LookUp));
    }
    let Some(subkeys) = contained(|| key.subkeys())? else { return Ok((None, FoundBy::List)) };
    let mut subkeys = answer(subkeys)?;
    while let Some(subkey) = contained(|| subkeys.next())? {
        let subkey = answer(subkey)?;
        take(left)?;
        if is_named(contained(|| subkey.name())?, name)? {
            if is_plain && must_be_found {
                return Err(Obstacle::LookUp(format!(
                    "its look-up misses the key {name}, which its subkey list contains"
                )));
            }
            return Ok((Some(subkey), FoundBy::List));
        }
    }
    Ok((None, FoundBy::List))
}

fn value<'h>(
    key: &Node<'h>,
    name: Name<'_>,
    left: &mut usize,
) -> Result<Option<Other<'h>>, Obstacle> {
    let Some(values) = contained(|| key.values())? else { return Ok(None) };
    let mut values = answer(values)?;
    while let Some(value) = contained(|| values.next())? {
        let value = answer(value)?;
        take(left)?;
        if is_named(contained(|| value.name())?, name)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

fn any_value(key: &Node<'_>) -> Result<Option<String>, Obstacle> {
    let Some(values) = contained(|| key.values())? else { return Ok(None) };
    let mut values = answer(values)?;
    Ok(contained(|| values.next())?.map(|_| String::from("values")))
}

fn same_value(value: &Other<'_>, fact: &Fact) -> Result<SecondReading, Obstacle> {
    let ours = fact.provenance.value_type().unwrap_or(ValueType::NONE);
    let kind = ValueType(answer(contained(|| value.data_type())?)? as u32);
    // A hostile list can repeat one segment. Stop one segment past the length of our data: the
    // extra segment already shows a difference.
    let data = data(value, fact.data.len())?;
    let (same_type, same_data) = (kind == ours, data == fact.data);
    if same_type && same_data {
        return Ok(SecondReading::Agreed);
    }
    let why = match (same_type, same_data) {
        (false, true) => "it reads another type",
        (true, false) => "it reads other data",
        _ => "it reads another type and other data",
    };
    Ok(SecondReading::Differs { why: String::from(why), value: Some((kind, data)) })
}

/// Returns the data of a value. Stops after the segment that exceeds `enough` bytes.
fn data(value: &Other<'_>, enough: usize) -> Result<Vec<u8>, Obstacle> {
    // nt-hive panics on empty data without a cell, as in real SECURITY hives.
    if contained(|| value.data_size())? == 0 {
        return Ok(Vec::new());
    }
    match answer(contained(|| value.data())?)? {
        KeyValueData::Small(bytes) => Ok(bytes.to_vec()),
        KeyValueData::Big(mut segments) => {
            let mut all = Vec::new();
            while all.len() <= enough
                && let Some(segment) = contained(|| segments.next())?
            {
                all.extend_from_slice(answer(segment)?);
            }
            Ok(all)
        }
    }
}

fn is_named(
    theirs: nt_hive::Result<NtHiveNameString<'_>>,
    name: Name<'_>,
) -> Result<bool, Obstacle> {
    Ok(named(&answer(theirs)?).same(name))
}

const fn named<'h>(theirs: &NtHiveNameString<'h>) -> Name<'h> {
    match theirs {
        NtHiveNameString::Latin1(bytes) => Name::latin1(bytes),
        NtHiveNameString::Utf16LE(bytes) => Name::utf16(bytes),
    }
}

fn take(left: &mut usize) -> Result<(), Obstacle> {
    *left = left
        .checked_sub(1)
        .ok_or_else(|| "calhive stopped it: too many list entries".to_owned())?;
    Ok(())
}

fn answer<T>(result: nt_hive::Result<T>) -> Result<T, Obstacle> {
    result.map_err(|error| Obstacle::Error(error.to_string()))
}

const fn differs(why: String) -> SecondReading {
    SecondReading::Differs { why, value: None }
}

/// Calls the second reader and catches a panic. The panic becomes an error.
fn contained<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    foreign::call(call).ok_or_else(|| foreign::PANICKED.to_owned())
}
