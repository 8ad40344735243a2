// SPDX-License-Identifier: MIT OR Apache-2.0
//! The primary domain or workgroup of a machine, as the local security authority stores it in SECURITY. See
//! [licensing.md](crate::licensing#context).

use alloc::format;
use alloc::string::{String, ToString as _};

use calhive_regf::hive::name::Name;

use crate::meaning::plain::{size, unexpected};
use crate::meaning::{Certainty, Explanation};

/// Returns the name in the data: two sizes, an offset, and UTF-16LE text.
pub(crate) fn name(data: &[u8]) -> Option<String> {
    let (length, rest) = data.split_first_chunk::<2>()?;
    let (_, rest) = rest.split_first_chunk::<2>()?;
    let (offset, _) = rest.split_first_chunk::<4>()?;
    let start = usize::try_from(u32::from_le_bytes(*offset)).ok()?;
    let end = start.checked_add(usize::from(u16::from_le_bytes(*length)))?;
    let units = data.get(start..end)?;
    (units.len() % 2 == 0).then(|| Name::utf16(units).as_text().to_string())
}

/// Returns the security identifier in the data ([MS-DTYP] 2.4.2). `None` if the data hold none, as on a machine
/// without a domain. Zeros are no identifier: the revision is 1, and a domain has sub-authorities.
pub(crate) fn sid(data: &[u8]) -> Option<String> {
    let (head, rest) = data.split_first_chunk::<8>()?;
    let [revision @ 1, count @ 1..=u8::MAX, authority @ ..] = head else { return None };
    let (parts, _) = rest.as_chunks::<4>();
    let parts = parts.get(..usize::from(*count))?;
    let authority = authority.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mut text = format!("S-{revision}-{authority}");
    for part in parts {
        text.push_str(&format!("-{}", u32::from_le_bytes(*part)));
    }
    Some(text)
}

/// Explains the name.
pub(crate) fn explain_name(data: &[u8]) -> Explanation {
    let Some(name) = name(data) else { return unexpected(data, "expected a counted text") };
    Explanation { shown: Some(name), label: None, certainty: Certainty::Observed }
}

/// Explains the security identifier.
pub(crate) fn explain_sid(data: &[u8]) -> Explanation {
    let (shown, label) = match sid(data) {
        Some(sid) => (sid, "the machine is a member of this domain, or its controller"),
        None if data.iter().all(|byte| *byte == 0) => {
            (size(data), "no domain: the machine is in a workgroup")
        }
        None => return unexpected(data, "expected a security identifier"),
    };
    Explanation {
        shown: Some(shown),
        label: Some(String::from(label)),
        certainty: Certainty::Inferred,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meaning::text::tests::bytes;

    /// The values of real hives of a domain member and of a machine in a workgroup.
    #[test]
    fn domain_and_workgroup_of_real_hives_are_read() {
        let domain = bytes("08000a000800000054004500530054000000");
        assert_eq!(name(&domain).as_deref(), Some("TEST"));
        let sid_of_it = bytes("0104000000000005150000008e64790d6754deb1635e9a47");
        let shown = sid(&sid_of_it).unwrap();
        assert!(shown.starts_with("S-1-5-21-226059406-"), "{shown}");
        let workgroup = bytes("120014000800000057004f0052004b00470052004f00550050000000");
        assert_eq!(name(&workgroup).as_deref(), Some("WORKGROUP"));
        assert!(explain_sid(&[]).label.unwrap().contains("workgroup"));
    }

    #[test]
    fn damaged_name_and_identifier_are_not_read() {
        for data in [&[][..], &[4, 0, 6, 0, 8, 0, 0, 0, 65], &[3, 0, 4, 0, 8, 0, 0, 0, 65, 0, 66]] {
            assert_eq!(name(data), None, "{data:?}");
        }
        assert_eq!(sid(&[1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0]), None);
        assert_eq!(sid(&[2, 1, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0]), None);
        assert_eq!(sid(&[1, 0, 0, 0, 0, 0, 0, 5]), None);
        assert_eq!(sid(&[0; 8]), None);
        assert_eq!(explain_sid(&[7]).label.as_deref(), Some("expected a security identifier"));
    }
}
