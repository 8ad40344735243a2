// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Host`]: the hives and logs of a forged machine.

use hive_forge::registry_export::{Version, export};
use hive_forge::scenario::{self, Scenario};
use hive_forge::tree::{Key, Tree};
use hive_forge::{Options, write};

/// Folder of the hives on the system volume.
pub(crate) const CONFIG: &str = "Windows/System32/config";

/// A forged machine.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) name: &'static str,
    /// File name and bytes of hives and logs. SOFTWARE is the first hive.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// Content of SOFTWARE and SYSTEM together with their logs.
    trees: [Tree; 2],
}

impl Host {
    /// Returns a client with a token in a dirty hive with logs, and with a large SYSTEM hive.
    pub(crate) fn client() -> Self {
        let scenario = scenario_named("windows-10-client-token-in-logs");
        let mut host = Self::of("client", &scenario);
        let (_, tree, options) =
            scenario.hives.iter().find(|(file, ..)| *file == "SYSTEM").unwrap();
        let system = host.files.iter_mut().find(|(file, _)| file == "SYSTEM").unwrap();
        system.1 = padded(tree, options);
        // A log without entries, as Windows leaves it: small enough for the MFT record.
        let log = host.files.iter().find(|(file, _)| file == "SOFTWARE.LOG1").unwrap();
        let header = log.1[..512].to_vec();
        host.files.push(("SYSTEM.LOG1".to_owned(), header));
        host
    }

    /// Returns a session host with two dirty hives and their logs, with names in mixed case.
    pub(crate) fn session_host() -> Self {
        Self::of("session host", &scenario_named("windows-server-2019-settings-in-logs"))
    }

    fn of(name: &'static str, scenario: &Scenario) -> Self {
        let files = scenario.files().into_iter().map(|(path, bytes)| {
            let name = path.rsplit('/').next().unwrap();
            (name.to_owned(), bytes)
        });
        let mut files: Vec<(String, Vec<u8>)> = files.collect();
        files.sort();
        let trees = ["SOFTWARE", "SYSTEM"].map(|hive| {
            let found = scenario.hives.iter().find(|(path, ..)| path.ends_with(hive));
            found.unwrap().1.clone()
        });
        Self { name, files, trees }
    }

    /// Returns a text export of both hives.
    pub(crate) fn export(&self) -> Vec<u8> {
        let [software, system] = &self.trees;
        let mounted =
            [(r"HKEY_LOCAL_MACHINE\SOFTWARE", software), (r"HKEY_LOCAL_MACHINE\SYSTEM", system)];
        export(&mounted, Version::Five)
    }

    /// Returns the name in file names.
    pub(crate) fn dashed(&self) -> String {
        self.name.replace(' ', "-")
    }
}

fn scenario_named(name: &str) -> Scenario {
    scenario::every().into_iter().find(|scenario| scenario.name == name).unwrap()
}

/// Writes a hive with 1 MiB of data that no report mentions.
fn padded(tree: &Tree, options: &Options) -> Vec<u8> {
    let mut tree = tree.clone();
    let key = (0..100).fold(Key::new("Padding"), |key, number: u8| {
        key.binary(&format!("Value {number}"), &vec![number; 10_000])
    });
    tree.root.subkeys.push(key);
    write(&tree, options).bytes
}
