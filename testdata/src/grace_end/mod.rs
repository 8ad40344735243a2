// SPDX-License-Identifier: MIT OR Apache-2.0

//! Machines whose end of the grace period opens: SYSTEM with a boot key, SECURITY with the keys of the local security
//! authority, and a master key file. All keys are made up here.
//!
//! [`machines`] lists one machine for each generation of Windows. [`cases`] lists, for each reason why the end does not
//! open, a machine with that reason and one that comes close and opens.

mod cases;
mod crypt;
mod installation;

pub use cases::{Case, cases, client_with_both, late_end, value_of_another_control_set};
pub use crypt::Suite;
pub use installation::{Installation, Protection};

use crate::scenario::machine::Machine;
use crate::scenario::release::{Release, SERVER_2003_R2, SERVER_2008, SERVER_2016, SERVER_2022};
use crate::scenario::roles::Roles;
use crate::scenario::{grace_period, security_hive, settings};
use crate::time::filetime;
use crate::tree::{Tree, Value};
use crate::{Options, write};

/// Folder of the hives of a machine.
pub const CONFIG: &str = "Windows/System32/config";
/// Folder of the master key files of a machine.
pub const PROTECT: &str = "Windows/System32/Microsoft/Protect/S-1-5-18";
/// A day in FILETIME units.
pub const DAY: u64 = 24 * 60 * 60 * 10_000_000;

/// Name of the secret before Windows Vista.
const SECRET: &str = grace_period::VALUE;

/// A machine with its files.
#[derive(Clone, Debug)]
pub struct GraceMachine {
    /// Name, fit for a folder.
    pub name: &'static str,
    /// Path and bytes of each file.
    pub files: Vec<(String, Vec<u8>)>,
    /// The end of the grace period.
    pub end: u64,
    /// Time at which the value was set.
    pub set: u64,
    /// The keys of the installation.
    pub installation: Installation,
}

impl GraceMachine {
    /// Returns the bytes of the file whose path ends so.
    pub fn file(&self, end: &str) -> &[u8] {
        let found = self.files.iter().find(|(path, _)| path.ends_with(end));
        &found.unwrap_or_else(|| panic!("{}: no {end}", self.name)).1
    }

    /// Returns the bytes of all files of this name, in the order of their paths.
    pub fn named(&self, name: &str) -> Vec<Vec<u8>> {
        let is_it = |path: &str| path.rsplit('/').next() == Some(name);
        self.files.iter().filter(|(path, _)| is_it(path)).map(|(_, bytes)| bytes.clone()).collect()
    }
}

/// A machine before its files are written.
pub(crate) struct Draft {
    pub(crate) machine: Machine,
    pub(crate) system: Tree,
    pub(crate) security: Tree,
    pub(crate) installation: Installation,
    /// Path below [`PROTECT`] and bytes of each master key file.
    pub(crate) master_keys: Vec<(String, Vec<u8>)>,
    pub(crate) set: u64,
}

impl Draft {
    /// Returns a session host without a grace period.
    pub(crate) fn new(computer_name: &'static str, release: Release) -> Self {
        let is_before_vista = release.product_name.contains("2003");
        let installed = match release.product_name {
            name if name.contains("2003") => filetime(2009, 4, 6, 10, 11, 12),
            name if name.contains("2008") => filetime(2012, 9, 3, 8, 30, 1),
            name if name.contains("2016") => filetime(2018, 2, 19, 14, 3, 37),
            _ => filetime(2023, 1, 9, 7, 45, 50),
        };
        let machine = Machine {
            installed,
            booted: installed + 200 * DAY,
            shut_down: installed + 199 * DAY,
            ..Machine::session_host(computer_name, release)
        };
        let mut draft = Self {
            system: machine.system(),
            security: security_hive::tree(&machine, None),
            installation: Installation::new(computer_name),
            master_keys: Vec::new(),
            // The value is set when the role is installed: 49 seconds after setup on the one real machine.
            set: installed + 49 * 10_000_000 + 6_250_000,
            machine,
        };
        draft.installation.write_boot_key(draft.system.root.at("ControlSet001"));
        if is_before_vista {
            draft.installation.write_one_key(&mut draft.security);
        } else {
            draft.installation.write_ring(&mut draft.security, 0);
        }
        draft.installation.write_halves(&mut draft.security, is_before_vista);
        draft
    }

