// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`schema`]: the JSON schema of a report and of each of its lines.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_evidence::NotRead;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::report::document::Document;
use crate::report::record::Line;
use crate::report::{
    AnswerRecord, EdgeRecord, Event, FactRecord, FindingRecord, Host, InputReport, Installation,
    Node, Report, ReportHead, SCHEMA, SkippedItem, SourceReport, TokenReport,
};

impl JsonSchema for Report {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Report")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Document::json_schema(generator)
    }
}

/// Returns the JSON schema of a report. It describes the whole document, and each
/// [`ReportRecord`](crate::report::ReportRecord) on a line of its own.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut forms = Vec::from([generator.subschema_for::<Report>().to_value()]);
    let lines = [
        line::<ReportHead<'_>>("report", &mut generator),
        line::<SourceReport>("source", &mut generator),
        line::<InputReport>("input", &mut generator),
        line::<NotRead>("not_read", &mut generator),
        line::<SkippedItem>("skipped", &mut generator),
        line::<Host>("host", &mut generator),
        line::<Installation>("copies", &mut generator),
        line::<FactRecord<'_>>("fact", &mut generator),
        line::<TokenReport>("token", &mut generator),
        line::<FindingRecord<'_>>("finding", &mut generator),
        line::<AnswerRecord<'_>>("answer", &mut generator),
        line::<Event>("event", &mut generator),
        line::<Node>("node", &mut generator),
        line::<EdgeRecord<'_>>("edge", &mut generator),
    ];
    let mut definitions = generator.take_definitions(true);
    for (name, line) in lines {
        forms.push(json!({"$ref": alloc::format!("#/$defs/{name}")}));
        definitions.insert(name, line);
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "Report of calhive",
        "description": "A report as one document, or one record of a report.",
        "oneOf": forms,
        "$defs": definitions,
    });
    close(&mut schema);
    schema
}

/// Returns name and schema of the line with a part.
fn line<T: JsonSchema>(record: &str, generator: &mut SchemaGenerator) -> (String, Value) {
    let mut schema = Line::<T>::json_schema(generator).to_value();
    if let Some(kind) = schema.pointer_mut("/properties/record").and_then(Value::as_object_mut) {
        kind.insert(String::from("const"), Value::from(record));
    }
    (alloc::format!("line_{record}"), schema)
}

/// Forbids fields that the schema does not describe, and null in fields that can be absent.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") {
                object.insert(String::from("additionalProperties"), Value::Bool(false));
                name_version(object);
                forbid_null(object);
            }
            object.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Fixes the field `schema` to its only value.
fn name_version(object: &mut Map<String, Value>) {
    let field = object.get_mut("properties").and_then(|it| it.get_mut("schema"));
    if let Some(field) = field.and_then(Value::as_object_mut) {
        field.insert(String::from("const"), Value::from(SCHEMA));
    }
}

/// Removes null from the types of the fields that are not required.
fn forbid_null(object: &mut Map<String, Value>) {
    let required: Vec<Value> =
        object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let fields = object.get_mut("properties").and_then(Value::as_object_mut);
    for (name, field) in fields.into_iter().flatten() {
        if required.iter().any(|it| it == name.as_str()) {
            continue;
        }
        if let Some(types) = field.get_mut("type").and_then(Value::as_array_mut) {
            types.retain(|it| it != "null");
        }
        if let Some(forms) = field.get_mut("anyOf").and_then(Value::as_array_mut) {
            forms.retain(|it| it.get("type").is_none_or(|kind| kind != "null"));
        }
        if let Some(values) = field.get_mut("enum").and_then(Value::as_array_mut) {
            values.retain(|it| !it.is_null());
        }
    }
}
