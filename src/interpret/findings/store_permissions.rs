// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finding about a license store that the clients of users cannot write.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::fact::Permissions;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::Certainty;
use crate::meaning::stored_license::number_of_key;
use crate::report::Severity;

pages! {
    NOT_WRITABLE "client.store.not_writable" "Users cannot write the license store" Info Inferred FORGED
        when "the permissions of MSLicensing\\Store do not give users the rights to read, to set values and to create subkeys, or those of a key LICENSEnnn do not give users the right to delete it"
        shows "The permissions lack rights that a diagnostic script signed by Microsoft names as needed. Without them, a client that runs as an ordinary user cannot store or replace a token."
        not "It does not show that a client met this. Rights by membership in other groups, and privileges, are not considered. Users report the fault as error 2056."
        innocent [
            "a hardened image",
            "a restored or copied key",
            "the key was created again by a client that ran as an administrator",
        ]
        reproduce "show the permissions of MSLicensing\\Store and of each key LICENSEnnn in a registry viewer that reads security descriptors"
        source "[CODE] a diagnostic script signed by Microsoft; [MS] KB 187614 on the key"
}

/// Right to read a key: query values, enumerate, notify, read permissions.
const READ: u32 = 0x2_0019;
/// Rights to set values and to create subkeys.
const WRITE: u32 = 0x6;
/// Right to delete a key.
const DELETE: u32 = 0x1_0000;

/// Identifiers of groups that every user belongs to: Users, Everyone, Authenticated Users, Interactive.
const USERS: [&str; 4] = ["S-1-5-32-545", "S-1-1-0", "S-1-5-11", "S-1-5-4"];

/// Finds stores and license keys without the rights that clients need.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let odd: Vec<(&Exhibit<'_>, u32)> = wanted(examined)
        .filter_map(|(exhibit, wanted)| {
            // A list without entries can mean that all access is allowed, or that no list was read.
            let permissions = exhibit.fact.permissions.as_ref().filter(is_whole)?;
            Some((exhibit, wanted & !rights(permissions)))
        })
        .filter(|(_, missing)| *missing != 0)
        .collect();
    if odd.is_empty() {
        return;
    }
    let mut keys: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for (exhibit, missing) in &odd {
        keys.entry(*missing).or_default().push(&exhibit.fact.provenance.key);
    }
    let parts = keys.iter().filter_map(|(missing, keys)| {
        let (first, rest) = keys.split_first()?;
        let more = match rest.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!("{} at {first}{more}", names(*missing)))
    });
    let parts: Vec<String> = parts.collect();
    let statement = format!(
        "The group Users, and groups that every user belongs to, lack these rights: {}.",
        parts.join("; ")
    );
    let draft = Draft::about(&NOT_WRITABLE, examined, statement);
    drafts.push(odd.iter().fold(draft, |draft, (exhibit, _)| draft.exhibit(exhibit)));
}

/// Returns the store and its license keys, each with the rights that clients need.
fn wanted<'f>(examined: &HostEvidence<'f>) -> impl Iterator<Item = (&'f Exhibit<'f>, u32)> {
    let stores = examined.view.all(Code::ClientStoreKey).map(|it| (it, READ | WRITE));
    let licenses = examined.view.all(Code::ClientStoreLicense).filter(|it| {
        let name = it.fact.provenance.key.rsplit('\\').next();
        name.and_then(number_of_key).is_some()
    });
    stores.chain(licenses.map(|it| (it, DELETE)))
}

/// Returns the first store or license key whose permissions were not read whole.
pub(super) fn unread<'f>(examined: &HostEvidence<'f>) -> Option<&'f Exhibit<'f>> {
    let is_read = |it: &Exhibit<'_>| it.fact.permissions.as_ref().is_some_and(|it| is_whole(&it));
    wanted(examined).map(|(exhibit, _)| exhibit).find(|it| !is_read(it))
}

/// Whether the list has entries, and each entry and its parts were read.
fn is_whole(permissions: &&Permissions) -> bool {
    /// Number of entries that a fact holds at most.
    const MOST: usize = 64;
    let entries = &permissions.entries;
    let are_read = entries.iter().all(|it| it.mask.is_some() && it.sid.is_some());
    !entries.is_empty() && entries.len() < MOST && are_read
}

/// Returns the rights that the list gives every user. The first entry about a right decides.
fn rights(permissions: &Permissions) -> u32 {
    /// Flag of an entry that applies to subkeys only.
    const INHERIT_ONLY: u8 = 0x8;
    let (mut allowed, mut denied) = (0, 0);
    for entry in permissions.entries.iter().filter(|it| it.flags & INHERIT_ONLY == 0) {
        let is_user = entry.sid.as_deref().is_some_and(|sid| USERS.contains(&sid));
        let mask = specific(entry.mask.unwrap_or_default());
        match entry.r#type {
            0 if is_user => allowed |= mask & !denied,
            1 if is_user => denied |= mask & !allowed,
            _ => {}
        }
    }
    allowed
}

/// Replaces the generic rights of a mask by the rights of keys.
const fn specific(mask: u32) -> u32 {
    let mut rights = mask;
    if mask & 0x8000_0000 != 0 || mask & 0x2000_0000 != 0 {
        rights |= READ;
    }
    if mask & 0x4000_0000 != 0 {
        rights |= WRITE | 0x2_0000;
    }
    if mask & 0x1000_0000 != 0 {
        rights |= READ | WRITE | DELETE;
    }
    rights
}

/// Returns the names of rights.
fn names(missing: u32) -> String {
    let mut names = Vec::new();
    for (bits, name) in
        [(READ, "Read"), (0x2, "SetValue"), (0x4, "CreateSubKey"), (DELETE, "Delete")]
    {
        if missing & bits != 0 {
            names.push(name);
        }
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Access;

    fn of(entries: &[(u8, u8, u32, &str)]) -> u32 {
        let entry = |(kind, flags, mask, sid): &(u8, u8, u32, &str)| Access {
            r#type: *kind,
            flags: *flags,
            mask: Some(*mask),
            sid: Some(String::from(*sid)),
        };
        rights(&Permissions { owner: None, entries: entries.iter().map(entry).collect() })
    }

    #[test]
    fn rights_of_users_come_from_groups_of_every_user() {
        const ADMINISTRATORS: &str = "S-1-5-32-544";
        assert_eq!(of(&[(0, 2, 0xF_003F, ADMINISTRATORS)]), 0);
        assert_eq!(of(&[(0, 2, READ | WRITE, "S-1-5-32-545")]), READ | WRITE);
        assert_eq!(of(&[(0, 2, READ, "S-1-5-32-545"), (0, 2, WRITE, "S-1-1-0")]), READ | WRITE);
        assert_eq!(of(&[(0, 0, 0x1000_0000, "S-1-5-11")]) & DELETE, DELETE);
        assert_eq!(of(&[(0, 8, WRITE, "S-1-5-32-545")]), 0);
        assert_eq!(of(&[(1, 2, 2, "S-1-1-0"), (0, 2, WRITE, "S-1-5-32-545")]), 4);
        assert_eq!(names(WRITE | DELETE), "SetValue, CreateSubKey, Delete");
    }
}
