// SPDX-License-Identifier: MIT OR Apache-2.0
//! The actions of a scheduled task in the cache of tasks. Their form is undocumented, so calhive shows the text in
//! the data and interprets nothing else.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use calhive_regf::hive::name::Name;

use crate::meaning::plain::size;
use crate::meaning::{Certainty, Explanation};

/// Minimum length of a text in the data. Shorter texts occur by chance.
const SHORTEST: usize = 2;

/// Whether the data contain one of these texts in UTF-16LE, in any case and at any offset.
pub(crate) fn names_any(data: &[u8], texts: &[&str]) -> bool {
    texts.iter().any(|text| {
        let wanted = text.as_bytes();
        let size = wanted.len().saturating_mul(2).max(1);
        data.windows(size).any(|window| {
            let (pairs, _) = window.as_chunks::<2>();
            let mut both = pairs.iter().zip(wanted);
            both.all(|([low, high], wanted)| *high == 0 && low.eq_ignore_ascii_case(wanted))
        })
    })
}

/// Returns the texts in UTF-16LE that follow their size in bytes.
fn texts(data: &[u8]) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), data);
    while let Some((_, next)) = rest.split_first() {
        match counted(rest) {
            Some((text, after)) => {
                found.push(text);
                rest = after;
            }
            None => rest = next,
        }
    }
    found
}

/// Returns the text at the start of the data, and the data after the text; `None` unless the data begin with a
/// size and that many bytes of printable text.
fn counted(data: &[u8]) -> Option<(String, &[u8])> {
    let (size, rest) = data.split_first_chunk::<4>()?;
    let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
    let (text, after) = rest.split_at_checked(size)?;
    let (units, odd) = text.as_chunks::<2>();
    let is_printable = units.iter().all(|unit| u16::from_le_bytes(*unit) >= u16::from(b' '));
    let is_text = odd.is_empty() && units.len() >= SHORTEST && is_printable;
    is_text.then(|| (Name::utf16(text).as_text().to_string(), after))
}

/// Explains the actions of a task that names the grace period.
pub(crate) fn explain(data: &[u8]) -> Explanation {
    let texts = texts(data);
    let shown = if texts.is_empty() { size(data) } else { texts.join(" | ") };
    let label = "actions of a scheduled task, the text in them; it is inferred that the task concerns the grace \
                 period, from that text alone";
    Explanation {
        shown: Some(shown),
        label: Some(String::from(label)),
        certainty: Certainty::Inferred,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn text_is_found_in_any_case_and_at_odd_offsets() {
        let mut data = Vec::from([3, 0, 7]);
        data.extend(wide("reg delete ...\\RCM\\graceperiod /f"));
        assert!(names_any(&data, &["GracePeriod", "RTMTIMEBOMB"]));
        assert!(!names_any(&wide("Grace Period"), &["GracePeriod"]));
        assert!(!names_any(b"GracePeriod", &["GracePeriod"]));
        assert!(!names_any(&[], &["GracePeriod"]));
    }

    #[test]
    fn texts_of_actions_are_shown() {
        let mut data = Vec::from([3, 0, 0x0C, 0, 0, 0]);
        data.extend(wide("Author"));
        data.extend([0x66, 0x66, 0, 0, 0, 0, 0x0E, 0, 0, 0]);
        data.extend(wide("reg.exe"));
        data.extend([0x52, 0, 0, 0]);
        assert_eq!(explain(&data).shown.as_deref(), Some("Author | reg.exe"));
        assert_eq!(explain(&[1, 2, 3]).shown.as_deref(), Some("3 bytes"));
    }
}
