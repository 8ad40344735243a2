// SPDX-License-Identifier: MIT OR Apache-2.0

//! Hives whose logs set, change and remove licensing values, with the changes of each entry.

use super::{hex, settings, store};
use crate::Options;
use crate::log::{Dirty, History, NewCrash, OldCrash};
use crate::time::filetime;
use crate::tree::{Key, Tree, Value};

/// A hive with its logs, and the changes of each log entry.
#[derive(Clone, Debug)]
pub struct Changes {
    /// File name of the hive.
    pub file: &'static str,
    /// Bytes of the hive and its logs.
    pub dirty: Dirty,
    /// Changes in the order of entries, then of keys and values.
    pub changes: Vec<KnownChange>,
}

/// A change by a log entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownChange {
    /// Name of the log, and number of the entry.
    pub entry: (&'static str, u32),
    /// Kind of change.
    pub what: &'static str,
    /// Path of the key.
    pub key: &'static str,
    /// The value, or `None` if the key changes.
    pub value: Option<&'static str>,
    /// Data before the change, if the value existed.
    pub before: Option<Vec<u8>>,
    /// Data after the change, if the value exists.
    pub after: Option<Vec<u8>>,
    /// Whether no earlier entry changes the same item.
    pub is_first: bool,
    /// Last-written time that dates the change.
    pub time: Option<u64>,
}

const CORE: &str = r"ControlSet001\Control\Terminal Server\RCM\Licensing Core";
const RCM: &str = r"ControlSet001\Control\Terminal Server\RCM";
const GRACE_PERIOD: &str = r"ControlSet001\Control\Terminal Server\RCM\GracePeriod";
const TIME_BOMB: &str = "L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588";
const PARAMETERS: &str = r"ControlSet001\Services\TermService\Parameters";
const SERVERS: &str = r"ControlSet001\Services\TermService\Parameters\LicenseServers";
const LICENSING: &str = r"Microsoft\MSLicensing";
const HARDWARE_ID: &str = r"Microsoft\MSLicensing\HardwareID";
const STORE: &str = r"Microsoft\MSLicensing\Store";
const LICENSE: &str = r"Microsoft\MSLicensing\Store\LICENSE000";

const FIRST: u64 = filetime(2024, 3, 4, 8, 0, 0) + 1_414_213;
const MODE_CHANGED: u64 = filetime(2024, 3, 5, 9, 10, 11) + 1_732_050;
const SERVERS_NAMED: u64 = filetime(2024, 3, 5, 9, 12, 0) + 2_236_067;
const TIME_BOMB_REMOVED: u64 = filetime(2024, 3, 5, 9, 20, 30) + 2_449_489;
const KEY_REMOVED: u64 = filetime(2024, 3, 5, 9, 30, 40) + 2_645_751;
const TOKEN_STORED: u64 = filetime(2024, 3, 6, 7, 1, 2) + 2_828_427;
const TOKEN_REMOVED: u64 = filetime(2024, 3, 6, 7, 41, 52) + 3_162_277;

/// Returns a SYSTEM and a SOFTWARE hive with new-format logs, and a SYSTEM hive with an old-format
/// log.
pub fn changes() -> Vec<Changes> {
    vec![system(), software(), old_system()]
}

/// Updates in order: per device; per user; a license server; the value of the grace period removed;
/// mode not configured, with an unchanged time of the key; the key of the grace period removed.
fn systems() -> Vec<Tree> {
    let mut tree = Tree::new("ROOT");
    tree.root.made("Select", FIRST).push(Value::dword("Current", 1));
    tree.root.made(CORE, FIRST).push(Value::dword("LicensingMode", 2));
    tree.root.made(GRACE_PERIOD, FIRST).push(Value::binary(TIME_BOMB, &[7; 200]));
    tree.root.made(PARAMETERS, FIRST).push(Value::dword("Other", 1));
    written(&mut tree.root, FIRST);
    let mut trees = vec![tree.clone()];
    let mut next = |change: fn(&mut Key)| {
        change(&mut tree.root);
        trees.push(tree.clone());
    };
    next(|root| mode(root.made(CORE, MODE_CHANGED), 4));
    next(|root| settings::specify(root.at(PARAMETERS), SERVERS_NAMED, &["rdlic01"]));
    next(|root| root.made(GRACE_PERIOD, TIME_BOMB_REMOVED).values.clear());
    next(|root| mode(root.at(CORE), 5));
    next(|root| {
        root.made(RCM, KEY_REMOVED).remove("GracePeriod");
    });
    trees
}

fn mode(core: &mut Key, mode: u32) {
    core.set(Value::dword("LicensingMode", mode));
}

/// All keys have the same time.
fn written(key: &mut Key, time: u64) {
    key.last_written = time;
    key.subkeys.iter_mut().for_each(|key| written(key, time));
}

