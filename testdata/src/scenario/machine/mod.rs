// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`Machine`]: SYSTEM and SOFTWARE before a scenario adds to them.

use crate::Options;
use crate::rng::Rng;
use crate::scenario::membership::Membership;
use crate::scenario::release::{Kernel, Release};
use crate::scenario::time_zone::TimeZone;
use crate::tree::{Key, Tree};

mod software;
mod system;
mod terminal_server;

pub(crate) use system::{CONTROL_SET, copy_control_set, select};

/// File name, content and form of a hive.
pub(crate) type Hive = (&'static str, Tree, Options);

/// Properties of a machine. Times are FILETIMEs.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) computer_name: &'static str,
    pub(crate) release: Release,
    pub(crate) membership: Membership,
    pub(crate) time_zone: TimeZone,
    pub(crate) installed: u64,
    /// Time of the last start.
    pub(crate) booted: u64,
    pub(crate) shut_down: u64,
    /// fDenyTSConnections.
    pub(crate) deny_connections: u32,
    /// TSAppCompat, which only session hosts have.
    pub(crate) session_host: bool,
    /// LicensingMode in the machine's own settings.
    pub(crate) licensing_mode: Option<u32>,
    /// Former releases on the machine.
    pub(crate) upgrades: &'static [Upgrade],
    /// Time at which Sysprep generalized the image of the machine.
    pub(crate) clone_tag: &'static str,
}

/// Traces of the previous release after an upgrade.
pub(crate) struct Upgrade {
    /// Local time, as in the name of the key.
    pub(crate) updated: &'static str,
    /// The same time as a FILETIME.
    pub(crate) written: u64,
    pub(crate) release: Release,
    pub(crate) installed: u64,
}

impl Machine {
    /// A server of `corp.example` that serves remote sessions. Times and mode have to be set.
    pub(crate) fn session_host(computer_name: &'static str, release: Release) -> Self {
        Self {
            computer_name,
            release,
            membership: Membership::Domain,
            time_zone: TimeZone::WEST_EUROPE,
            installed: 0,
            booted: 0,
            shut_down: 0,
            deny_connections: 0,
            session_host: true,
            licensing_mode: None,
            upgrades: &[],
            clone_tag: "",
        }
    }

    /// A workstation without domain that accepts no connections. Times have to be set.
    pub(crate) fn client(computer_name: &'static str, release: Release) -> Self {
        let licensing_mode = (release.kernel >= Kernel::V6_1).then_some(1);
        Self {
            membership: Membership::Workgroup,
            deny_connections: 1,
            session_host: false,
            licensing_mode,
            ..Self::session_host(computer_name, release)
        }
    }

    /// The two hives with their paths on a disk.
    pub(crate) fn collected(&self, system: Tree, software: Tree) -> Vec<Hive> {
        vec![
            ("Windows/System32/config/SYSTEM", system, self.options("SYSTEM")),
            ("Windows/System32/config/SOFTWARE", software, self.options("SOFTWARE")),
        ]
    }

    /// Returns the two hives without their folders.
    pub(crate) fn flat(&self, system: Tree, software: Tree) -> Vec<Hive> {
        vec![
            ("SYSTEM", system, self.options("SYSTEM")),
            ("SOFTWARE", software, self.options("SOFTWARE")),
        ]
    }

    /// Options of the hive of this name below `config`.
    pub(crate) fn options(&self, hive: &str) -> Options {
        let file_name = format!(r"\SystemRoot\System32\Config\{hive}");
        let (primary_sequence, secondary_sequence) = (412, 412);
        let last_written = self.booted.max(self.shut_down);
        Options {
            file_name,
            primary_sequence,
            secondary_sequence,
            last_written,
            ..Options::default()
        }
    }

    /// The same for a hive with transaction logs. Since Windows Vista such a hive has its own
    /// resource manager, which shows whose logs belong to it.
    pub(crate) fn in_use(&self, hive: &str) -> Options {
        let options = self.options(hive);
        if self.release.kernel < Kernel::V6_1 {
            return options;
        }
        let name = format!("{}\\{hive}", self.computer_name);
        let seed = name.bytes().fold(0, |seed, byte| 31 * seed % (1 << 56) + u64::from(byte));
        let rm_id = Rng::new(seed).bytes(16).try_into().expect("16 bytes");
        Options { rm_id, ..options }
    }

    /// Name that setup gives the root key.
    fn tree(&self, since_vista: &str) -> Tree {
        let kernel = self.release.kernel;
        let mut tree = Tree::new(match kernel {
            Kernel::V5_1 | Kernel::V5_2 => "$$$PROTO.HIV",
            Kernel::V6_1 | Kernel::V6_3 => since_vista,
            Kernel::V10_0 => "ROOT",
        });
        tree.root.last_written = self.installed;
        tree.root.security = crate::scenario::permissions::ordinary(kernel);
        tree
    }
}

/// Returns a MachineGuid for the machine of this name. Most hives here share one MachineGuid.
pub(crate) fn guid(computer_name: &str) -> String {
    let mut rng = Rng::named(computer_name);
    let [a, b] = [rng.next_u64(), rng.next_u64()];
    let (first, second, third) = (a >> 32, a & 0xFFFF, b & 0xFFF);
    format!("{first:08x}-{second:04x}-4{third:03x}-9c5d-{:012x}", b >> 16)
}

/// Spreads the times of keys from setup over the half hour of setup.
fn spread(root: &mut Key, installed: u64) {
    const HALF_HOUR: usize = 30 * 60 * 10_000_000;
    let mut rng = Rng::new(installed);
    let mut rest = vec![root];
    while let Some(key) = rest.pop() {
        if key.last_written == installed {
            key.last_written += rng.below(HALF_HOUR) as u64;
        }
        rest.extend(key.subkeys.iter_mut());
    }
}
