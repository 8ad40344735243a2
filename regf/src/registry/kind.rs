// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`HiveKind`]: type of a hive, by its content.

use alloc::vec::Vec;
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
        KindSigns::by(hive, look_up).kind
    }
}

/// Sign of the type of a hive. Any program can write such a sign, so no sign decides alone if others
/// contradict it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sign {
    /// The file name in the base block ends with this name.
    FileName(&'static str),
    /// The root has this subkey, or a key at this path.
    Key(&'static str),
    /// The root has a subkey with the name of a control set.
    ControlSet,
    /// The name of the root ends with this text.
    RootName(&'static str),
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileName(name) => write!(f, "file name {name} in the base block"),
            Self::Key(path) => write!(f, "key {path}"),
            Self::ControlSet => f.write_str("a key with the name of a control set"),
            Self::RootName(end) => write!(f, "root key whose name ends with {end}"),
        }
    }
}

/// Type of a hive, with all signs of it and of other types.
///
/// ```
/// # let mut tree = hive_forge::tree::Tree::new("ROOT");
/// # for name in ["Classes", "Microsoft", "Select"] { tree.root.at(name).values.clear(); }
/// # let forged = hive_forge::write(&tree, &Default::default());
/// use calhive_regf::hive::look_up::LookUp;
/// use calhive_regf::registry::{HiveKind, KindSigns};
/// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
/// let signs = KindSigns::by(hive, LookUp::Thorough);
/// assert_eq!(signs.kind, HiveKind::Software);
/// let (kind, sign) = signs.conflicts().next().unwrap();
/// assert_eq!((kind, sign.to_string()), (HiveKind::System, String::from("key Select")));
/// # Ok::<(), calhive_regf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindSigns {
    /// The type that most signs speak for.
    pub kind: HiveKind,
    /// Each sign with its type.
    pub signs: Vec<(HiveKind, Sign)>,
}

/// Keys as signs, each with a weight. Keys of weight 1 exist in other types of hives too.
const KEYS: [(HiveKind, &str, u32); 21] = [
    (HiveKind::System, "Select", 3),
    (HiveKind::System, "MountedDevices", 1),
    (HiveKind::System, "Setup", 1),
    (HiveKind::Software, "Microsoft", 3),
    (HiveKind::Software, "Classes", 2),
    (HiveKind::Software, "Clients", 1),
    (HiveKind::Software, "Policies", 1),
    (HiveKind::Software, "RegisteredApplications", 1),
    (HiveKind::Software, "Wow6432Node", 1),
    (HiveKind::Software, PROFILE_LIST, 2),
    (HiveKind::Security, "Policy", 3),
    (HiveKind::Security, "RXACT", 1),
    (HiveKind::Sam, "SAM", 2),
    (HiveKind::User, "Software", 1),
    (HiveKind::User, "Environment", 2),
    (HiveKind::User, "Control Panel", 2),
    (HiveKind::User, "Keyboard Layout", 1),
    (HiveKind::Boot, "Objects", 2),
    (HiveKind::Boot, "Description", 2),
    (HiveKind::Amcache, "Root", 1),
    (HiveKind::Amcache, "Root\\InventoryApplication", 1),
];

/// Key that the key `Software` of a user lacks.
const PROFILE_LIST: &str = "Microsoft\\Windows NT\\CurrentVersion\\ProfileList";

/// File names in base blocks.
const FILE_NAMES: [(HiveKind, &str); 5] = [
    (HiveKind::System, "SYSTEM"),
    (HiveKind::Software, "SOFTWARE"),
    (HiveKind::Security, "SECURITY"),
    (HiveKind::Sam, "SAM"),
    (HiveKind::Amcache, "AMCACHE.HVE"),
];

/// Types in the order in which they win if their signs weigh the same.
const KINDS: [HiveKind; 8] = [
    HiveKind::System,
    HiveKind::Software,
    HiveKind::Security,
    HiveKind::Sam,
    HiveKind::User,
    HiveKind::UserClasses,
    HiveKind::Boot,
    HiveKind::Amcache,
];

