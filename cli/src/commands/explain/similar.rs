// SPDX-License-Identifier: GPL-3.0-or-later
//! Names of topics that are similar to a text.

use super::topic::Topic;

/// Largest number of names.
const NAMES: usize = 5;
/// Similarity below which a name is not similar: 0 has nothing in common, 1 is equal.
const LEAST: f64 = 0.6;
/// Difference from the most similar name above which a name is left out.
const SPREAD: f64 = 0.1;
/// Similarity of a name that contains the text.
const CONTAINS: f64 = 0.9;
/// Length of a text that counts as part of a name.
const PART: usize = 3;

/// Returns the names that are most similar to the text, best first.
pub(super) fn names(text: &str, topics: &[Topic]) -> Vec<String> {
    let text = text.trim().to_lowercase();
    let names = topics.iter().flat_map(Topic::names);
    let mut scored: Vec<(f64, &str)> = names.map(|name| (similarity(&text, name), name)).collect();
    scored.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.cmp(other)));
    scored.dedup_by(|(_, one), (_, other)| one == other);
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    let is_similar = |score: f64| score >= LEAST && best - score <= SPREAD;
    let similar = scored.iter().take_while(|(score, _)| is_similar(*score));
    similar.take(NAMES).map(|(_, name)| (*name).to_owned()).collect()
}

fn similarity(text: &str, name: &str) -> f64 {
    let name = name.to_lowercase();
    let edits = strsim::normalized_damerau_levenshtein(text, &name);
    let contains = text.chars().count() >= PART && name.contains(text);
    if contains { edits.max(CONTAINS) } else { edits }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        names(text, &Topic::all().unwrap())
    }

    #[test]
    fn misspelled_name_leads_to_its_topic() {
        assert_eq!(of("client.token.temporal")[0], "client.token.temporary");
        assert_eq!(of("grase period")[0], "grace period");
        assert_eq!(of("LicencingMode")[0], "LicensingMode");
    }

    #[test]
    fn part_of_a_name_leads_to_names_with_it() {
        assert_eq!(of("Client.Token.temp"), ["client.token.temporary"]);
        assert_eq!(of("client").len(), NAMES);
    }

    #[test]
    fn unlike_text_leads_to_nothing() {
        assert_eq!(of("0"), [""; 0]);
        assert_eq!(of("zzzzzzzzzzzz"), [""; 0]);
        assert_eq!(of(""), [""; 0]);
    }
}
