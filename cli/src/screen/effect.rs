// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Effect`]: whether a stored setting is known to be in effect.

use calhive::catalog::Code;
use calhive::regf::registry::HiveKind;
use calhive::report::Setting;

use crate::screen::view::View;
use crate::screen::{Kind, Line};

/// Sentence of a report about a setting that another value may override.
pub(crate) const DOUBT: &str = "Another value may be in effect";

/// Whether a stored setting is known to be in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Everything that may override the setting was read.
    Known,
    /// The setting is local, and no SOFTWARE hive of the host was read.
    PolicyUnknown,
    /// Another value may be in effect, because not everything was read.
    AsRead,
}

impl Effect {
    /// Returns the effect of the setting that the report found.
    pub(crate) fn new<T>(view: &View<'_>, setting: &Setting<T>) -> Self {
        if setting.statement.contains(DOUBT) {
            return Self::AsRead;
        }
        match is_by_policy(view, setting) || has(view, HiveKind::Software) {
            true => Self::Known,
            false => Self::PolicyUnknown,
        }
    }

    /// Returns the words after the place of a setting.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Known => ", in effect *",
            Self::PolicyUnknown => "; policy unknown",
            Self::AsRead => ", as read",
        }
    }

    /// Returns how the value is marked.
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Known => Kind::InEffect,
            Self::PolicyUnknown | Self::AsRead => Kind::Warning,
        }
    }
}

/// Whether a value at the policy path makes this setting.
pub(crate) fn is_by_policy<T>(view: &View<'_>, setting: &Setting<T>) -> bool {
    let is_policy =
        |code| matches!(code, Code::HostPolicyLicensingMode | Code::HostPolicyLicenseServers);
    let mut facts = view.facts.iter().filter(|fact| setting.facts.contains(&fact.id));
    facts.any(|fact| is_policy(fact.code))
}

/// Returns why no setting is in effect.
pub(crate) fn missing<T>(view: &View<'_>, setting: &Setting<T>) -> Line {
    let text = match (has(view, HiveKind::System), has(view, HiveKind::Software)) {
        _ if !setting.statement.starts_with("No ") => "not determinable",
        (true, true) => return Line::plain("none set"),
        (true, false) => "not set locally; policy unknown",
        (false, _) => "not set by policy; local setting unknown",
    };
    Line::of(Kind::Warning, text)
}

fn has(view: &View<'_>, kind: HiveKind) -> bool {
    view.sources.iter().any(|source| source.kind == kind)
}
