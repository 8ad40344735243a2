// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`host`]: the report on one host, without its answers.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_evidence::Corroboration;
use calhive_regf::FileTime;
use calhive_regf::registry::HiveKind;

use crate::fact::{ExportRemarkKind, Facts, SourceForm};
use crate::interpret::pairing_statement::{beside, pairing_statement};
use crate::interpret::view::{Exhibit, View};
use crate::interpret::{changes, grace_end, reference_time, roles, settings, system};
use crate::report::{Host, RoleState, Text};

/// Maximum number of lines of an export that are listed.
const LINES: usize = 10;

/// Reports a host without its answers. `reference_time` is the time that the examiner chose.
pub(super) fn host(number: usize, view: &View<'_>, reference_time: Option<FileTime>) -> Host {
    let session_host = roles::session_host(view);
    let is_multi_session = session_host.state == RoleState::NotApplicable;
    let is_client = roles::client_edition(view).is_some() && !is_multi_session;
    let reference = reference_time::of_host(view, reference_time);
    let ids = |exhibits: &[&Exhibit<'_>]| exhibits.iter().map(|it| it.id.clone()).collect();
    Host {
        id: format!("host-{number}"),
        sources: view.sources.iter().map(|(id, _)| id.clone()).collect(),
        pairing: view.pairing,
        pairing_statement: pairing_statement(view).into(),
        pairing_basis: view.basis.clone(),
        copy: view.copy(),
        system: system::system(view),
        licensing_mode: settings::licensing_mode(view, session_host.state),
        license_servers: settings::license_servers(view, session_host.state),
        license_server: roles::license_server(view),
        session_host,
        registered_with: Vec::new(),
        earlier_registrations: Vec::new(),
        logs: view.logs(),
        hidden: ids(&view.hidden),
        recovered: ids(&view.recovered),
        control_sets: view.control_sets(),
        differences: view.differences(),
        tokens_not_decoded: None,
        unknown: unknown(view).into_iter().map(Text::from).collect(),
        grace_end: grace_end::report(view, reference.time, is_client),
        reference_time: reference,
        answers: Vec::new(),
        profiles: Vec::new(),
        corroboration: corroboration(view),
    }
}

/// Lists what remains unknown because hives are missing, damaged or incomplete.
fn unknown(view: &View<'_>) -> Vec<String> {
    let mut unknown = Vec::new();
    let missing = |kind: &str| match beside(view) {
        Some(advice) => format!("no {kind} hive was given; {advice}"),
        None => format!("no {kind} hive of this host was read"),
    };
    if !view.has(HiveKind::Software) {
        let missing = missing("SOFTWARE");
        unknown
            .push(format!("policy, product name, installed roles and stored licenses: {missing}"));
    }
    if !view.has(HiveKind::System) {
        unknown.push(format!("local settings: {}", missing("SYSTEM")));
    } else if let Some(why) = view.no_set_in_use() {
        unknown.push(format!("local settings in effect, computer name and time zone: {why}"));
    }
    for (id, source) in &view.sources {
        for (kind, sign) in source.signs.conflicts() {
            let own = source.kind;
            unknown.push(format!(
                "whether {id} is only a {own} hive: it also has a sign of {kind} ({sign}), so calhive looked at the \
                 places of both"
            ));
        }
        if let Some(root) = source.searched_root.filter(|_| !source.is_fragment) {
            unknown.push(format!(
                "whether all of {id} is in effect: its base block leads to no key. The key at {root:#x} is taken as the \
                 root (inferred), and all facts from this hive depend on that"
            ));
        }
        if source.is_fragment {
            unknown.push(format!(
                "what else {id} held: the file is a part of a hive without its base block, and keys may be missing"
            ));
        }
    }
    if view.is_unallocated() {
        unknown.push(String::from(
            "which machine the bytes are from: no key leads to bytes in unallocated clusters, and a volume can hold \
             clusters of earlier installations",
        ));
    }
    for (id, source) in &view.sources {
        unknown.extend(not_in_export(id, source));
    }
    for (id, source) in view.sources.iter().filter(|(_, source)| source.unread.total > 0) {
        unknown.push(format!(
            "the parts of {id} that could not be read ({} in all). A statement of absence for this hive rests on lists \
             that were read whole",
            source.unread.total
        ));
    }
    let histories = view.sources.iter().filter_map(|(id, it)| Some((id, it.history.as_ref()?)));
    unknown.extend(histories.filter_map(|(id, history)| changes::not_reported(id, history)));
    unknown
}

/// Lists what a text export, rows of a live registry or a license file leave open.
fn not_in_export(id: &str, source: &Facts) -> Vec<String> {
    let export = match &source.form {
        SourceForm::Hive => return Vec::new(),
        SourceForm::LicenseFile(_) => {
            return Vec::from([format!(
                "everything but the license in {id}: the file holds one license and no settings"
            )]);
        }
        SourceForm::UnallocatedSpace => return Vec::new(),
        SourceForm::RegistryExport(export) | SourceForm::LiveRows(export, _) => export,
    };
    let is_live = source.form.live().is_some();
    let mut unknown = Vec::from([if is_live {
        format!(
            "what {id} does not hold: rows of a live registry hold only collected keys, without deleted data, and any \
             program can write such rows"
        )
    } else {
        format!(
            "what {id} does not hold: an export holds only what was exported, without key timestamps and deleted \
             data, and any program can write such a text"
        )
    }]);
    let remarks = export.remarks.iter().take(LINES);
    unknown.extend(remarks.map(|remark| {
        let place = match &remark.value {
            Some(value) if value.is_empty() => format!("the default value of {}", remark.key),
            Some(value) => format!("the value {value} of {}", remark.key),
            None => format!("the key {}", remark.key),
        };
        let line = remark.line;
        match remark.kind {
            ExportRemarkKind::Removal => format!(
                "whether {place} was deleted: line {line} of {id} asks the registry editor to delete it on import"
            ),
            ExportRemarkKind::Repeats(earlier) if is_live => format!(
                "which of two rows is newer for {place}: lines {earlier} and {line} of {id} both hold it"
            ),
            ExportRemarkKind::Repeats(earlier) => format!(
                "which of two lines held {place}: lines {earlier} and {line} of {id} both set it; on import, the \
                 later line wins"
            ),
        }
    }));
    if let Some(more) = export.remarks.len().checked_sub(LINES).filter(|more| *more > 0) {
        unknown.push(format!("{more} more lines of {id} that delete or repeat something"));
    }
    unknown
}

/// Lists the corroborating files of all hives of the host. A file that any hive finds counts as
/// present.
fn corroboration(view: &View<'_>) -> Vec<Corroboration> {
    let mut all: Vec<Corroboration> = Vec::new();
    // A SECURITY hive of the host is read, so it is no file beside the hives.
    let is_read = |it: &&Corroboration| it.what == "SECURITY hive" && view.has(HiveKind::Security);
    let beside = view.sources.iter().flat_map(|(_, source)| &source.corroboration);
    for beside in beside.filter(|it| !is_read(it)) {
        match all.iter_mut().find(|known| known.what == beside.what) {
            Some(known) => {
                known.state = known.state.min(beside.state);
                let new = beside.paths.iter().filter(|path| !known.paths.contains(path));
                let new: Vec<String> = new.cloned().collect();
                known.paths.extend(new);
            }
            None => all.push(beside.clone()),
        }
    }
    all
}
