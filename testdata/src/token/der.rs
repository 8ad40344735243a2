// SPDX-License-Identifier: MIT OR Apache-2.0

//! Writes ASN.1 in DER. Each function returns a whole element with tag and length.

/// NULL.
pub(crate) const NULL: [u8; 2] = [0x05, 0];

/// Returns an element with the shortest length form.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match content.len() {
        short @ 0..0x80 => bytes.push(short as u8),
        long => {
            let digits = long.to_be_bytes();
            let skipped = digits.iter().take_while(|&&digit| digit == 0).count();
            bytes.push(0x80 | (digits.len() - skipped) as u8);
            bytes.extend(&digits[skipped..]);
        }
    }
    bytes.extend(content);
    bytes
}

/// Returns a SEQUENCE of `parts`.
pub(crate) fn sequence<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    element(0x30, &joined(parts))
}

/// Returns a SET OF `parts`, which DER sorts by their bytes.
pub(crate) fn set(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    element(0x31, &joined(&parts))
}

/// Returns a constructed element with the context-specific tag `number`.
pub(crate) fn tagged(number: u8, content: &[u8]) -> Vec<u8> {
    element(0xA0 | number, content)
}

/// Returns an INTEGER of the non-negative number in `magnitude`, the most significant byte first.
pub(crate) fn unsigned(magnitude: &[u8]) -> Vec<u8> {
    let zeros = magnitude.iter().take_while(|&&byte| byte == 0).count();
    let mut content = magnitude[zeros..].to_vec();
    if content.first().is_none_or(|&byte| byte >= 0x80) {
        content.insert(0, 0);
    }
    element(0x02, &content)
}

/// Returns an OBJECT IDENTIFIER of `arcs`.
pub(crate) fn oid(arcs: &[u32]) -> Vec<u8> {
    let mut content = Vec::new();
    for arc in std::iter::once(arcs[0] * 40 + arcs[1]).chain(arcs[2..].iter().copied()) {
        let groups = (1..5).take_while(|group| arc >> (7 * group) != 0).count();
        for group in (0..=groups).rev() {
            let more = if group == 0 { 0 } else { 0x80 };
            content.push(more | (arc >> (7 * group)) as u8 & 0x7F);
        }
    }
    element(0x06, &content)
}

/// Returns a BIT STRING of whole bytes.
pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], bytes].concat())
}

/// Returns an OCTET STRING.
pub(crate) fn octet_string(bytes: &[u8]) -> Vec<u8> {
    element(0x04, bytes)
}

/// Returns a BMPString, which is UTF-16 with the high byte first.
pub(crate) fn bmp_string(text: &str) -> Vec<u8> {
    let content: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    element(0x1E, &content)
}

/// Concatenates the parts.
pub(crate) fn joined<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    parts.iter().flat_map(|part| part.as_ref().iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_lengths_are_minimal() {
        assert_eq!(element(4, &[0; 0x7F])[..2], [4, 0x7F]);
        assert_eq!(element(4, &[0; 0x80])[..3], [4, 0x81, 0x80]);
        assert_eq!(element(4, &[0; 0xFF])[..3], [4, 0x81, 0xFF]);
        assert_eq!(element(4, &[0; 0x100])[..4], [4, 0x82, 1, 0]);
    }

    #[test]
    fn der_integers_are_minimal() {
        assert_eq!(unsigned(&[]), [2, 1, 0]);
        assert_eq!(unsigned(&[0, 0, 0x7F]), [2, 1, 0x7F]);
        assert_eq!(unsigned(&[0x80]), [2, 2, 0, 0x80]);
    }

    #[test]
    fn object_identifiers_have_groups_of_seven_bits() {
        let microsoft = [6, 9, 0x2B, 6, 1, 4, 1, 0x82, 0x37, 0x12, 5];
        assert_eq!(oid(&[1, 3, 6, 1, 4, 1, 311, 18, 5]), microsoft);
        assert_eq!(oid(&[2, 5, 29, 35]), [6, 3, 0x55, 0x1D, 0x23]);
        assert_eq!(oid(&[1, 2, 113_549]), [6, 4, 0x2A, 0x86, 0xF7, 0x0D]);
    }

    #[test]
    fn der_sets_are_sorted() {
        assert_eq!(set(vec![vec![5, 0], vec![2, 1, 0]]), [0x31, 5, 2, 1, 0, 5, 0]);
    }
}
