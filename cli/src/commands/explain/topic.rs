// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Topic`]: what `explain` can explain.

use anyhow::Result;
use calhive::catalog::{LOCATIONS, Location, Read, Term, terms};
use calhive::findings::{self, FindingPage};

use super::field::Field;

/// A page of `explain`.
#[derive(Debug)]
pub(super) enum Topic {
    /// A finding.
    Finding(&'static FindingPage),
    /// A place in the registry.
    Place(&'static Location),
    /// A word, a field of a token, an event or an error.
    Term(&'static Term),
    /// A field of the JSON report.
    Field(Field),
}

impl Topic {
    /// Returns all topics by kind.
    ///
    /// # Errors
    /// If the schema of the report cannot be read.
    pub(super) fn all() -> Result<Vec<Self>> {
        let findings = findings::pages().map(Self::Finding);
        let places = LOCATIONS.iter().copied().map(Self::Place);
        let fields = Field::all()?.into_iter().map(Self::Field);
        Ok(findings.chain(places).chain(terms().map(Self::Term)).chain(fields).collect())
    }

    /// Whether the text is a name of the topic, in any case.
    pub(super) fn is_called(&self, text: &str) -> bool {
        match self {
            Self::Term(term) => term.is_called(text),
            Self::Field(field) => field.is_called(text),
            Self::Finding(_) | Self::Place(_) => {
                self.names().iter().any(|name| name.eq_ignore_ascii_case(text.trim()))
            }
        }
    }

    /// Returns the names of the topic. The first one is its code, if it has a code.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Finding(page) => vec![page.code],
            Self::Place(place) => {
                let in_registry = value(place.read).unwrap_or_else(|| last_key(place.key));
                let names = [place.code.as_str(), in_registry];
                names.into_iter().filter(|name| !name.is_empty()).collect()
            }
            Self::Term(term) => term.names().collect(),
            Self::Field(field) => vec![&field.name],
        }
    }
}

/// Returns the name of the last key of a path.
fn last_key(path: &'static str) -> &'static str {
    path.rsplit('\\').next().unwrap_or_default()
}

/// Returns the name of the values that calhive reads at a place. `None` if calhive reads the key, or values of any
/// name.
const fn value(read: Read) -> Option<&'static str> {
    match read {
        Read::Value(name)
        | Read::SubkeyValue { value: name, .. }
        | Read::SubkeyValueNaming { value: name, .. } => Some(name),
        Read::Key | Read::Values | Read::SubkeyValues | Read::SubkeyNames { .. } => None,
    }
}
