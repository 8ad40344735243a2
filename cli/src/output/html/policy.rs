// SPDX-License-Identifier: GPL-3.0-or-later
//! The policy of the file: nothing runs or loads but its own style sheets and its own script.

use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

/// The style sheet.
pub(super) const STYLE: &str = include_str!("report.css");
/// The script.
pub(super) const SCRIPT: &str = include_str!("report.js");

/// Returns the `Content-Security-Policy`. `page_style` is the style sheet of the printed page.
pub(super) fn policy(page_style: &str) -> String {
    format!(
        "default-src 'none'; style-src {} {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(page_style),
        hash(SCRIPT)
    )
}

/// Returns the `Content-Security-Policy` of a file without a script.
pub(super) fn without_script(page_style: &str) -> String {
    format!(
        "default-src 'none'; style-src {} {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(page_style)
    )
}

/// Returns the hash of an inline element, as a source of the policy.
fn hash(content: &str) -> String {
    format!("'sha256-{}'", BASE64.encode(&Sha256::digest(content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_that_of_the_content_security_policy() {
        // From the examples of the specification (CSP Level 2, 4.2.5).
        let hash = hash("alert('Hello, world.');");
        assert_eq!(hash, "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
    }

    #[test]
    fn script_is_short_and_inert_in_its_element() {
        assert!(SCRIPT.lines().count() < 200);
        for (name, content) in [("script", SCRIPT), ("style", STYLE)] {
            // A carriage return would become a line feed in the browser, and change the hash.
            assert!(!content.contains("</") && !content.contains('\r'), "{name}");
        }
    }
}
