// SPDX-License-Identifier: MIT OR Apache-2.0

//! Synthetic hives of any size, written without keeping them in memory.
//!
//! A seed determines the tree: each key is a function of the seed and its number. The first pass
//! places the cells and keeps one offset for each key. The second pass writes the cells.

use std::io::{self, Write};
use std::ops::Range;

use crate::base_block::base_block;
use crate::group::{Form, Group, Kind, Part, Shape as Cell};
use crate::log::{Hvle, LogFile};
use crate::options::{Locality, Options};
use crate::record::{self, Element};
use crate::rng::Rng;
use crate::space::{self, NIL, Space};
use crate::stream::bins::BinWriter;
use crate::stream::content::{WORDS, securities, value};
use crate::stream::dirty::DirtyPages;
use crate::stream::order::order;
use crate::stream::shape::Shape;
use crate::time;
use crate::tree::{Key, Name, Security};

mod bins;
mod content;
mod dirty;
pub(crate) mod order;
mod shape;

/// Average bytes of hive for a key: the first estimate of the number of keys for the wanted size.
const BYTES_PER_KEY: u64 = 680;

/// A synthetic hive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synthetic {
    /// Approximate length in bytes.
    pub bytes: u64,
    /// In order; aged: chunks of 48 keys shuffled and a fifth of the keys displaced; or each key anywhere.
    pub locality: Locality,
    /// Contents of the hive.
    pub seed: u64,
    /// Minor version, 1 to 6.
    pub minor: u32,
}

/// Contents of a synthetic hive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Keys, including the root.
    pub keys: u64,
    /// Values.
    pub values: u64,
    /// Bytes of value data.
    pub data_bytes: u64,
    /// Length of the file.
    pub bytes: u64,
}

/// Writes a hive like a SYSTEM hive: about 680 bytes per key, 2.5 values per key, 160 bytes of data
/// per value, several levels, and some keys with enough subkeys for an ri.
///
/// # Panics
///
/// If `out` cannot be written, or the version is unknown.
pub fn write_synthetic(out: &mut impl Write, synthetic: &Synthetic) -> Summary {
    let layout = Layout::of_size(synthetic);
    let options = Layout::options(*synthetic);
    layout.write(out, &options, None).expect("the output can be written").0
}

/// Writes the same hive as a machine leaves it after it stopped during an update: dirty, in the
/// state before the update. Returns the log of the new format that holds the update: about `dirty`
/// bytes of pages, spread evenly over the hive, each with one changed bit in the timestamp of a key
/// or in data. The hive does not grow. Only the log is held in memory.
///
/// # Panics
///
/// As [`write_synthetic`].
pub fn write_dirty_synthetic(
    out: &mut impl Write,
    synthetic: &Synthetic,
    dirty: u64,
) -> (Summary, LogFile) {
    const ENTRY: u32 = 412;
    let layout = Layout::of_size(synthetic);
    let options = Options {
        primary_sequence: ENTRY + 1,
        secondary_sequence: ENTRY,
        ..Layout::options(*synthetic)
    };
    let bins_size = layout.space.end();
    let pages = DirtyPages::new(bins_size, dirty);
    let written = layout.write(out, &options, Some(pages)).expect("the output can be written");
    let update = written.1.expect("dirty pages were requested").update();
    let base = base_block(&options, layout.places[0], bins_size);
    (written.0, Hvle::new(&base, ENTRY).entry(&update).finish())
}

/// Shape of the tree, and places of the keys.
struct Layout {
    synthetic: Synthetic,
    form: Form,
    shape: Shape,
    /// Keys in the order of their cells, or `None` for depth-first order.
    order: Vec<u32>,
    /// Offset of each key node.
    places: Vec<u32>,
    securities: Vec<Security>,
    /// Offset of each sk.
    security_places: Vec<u32>,
    space: Space,
}

impl Layout {
    /// Layout of a hive of about the requested size.
    fn of_size(synthetic: &Synthetic) -> Self {
        let mut keys = synthetic.bytes / BYTES_PER_KEY + 1;
        // A first layout shows the real length of keys. It is in order, so that locality changes no
        // key.
        let trial =
            Self::new(Synthetic { locality: Locality::InOrder, ..*synthetic }, keys as usize);
        keys = keys * synthetic.bytes / u64::from(trial.space.end());
        drop(trial);
        Self::new(*synthetic, keys.max(2) as usize)
    }

