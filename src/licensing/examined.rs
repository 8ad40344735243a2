// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Examined`]: a host with all that is known of it, from which findings and answers are drawn.

use alloc::string::String;
use alloc::vec::Vec;

use crate::licensing::host::View;
use crate::licensing::report::{Host, LicenseReport, TokenKind, TokenReport};
use crate::time::FileTime;

/// A host, its facts and its tokens.
pub(crate) struct Examined<'f> {
    pub(crate) view: View<'f>,
    pub(crate) host: Host,
    pub(crate) tokens: Vec<TokenReport>,
}

impl Examined<'_> {
    /// The stored licences that the tree shows.
    pub(crate) fn licenses(&self) -> impl Iterator<Item = &TokenReport> {
        let is_one = |it: &&TokenReport| it.kind == TokenKind::StoredLicense && it.is_shown();
        self.tokens.iter().filter(is_one)
    }

    /// Those that could be taken apart, with what their last certificate says.
    pub(crate) fn decoded(&self) -> impl Iterator<Item = (&TokenReport, &LicenseReport)> {
        self.licenses().filter_map(|token| Some((token, token.license.as_ref()?)))
    }

    /// The time that its tokens are judged at.
    pub(crate) fn reference_time(&self) -> Option<FileTime> {
        self.host.reference_time.filetime.map(FileTime::from_raw)
    }

    /// The name of the farm that it belongs to, and the fact that says so.
    pub(crate) fn farm(&self) -> Option<(String, String)> {
        let filled = |code| self.view.text(code).filter(|(name, _)| !name.is_empty());
        filled("system.policy.broker_farm").or(filled("system.farm"))
    }
}
