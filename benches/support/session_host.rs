// SPDX-License-Identifier: MIT OR Apache-2.0
//! A SYSTEM hive of 700 MB: a session host among a million ordinary keys.

use std::path::{Path, PathBuf};

use hive_forge::rng::Rng;
use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{Locality, Options};

const SCENARIO: &str = "windows-server-2019-session-host";
/// Number of the recipe. A change of the ordinary keys needs a new number, so that kept hives are
/// written again.
const RECIPE: u32 = 1;
/// Services in each of the two control sets.
const SERVICES: usize = 700;
const CLASSES: usize = 90;
const DEVICES_OF_A_CLASS: usize = 600;
const BUSES: [(&str, usize); 6] = [
    ("DISPLAY", 40),
    ("HID", 100),
    ("ROOT", 60),
    ("SWD", 3600),
    ("TERMINPUT_BUS", 2000),
    ("USB", 300),
];
const WORDS: [&str; 16] = [
    "Acpi", "Bus", "Class", "Disk", "Event", "Filter", "Guard", "Host", "Input", "Kernel", "Link",
    "Monitor", "Net", "Print", "Storage", "Volume",
];

/// Path of the hive in this locality. The hive is written unless it is kept from an earlier run.
pub fn hive(folder: &Path, locality: Locality) -> PathBuf {
    let (tree, options) = session_host();
    let small = hive_forge::canonical::sha256(&hive_forge::write(&tree, &options).bytes);
    let kind = match locality {
        Locality::InOrder => String::from("in-order"),
        Locality::Aged(seed) => format!("aged-{seed}"),
        Locality::Shuffled(seed) => format!("shuffled-{seed}"),
    };
    let path = folder.join(format!("session-host-{kind}-{RECIPE}-{}", &small[..12]));
    if !path.exists() {
        let unfinished = folder.join(format!("session-host-{kind}-unfinished"));
        let tree = crowded(tree);
        let hive = hive_forge::write(&tree, &Options { locality, ..options });
        std::fs::write(&unfinished, &hive.bytes).unwrap();
        std::fs::rename(&unfinished, &path).unwrap();
    }
    path
}

fn session_host() -> (Tree, Options) {
    let mut scenarios = hive_forge::scenario::all().into_iter();
    let scenario = scenarios.find(|scenario| scenario.name == SCENARIO).unwrap();
    let mut hives = scenario.hives.into_iter();
    let (_, tree, options) = hives.find(|(file, ..)| *file == "SYSTEM").unwrap();
    (tree, options)
}

/// Adds many ordinary keys where large SYSTEM hives have them.
fn crowded(mut tree: Tree) -> Tree {
    for (seed, set) in [(1, "ControlSet001"), (2, "ControlSet002")] {
        let set = tree.root.at(set);
        let mut crowd = Crowd { rng: Rng::new(seed), model: bare(set) };
        crowd.services(set.at("Services"));
        crowd.classes(set.at(r"Control\Class"));
        crowd.devices(set.at("Enum"));
    }
    tree
}

/// A key without content, with the permissions and timestamp of another key.
fn bare(key: &Key) -> Key {
    Key::new("").written(key.last_written).security(key.security.clone())
}

struct Crowd {
    rng: Rng,
    model: Key,
}

impl Crowd {
    /// Adds services up to [`SERVICES`].
    fn services(&mut self, services: &mut Key) {
        for number in services.subkeys.len()..SERVICES {
            let name = format!("{}{}{number}", self.word(), self.word());
            let mut service = self.key(&name);
            for name in ["Enum", "Parameters", "Security", "TriggerInfo"] {
                service.subkeys.push(self.key(name));
            }
            services.subkeys.push(service);
        }
    }

    fn classes(&mut self, classes: &mut Key) {
        for _ in 0..CLASSES {
            let mut class = self.group();
            for number in 0..DEVICES_OF_A_CLASS {
                let mut device = self.key(&format!("{number:04}"));
                device.subkeys.push(self.key("Configuration"));
                class.subkeys.push(device);
            }
            classes.subkeys.push(class);
        }
    }

    fn devices(&mut self, buses: &mut Key) {
        for (bus, devices) in BUSES {
            let bus = buses.at(bus);
            for number in 0..devices {
                let name = format!("{}&REV_{number:05}", self.word());
                let mut device = self.key(&name);
                for number in 0..7 {
                    device.subkeys.push(self.instance(number));
                }
                bus.subkeys.push(device);
            }
        }
    }

    fn instance(&mut self, number: usize) -> Key {
        let name = format!("{number}&{:08x}&0", self.rng.next_u64() as u32);
        let mut properties = self.key("Properties");
        for _ in 0..2 {
            let mut group = self.group();
            group.subkeys.extend([self.key("0002"), self.key("0003")]);
            properties.subkeys.push(group);
        }
        self.key(&name).key(self.key("Device Parameters")).key(properties)
    }

    /// A key whose name is a GUID.
    fn group(&mut self) -> Key {
        let (high, low) = (self.rng.next_u64(), self.rng.next_u64());
        let (first, second, third) = (high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF);
        let (fourth, fifth) = (low >> 48, low & 0xFFFF_FFFF_FFFF);
        self.key(&format!("{{{first:08x}-{second:04x}-{third:04x}-{fourth:04x}-{fifth:012x}}}"))
    }

    fn word(&mut self) -> &'static str {
        self.rng.pick(&WORDS)
    }

    /// A key of this name, with some values.
    fn key(&mut self, name: &str) -> Key {
        let mut key = self.model.clone();
        key.name = name.into();
        let values = self.rng.pick(&[0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5, 8]);
        key.values = (0..values).map(|place| self.value(place)).collect();
        key
    }

    fn value(&mut self, place: usize) -> Value {
        let name = format!("{}{place}", self.word());
        let rng = &mut self.rng;
        let length = match rng.below(100) {
            0..=39 => return Value::dword(&name, rng.next_u64() as u32),
            40..=74 => {
                let length = rng.range(4, 60);
                let text = (0..length).map(|_| rng.range(0x20, 0x7E) as u8 as char);
                return Value::sz(&name, &text.collect::<String>());
            }
            75..=93 => rng.range(8, 600),
            _ => rng.range(500, 2500),
        };
        Value::binary(&name, &rng.bytes(length))
    }
}
