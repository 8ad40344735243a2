// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Contradiction`]: content of a file whose name claims more than its first bytes show.

use std::io::{self, Read};
use std::path::Path;

use crate::file::{LARGEST_HIVE, Parts, Recognized};
use crate::license_file::LicenseFile;
use crate::name_filter::{is_hive, is_license};

/// Number of bytes searched at a time.
const CHUNK: u64 = 1 << 20;
/// Size of the pages of a hive, in bytes.
const PAGE: u64 = 4096;
/// Offset of the entries of a transaction log.
const ENTRIES: usize = 512;

/// Content of a file that has the name of a hive or of a license file, and does not begin like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contradiction {
    /// Bins of a hive. The base block is lost.
    Bins,
    /// This number of base blocks of hives, after the start of the file.
    Hives(u64),
    /// Whole pages without a part of a hive.
    Pages,
    /// The identifier of a license, at this offset.
    License(u64),
}

/// What a name claims.
enum Claim {
    Hive,
    License,
}

impl Claim {
    fn of(path: &Path, recognized: Recognized) -> Option<Self> {
        use Recognized as R;
        match recognized {
            R::Other | R::Windows9x | R::Container(_) | R::TransactionLog if is_hive(path) => {
                Some(Self::Hive)
            }
            R::Other | R::Container(_) if is_license(path) => Some(Self::License),
            _ => None,
        }
    }
}

impl Contradiction {
    /// Whether the name of a file claims something else than its first bytes show.
    pub(crate) fn is_possible(path: &Path, recognized: Recognized) -> bool {
        Claim::of(path, recognized).is_some()
    }

    /// Searches the bytes of a file for what its name claims: up to the size of the largest hive.
    ///
    /// # Errors
    /// If the bytes cannot be read.
    pub(crate) fn of(
        path: &Path,
        recognized: Recognized,
        bytes: impl Read,
    ) -> io::Result<Option<Self>> {
        let bytes = bytes.take(LARGEST_HIVE);
        match Claim::of(path, recognized) {
            Some(Claim::Hive) => Self::of_hive(recognized, bytes),
            Some(Claim::License) => Ok(position_of_license(bytes)?.map(Self::License)),
            None => Ok(None),
        }
    }

    fn of_hive(recognized: Recognized, mut bytes: impl Read) -> io::Result<Option<Self>> {
        let (mut parts, mut size, mut chunk) = (Parts::default(), 0_u64, Vec::new());
        while (&mut bytes).take(CHUNK).read_to_end(&mut chunk)? > 0 {
            // A real log under the name of a hive contradicts nothing: its pages hold bins.
            if size == 0 && recognized == Recognized::TransactionLog && has_entries(&chunk) {
                return Ok(None);
            }
            size = size.saturating_add(chunk.len() as u64);
            parts.add(&chunk);
            chunk.clear();
        }
        Ok(match parts {
            Parts { hives: 0, has_bin: true } => Some(Self::Bins),
            Parts { hives: 0, has_bin: false } => {
                (size >= PAGE && size.is_multiple_of(PAGE)).then_some(Self::Pages)
            }
            Parts { hives, .. } => Some(Self::Hives(hives)),
        })
    }

    /// Returns why the file was not read, and what to do.
    pub(crate) fn why(self, recognized: Recognized) -> String {
        const NO_START: &str =
            "it has the name of a hive, but no base block (\"regf\") at offset 0";
        match self {
            Self::Bins => format!(
                "not read: {NO_START}, where it is {recognized}; it holds bins (\"hbin\"): search it with \
                 `calhive carve`"
            ),
            Self::Hives(number) => {
                let ending = if number == 1 { "" } else { "s" };
                format!(
                    "not read: {NO_START}; it holds {number} hive{ending} further on: extract with `calhive carve \
                     FILE -o FOLDER` and scan that folder"
                )
            }
            Self::Pages => format!(
                "not read: {NO_START}, and no bin (\"hbin\") at any multiple of 512; search it with `calhive carve`"
            ),
            Self::License(offset) => format!(
                "not read: it has the ending of a license file (.cal) and holds the identifier of a license at \
                 offset {offset:#x}, but has no known form of a license file; decode it with `calhive token`"
            ),
        }
    }
}