fn system() -> Changes {
    let history = History::in_place(systems(), &Options::default(), 0);
    let crash = NewCrash::new(&history).sequence(413).log("LOG1", 3).log("LOG2", 2);
    let [two, four, five] = [2_u32, 4, 5].map(|mode| mode.to_le_bytes().to_vec());
    let servers = Value::multi_sz("", &["rdlic01"]).data;
    let changed = |entry| KnownChange::of(entry, "value_changed", CORE).value("LicensingMode");
    let (named, removed) = (("LOG1", 414), ("LOG2", 417));
    let changes = vec![
        changed(("LOG1", 413)).from(&two).to(&four).at(MODE_CHANGED),
        KnownChange::of(named, "key_written", PARAMETERS).at(SERVERS_NAMED),
        KnownChange::of(named, "key_made", SERVERS).at(SERVERS_NAMED),
        KnownChange::of(named, "value_set", SERVERS)
            .value("SpecifiedLicenseServers")
            .to(&servers)
            .at(SERVERS_NAMED),
        KnownChange::of(("LOG1", 415), "value_removed", GRACE_PERIOD)
            .value(TIME_BOMB)
            .from(&[7; 200])
            .at(TIME_BOMB_REMOVED),
        changed(("LOG2", 416)).from(&four).to(&five).again(),
        KnownChange::of(removed, "key_written", RCM).at(KEY_REMOVED),
        KnownChange::of(removed, "key_removed", GRACE_PERIOD).at(KEY_REMOVED),
    ];
    Changes { file: "SYSTEM", dirty: crash.build("settings changed by entries"), changes }
}

/// One update of the old format makes the changes of five updates of the new format.
fn old_system() -> Changes {
    let mut trees = systems();
    let trees = vec![trees.remove(0), trees.remove(3)];
    let history = History::in_place(trees, &Options::default(), 5);
    let crash = OldCrash::new(&history).sequence(413).log("LOG1", 0, 1);
    let dirty = crash.build("settings changed by a log of the old format");
    let entry = dirty.applied[0];
    let changes = vec![
        KnownChange::of(entry, "value_removed", GRACE_PERIOD)
            .value(TIME_BOMB)
            .from(&[7; 200])
            .at(TIME_BOMB_REMOVED),
        KnownChange::of(entry, "value_changed", CORE)
            .value("LicensingMode")
            .from(&2_u32.to_le_bytes())
            .to(&5_u32.to_le_bytes())
            .at(MODE_CHANGED),
        KnownChange::of(entry, "key_written", PARAMETERS).at(SERVERS_NAMED),
        KnownChange::of(entry, "key_made", SERVERS).at(SERVERS_NAMED),
        KnownChange::of(entry, "value_set", SERVERS)
            .value("SpecifiedLicenseServers")
            .to(&Value::multi_sz("", &["rdlic01"]).data)
            .at(SERVERS_NAMED),
    ];
    Changes { file: "SYSTEM", dirty, changes }
}

/// Updates in order: a token is stored, its key is removed, then all licensing keys of the client
/// are removed.
fn software() -> Changes {
    let mut tree = Tree::new("ROOT");
    tree.root.made("Classes", FIRST);
    store::licensing(&mut tree, LICENSING, FIRST, &hex::hardware_id());
    written(&mut tree.root, FIRST);
    let mut trees = vec![tree.clone()];
    store::token(store::add(tree.root.at(LICENSING), "LICENSE000", TOKEN_STORED));
    let license = tree.root.at(LICENSE).values.clone();
    trees.push(tree.clone());
    tree.root.made(STORE, TOKEN_REMOVED).remove("LICENSE000");
    trees.push(tree.clone());
    tree.root.at("Microsoft").remove("MSLicensing");
    trees.push(tree);

    let history = History::in_place(trees, &Options::default(), 0);
    let crash = NewCrash::new(&history).sequence(413).log("LOG2", 1).log("LOG1", 2);
    let (stored, removed, cleared) = (("LOG2", 413), ("LOG1", 414), ("LOG1", 415));
    const NAMES: [&str; 5] =
        ["ClientLicense", "CompanyName", "LicenseScope", "ProductID", "ProductVersion"];
    let data = |name: &str| {
        let value = license.iter().find(|value| value.name == name.into());
        value.map(|value| value.data.clone()).unwrap_or_default()
    };
    let mut changes = vec![
        KnownChange::of(stored, "key_written", STORE).at(TOKEN_STORED),
        KnownChange::of(stored, "key_made", LICENSE).at(TOKEN_STORED),
    ];
    changes.extend(NAMES.map(|name| {
        KnownChange::of(stored, "value_set", LICENSE).value(name).to(&data(name)).at(TOKEN_STORED)
    }));
    changes.push(KnownChange::of(removed, "key_written", STORE).at(TOKEN_REMOVED).again());
    changes.push(KnownChange::of(removed, "key_removed", LICENSE).at(TOKEN_REMOVED).again());
    changes.extend(NAMES.map(|name| {
        let of = KnownChange::of(removed, "value_removed", LICENSE).value(name).from(&data(name));
        of.at(TOKEN_REMOVED).again()
    }));
    changes.extend([
        KnownChange::of(cleared, "key_removed", LICENSING),
        KnownChange::of(cleared, "key_removed", HARDWARE_ID),
        KnownChange::of(cleared, "value_removed", HARDWARE_ID)
            .value("ClientHWID")
            .from(&hex::hardware_id()),
        KnownChange::of(cleared, "key_removed", STORE).again(),
    ]);
    Changes { file: "SOFTWARE", dirty: crash.build("token stored and removed by entries"), changes }
}

impl KnownChange {
    fn of(entry: (&'static str, u32), what: &'static str, key: &'static str) -> Self {
        let (value, before, after, time) = (None, None, None, None);
        Self { entry, what, key, value, before, after, is_first: true, time }
    }

    fn value(mut self, name: &'static str) -> Self {
        self.value = Some(name);
        self
    }

    fn from(mut self, data: &[u8]) -> Self {
        self.before = Some(data.to_vec());
        self
    }

    fn to(mut self, data: &[u8]) -> Self {
        self.after = Some(data.to_vec());
        self
    }

    fn at(mut self, time: u64) -> Self {
        self.time = Some(time);
        self
    }

    fn again(mut self) -> Self {
        self.is_first = false;
        self
    }
}
