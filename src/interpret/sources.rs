// SPDX-License-Identifier: MIT OR Apache-2.0
//! Turns sources into their form in a report.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use std::path::Path;

use calhive_evidence::{ExportFault, ExportVersion, LiveClient};
use calhive_regf::registry::Sign;

use crate::fact::Facts;
use crate::fact::Faults;
use crate::fact::{ExportForm, ExportRemark, ExportRemarkKind, SourceForm};
use crate::fact::{SecondReader, SecondReading};
use crate::interpret::changes;
use crate::interpret::facts::fault;
use crate::report::{
    ExportFaultReport, ExportRemarkReport, ExportReport, ExportRootReport, FaultReport,
    KindConflict, LiveClientReport, SecondReaderReport, SourceFormReport, SourceReport, Text,
};

pub(super) fn source_report(source: &Facts, id: &str) -> SourceReport {
    let (major, minor) = source.version;
    let (primary, secondary) = source.sequence;
    // The base block of a fragment is made up and means nothing.
    let has_base_block = source.form.is_hive() && !source.is_fragment;
    let stored = |sequence| has_base_block.then_some(sequence);
    let told_flag = |flag| has_base_block.then_some(flag);
    SourceReport {
        id: id.to_owned(),
        path: source.path.clone(),
        absolute_path: source.real_path.as_deref().map(absolute),
        locator: source.locator.clone(),
        copies: source.copies.iter().map(|copy| copy.path.clone()).collect(),
        sha256: source.sha256.clone(),
        size: source.size,
        shift: source.shift,
        kind: source.kind,
        kind_signs: kind_signs(source),
        kind_conflicts: kind_conflicts(source),
        form: form(source),
        export: source.form.export().map(export_report),
        live: source.form.live().map(live_report),
        version: match &source.form {
            SourceForm::Hive => format!("{major}.{minor}"),
            SourceForm::RegistryExport(export) => String::from(match export.version {
                Some(ExportVersion::Four) => "4",
                Some(ExportVersion::Five) => "5.00",
                None => "",
            }),
            SourceForm::LiveRows(..)
            | SourceForm::LicenseFile(_)
            | SourceForm::UnallocatedSpace => String::new(),
        },
        is_fragment: source.is_fragment,
        sequence: stored(source.sequence),
        checksum_is_valid: told_flag(source.checksum_is_valid),
        is_dirty: told_flag(primary != secondary || !source.checksum_is_valid),
        outside: source.outside,
        recovered: source.recovered,
        replay: source.replay.clone(),
        history: source.history.as_ref().map(changes::report),
        counts: source.counts,
        unread: fault_report(&source.unread),
        faults: fault_report(&source.faults),
        second_reader: second_reader_report(source),
    }
}

fn form(source: &Facts) -> SourceFormReport {
    match source.form {
        SourceForm::Hive => SourceFormReport::Hive,
        SourceForm::RegistryExport(_) => SourceFormReport::RegistryExport,
        SourceForm::LiveRows(..) => SourceFormReport::LiveRows,
        SourceForm::LicenseFile(_) => SourceFormReport::LicenseFile,
        SourceForm::UnallocatedSpace => SourceFormReport::UnallocatedSpace,
    }
}

fn live_report(client: &LiveClient) -> LiveClientReport {
    LiveClientReport {
        client_id: client.client_id.as_deref().map(Text::from),
        host_name: client.host_name.as_deref().map(Text::from),
        first_collected: client.collected.map(|(first, _)| first),
        last_collected: client.collected.map(|(_, last)| last),
        rows: client.rows,
        has_hives_on_disk: client.has_hives_on_disk,
    }
}

fn export_report(export: &ExportForm) -> ExportReport {
    let root = |(kind, key_path): &(_, String)| ExportRootReport {
        kind: *kind,
        key_path: key_path.clone(),
    };
    let remark = |it: &ExportRemark| ExportRemarkReport {
        line: it.line,
        is_removal: it.kind == ExportRemarkKind::Removal,
        repeats_line: match it.kind {
            ExportRemarkKind::Repeats(line) => Some(line),
            ExportRemarkKind::Removal => None,
        },
        key_path: it.key.clone(),
        value_name: it.value.clone(),
    };
    let fault = |it: &ExportFault| ExportFaultReport {
        line: it.line,
        column: it.column,
        message: it.kind.to_string(),
    };
    ExportReport {
        lines: export.lines,
        roots: export.roots.iter().map(root).collect(),
        remarks: export.remarks.iter().map(remark).collect(),
        faults: export.faults.iter().map(fault).collect(),
    }
}

/// Returns a path from the root of the file system, with special characters escaped.
fn absolute(path: &Path) -> String {
    calhive_evidence::escape::path(&std::path::absolute(path).unwrap_or_else(|_| path.into()))
}

fn kind_signs(source: &Facts) -> Vec<Text> {
    let own = source.signs.signs.iter().filter(|(kind, _)| *kind == source.kind);
    own.map(|(_, sign)| Text::from(sign.to_string())).collect()
}

pub(super) fn kind_conflicts(source: &Facts) -> Vec<KindConflict> {
    let conflict = |(kind, sign): (_, Sign)| KindConflict { kind, sign: sign.to_string() };
    source.signs.conflicts().map(conflict).collect()
}

pub(super) fn fault_report(faults: &Faults) -> FaultReport {
    FaultReport { total: faults.total, first: faults.first.iter().map(fault).collect() }
}

pub(super) fn second_reader_report(source: &Facts) -> Option<SecondReaderReport> {
    let refused = match &source.second_reader {
        SecondReader::NotAsked => return None,
        SecondReader::Asked => None,
        SecondReader::Refused(error) => Some(Text::from(error.as_str())),
    };
    let count = |is: fn(&SecondReading) -> bool| {
        let readings = source.facts.iter().filter_map(|fact| fact.second_reading.as_ref());
        readings.filter(|reading| is(reading)).count() as u64
    };
    Some(SecondReaderReport {
        reader: String::from("nt-hive"),
        refused,
        agreed: count(|it| matches!(it, SecondReading::Agreed)),
        differs: count(|it| matches!(it, SecondReading::Differs { .. })),
        not_readable: count(|it| matches!(it, SecondReading::NotReadable(_))),
        not_covered: source.facts.iter().filter(|it| it.second_reading.is_none()).count() as u64,
    })
}
