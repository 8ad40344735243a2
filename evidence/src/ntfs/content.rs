// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Content`]: what file records say about the content of an attribute.

use std::io;

use crate::field::invalid;
use crate::ntfs::attribute::{Attribute, Body};
use crate::ntfs::runs::Runs;

/// Flags of the compression method.
const METHOD: u16 = 0x00FF;
/// Compression method LZNT1.
const LZNT1: u16 = 1;
/// Flag: encrypted with EFS.
const ENCRYPTED: u16 = 0x4000;

/// What file records say about the content of an attribute.
#[derive(Clone, Debug)]
pub(super) struct Content {
    /// Size in bytes.
    pub(super) size: u64,
    /// Number of bytes that were written. The rest is zeros.
    pub(super) initialized: u64,
    /// The bytes, or their clusters.
    pub(super) store: Store,
    /// Number of clusters in a compression unit, as exponent of two. 0 without compression.
    pub(super) unit: u16,
    /// Whether the content is encrypted with EFS.
    pub(super) is_encrypted: bool,
}

/// The bytes of a content, or their clusters.
#[derive(Clone, Debug)]
pub(super) enum Store {
    /// The bytes.
    Resident(Box<[u8]>),
    /// The clusters of the bytes.
    Clusters(Runs),
}

impl Content {
    /// Returns the content that starts with this attribute.
    ///
    /// # Errors
    /// If the attribute is not the first extent, has invalid data runs, or an unknown compression.
    pub(super) fn new(attribute: &Attribute<'_>) -> io::Result<Self> {
        let is_encrypted = attribute.flags & ENCRYPTED != 0;
        let method = attribute.flags & METHOD;
        let extent = match attribute.body {
            Body::Resident(bytes) => {
                let size = bytes.len() as u64;
                let store = Store::Resident(bytes.into());
                return Ok(Self { size, initialized: size, store, unit: 0, is_encrypted });
            }
            Body::Extent(extent) => extent,
        };
        if method > LZNT1 {
            return Err(invalid(format!("the compression method {method} is not known")));
        }
        let mut runs = Runs::default();
        runs.append(&extent)?;
        let unit = if method == LZNT1 { extent.unit } else { 0 };
        let initialized = extent.initialized.min(extent.size);
        Ok(Self {
            size: extent.size,
            initialized,
            store: Store::Clusters(runs),
            unit,
            is_encrypted,
        })
    }

    /// Adds the clusters of the next extent.
    ///
    /// # Errors
    /// If the extent does not follow the last one, or has invalid data runs.
    pub(super) fn append(&mut self, attribute: &Attribute<'_>) -> io::Result<()> {
        match (&mut self.store, &attribute.body) {
            (Store::Clusters(runs), Body::Extent(extent)) => runs.append(extent),
            _ => Err(invalid("a resident attribute with a further extent")),
        }
    }

    /// Returns the data runs. A resident content has none.
    pub(super) const fn runs(&self) -> Option<&Runs> {
        match &self.store {
            Store::Clusters(runs) => Some(runs),
            Store::Resident(_) => None,
        }
    }

    /// Checks that each written byte has a cluster.
    ///
    /// # Errors
    /// If the data runs end before.
    pub(super) fn check_runs(&self, cluster: u64) -> io::Result<()> {
        let Some(runs) = self.runs() else { return Ok(()) };
        let room = runs.end().saturating_mul(cluster);
        if room < self.initialized {
            let expected = self.initialized;
            return Err(invalid(format!("the data runs have room for {room} of {expected} bytes")));
        }
        Ok(())
    }
}
