// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Field`]: a field of the JSON report, as the schema describes it.

use anyhow::{Context as _, Result};
use calhive::report::SCHEMA_TEXT;
use serde_json::Value;

/// A field name of the JSON report, with every object that has such a field.
#[derive(Debug)]
pub(super) struct Field {
    /// Name of the field.
    pub(super) name: String,
    /// Objects with the field, in the order of their names.
    pub(super) uses: Vec<FieldUse>,
}

/// A field in one object of the JSON report.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FieldUse {
    /// Name of the object in the schema.
    pub(super) object: String,
    /// JSON type of the value, or name of its object in the schema.
    pub(super) value: String,
    /// Description of the field.
    pub(super) description: String,
}

impl Field {
    /// Returns all fields of the report in the order of their names.
    ///
    /// # Errors
    /// If the schema is not JSON.
    pub(super) fn all() -> Result<Vec<Self>> {
        let schema: Value =
            serde_json::from_str(SCHEMA_TEXT).context("the schema of the report is not JSON")?;
        let mut fields = Vec::new();
        let title = schema.get("title").and_then(Value::as_str).unwrap_or("Report");
        add(title, &schema, &mut fields);
        for (object, definition) in objects(schema.get("$defs")) {
            add(object, definition, &mut fields);
        }
        fields.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(fields)
    }

    /// Whether the text is the name of the field, alone or after the name of its object.
    pub(super) fn is_called(&self, text: &str) -> bool {
        let text = text.trim().replace([' ', '-'], "_");
        let name = match text.rsplit_once('.') {
            Some((object, name)) => {
                let has = |it: &FieldUse| it.object.eq_ignore_ascii_case(object);
                if !self.uses.iter().any(has) {
                    return false;
                }
                name
            }
            None => &text,
        };
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Adds the fields of an object, and of its variants.
fn add(object: &str, schema: &Value, fields: &mut Vec<Field>) {
    for (name, property) in objects(schema.get("properties")) {
        let description = property.get("description").and_then(Value::as_str).unwrap_or_default();
        let (object, description) = (object.to_owned(), description.to_owned());
        let new = FieldUse { object, value: value(property), description };
        match fields.iter_mut().find(|field| field.name == *name) {
            Some(field) if field.uses.contains(&new) => {}
            Some(field) => field.uses.push(new),
            None => fields.push(Field { name: name.clone(), uses: vec![new] }),
        }
    }
    for variants in ["oneOf", "anyOf", "allOf"] {
        for variant in schema.get(variants).and_then(Value::as_array).into_iter().flatten() {
            add(object, variant, fields);
        }
    }
}

/// Returns the type of a value in words.
fn value(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let variants = ["anyOf", "oneOf", "allOf"].iter().find_map(|it| schema.get(it)?.as_array());
    if let Some(variants) = variants {
        return variants.iter().map(value).collect::<Vec<_>>().join(" or ");
    }
    if let Some(items) = schema.get("items") {
        return format!("list of {}", value(items));
    }
    match schema.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")
        }
        _ => String::from("value"),
    }
}

fn objects(schema: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    schema.and_then(Value::as_object).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_has_each_object_that_has_it() {
        let fields = Field::all().unwrap();
        assert!(fields.len() > 200, "{}", fields.len());
        let field = fields.iter().find(|field| field.name == "issuer").unwrap();
        let objects: Vec<&str> = field.uses.iter().map(|it| it.object.as_str()).collect();
        assert_eq!(objects, ["CertificateReport", "LicenseReport"]);
        assert!(field.uses.iter().all(|it| !it.description.is_empty()));
    }

    #[test]
    fn field_is_called_by_its_object_too() {
        let fields = Field::all().unwrap();
        let field = fields.iter().find(|field| field.name == "client_reported_user").unwrap();
        assert!(field.is_called("Client-Reported-User"));
        assert!(field.is_called("LicenseReport.client_reported_user"));
        assert!(!field.is_called("Host.client_reported_user"));
        assert!(!field.is_called("LicenseReport.issuer"));
    }

    #[test]
    fn type_of_a_value_is_in_words() {
        let of = |text: &str| value(&serde_json::from_str(text).unwrap());
        assert_eq!(of(r#"{"type": ["integer", "null"]}"#), "integer or null");
        assert_eq!(
            of(r##"{"items": {"$ref": "#/$defs/Access"}, "type": "array"}"##),
            "list of Access"
        );
        assert_eq!(
            of(r##"{"anyOf": [{"$ref": "#/$defs/Access"}, {"type": "null"}]}"##),
            "Access or null"
        );
        assert_eq!(of("true"), "value");
    }
}
