// SPDX-License-Identifier: MIT OR Apache-2.0

//! Room on a volume: a file with marked pages, which a writer of volume structures replaces.

/// Bytes of a page. Every page starts with the mark.
const PAGE: usize = 4096;
/// First bytes of a page.
const MARK: &[u8; 8] = b"HFROOM\r\n";

/// Returns the content of a file of this many pages.
pub fn content(pages: usize) -> Vec<u8> {
    let mut bytes = vec![0xA5; pages * PAGE];
    for page in bytes.chunks_exact_mut(PAGE) {
        page[..MARK.len()].copy_from_slice(MARK);
    }
    bytes
}

/// Returns the offsets of the aligned blocks of this size that consist of marked pages.
pub(crate) fn blocks(volume: &[u8], size: usize) -> Vec<usize> {
    let whole = volume.chunks_exact(size).enumerate();
    let marked = whole.filter(|(_, block)| block.chunks(PAGE).all(|page| page.starts_with(MARK)));
    marked.map(|(index, _)| index * size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blocks_of_marked_pages_are_room() {
        let mut volume = vec![0; 8 * PAGE];
        volume[3 * PAGE..].copy_from_slice(&content(5));
        assert_eq!(blocks(&volume, 4 * PAGE), [4 * PAGE]);
        assert_eq!(blocks(&volume, PAGE).len(), 5);
    }
}
