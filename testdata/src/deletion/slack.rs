// SPDX-License-Identifier: MIT OR Apache-2.0

//! Filling of unused bytes: slack of cells, free cells, and bytes after the last bin.

use crate::rng::Rng;

/// Kind of filler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// 0x00.
    Zeros,
    /// 0xFF.
    Ones,
    /// Random bytes.
    Random,
    /// Sentences in ASCII, with paths and names of licensing.
    Text,
    /// The same sentences in UTF-16.
    WideText,
    /// Zeros and random bytes, with the letters `nk` and `vk` at even places but no records.
    StrayLetters,
    /// Offsets that lead nowhere or into the middle of a record, like a former list.
    StaleElements,
}

impl Fill {
    /// All kinds of filler.
    pub const ALL: [Self; 7] = [
        Self::Zeros,
        Self::Ones,
        Self::Random,
        Self::Text,
        Self::WideText,
        Self::StrayLetters,
        Self::StaleElements,
    ];
}

/// Place of the filler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// After the data in their cells and segments.
    Data,
    /// After the elements of value lists.
    ValueLists,
    /// After the elements of subkey lists: li, lf, lh and ri.
    SubkeyLists,
    /// In free cells, also in those of later bins.
    FreeCells,
    /// After the last bin: this number of bytes.
    Remnant(usize),
}

/// A kind of filler, with its random numbers.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    fill: Fill,
    rng: Rng,
}

impl Pattern {
    pub(super) fn new(fill: Fill, seed: u64) -> Self {
        Self { fill, rng: Rng::new(seed) }
    }

    /// Returns `len` bytes of filler.
    pub(super) fn bytes(&mut self, len: usize) -> Vec<u8> {
        let rng = &mut self.rng;
        match self.fill {
            Fill::Zeros => vec![0; len],
            Fill::Ones => vec![0xFF; len],
            Fill::Random => rng.bytes(len),
            Fill::Text => text(rng).take(len).collect(),
            Fill::WideText => text(rng).flat_map(|byte| [byte, 0]).take(len).collect(),
            Fill::StrayLetters => stray_letters(rng, len),
            Fill::StaleElements => {
                let element = |rng: &mut Rng| (rng.below(0x4_0000) as u32 & !3).to_le_bytes();
                std::iter::repeat_with(|| element(rng)).flatten().take(len).collect()
            }
        }
    }
}

const SENTENCES: [&str; 6] = [
    r"HKLM\SOFTWARE\Microsoft\MSLicensing\Store\LICENSE000 ",
    r"see SYSTEM\CurrentControlSet\Control\Terminal Server\RCM\GracePeriod. ",
    "ClientLicense and ClientHWID were deleted by the script. ",
    r"reg delete HKLM\SOFTWARE\Microsoft\MSLicensing /f ",
    "SpecifiedLicenseServers=rdlic01.corp.example; LicensingMode=4; ",
    "The vk and the nk of a hive are records. ",
];

/// Returns sentences, from a random position in one of them.
fn text(rng: &mut Rng) -> impl Iterator<Item = u8> {
    let first = rng.below(SENTENCES.len());
    let skip = rng.below(SENTENCES[first].len());
    SENTENCES.iter().cycle().skip(first).flat_map(|sentence| sentence.bytes()).skip(skip)
}

/// Returns `nk` and `vk` among zeros and noise. The bytes at the places of counts and lengths are
/// out of bounds: an empty name for a key, and data beyond any size for a value.
fn stray_letters(rng: &mut Rng, len: usize) -> Vec<u8> {
    const LETTERS: usize = 96;
    let mut bytes = vec![0; len];
    for chunk in bytes.chunks_mut(LETTERS) {
        let noise = rng.bytes(chunk.len());
        let letters = if rng.one_in(2) { *b"nk" } else { *b"vk" };
        let mut put = |at: usize, bytes: &[u8]| {
            if let Some(place) = chunk.get_mut(at..at + bytes.len()) {
                place.copy_from_slice(bytes);
            }
        };
        if letters == *b"nk" {
            put(0, &noise[..noise.len().min(60)]);
            put(72, &[0; 4]);
        } else {
            put(4, &[0xFF, 0xFF, 0xFF, 0x7F]);
        }
        put(0, &letters);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillings_have_the_requested_length() {
        for fill in Fill::ALL {
            let mut pattern = Pattern::new(fill, 3);
            for len in [0, 1, 3, 4, 7, 20, 97, 1000] {
                assert_eq!(pattern.bytes(len).len(), len, "{fill:?}");
            }
        }
    }

    #[test]
    fn fillings_hold_stray_letters_and_text() {
        let has = |fill, wanted: &[u8]| {
            let bytes = Pattern::new(fill, 3).bytes(2000);
            bytes.windows(wanted.len()).any(|window| window == wanted)
        };
        assert!(has(Fill::StrayLetters, b"nk") && has(Fill::StrayLetters, b"vk"));
        assert!(has(Fill::Text, b"MSLicensing") && has(Fill::WideText, b"M\0S\0L\0i\0c"));
    }
}
