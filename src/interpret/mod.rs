// SPDX-License-Identifier: MIT OR Apache-2.0
//! `interpret`: turns the facts of any number of hives into a report.

mod absence;
mod answers;
mod changes;
mod contradiction;
mod control_sets;
mod copies;
mod copy_place;
#[cfg(feature = "token")]
mod disagreements;
mod evidence_id;
mod facts;
pub mod findings;
mod free_clusters;
mod grace_end;
mod graph;
mod host;
mod host_evidence;
mod installations;
mod limitations;
mod membership;
mod pairing;
mod pairing_statement;
mod profiles;
mod reference_time;
mod removal;
mod roles;
mod server_identity;
mod settings;
mod sources;
mod system;
mod timeline;
#[cfg(feature = "token")]
mod token_report;
#[cfg(feature = "token")]
mod tokens;
mod view;

#[cfg(feature = "token")]
pub use token_report::describe_token;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroUsize;

use calhive_regf::FileTime;

use crate::comparison::Index;
use crate::fact::{Facts, FileCopy};
use crate::order::each;
use crate::report::{
    FactReport, Finding, Host, Report, SCHEMA_VERSION, SkippedReport, TokenReport, Tool,
};
use evidence_id::EvidenceIds;
use facts::fact_report;
use host_evidence::HostEvidence;
use sources::source_report;
use view::{Exhibit, View};

/// Number of sources whose facts are reported at a time.
const SOURCES: usize = 64;

/// Interprets facts into a report.
///
/// SYSTEM and SOFTWARE are one host if the examiner pairs them ([`Facts::pair`]) or if they are in one Windows
/// configuration folder. In any other folder, calhive pairs them if their file names match, if the folder holds
/// no third hive, or if both name the same computer. It refuses a pair whose content contradicts itself. Any
/// other hive is a separate host.
///
/// calhive checks the validity of tokens at `reference_time`. Without a reference time, calhive
/// uses the newest plausible key timestamp of each host, never the present time.
///
/// Hosts on one volume are states of one installation if their content does not contradict this: the hives in use,
/// backups, shadow copies, the previous Windows and deleted files. calhive compares the states in order of time.
pub fn interpret(collected: &[Facts], reference_time: Option<FileTime>) -> Report {
    interpret_on(NonZeroUsize::MIN, collected, reference_time)
}

/// Interprets facts into a report as [`interpret`] does, on this number of threads. The report does not depend on the
/// number.
pub(crate) fn interpret_on(
    threads: NonZeroUsize,
    collected: &[Facts],
    reference_time: Option<FileTime>,
) -> Report {
    let ids = (1_usize..).map(|number| format!("source-{number}"));
    let sources: Vec<(String, &Facts)> = ids.zip(collected).collect();
    let exhibits = exhibits(threads, collected);
    let facts = fact_reports(threads, &sources, &exhibits);
    let mut hosts = examined(threads, pairing::views(&sources, &exhibits), reference_time);
    free_clusters::name_volumes(&mut hosts);
    profiles::add(&mut hosts, &sources, &exhibits);
    let groups = installations::groups(&hosts);
    let events = each(threads, &hosts, |_, it| {
        let dated = timeline::of_host(&it.view, &it.host.id, &it.tokens);
        dated.into_iter().chain(changes::of_host(&it.view, &it.host.id)).collect::<Vec<_>>()
    });
    let events = events.into_iter().flatten().chain(timeline::of_shadow_copies(&groups));
    let events = timeline::in_order(events.collect());
    let findings = findings::all(threads, &hosts, &facts);
    answer(threads, &mut hosts, &findings);
    let graph = graph::graph(&hosts);
    let (hosts, tokens): (Vec<_>, Vec<_>) =
        hosts.into_iter().map(|examined| (examined.host, examined.tokens)).unzip();
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        run: None,
        sources: sources.iter().map(|(id, source)| source_report(source, id)).collect(),
        inputs: Vec::new(),
        not_read: Vec::new(),
        skipped: SkippedReport::default(),
        hosts,
        copies: Vec::new(),
        facts,
        tokens: tokens.concat(),
        findings,
        events,
        graph,
        limitations: limitations::of(collected),
    };
    if groups.is_empty() {
        return report;
    }
    report.copies = copies::installations(&Index::new(&report), &groups);
    let findings = findings::of_copies(&Index::new(&report));
    report.findings.extend(findings);
    report
}

