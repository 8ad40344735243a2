// SPDX-License-Identifier: GPL-3.0-or-later
//! The line of a scan about the files that it found.

use std::collections::HashSet;

use calhive::Report;
use calhive::report::SourceFormReport;
use calhive_evidence::Found;

use crate::messages::count;
use crate::text::number::grouped;

/// Returns a line of text with the number of files of each kind.
pub(super) fn line(found: &Found, report: &Report, no_replay: bool) -> String {
    let files = |form: SourceFormReport| {
        let of_form = report.sources.iter().filter(|source| source.form == form);
        let files = of_form.map(|source| source.copies.len().saturating_add(1));
        files.fold(0_usize, usize::saturating_add) as u64
    };
    let hives = files(SourceFormReport::Hive);
    // One export can hold the hives of several hosts.
    let exports = files(SourceFormReport::RegistryExport).min(found.exports.len() as u64);
    let live = files(SourceFormReport::LiveRows);
    let licenses = files(SourceFormReport::LicenseFile);
    let carved = files(SourceFormReport::UnallocatedSpace);
    let mut parts = Vec::new();
    if hives > 0
        || exports.saturating_add(live).saturating_add(licenses).saturating_add(carved) == 0
    {
        parts.push(format!("{} read", count(hives, "hive")));
    }
    for (number, noun) in [
        (exports, "text export"),
        (live, "live client"),
        (licenses, "license file"),
        (carved, "carved item"),
    ] {
        if number > 0 {
            parts.push(format!("{} read", count(number, noun)));
        }
    }
    parts.extend(inputs(report));
    if found.logs > 0 {
        let logs = count(found.logs, "transaction log");
        let replays = report.sources.iter().flat_map(|source| &source.replay);
        let of_hives = replays.flat_map(|replay| &replay.logs).map(|log| log.path.as_str());
        let of_hives = of_hives.collect::<HashSet<&str>>().len() as u64;
        parts.push(match found.logs.saturating_sub(of_hives) {
            _ if no_replay => format!("{logs} not read"),
            0 => format!("{logs} read with the hives"),
            without => format!("{logs}, of which {without} belong to no hive here"),
        });
    }
    for (number, one, many) in [
        (
            found.containers,
            "archive or disk image of a program or user was not opened",
            "archives and disk images of programs and users were not opened",
        ),
        (found.others, "other file is no hive", "other files are no hives"),
        (found.links, "link was not followed", "links were not followed"),
        (found.special, "special file was not opened", "special files were not opened"),
    ] {
        match number {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            _ => parts.push(format!("{number} {many}")),
        }
    }
    parts.join("; ")
}

/// Returns the disk images and archives, and how much of them was read.
fn inputs(report: &Report) -> Option<String> {
    let bytes = report.inputs.iter().map(|input| input.bytes_read).fold(0, u64::saturating_add);
    let bytes = grouped(bytes);
    match report.inputs.as_slice() {
        [] => None,
        // An archive is read more than once.
        [one] if one.bytes_read <= one.files.iter().map(|file| file.size).sum() => {
            Some(format!("{bytes} bytes of {} ({}) read", one.path, one.format))
        }
        [one] => Some(format!("in {} ({})", one.path, one.format)),
        many => Some(format!("{} disk images and archives opened", many.len())),
    }
}