    fn new(synthetic: Synthetic, count: usize) -> Self {
        let form = Form::new(&Self::options(synthetic));
        let shape = Shape::new(synthetic.seed, count);
        let mut layout = Self {
            synthetic,
            form,
            order: order(synthetic.locality, count),
            places: vec![0; count],
            securities: securities(),
            security_places: Vec::new(),
            space: Space::new(synthetic.minor, 0),
            shape,
        };
        let mut space = Space::new(synthetic.minor, 0);
        let (mut parts, mut cells) = (Vec::new(), Vec::new());
        for rank in 0..count {
            let number = layout.nth(rank);
            layout.group_cells(&layout.key(number), number, &mut space, &mut parts, &mut cells);
            layout.places[number] = cells[0];
            if rank == 0 {
                layout.security_places = layout.place_securities(&mut space);
            }
        }
        layout.space = space;
        layout
    }

    fn options(synthetic: Synthetic) -> Options {
        let file_name = r"emRoot\System32\Config\SYSTEM".to_owned();
        Options { minor: synthetic.minor, file_name, ..Options::default() }
    }

    fn nth(&self, rank: usize) -> usize {
        self.order.get(rank).map_or(rank, |&number| number as usize)
    }

    /// Cells of the security descriptors, which follow the cells of the root.
    fn place_securities(&self, space: &mut Space) -> Vec<u32> {
        let len = |descriptor: &Security| record::SECURITY + descriptor.0.len() as u32;
        self.securities.iter().map(|descriptor| space.place(len(descriptor))).collect()
    }

    /// Cells of a key, with their places.
    fn group_cells(
        &self,
        key: &Key,
        number: usize,
        space: &mut Space,
        parts: &mut Vec<Part>,
        places: &mut Vec<u32>,
    ) {
        parts.clear();
        places.clear();
        self.form.parts(key, self.shape.subkeys(number).count(), parts);
        places.extend(parts.iter().map(|part| space.place(part.len)));
    }

    fn write(
        &self,
        out: &mut impl Write,
        options: &Options,
        dirty: Option<DirtyPages>,
    ) -> io::Result<(Summary, Option<DirtyPages>)> {
        let root = self.places[0];
        out.write_all(&base_block(options, root, self.space.end()))?;
        let mut bins = BinWriter::new(out, self.form.minor, &self.space.bins, dirty);
        let mut summary = Summary::default();

        let ring = &self.security_places;
        let mut space = Space::new(self.synthetic.minor, 0);
        let (mut parts, mut cells) = (Vec::new(), Vec::new());
        for rank in 0..self.places.len() {
            let number = self.nth(rank);
            let key = self.key(number);
            self.group_cells(&key, number, &mut space, &mut parts, &mut cells);
            let names: Vec<Name> =
                self.shape.subkeys(number).map(|subkey| self.name(subkey)).collect();
            let subkeys: Vec<Element> = self
                .shape
                .subkeys(number)
                .zip(&names)
                .map(|(subkey, name)| Element::new(self.places[subkey], name))
                .collect();
            let parent = if number == 0 { NIL } else { self.places[self.shape.parent(number)] };
            let group = Group {
                key: &key,
                parts: &parts,
                places: &cells,
                parent,
                security: ring[self.security(number)],
                subkeys: &subkeys,
                largest_subkey_name: names
                    .iter()
                    .map(|name| 2 * name.len() as u32)
                    .max()
                    .unwrap_or(0),
                largest_subkey_class: 0,
            };
            let (mut result, mut cells) = (Ok(()), parts.iter());
            self.form.encode(&group, |place, content| {
                let part = cells.next().expect("a cell for each part");
                if result.is_ok() {
                    result = bins.put(place, content, loose(part));
                }
            });
            result?;
            if rank == 0 {
                self.place_securities(&mut space);
                self.write_securities(&mut bins)?;
            }
            summary.keys += 1;
            summary.values += key.values.len() as u64;
            summary.data_bytes +=
                key.values.iter().map(|value| value.data.len() as u64).sum::<u64>();
        }
        let dirty = bins.finish()?;
        summary.bytes = space::BASE_BLOCK as u64 + u64::from(self.space.end());
        Ok((summary, dirty))
    }

