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
use crate::parallel::in_batches;
use crate::report::{FactReport, Host, Report, SCHEMA_VERSION, SkippedReport, TokenReport, Tool};
use evidence_id::EvidenceIds;
use facts::fact_report;
use host_evidence::HostEvidence;
use sources::source_report;
use view::{Exhibit, View};

/// Number of sources or hosts that a thread works on at a time.
const BATCH: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

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

/// Interprets facts on this number of threads. The report does not depend on the number.
pub(crate) fn interpret_on(
    threads: NonZeroUsize,
    collected: &[Facts],
    reference_time: Option<FileTime>,
) -> Report {
    let ids = (1_usize..).map(|number| format!("source-{number}"));
    let sources: Vec<(String, &Facts)> = ids.zip(collected).collect();
    let exhibits = exhibits(threads, collected);
    let facts = fact_reports(threads, &sources, &exhibits);
    let views = pairing::views(&sources, &exhibits);
    let mut hosts = examined(threads, views, reference_time);
    free_clusters::name_volumes(&mut hosts);
    profiles::add(&mut hosts, &sources, &exhibits);
    let groups = installations::groups(&hosts);
    let events = hosts.iter().flat_map(|it| {
        let dated = timeline::of_host(&it.view, &it.host.id, &it.tokens);
        dated.into_iter().chain(changes::of_host(&it.view, &it.host.id))
    });
    let events = events.chain(timeline::of_shadow_copies(&groups));
    let events = timeline::in_order(events.collect());
    let findings = findings::all(&hosts, &facts);
    let of_hosts = answers::by_host(&findings);
    for examined in &mut hosts {
        let findings = of_hosts.get(examined.host.id.as_str()).map_or(&[][..], Vec::as_slice);
        examined.host.answers = answers::answers(examined, findings);
        examined.host.registered_with = examined.registered_with();
        examined.host.earlier_registrations = examined.earlier_registrations();
    }
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
fn exhibits<'c>(threads: NonZeroUsize, collected: &'c [Facts]) -> Vec<Vec<Exhibit<'c>>> {
    let mut first = 1_usize;
    let mut numbered = Vec::with_capacity(collected.len());
    for source in collected {
        numbered.push((first, source));
        first = first.saturating_add(source.facts.len());
    }
    let of_source = |(first, source): &(usize, &'c Facts)| {
        let numbers = *first..;
        let exhibit = |(number, fact)| Exhibit::new(format!("fact-{number}"), fact);
        numbers.zip(&source.facts).map(exhibit).collect()
    };
    let mut exhibits = Vec::with_capacity(collected.len());
    in_batches(threads, BATCH, &numbered, of_source, |of_source| exhibits.push(of_source));
    exhibits
}

/// Reports all facts.
fn fact_reports(
    threads: NonZeroUsize,
    sources: &[(String, &Facts)],
    exhibits: &[Vec<Exhibit<'_>>],
) -> Vec<FactReport> {
    let of_source: Vec<_> = sources.iter().zip(exhibits).collect();
    let mut evidence_ids = EvidenceIds::default();
    // A report with many hosts consists of facts in the main, so the list does not grow step by step.
    let mut facts = Vec::with_capacity(exhibits.iter().map(Vec::len).sum());
    let report = |((id, collected), exhibits): &(&(String, &Facts), &Vec<Exhibit<'_>>)| {
        let reports = exhibits.iter().map(|exhibit| fact_report(exhibit, id, collected));
        reports.collect::<Vec<FactReport>>()
    };
    let mut sources = of_source.iter();
    in_batches(threads, BATCH, &of_source, report, |reports| {
        let Some(((_, collected), exhibits)) = sources.next() else { return };
        for (mut report, exhibit) in reports.into_iter().zip(exhibits.iter()) {
            let first = report.evidence_id;
            report.evidence_id = evidence_ids.distinct(first, collected, exhibit.fact);
            facts.push(report);
        }
    });
    facts
}

/// Returns the hosts with their tokens.
fn examined<'f>(
    threads: NonZeroUsize,
    views: Vec<View<'f>>,
    reference_time: Option<FileTime>,
) -> Vec<HostEvidence<'f>> {
    let numbered: Vec<(usize, &View<'f>)> = (1_usize..).zip(&views).collect();
    let mut examined = Vec::with_capacity(views.len());
    let of_view = |(number, view): &(usize, &View<'f>)| {
        let mut host = host::host(*number, view, reference_time);
        let tokens = tokens(view, &mut host);
        (host, tokens)
    };
    let mut number = 1_usize..;
    in_batches(threads, BATCH, &numbered, of_view, |(host, mut tokens)| {
        for (token, number) in tokens.iter_mut().zip(&mut number) {
            token.id = format!("token-{number}");
        }
        examined.push((host, tokens));
    });
    let hosts = views.into_iter().zip(examined);
    hosts.map(|(view, (host, tokens))| HostEvidence { view, host, tokens }).collect()
}

/// Decodes the tokens of a host. The tokens have no ids yet.
#[cfg(feature = "token")]
fn tokens(view: &View<'_>, host: &mut Host) -> Vec<TokenReport> {
    let tokens = tokens::of_host(view, &host.id);
    if tokens.len() >= tokens::MOST {
        let most = tokens::MOST;
        let unknown = format!("tokens after the first {most}: they were not decoded");
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