impl KindSigns {
    /// Collects the signs of a hive with the look-up method `look_up`.
    pub fn by(hive: Hive<'_>, look_up: LookUp) -> Self {
        let Ok(root) = hive.root() else {
            return Self { kind: HiveKind::Other, signs: Vec::new() };
        };
        // The look-ups of all names share one limit of list elements, so that a hostile list causes
        // limited work.
        let mut left = root.most_elements();
        let mut has = |path: &str| {
            let mut names = path.split('\\');
            names.try_fold(root, |key, name| {
                key.subkey_within(name.into(), look_up, &mut left, |_| {})
            })
        };
        let keys = KEYS.iter().filter(|(_, path, _)| has(path).is_some());
        let mut signs: Vec<(HiveKind, Sign)> =
            keys.map(|(kind, path, _)| (*kind, Sign::Key(path))).collect();
        let has_set = ["ControlSet001", "ControlSet002"].iter().any(|name| has(name).is_some());
        let is_clear = ["Select", "Microsoft"].map(|name| has(name).is_some()).contains(&true);
        if has_set || (!is_clear && has_control_set(root)) {
            signs.push((HiveKind::System, Sign::ControlSet));
        }
        if root.name().to_string_lossy().ends_with(CLASSES) {
            signs.push((HiveKind::UserClasses, Sign::RootName(CLASSES)));
        }
        let file_name = hive.base_block().file_name().to_string_lossy().to_uppercase();
        let tail = file_name.rsplit('\\').next().unwrap_or_default();
        let named = FILE_NAMES.iter().filter(|(_, name)| *name == tail);
        signs.extend(named.map(|(kind, name)| (*kind, Sign::FileName(name))));
        let mut this = Self { kind: HiveKind::Other, signs };
        let candidates = KINDS.into_iter().rev().filter(|kind| this.is_possible(*kind));
        let kind = candidates.max_by_key(|kind| this.weight(*kind));
        this.kind = kind.unwrap_or(HiveKind::Other);
        this
    }

    /// Returns the signs that speak for another type: typical keys of SYSTEM and SOFTWARE, and the file name
    /// in the base block.
    pub fn conflicts(&self) -> impl Iterator<Item = (HiveKind, Sign)> + use<'_> {
        self.signs.iter().copied().filter(|(kind, sign)| {
            let speaks = match sign {
                Sign::FileName(_) | Sign::ControlSet => true,
                Sign::Key(path) => matches!(*path, "Select" | "Microsoft"),
                Sign::RootName(_) => false,
            };
            *kind != self.kind && speaks
        })
    }

    fn has(&self, kind: HiveKind, sign: Sign) -> bool {
        self.signs.contains(&(kind, sign))
    }

    /// Whether the necessary signs of a type exist.
    fn is_possible(&self, kind: HiveKind) -> bool {
        let key = |path| self.has(kind, Sign::Key(path));
        let signs = self.signs.iter().filter(|(of, _)| *of == kind).count();
        match kind {
            HiveKind::System => key("Select") || self.has(kind, Sign::ControlSet),
            HiveKind::Software => {
                let has_name = self.has(kind, Sign::FileName("SOFTWARE"));
                key("Microsoft") && (key("Classes") || key(PROFILE_LIST) || has_name)
            }
            HiveKind::Security => key("Policy"),
            HiveKind::Sam => key("SAM"),
            HiveKind::User => key("Software") && (key("Environment") || key("Control Panel")),
            HiveKind::UserClasses => signs > 0,
            HiveKind::Boot => key("Objects") && key("Description"),
            HiveKind::Amcache => key("Root") && self.has(kind, Sign::FileName("AMCACHE.HVE")),
            HiveKind::Other => false,
        }
    }

    fn weight(&self, kind: HiveKind) -> u32 {
        let weight = |sign: Sign| match sign {
            Sign::Key(path) => KEYS
                .iter()
                .find(|(of, known, _)| *of == kind && *known == path)
                .map_or(0, |(_, _, weight)| *weight),
            Sign::ControlSet => 3,
            Sign::FileName(_) | Sign::RootName(_) => 2,
        };
        let signs = self.signs.iter().filter(|(of, _)| *of == kind);
        signs.map(|(_, sign)| weight(*sign)).fold(0, u32::saturating_add)
    }
}

/// End of the name of the root in `UsrClass.dat`.
const CLASSES: &str = "_Classes";

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
