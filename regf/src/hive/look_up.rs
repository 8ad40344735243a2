// SPDX-License-Identifier: MIT OR Apache-2.0
//! Look-up of a subkey by its name: fast, with hashes and the order of names, or with a thorough
//! search.

use core::cmp::Ordering;

use zerocopy::little_endian::U32;

use crate::budget::Budget;
use crate::error::{Error, ErrorKind, Field, Limit, Result, Structure};
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::subkeys::{Hint, Kind, Leaf, List};
use crate::meter::count;
use crate::offset::{CellOffset, FileOffset};

/// Method of a look-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LookUp {
    /// Reads every list element, and reports every fault.
    #[default]
    Thorough,
    /// Trusts the hashes and the order of the lists. This method reads few pages of the file.
    Trusting,
}

impl<'d> Key<'d> {
    /// Returns the subkey of this name, compared as Windows compares names. The method trusts
    /// hashes and hints. In a list without hashes and hints, the method trusts the order of names.
    /// For damaged lists, use [`subkey_thorough`](Self::subkey_thorough).
    ///
    /// # Errors
    /// If no readable key has the name, and either a list or a key with the matching hash or hint
    /// is unreadable.
    pub fn subkey<'n>(self, name: impl Into<Name<'n>>) -> Result<Option<Self>> {
        self.subkey_with(name.into(), |_, _| true)
    }

    /// Returns the subkey of this name like [`subkey`](Self::subkey). Each leaf and each element of the
    /// lists takes from the budget, unreadable leaves too. An exhausted budget ends the search.
    pub(crate) fn subkey_paid(self, name: Name<'_>, look_ups: &mut Budget) -> Result<Option<Self>> {
        self.subkey_with(name, |elements, place| {
            look_ups.spend(elements.saturating_mul(name.comparison_cost()), place)
        })
    }

    /// Returns the subkey of this name. `pay` receives the number of elements of each leaf before the
    /// search, and ends the search with `false`.
    fn subkey_with(
        self,
        name: Name<'_>,
        mut pay: impl FnMut(u64, FileOffset) -> bool,
    ) -> Result<Option<Self>> {
        let hash = Hint::Hash(name.lh_hash());
        let mut fault = None;
        for leaf in self.leaves() {
            let cost = leaf.as_ref().map_or(1, |(_, list)| (list.len() as u64).saturating_add(1));
            let place = leaf.as_ref().map_or_else(Error::offset, |(_, list)| list.place);
            if !pay(cost, place) {
                break;
            }
            let found = match leaf {
                Ok((_, list)) => self.find_in(list, name, hash),
                Err(error) => Err(error),
            };
            match found {
                Ok(Some(key)) => return Ok(Some(key)),
                Ok(None) => {}
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        fault.map_or(Ok(None), Err)
    }

    fn find_in(self, list: List<'d>, name: Name<'_>, hash: Hint) -> Result<Option<Self>> {
        let hive = self.hive();
        let open = |(index, cell): (usize, &U32), stride: u64| {
            let place = list.place.plus((index as u64).saturating_mul(stride));
            Key::pointed(hive, CellOffset::new(cell.get()), place)
        };
        let elements = match list.kind {
            Kind::Leaf(Leaf::Plain(elements)) => {
                return search(elements, name, |element| open(element, 4));
            }
            Kind::Leaf(Leaf::Hashed(elements) | Leaf::Hinted(elements)) => elements,
            Kind::Root(_) => return Ok(None),
        };
        let by_hash = matches!(list.kind, Kind::Leaf(Leaf::Hashed(_)));
        let mut fault = None;
        for (index, element) in elements.iter().enumerate() {
            count(1);
            let may = match hash {
                Hint::Hash(hash) if by_hash => u32::from_le_bytes(element.hint) == hash,
                _ => Hint::Characters(element.hint).allows(name),
            };
            if may {
                match open((index, &element.key), 8) {
                    Ok(key) if key.name().same(name) => return Ok(Some(key)),
                    Ok(_) => {}
                    Err(error) => fault = fault.or(Some(error)),
                }
            }
        }
        fault.map_or(Ok(None), Err)
    }

    /// Returns the subkey of this name after reading every subkey. `fault` receives an error for
    /// each unreadable key or list and for each name out of order. `fault` also receives the error
    /// of a wrong hash or hint of the subkey found.
    pub fn subkey_thorough<'n>(
        self,
        name: impl Into<Name<'n>>,
        fault: impl FnMut(Error),
    ) -> Option<Self> {
        self.subkey_thorough_within(name.into(), &mut self.most_elements(), fault)
    }

    fn subkey_thorough_within(
        self,
        name: Name<'_>,
        left: &mut usize,
        mut fault: impl FnMut(Error),
    ) -> Option<Self> {
        let (mut found, mut seen): (Option<Self>, u32) = (None, 0);
        self.each_element(left, |index, place, hint, key, before| match key {
            Ok(key) => {
                seen = index.saturating_add(1);
                if let Some(error) = order_fault(index, place, before, key) {
                    fault(error);
                }
                if key.name().same(name) {
                    if let Some(error) = hint_fault(place, hint, key) {
                        fault(error);
                    }
                    found = found.or(Some(key));
                }
            }
            Err(error) => {
                seen = index.saturating_add(1);
                fault(error);
            }
        });
        if found.is_none() && seen < self.subkey_count() {
            // A name may be in elements that the list counts and does not hold.
            self.count_faults().for_each(fault);
        }
        found
    }

    /// Returns the subkey of this name by the method `look_up`. `fault` receives the faults.
    pub fn subkey_by<'n>(
        self,
        name: impl Into<Name<'n>>,
        look_up: LookUp,
        fault: impl FnMut(Error),
    ) -> Option<Self> {
        self.subkey_within(name.into(), look_up, &mut self.most_elements(), fault)
    }

    /// Returns the subkey of this name after reading at most `left` list elements. The method
    /// subtracts the elements read from `left`. `fault` receives the faults.
    pub fn subkey_within(
        self,
        name: Name<'_>,
        look_up: LookUp,
        left: &mut usize,
        mut fault: impl FnMut(Error),
    ) -> Option<Self> {
        if look_up == LookUp::Thorough {
            return self.subkey_thorough_within(name, left, fault);
        }
        // A hash costs a sixteenth of a key, because reading a hash is much faster than reading a
        // key. The lists decide the cost, because the count of the key can be too small.
        let mut read = 0_usize;
        let mut is_cut = None;
        let found = self.subkey_with(name, |elements, place| {
            read = read.saturating_add(usize::try_from(elements).unwrap_or(usize::MAX));
            is_cut = (read / 16 > *left).then_some(place);
            is_cut.is_none()
        });
        *left = left.saturating_sub(read / 16);
        is_cut.map(|place| self.element_limit(place)).into_iter().for_each(&mut fault);
        found.unwrap_or_else(|error| {
            fault(error);
            None
        })
    }

    /// Passes the subkeys with a wanted hash to `see`. In a list without hashes, the method passes
    /// the subkeys whose hint allows the name `sample`. The method reads few other keys.
    pub(crate) fn each_hinted(
        self,
        sample: Name<'_>,
        is_wanted: impl Fn(u32) -> bool,
        mut see: impl FnMut(Result<Self>),
    ) {
        for leaf in self.leaves() {
            let list = match leaf {
                Ok((_, list)) => list,
                Err(error) => {
                    see(Err(error));
                    continue;
                }
            };
            let Kind::Leaf(leaf) = list.kind else { continue };
            for (cell, hint) in (0..leaf.len()).map_while(|at| leaf.element(at)) {
                let may = match hint {
                    Hint::Hash(hash) => is_wanted(hash),
                    hint => hint.allows(sample),
                };
                if may {
                    see(Self::pointed(self.hive(), cell, list.place));
                }
            }
        }
    }

    /// Returns the faults of lists that hold another number of subkeys than they count.
    pub(crate) fn count_faults(self) -> impl Iterator<Item = Error> {
        let is_count =
            |it: &Error| matches!(it.kind(), ErrorKind::Mismatch { field: Field::Count, .. });
        self.subkeys().filter_map(Result::err).filter(is_count)
    }

    /// Returns the number of list elements that the bins have room for.
    pub(crate) fn most_elements(self) -> usize {
        self.hive().bins_at_hand() / 4
    }

    #[cold]
    fn element_limit(self, place: FileOffset) -> Error {
        let most = self.most_elements() as u64;
        Error::new(ErrorKind::LimitReached { limit: Limit::Elements, most }, place)
    }

    /// Passes each element of the lists to `see`: index, place, hint, key, and previous key. Each
    /// element takes 1 from `left`, and a long name takes more.
    pub(crate) fn each_element(
        self,
        left: &mut usize,
        mut see: impl FnMut(u32, FileOffset, Hint, Result<Self>, Option<Self>),
    ) {
        let (mut index, mut before) = (0_u32, None);
        for leaf in self.leaves() {
            let place = leaf.as_ref().map_or_else(Error::offset, |(_, list)| list.place);
            let Some(fewer) = left.checked_sub(1) else {
                return see(index, place, Hint::None, Err(self.element_limit(place)), before);
            };
            *left = fewer;
            let (_, list) = match leaf {
                Ok(leaf) => leaf,
                Err(error) => {
                    see(index, error.offset(), Hint::None, Err(error), before);
                    continue;
                }
            };
            let Kind::Leaf(leaf) = list.kind else { continue };
            let stride = if matches!(leaf, Leaf::Plain(_)) { 4 } else { 8 };
            let mut place = list.place;
            for (cell, hint) in (0..leaf.len()).map_while(|at| leaf.element(at)) {
                let Some(fewer) = left.checked_sub(1) else {
                    return see(index, place, Hint::None, Err(self.element_limit(place)), before);
                };
                *left = fewer;
                let key = Key::pointed(self.hive(), cell, place);
                if let Ok(key) = key {
                    // Overlapping keys can share the bytes of one long name, so a long name costs
                    // extra work.
                    *left = left.saturating_sub(key.name().as_bytes().map_or(0, <[u8]>::len) / 64);
                }
                see(index, place, hint, key, before);
                before = key.ok().or(before);
                place = place.plus(stride);
                index = index.saturating_add(1);
            }
        }
    }
}