/// Whether the bytes have an entry at the place where a transaction log has its first one.
fn has_entries(bytes: &[u8]) -> bool {
    let entries = bytes.get(ENTRIES..).unwrap_or_default();
    entries.starts_with(b"HvLE") || entries.starts_with(b"DIRT")
}

/// Returns the offset of the identifier of a license.
fn position_of_license(mut bytes: impl Read) -> io::Result<Option<u64>> {
    let (mut start, mut chunk) = (0_u64, Vec::new());
    while (&mut bytes).take(CHUNK).read_to_end(&mut chunk)? > 0 {
        if let Some(at) = LicenseFile::identifier_in(&chunk) {
            return Ok(Some(start.saturating_add(at as u64)));
        }
        // The identifier can lie across the end of the chunk.
        let kept = chunk.len().saturating_sub(LicenseFile::IDENTIFIER.len());
        chunk.drain(..kept);
        start = start.saturating_add(kept as u64);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::FileContainer;

    fn of(name: &str, recognized: Recognized, bytes: &[u8]) -> Option<Contradiction> {
        Contradiction::of(Path::new(name), recognized, bytes).unwrap()
    }

    fn hive() -> Vec<u8> {
        hive_forge::write(&hive_forge::tree::Tree::new("ROOT"), &Default::default()).bytes
    }

    #[test]
    fn name_of_a_hive_is_compared_with_the_whole_content() {
        let other = Recognized::Other;
        let pages = Some(Contradiction::Pages);
        assert_eq!(of("SOFTWARE", other, &[7; 8192]), pages);
        assert_eq!(of("SOFTWARE", other, &[7; 8191]), None);
        assert_eq!(of("SOFTWARE", other, &[7; 512]), None);
        assert_eq!(of("other.bin", other, &[7; 8192]), None);
        assert_eq!(of("SOFTWARE.LOG1", other, &[7; 8192]), None);
        assert_eq!(of("SOFTWARE", Recognized::Windows9x, &[7; 4096]), pages);
        let zip = Recognized::Container(FileContainer::Zip);
        assert_eq!(of("SOFTWARE", zip, &[7; 4096]), pages);
        let after =
            |before: usize, from: usize| [vec![0; before], hive()[from..].to_vec()].concat();
        assert_eq!(of("SYSTEM", other, &after(1536, 4096)), Some(Contradiction::Bins));
        assert_eq!(of("SYSTEM", other, &after(512, 0)), Some(Contradiction::Hives(1)));
    }

    #[test]
    fn log_with_the_name_of_a_hive_is_no_contradiction() {
        let mut log = vec![0; 8192];
        log[512..516].copy_from_slice(b"HvLE");
        assert_eq!(of("SYSTEM", Recognized::TransactionLog, &log), None);
        log[512] = 0;
        let pages = Some(Contradiction::Pages);
        assert_eq!(of("SYSTEM", Recognized::TransactionLog, &log), pages);
    }

    #[test]
    fn identifier_of_a_license_is_found_at_any_offset() {
        for before in [0, 1, (1 << 20) - 3, (1 << 20) + 5] {
            let bytes = [vec![0; before], LicenseFile::IDENTIFIER.to_vec(), vec![0; 9]].concat();
            let expected = Some(Contradiction::License(before as u64));
            assert_eq!(of("x.CAL", Recognized::Other, &bytes), expected);
            assert_eq!(of("x.bin", Recognized::Other, &bytes), None);
        }
        assert_eq!(of("x.cal", Recognized::Other, &[0; 3 << 20]), None);
    }
}
