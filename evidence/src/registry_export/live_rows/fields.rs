// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Fields`]: the fields of a row, as JSON holds them.

use core::fmt;

use calhive_regf::FileTime;
use serde_core::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::time;

/// Fields of a row. A field is `None` if it is missing, null, or of another type.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) version: Option<u64>,
    pub(super) client_id: Option<String>,
    pub(super) fqdn: Option<String>,
    pub(super) host_name: Option<String>,
    pub(super) collected: Option<FileTime>,
    pub(super) accessor: Option<String>,
    pub(super) key: Option<String>,
    pub(super) last_written: Option<FileTime>,
    pub(super) value_name: Option<String>,
    pub(super) value_type: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) data: Option<String>,
}

impl Fields {
    /// Returns the name by which rows of one system belong together.
    pub(super) fn client(&self) -> &str {
        let names = [&self.client_id, &self.fqdn, &self.host_name];
        names.into_iter().flatten().next().map_or("", String::as_str)
    }
}

impl<'d> Deserialize<'d> for Fields {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Row)
    }
}

/// Reads an object.
struct Row;

impl<'d> Visitor<'d> for Row {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'d>>(self, mut object: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        while let Some(Scalar::Text(name)) = object.next_key()? {
            let value: Scalar = object.next_value()?;
            match name.as_str() {
                "CalhiveRow" => fields.version = value.number(),
                "ClientId" => fields.client_id = value.text(),
                "Fqdn" => fields.fqdn = value.text(),
                "Hostname" => fields.host_name = value.text(),
                "CollectedAt" => fields.collected = value.time(),
                "Accessor" => fields.accessor = value.text(),
                "Key" => fields.key = value.text(),
                "LastWritten" => fields.last_written = value.time(),
                "ValueName" => fields.value_name = value.any_text(),
                "Type" => fields.value_type = value.text(),
                "Size" => fields.size = value.number(),
                "Data" => fields.data = value.any_text(),
                _ => {}
            }
        }
        Ok(fields)
    }
}

/// A value of JSON.
enum Scalar {
    Text(String),
    Number(u64),
    /// Any other value, which no field has.
    Other,
}

impl Scalar {
    /// Returns a text that is not empty.
    fn text(self) -> Option<String> {
        self.any_text().filter(|text| !text.is_empty())
    }

    fn any_text(self) -> Option<String> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    const fn number(&self) -> Option<u64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// Returns a time: a text in the form of RFC 3339, or seconds since 1970.
    fn time(self) -> Option<FileTime> {
        match self {
            Self::Text(text) => time::parse(&text),
            Self::Number(seconds) => FileTime::from_unix_seconds(i64::try_from(seconds).ok()?),
            Self::Other => None,
        }
    }
}

impl<'d> Deserialize<'d> for Scalar {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

/// Reads a value of any type.
struct AnyValue;

impl<'d> Visitor<'d> for AnyValue {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut list: A) -> Result<Scalar, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'d>>(self, mut object: A) -> Result<Scalar, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}