/// Searches a list without hashes and hints by the order of names.
fn search<'d>(
    elements: &[U32],
    name: Name<'_>,
    open: impl Fn((usize, &U32)) -> Result<Key<'d>>,
) -> Result<Option<Key<'d>>> {
    let (mut low, mut high, mut fault) = (0, elements.len(), None);
    while low < high {
        let middle = low.midpoint(high);
        let Some(cell) = elements.get(middle) else { break };
        let order = match open((middle, cell)) {
            Ok(key) => match key.name().cmp_upcased(name) {
                Ordering::Equal => return Ok(Some(key)),
                order => order,
            },
            Err(error) => {
                fault = Some(error);
                Ordering::Less
            }
        };
        if order == Ordering::Less { low = middle.saturating_add(1) } else { high = middle }
    }
    fault.map_or(Ok(None), Err)
}

/// Returns the fault of a name that is not greater than the previous name.
pub(crate) fn order_fault(
    index: u32,
    place: FileOffset,
    before: Option<Key<'_>>,
    key: Key<'_>,
) -> Option<Error> {
    let before = before?;
    // The check for overlong names reports these names.
    if before.has_overlong_name() || key.has_overlong_name() {
        return None;
    }
    let kind = match before.name().cmp_upcased(key.name()) {
        Ordering::Less => return None,
        Ordering::Equal => ErrorKind::Duplicate { index },
        Ordering::Greater => ErrorKind::Order { index },
    };
    Some(Error::new(kind, place))
}

/// Returns the fault of a hash or hint that contradicts the name.
pub(crate) fn hint_fault(place: FileOffset, hint: Hint, key: Key<'_>) -> Option<Error> {
    let found = match hint {
        _ if key.has_overlong_name() => return None,
        _ if hint.allows(key.name()) => return None,
        Hint::None => return None,
        Hint::Characters(hint) => u32::from_le_bytes(hint),
        Hint::Hash(hash) => hash,
    };
    let kind = ErrorKind::Mismatch {
        structure: Structure::SubkeyList,
        field: Field::Hash,
        expected: u64::from(key.name().lh_hash()),
        found: u64::from(found),
    };
    Some(Error::new(kind, place.plus(4)))
}