/// Numbers the facts of all sources consecutively.
fn exhibits(threads: NonZeroUsize, collected: &[Facts]) -> Vec<Vec<Exhibit<'_>>> {
    let mut next = 1_usize;
    let numbered = collected.iter().map(|source| {
        let first = next;
        next = next.saturating_add(source.facts.len());
        (first, source)
    });
    let numbered: Vec<(usize, &Facts)> = numbered.collect();
    each(threads, &numbered, |_, (first, source)| {
        let facts = source.facts.iter().zip(*first..);
        facts.map(|(fact, number)| Exhibit::new(format!("fact-{number}"), fact)).collect()
    })
}

/// Reports the facts of all sources. The facts are the largest part of a report, so no second list of them is in memory.
fn fact_reports(
    threads: NonZeroUsize,
    sources: &[(String, &Facts)],
    exhibits: &[Vec<Exhibit<'_>>],
) -> Vec<FactReport> {
    let mut ids = EvidenceIds::default();
    let mut facts = Vec::with_capacity(exhibits.iter().map(Vec::len).sum());
    for (sources, exhibits) in sources.chunks(SOURCES).zip(exhibits.chunks(SOURCES)) {
        let of_sources = each(threads, sources, |number, (id, collected)| {
            let begin = EvidenceIds::begin(collected);
            let exhibits = exhibits.get(number).into_iter().flatten();
            exhibits.map(|it| fact_report(it, id, collected, &begin)).collect::<Vec<_>>()
        });
        let originals = sources.iter().zip(exhibits).flat_map(|((_, collected), exhibits)| {
            exhibits.iter().map(move |exhibit| (*collected, exhibit.fact))
        });
        for (mut report, (collected, fact)) in of_sources.into_iter().flatten().zip(originals) {
            ids.distinguish(&mut report.evidence_id, collected, fact);
            facts.push(report);
        }
    }
    facts
}

/// Returns the hosts with their tokens.
fn examined<'f>(
    threads: NonZeroUsize,
    views: Vec<View<'f>>,
    reference_time: Option<FileTime>,
) -> Vec<HostEvidence<'f>> {
    let read = each(threads, &views, |number, view| {
        let mut host = host::host(number.saturating_add(1), view, reference_time);
        let tokens = tokens(view, &mut host);
        (host, tokens)
    });
    let mut numbers = 1_usize..;
    let mut hosts = Vec::new();
    for (view, (host, mut tokens)) in views.into_iter().zip(read) {
        for (token, number) in tokens.iter_mut().zip(&mut numbers) {
            token.id = format!("token-{number}");
        }
        hosts.push(HostEvidence { view, host, tokens });
    }
    hosts
}

/// Answers the questions about each host.
fn answer(threads: NonZeroUsize, hosts: &mut [HostEvidence<'_>], findings: &[Finding]) {
    let of_hosts = answers::by_host(findings);
    let answered = each(threads, hosts, |_, examined| {
        let findings = of_hosts.get(examined.host.id.as_str()).map_or(&[][..], Vec::as_slice);
        let answers = answers::answers(examined, findings);
        (answers, examined.registered_with(), examined.earlier_registrations())
    });
    for (examined, (answers, registered_with, earlier)) in hosts.iter_mut().zip(answered) {
        examined.host.answers = answers;
        examined.host.registered_with = registered_with;
        examined.host.earlier_registrations = earlier;
    }
}

/// Decodes the tokens of a host. They have no IDs yet.
#[cfg(feature = "token")]
fn tokens(view: &View<'_>, host: &mut Host) -> Vec<TokenReport> {
    let (tokens, left_out) = tokens::of_host(view, &host.id);
    if left_out > 0 {
        host.tokens_not_decoded = Some(left_out);
        let unknown = format!("{left_out} further tokens: they were not decoded");
        host.unknown.push(unknown.into());
    }
    tokens
}

#[cfg(not(feature = "token"))]
const fn tokens(_: &View<'_>, _: &mut Host) -> Vec<TokenReport> {
    Vec::new()
}

/// Whether Windows keeps its hives or a copy of its hives in a folder. `folders` lists the folder and the folders
/// above.
pub(crate) fn is_configuration_folder(folders: &[String]) -> bool {
    pairing::is_configuration_folder(folders)
}

/// Whether a file is a copy of hives, and not a hive in use: a backup, or a file of a shadow copy, of an earlier
/// installation or of a deleted folder.
pub(crate) fn is_copy(file: &FileCopy) -> bool {
    copy_place::CopyPlace::of(file).copy().is_some()
}
