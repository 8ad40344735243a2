// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`name_volumes`]: names the volume of tokens in unallocated clusters by its only installation.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::pairing_statement::in_unallocated;

/// Names the volume of tokens in unallocated clusters, if exactly one installation on this volume was read. The tokens
/// still belong to no host: the clusters can be of an earlier installation.
pub(super) fn name_volumes(hosts: &mut [HostEvidence<'_>]) {
    if !hosts.iter().any(|it| it.view.is_unallocated()) {
        return;
    }
    let volume = |host: &HostEvidence<'_>| host.view.place().map(|place| place.volume);
    let mut installations: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
    for (at, host) in hosts.iter().enumerate().filter(|(_, it)| it.view.copy().is_none()) {
        installations.entry(volume(host)).or_default().push(at);
    }
    let mut names: Vec<(usize, String)> = Vec::new();
    for (at, tokens) in hosts.iter().enumerate().filter(|(_, it)| it.view.is_unallocated()) {
        let there = installations.get(&volume(tokens)).map_or(&[][..], Vec::as_slice);
        let only = there.first().filter(|_| there.len() == 1);
        if let Some(only) = only.and_then(|only| hosts.get(*only)) {
            let name = only.host.system.computer_name.as_ref();
            names.push((at, name.map_or_else(|| only.host.id.clone(), |it| it.text.clone())));
        }
    }
    for (at, name) in names {
        if let Some(tokens) = hosts.get_mut(at) {
            let statement = in_unallocated(&format!("the volume of {name}"));
            tokens.host.pairing_statement = statement.into();
        }
    }
}