    fn write_securities(&self, bins: &mut BinWriter<'_, impl Write>) -> io::Result<()> {
        let mut uses = vec![0; self.securities.len()];
        (0..self.places.len()).for_each(|number| uses[self.security(number)] += 1);
        let ring = &self.security_places;
        for (number, descriptor) in self.securities.iter().enumerate() {
            let flink = ring[(number + 1) % ring.len()];
            let blink = ring[(number + ring.len() - 1) % ring.len()];
            let content = record::security(flink, blink, uses[number], &descriptor.0);
            bins.put(ring[number], &content, 0..0)?;
        }
        Ok(())
    }

    fn key(&self, number: usize) -> Key {
        let mut rng = Rng::nth(self.synthetic.seed, number as u64);
        let mut key = Key::new(self.name(number));
        key.security = Security(Vec::new());
        key.last_written = time::DEFAULT - rng.next_u64() % 100_000_000_000_000;
        let values = rng.pick(&[0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 5, 8, 2]);
        key.values = (0..values).map(|place| value(&mut rng, place)).collect();
        key
    }

    /// Siblings share a word and have numbers, so they are in order.
    fn name(&self, number: usize) -> Name {
        if number == 0 {
            return Name::from("ROOT");
        }
        let parent = Rng::nth(self.synthetic.seed ^ 1, self.shape.parent(number) as u64).next_u64();
        let word = WORDS[parent as usize % WORDS.len()];
        let own = Rng::nth(self.synthetic.seed ^ 2, number as u64).next_u64();
        let suffix = WORDS[own as usize % WORDS.len()];
        Name::from(format!("{word}{:05}{suffix}", self.shape.place(number)).as_str())
    }

    fn security(&self, number: usize) -> usize {
        match Rng::nth(self.synthetic.seed ^ 3, number as u64).below(20) {
            0 => 1,
            1 => 2,
            _ => 0,
        }
    }
}

/// Returns the bytes of a cell that other structures do not depend on: the low bytes of a key's
/// time, and data.
fn loose(part: &Part) -> Range<usize> {
    match (part.kind, part.shape) {
        (Kind::Key, _) => 4..5,
        (_, Cell::Data) => 0..part.len as usize,
        _ => 0..0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Synthetic =
        Synthetic { bytes: 1_500_000, locality: Locality::InOrder, seed: 1, minor: 5 };

    fn synthetic(synthetic: Synthetic) -> (Vec<u8>, Summary) {
        let mut bytes = Vec::new();
        let summary = write_synthetic(&mut bytes, &synthetic);
        assert_eq!(bytes.len() as u64, summary.bytes);
        (bytes, summary)
    }

    #[test]
    fn synthetic_hive_resembles_a_system_hive() {
        let (bytes, summary) = synthetic(SMALL);
        let ratio = |part: u64, whole: u64| part as f64 / whole as f64;
        assert!((0.97..1.03).contains(&ratio(bytes.len() as u64, SMALL.bytes)), "{summary:?}");
        assert!((600.0..760.0).contains(&ratio(summary.bytes, summary.keys)), "{summary:?}");
        assert!((2.3..2.7).contains(&ratio(summary.values, summary.keys)), "{summary:?}");
        assert!((140.0..180.0).contains(&ratio(summary.data_bytes, summary.values)), "{summary:?}");
    }

    #[test]
    fn equal_seeds_give_equal_bytes_in_any_locality() {
        let (bytes, summary) = synthetic(SMALL);
        assert_eq!(synthetic(SMALL).0, bytes);
        let shuffled = Synthetic { locality: Locality::Shuffled(2), ..SMALL };
        let (other, other_summary) = synthetic(shuffled);
        assert_ne!(other, bytes);
        assert_eq!(Summary { bytes: summary.bytes, ..other_summary }, summary);
    }
}
