// SPDX-License-Identifier: MIT OR Apache-2.0

//! SECURITY: the primary domain, and a secret of the local security authority. The times beside a secret are plain.

use crate::scenario::machine::{Hive, Machine};
use crate::scenario::membership::Membership;
use crate::tree::{Key, Tree, Value, value_type};

/// File of the hive on a disk.
pub(crate) const FILE: &str = "Windows/System32/config/SECURITY";
/// Key of the secret that Windows 2000 to Server 2003 and XP write for the grace period.
const GRACE_SECRET: &str = r"Policy\Secrets\L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588";
/// Security identifier of the domain: S-1-5-21 and three numbers.
const DOMAIN_SID: [u8; 24] = [
    1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 0x84, 0xA4, 0xA3, 0x87, 0x5A, 0x1F, 0x02, 0x3B, 0x3A,
    0xC8, 0x17, 0x31,
];
/// A second in FILETIME units.
const SECOND: u64 = 10_000_000;

/// Returns SECURITY with its path on a disk.
pub(crate) fn collected(machine: &Machine, grace_set: Option<u64>) -> Hive {
    (FILE, tree(machine, grace_set), machine.options("SECURITY"))
}

/// Returns SECURITY of a machine, with the secret of the grace period if its time is given.
pub(crate) fn tree(machine: &Machine, grace_set: Option<u64>) -> Tree {
    let mut tree = Tree::new("ROOT");
    tree.root.last_written = machine.installed;
    let (name, sid) = match machine.membership {
        Membership::Domain => ("CORP", &DOMAIN_SID[..]),
        Membership::Workgroup | Membership::Entra => ("WORKGROUP", &[][..]),
    };
    let policy = tree.root.made("Policy", machine.installed);
    default(policy.made("PolRevision", machine.installed), &[0x12, 0, 1, 0]);
    default(policy.made("PolPrDmN", machine.installed), &counted(name));
    default(policy.made("PolPrDmS", machine.installed), sid);
    tree.root.made(r"Policy\Secrets", machine.installed);
    if let Some(set) = grace_set {
        let secret = tree.root.made(GRACE_SECRET, set);
        // The encrypted values are noise: no key of any machine opens them.
        default(secret.made("CurrVal", set), &[0x5C; 36]);
        default(secret.made("OldVal", set), &[0xA3; 36]);
        default(secret.made("CupdTime", set), &set.to_le_bytes());
        default(secret.made("OupdTime", set), &(set - 3 * SECOND).to_le_bytes());
        default(secret.made("SecDesc", set), &[1, 0, 4, 0x80]);
    }
    tree.root.made("SAM", machine.installed);
    tree
}

/// Sets the default value, without a type.
fn default(key: &mut Key, data: &[u8]) {
    key.set(Value::new("", value_type::NONE, data));
}

/// Returns a text with its size and its maximum size in bytes, and the offset of its characters.
fn counted(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let size = units.len() as u16;
    let mut bytes = [size.to_le_bytes(), (size + 2).to_le_bytes(), [8, 0], [0, 0]].concat();
    bytes.extend(units);
    bytes.extend([0, 0]);
    bytes
}
