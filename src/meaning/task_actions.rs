// SPDX-License-Identifier: MIT OR Apache-2.0
//! The actions of a scheduled task in the cache of tasks. Their form is undocumented, so calhive shows the text in
//! the data and interprets nothing else.

use alloc::string::String;
use alloc::vec::Vec;

use crate::meaning::plain::size;
use crate::meaning::{Certainty, Explanation};

/// Minimum length of a text in the data. Shorter runs of characters occur by chance.
const SHORTEST: usize = 4;

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

/// Returns the runs of printable ASCII characters in UTF-16LE.
fn texts(data: &[u8]) -> Vec<String> {
    let (mut found, mut run, mut rest) = (Vec::new(), String::new(), data);
    loop {
        match rest {
            [low @ b' '..=b'~', 0, after @ ..] => {
                run.push(char::from(*low));
                rest = after;
            }
            _ => {
                if run.len() >= SHORTEST {
                    found.push(core::mem::take(&mut run));
                }
                run.clear();
                let Some((_, after)) = rest.split_first() else { return found };
                rest = after;
            }
        }
    }
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
        data.extend([0x66, 0x66, 0, 0, 0, 0]);
        data.extend(wide("reg.exe"));
        assert_eq!(explain(&data).shown.as_deref(), Some("Author | reg.exe"));
        assert_eq!(explain(&[1, 2, 3]).shown.as_deref(), Some("3 bytes"));
    }
}
