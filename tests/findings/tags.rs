// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tags for Timesketch have a rule for each finding.

use std::collections::BTreeSet;

use calhive::findings;

#[test]
fn tags_of_timesketch_are_the_codes_of_the_findings() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/integrations/timesketch/tags.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let tags = text.lines().filter_map(|line| line.trim().strip_prefix("tags: ['"));
    let tags: BTreeSet<&str> = tags.map(|tag| tag.strip_suffix("']").unwrap()).collect();
    assert_eq!(tags, findings::pages().map(|page| page.code).collect());
    for page in findings::pages() {
        assert!(text.contains(&format!("finding_codes:\"{}\"", page.code)), "{}", page.code);
        assert!(text.contains(&format!("'calhive: {}'", page.title)), "{}", page.title);
    }
}
