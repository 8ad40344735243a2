// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`name_volumes`]: names the volume of tokens in unallocated clusters by its only installation.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::pairing_statement::in_unallocated;

/// Names the volume of tokens in unallocated clusters, if exactly one installation on this volume was read. The tokens
/// still belong to no host: the clusters can be of an earlier installation.
pub(super) fn name_volumes(hosts: &mut [HostEvidence<'_>]) {
    let volume = |host: &HostEvidence<'_>| host.view.place().map(|place| place.volume);
    let mut names: Vec<(usize, String)> = Vec::new();
    for (at, tokens) in hosts.iter().enumerate().filter(|(_, it)| it.view.is_unallocated()) {
        let is_there =
            |host: &&HostEvidence<'_>| host.view.copy().is_none() && volume(host) == volume(tokens);
        let mut there = hosts.iter().filter(is_there);
        if let (Some(only), None) = (there.next(), there.next()) {
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
