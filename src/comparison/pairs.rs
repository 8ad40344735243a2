// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`pairs`]: which hosts of two reports belong together.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_regf::FileTime;

use crate::report::{HiveCopy, Host};

/// A host that is compared.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ComparedHost {
    /// Id of the host in its report.
    pub id: String,
    /// Computer name. Absent if the given hives do not have it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub computer_name: Option<String>,
    /// Kind of copy, if the folder shows that the hives are not those in use. Absent otherwise.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub copy: Option<HiveCopy>,
    /// Newest plausible last-written time of the keys that were read, UTC.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub newest: Option<FileTime>,
}

impl ComparedHost {
    pub(super) fn of(host: &Host) -> Self {
        Self {
            id: host.id.clone(),
            computer_name: host.system.computer_name.as_ref().map(|name| name.text.clone()),
            copy: host.copy,
            newest: host.reference_time.newest,
        }
    }
}

/// Returns the pairs of hosts that belong together. One host of A and one host of B are a pair. Among several, two hosts
/// are a pair if they have the same computer name and the same kind of copy.
pub fn pairs<'r>(a: &[&'r Host], b: &[&'r Host]) -> Vec<(&'r Host, &'r Host)> {
    if let ([one], [other]) = (a, b) {
        return [(*one, *other)].into();
    }
    let key = |host: &Host| Some((name(host)?, host.copy.map(|copy| copy as u8)));
    let mut rest: BTreeMap<(String, Option<u8>), VecDeque<&'r Host>> = BTreeMap::new();
    for other in b.iter().copied() {
        if let Some(key) = key(other) {
            rest.entry(key).or_default().push_back(other);
        }
    }
    let pair = |host: &'r Host| Some((host, rest.get_mut(&key(host)?)?.pop_front()?));
    a.iter().copied().filter_map(pair).collect()
}

/// Returns the computer name in lower case.
fn name(host: &Host) -> Option<String> {
    Some(host.system.computer_name.as_ref()?.text.to_lowercase())
}
