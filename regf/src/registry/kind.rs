// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`HiveKind`]: type of a hive, by its content.

use core::cell::Cell;
use core::fmt;

use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::look_up::LookUp;
use crate::registry::control_set::control_set_number;

/// Type of a hive: the part of the registry that it holds. The content decides, because collections
/// rename files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum HiveKind {
    /// `HKLM\SYSTEM`: control sets, services.
    System,
    /// `HKLM\SOFTWARE`.
    Software,
    /// `HKLM\SAM`: local accounts.
    Sam,
    /// `HKLM\SECURITY`: policy and secrets.
    Security,
    /// A user's `NTUSER.DAT`, or `DEFAULT`.
    User,
    /// A user's `UsrClass.dat`.
    UserClasses,
    /// Boot configuration data.
    Boot,
    /// `Amcache.hve`.
    Amcache,
    /// None of these, or too damaged to recognize.
    Other,
}

impl HiveKind {
    /// Returns the type of a hive, by the keys below its root. Damaged lists do not affect the answer.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at("Select").values.clear();
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// use calhive_regf::registry::HiveKind;
    /// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// assert_eq!(HiveKind::of(hive), HiveKind::System);
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn of(hive: Hive<'_>) -> Self {
        Self::by(hive, LookUp::Thorough)
    }

    /// Returns the type of a hive like [`of`](Self::of), with the look-up method `look_up`.
    pub fn by(hive: Hive<'_>, look_up: LookUp) -> Self {
        let Ok(root) = hive.root() else { return Self::Other };
        // The look-ups of all names share one limit of list elements, so that a hostile list causes
        // limited work.
        let left = Cell::new(root.most_elements());
        let has = |name: &str| {
            let mut now = left.get();
            let found = root.subkey_within(name.into(), look_up, &mut now, |_| {});
            left.set(now);
            found.is_some()
        };
        let is_named = |tail: &str| {
            let name = hive.base_block().file_name().to_string_lossy().to_uppercase();
            name.rsplit('\\').next() == Some(tail)
        };
        if has("Select") || has_control_set(root) {
            Self::System
        } else if has("Microsoft") && (has("Classes") || is_named("SOFTWARE")) {
            Self::Software
        } else if has("Policy") {
            Self::Security
        } else if has("SAM") {
            Self::Sam
        } else if has("Software") && (has("Environment") || has("Control Panel")) {
            Self::User
        } else if root.name().to_string_lossy().ends_with("_Classes") {
            Self::UserClasses
        } else if has("Objects") && has("Description") {
            Self::Boot
        } else if has("Root") && is_named("AMCACHE.HVE") {
            Self::Amcache
        } else {
            Self::Other
        }
    }
}

fn has_control_set(root: Key<'_>) -> bool {
    root.subkeys().filter_map(Result::ok).any(|key| control_set_number(key.name()).is_some())
}

impl fmt::Display for HiveKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "SYSTEM",
            Self::Software => "SOFTWARE",
            Self::Sam => "SAM",
            Self::Security => "SECURITY",
            Self::User => "NTUSER.DAT or DEFAULT",
            Self::UserClasses => "UsrClass.dat",
            Self::Boot => "BCD",
            Self::Amcache => "Amcache.hve",
            Self::Other => "other",
        })
    }
}