    /// Returns the end that belongs to the time of the setting: 120 days later, in whole seconds.
    pub(crate) fn end(&self) -> u64 {
        (self.set + 120 * DAY) / 10_000_000 * 10_000_000
    }

    /// Adds the value of the grace period.
    pub(crate) fn protect(&mut self, protection: &Protection) -> &mut Self {
        let blob = self.installation.blob(protection);
        self.store(grace_period::VALUE, &blob)
    }

    /// Adds a value of the grace period with these data.
    pub(crate) fn store(&mut self, name: &str, blob: &[u8]) -> &mut Self {
        let manager = settings::terminal_server(&mut self.system).at("RCM");
        let key = manager.made("GracePeriod", self.set);
        key.push(Value::binary(name, blob));
        self
    }

    /// Adds the master key file to the folder of the machine.
    pub(crate) fn with_file(&mut self, suite: Suite, rounds: u32) -> &mut Self {
        let file = self.installation.master_key_file(suite, false, rounds);
        self.add_file(&self.installation.guid(), file)
    }

    /// Adds a master key file.
    pub(crate) fn add_file(&mut self, path: &str, file: Vec<u8>) -> &mut Self {
        self.master_keys.push((path.to_owned(), file));
        self
    }

    /// Adds the secret of the grace period, as before Windows Vista.
    pub(crate) fn with_secret(&mut self, content: &[u8]) -> &mut Self {
        let set = self.set;
        self.installation.write_secret(&mut self.security, SECRET, content, Some(set), true);
        self
    }

    /// Writes the files.
    pub(crate) fn finish(&self, name: &'static str) -> GraceMachine {
        let mut software = self.machine.software();
        let roles = Roles { session_host: true, licensing: false };
        if !self.machine.release.product_name.contains("2003") {
            roles.write(&mut software.root, self.set);
        }
        let options = |hive: &str| self.machine.options(hive);
        let hive = |name: &str, tree: &Tree| {
            let options: Options = options(name);
            (format!("{CONFIG}/{name}"), write(tree, &options).bytes)
        };
        let mut files = vec![
            hive("SYSTEM", &self.system),
            hive("SOFTWARE", &software),
            hive("SECURITY", &self.security),
        ];
        let keys = self.master_keys.iter();
        files.extend(keys.map(|(path, file)| (format!("{PROTECT}/{path}"), file.clone())));
        GraceMachine {
            name,
            files,
            end: self.end(),
            set: self.set,
            installation: self.installation.clone(),
        }
    }
}

/// Returns a session host of this release with a value that opens. The rounds are those of real files.
pub(crate) fn since_vista(
    computer_name: &'static str,
    release: Release,
    suite: Suite,
    rounds: u32,
) -> Draft {
    let mut draft = Draft::new(computer_name, release);
    let protection = Protection::of(draft.end(), suite);
    draft.protect(&protection).with_file(suite, rounds);
    draft
}

/// Returns a terminal server of 2003 with a secret that opens.
pub(crate) fn before_vista() -> Draft {
    let mut draft = Draft::new("TS05", SERVER_2003_R2);
    let end = draft.end();
    draft.with_secret(&end.to_le_bytes());
    draft
}

/// Returns one machine for each generation: Windows Server 2003 with a secret, 2008 with triple DES and SHA-1,
/// 2016 and 2022 with AES-256 and SHA-512.
pub fn machines() -> Vec<GraceMachine> {
    vec![
        before_vista().finish("windows-server-2003"),
        since_vista("RDSH21", SERVER_2008, Suite::TripleDes, 4_000).finish("windows-server-2008"),
        since_vista("RDSH22", SERVER_2016, Suite::Aes, 8_000).finish("windows-server-2016"),
        since_vista("RDSH23", SERVER_2022, Suite::Aes, 8_000).finish("windows-server-2022"),
    ]
}
