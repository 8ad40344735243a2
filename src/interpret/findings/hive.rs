// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about the hives of a host: hives that were not read whole, licensing content outside the tree, and
//! places that a second reader reads differently.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_regf::hive::hidden::Weight;

use crate::catalog::Subject;
use crate::fact::{Facts, SecondReading, SourceForm};
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::Certainty;
use crate::report::Severity;

pages! {
    NOT_WHOLE "hive.not_whole" "Hive not read whole" Notice Observed FORGED
        when "the file ends before the bins that its base block counts, or a part of the hive that other parts name could not be read"
        shows "The evidence lacks a part of the hive, or a part of the hive is damaged. What the part holds is unknown, so nothing below the part counts as absent."
        not "It does not show what damaged or cut the hive, or that the missing part held licensing data."
        innocent [
            "the copy of the file was cut short, or the medium has unreadable sectors",
            "the machine wrote the hive when it was copied, and the newest state is in the transaction logs",
            "a crash or a fault of the disk",
        ]
        reproduce "compare the size of the file with the size of the bins at byte 40 of the base block plus 4096; run `calhive info --check` on the hive"
        source "[REAL] the format of the base block"
    OUTSIDE_TREE "hive.outside_tree" "Licensing data outside the tree" Notice Observed FORGED
        when "a key or value at a place of the catalog that is about licensing is in the hive, but a field of the hive that contradicts other parts keeps the key or value out of the tree or changes how the tree shows it"
        shows "The hive holds licensing data that a registry viewer does not show, or shows in another form."
        not "It does not show what changed the field, or that anyone did so on purpose. No setting, role or difference in this report rests on the data."
        innocent [
            "a crash while Windows wrote the hive",
            "a damaged disk or a damaged copy",
            "other software that writes hives",
        ]
        reproduce "run `calhive walk --hidden` on the hive, and read the field at the offset named under Observed"
        source "[INF] own inference from the structures of the hive"
    DIFFERS "second_reader.differs" "Second reader reads something different" Notice Observed FORGED
        when "nt-hive reads another name, type or data than calhive at a place of the catalog, or one of the two readers finds the place and the other does not"
        shows "Two independent readers do not agree about the bytes at this place."
        not "It does not show which reader is right, or that anyone changed the hive."
        innocent [
            "a damaged list or record, which the two readers handle differently",
            "a flag or form of records that one of the readers does not know",
        ]
        reproduce "read the place in a third registry viewer"
        source "[INF] comparison of two readers"
}

/// Number of items that a statement lists.
const LISTED: usize = 3;

/// Finds hives that were not read whole, licensing data outside the tree, and disagreements of two readers.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    not_whole(examined, drafts);
    outside_tree(examined, drafts);
    differs(examined, drafts);
}

fn not_whole(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let sources = examined.view.sources.iter();
    let parts: Vec<String> = sources.filter_map(|(id, source)| not_read(id, source)).collect();
    if !parts.is_empty() {
        let statement = format!(
            "{}. Nothing below a part that was not read counts as absent.",
            parts.join("; ")
        );
        drafts.push(Draft::about(&NOT_WHOLE, examined, statement));
    }
}

/// Describes the parts of a source that were not read.
fn not_read(id: &str, source: &Facts) -> Option<String> {
    let mut parts = Vec::new();
    if let Some((bytes, from)) = source.missing {
        parts.push(format!(
            "{bytes} bytes that the base block counts are missing from {from:#x} on"
        ));
    }
    let unread = &source.unread;
    if unread.total > 0 {
        let of_export = source.form.export().into_iter().flat_map(|export| &export.faults);
        let of_export = of_export.filter(|fault| !fault.kind.is_remark()).map(ToString::to_string);
        let first = unread.first.iter().map(ToString::to_string);
        let first: Vec<String> = first.chain(of_export).take(LISTED).collect();
        let more = unread.total.saturating_sub(first.len() as u64);
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        parts.push(format!("unread: {}{more}", first.join("; ")));
    }
    let kind = match &source.form {
        SourceForm::Hive => source.kind.to_string(),
        SourceForm::RegistryExport(_) => String::from("text export"),
        SourceForm::LiveRows(..) => String::from("rows of a live registry"),
        SourceForm::LicenseFile(_) => String::from("license file"),
        SourceForm::UnallocatedSpace => String::from("unallocated clusters"),
    };
    if source.form.is_license_file() && !parts.is_empty() {
        parts = Vec::from([String::from("the file ends before the license does")]);
    }
    (!parts.is_empty()).then(|| format!("{id} ({kind}) was not read whole: {}", parts.join("; ")))
}

fn outside_tree(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let is_one = |it: &&Exhibit<'_>| {
        let hiding = it.fact.provenance.hidden.as_ref();
        let is_contradiction = hiding.is_some_and(|it| it.weight == Weight::Contradiction);
        is_contradiction && it.fact.location.subject() != Subject::System
    };
    let all: Vec<&Exhibit<'_>> = examined.view.hidden.iter().copied().filter(is_one).collect();
    let Some(first) = all.first().and_then(|it| it.fact.provenance.hidden.as_ref()) else { return };
    let titles = all.iter().map(|it| {
        let place = &it.fact.provenance;
        match &place.value {
            Some(value) => format!("{}, value {value} ({})", place.key, it.id),
            None => format!("{} ({})", place.key, it.id),
        }
    });
    let statement = format!(
        "Licensing data outside the tree, or in the tree in another form: {}. The first is outside the tree because of the {} at {:#x}.",
        listed(titles),
        first.by,
        first.offset
    );
    let draft = Draft::about(&OUTSIDE_TREE, examined, statement);
    drafts.push(all.iter().fold(draft, |draft, exhibit| draft.exhibit(exhibit)));
}

fn differs(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let why = |it: &Exhibit<'_>| match &it.fact.second_reading {
        Some(SecondReading::Differs { why, .. }) => Some(why.clone()),
        _ => None,
    };
    let facts = examined.view.facts.iter();
    let all: Vec<(&Exhibit<'_>, String)> = facts.filter_map(|it| Some((*it, why(it)?))).collect();
    if all.is_empty() {
        return;
    }
    let places =
        all.iter().map(|(it, why)| format!("{} ({}): {why}", it.fact.provenance.key, it.id));
    let statement =
        format!("The second reader, nt-hive, reads something different at {}.", listed(places));
    let draft = Draft::about(&DIFFERS, examined, statement);
    drafts.push(all.iter().fold(draft, |draft, (exhibit, _)| draft.exhibit(exhibit)));
}

/// Joins the first items, and counts the rest.
fn listed(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(LISTED);
    let first: Vec<String> = items.take(LISTED).collect();
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    format!("{}{more}", first.join("; "))
}
