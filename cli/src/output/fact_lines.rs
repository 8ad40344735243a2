// SPDX-License-Identifier: GPL-3.0-or-later
//! The facts of a report, one JSON object a line (`scan --format jsonl`).
//!
//! # Format
//!
//! Each line is flat and complete, so an analyst can read a line without the others. Every line has all
//! columns in the same order; a column without a value is null. A fact that calhive searched for and
//! did not find also has a line; its `state` says so.
//!
//! | Columns | Meaning |
//! |---|---|
//! | `id`, `host`, `source` | ids of the fact, its host (null without one) and its source |
//! | `source_path`, `source_sha256` | file of the hive, and its hash (null if not taken) |
//! | `code`, `title`, `state` | entry in the catalog, its name, and what was found there |
//! | `shown`, `label`, `certainty` | data as text, their meaning, and how sure the meaning is |
//! | `data_size`, `data_sha256`, `data_hex` | data of a value; secrets have no `data_hex` |
//! | `control_set`, `control_set_roles` | number of the control set, and its roles in `Select` |
//! | `redirected` | whether the key belongs to the view of 32-bit programs |
//! | `key_path`, `key_offset` | key from the root, and its offset in the file |
//! | `key_last_written`, `key_last_written_filetime` | timestamp of the key: UTC and FILETIME number |
//! | `value_name`, `value_type`, `value_offset` | value; an empty name is the default value |
//! | `origin` | `live`, `replayed`, `hidden`, `recovered` or another origin |
//! | `hidden_by`, `hidden_by_offset`, `hidden_weight` | field that hides the fact, for hidden facts |
//! | `recovered_from` … `previous_version_of` | place and confidence, for recovered facts |
//! | `log`, `log_sequence`, `log_offset` | first log entry that the fact depends on |
//! | `owner` | owner of a key whose permissions are reported |
//! | `second_reader`, `second_reader_why` | verdict of the second reader, and its reason |
//! | `reference` | source for the place and its meaning |
//!
//! The JSON report (`scan --format json`) has the same values in its `facts`. [`COLUMNS`] gives the
//! JSON Pointer of each column.

use std::io::{self, Write};

use calhive::FileTime;
use calhive::report::{FactReport, Report};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::output::json;

/// Columns in the order of output, each with its JSON Pointer in a [`Record`].
const COLUMNS: [(&str, &str); 41] = [
    ("id", "/id"),
    ("host", "/host"),
    ("source", "/source"),
    ("source_path", "/source_path"),
    ("source_sha256", "/source_sha256"),
    ("code", "/code"),
    ("title", "/title"),
    ("state", "/state"),
    ("shown", "/shown"),
    ("label", "/label"),
    ("certainty", "/certainty"),
    ("data_size", "/data/size"),
    ("data_sha256", "/data/sha256"),
    ("data_hex", "/data/hex"),
    ("control_set", "/provenance/control_set/number"),
    ("control_set_roles", "/provenance/control_set/roles"),
    ("redirected", "/provenance/redirected"),
    ("key_path", "/provenance/key_path"),
    ("key_offset", "/provenance/key_offset"),
    ("key_last_written", "/provenance/key_last_written/utc"),
    ("key_last_written_filetime", "/key_last_written_filetime"),
    ("value_name", "/provenance/value_name"),
    ("value_type", "/provenance/value_type"),
    ("value_offset", "/provenance/value_offset"),
    ("origin", "/provenance/origin"),
    ("hidden_by", "/provenance/hidden/field"),
    ("hidden_by_offset", "/provenance/hidden/offset"),
    ("hidden_weight", "/provenance/hidden/weight"),
    ("recovered_from", "/provenance/recovered/place"),
    ("recovered_before_replay", "/provenance/recovered/is_before_replay"),
    ("confidence", "/provenance/recovered/confidence"),
    ("confidence_why", "/provenance/recovered/why"),
    ("path_is_whole", "/provenance/recovered/path_is_whole"),
    ("previous_version_of", "/provenance/recovered/previous_version_of"),
    ("log", "/provenance/from_logs/0/log"),
    ("log_sequence", "/provenance/from_logs/0/sequence"),
    ("log_offset", "/provenance/from_logs/0/log_offset"),
    ("owner", "/permissions/owner"),
    ("second_reader", "/second_reader/state"),
    ("second_reader_why", "/second_reader/why"),
    ("reference", "/reference"),
];

/// A fact with its host and source. Also holds columns that have another form in the report.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Record<'r> {
    #[serde(flatten)]
    fact: &'r FactReport,
    host: Option<&'r str>,
    source_path: Option<&'r str>,
    source_sha256: Option<&'r str>,
    /// The FILETIME as a number; the report has it as a string.
    key_last_written_filetime: Option<u64>,
}

/// A [`Record`] as JSON, serialized by [`COLUMNS`].
struct Line(Value);

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(COLUMNS.map(|(name, place)| (name, self.0.pointer(place))))
    }
}

/// Writes one line for each fact.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    report.facts.iter().try_for_each(|fact| {
        let source = report.sources.iter().find(|source| source.id == fact.source);
        let host = report.hosts.iter().find(|host| host.sources.contains(&fact.source));
        let record = Record {
            fact,
            host: host.map(|host| host.id.as_str()),
            source_path: source.map(|source| source.path.as_str()),
            source_sha256: source.and_then(|source| source.sha256.as_deref()),
            key_last_written_filetime: fact.provenance.key_last_written.map(FileTime::raw),
        };
        json::write_line(out, &Line(serde_json::to_value(record)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a schema allows a value at this place.
    fn has_place(root: &Value, schema: &Value, place: &[&str]) -> bool {
        let text = |key: &str| schema[key].as_str();
        if let Some(definition) = text("$ref").and_then(|it| it.strip_prefix('#')) {
            return has_place(root, root.pointer(definition).unwrap(), place);
        }
        if let Some(any) = schema["anyOf"].as_array() {
            return any.iter().any(|schema| has_place(root, schema, place));
        }
        match place {
            [] => true,
            [index, rest @ ..] if index.parse::<usize>().is_ok() => {
                has_place(root, &schema["items"], rest)
            }
            [name, rest @ ..] => schema["properties"]
                .get(name)
                .is_some_and(|property| has_place(root, property, rest)),
        }
    }

    #[test]
    fn every_column_has_its_place_in_the_report() {
        let schema = schemars::schema_for!(Record<'_>).to_value();
        for (name, place) in COLUMNS {
            let parts: Vec<&str> = place.split('/').skip(1).collect();
            assert!(has_place(&schema, &schema, &parts), "{name}: no {place} in {schema:#}");
        }
        assert!(!has_place(&schema, &schema, &["provenance", "no_such_field"]));
    }
}
