// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answer: was the grace period reset?

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use calhive_evidence::Presence;
use calhive_regf::FileTime;
use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::fact::Origin;
use crate::interpret::answers::texts;
use crate::interpret::findings;
use crate::interpret::grace_end::{self, LENGTH, TOGETHER};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::removal::Bounds;
use crate::interpret::settings::is_before_vista;
use crate::interpret::view::{Exhibit, View};
use crate::meaning::{Certainty, ProtectedBlob};
use crate::report::{Answer, Finding, RoleState, Text};

/// Places of the grace period in SYSTEM.
const GRACE: &[Code] = &[Code::HostGracePeriodKey, Code::HostGracePeriod];
/// Places of the grace period in SECURITY.
const SECRET: &[Code] =
    &[Code::HostGraceSecretKey, Code::HostGraceSecretSet, Code::HostGraceSecretPreviousSet];

const NOT_SHOWN: &str = "That no reset took place.";
const BY_WHOM: &str = "Whether anybody reset it, and who, how or why.";

/// Answers: Was the grace period reset?
pub(super) fn reset(examined: &HostEvidence<'_>, findings: &[&Finding]) -> Answer {
    let view = &examined.view;
    let answer = Answer {
        next_evidence: next_evidence(examined),
        facts: facts(view),
        not_shown: not_shown(examined, NOT_SHOWN),
        ..Answer::of("grace_period", "Was the grace period reset?")
    };
    let doubts = view.doubts(GRACE);
    if !view.has(HiveKind::System) {
        return Answer {
            shown: Text::from(
                "No SYSTEM hive of this host was read, which would hold the grace period.",
            ),
            ..answer
        };
    }
    if is_before_vista(view) {
        let shown = format!("{}{}", secret(view), decrypted(examined));
        return Answer { shown: shown.into(), ..answer };
    }
    let key = view.one(Code::HostGracePeriodKey);
    match (key, removed_key(view)) {
        (Some(key), removed) => with_key(examined, answer, key, removed, findings),
        (None, Some(removed)) => without_key(examined, answer, removed, &doubts, findings),
        (None, None) if !doubts.is_empty() => {
            let shown = format!("Not determinable: {}{}.", doubts.join("; "), cited(findings));
            Answer { shown: shown.into(), ..answer }
        }
        (None, None) => {
            let searched = view.searched(Some(HiveKind::System));
            let parts: Vec<&str> =
                view.recovered_at(GRACE).iter().map(|it| it.id.as_str()).collect();
            let parts = match parts.as_slice() {
                [] => String::new(),
                ids => {
                    format!(" Parts of it were recovered outside the tree ({}).", ids.join(", "))
                }
            };
            let shown = format!(
                "No key GracePeriod exists; searched in {searched}{}.{parts}{}{}",
                cited(findings),
                deleted(view),
                decrypted(examined)
            );
            Answer { shown: shown.into(), ..answer }
        }
    }
}

/// Names further evidence, with the files that decrypt the value.
fn next_evidence(examined: &HostEvidence<'_>) -> Vec<Text> {
    let at_hand = match examined.host.grace_end {
        Some(_) => None,
        None => grace_end::at_hand(&examined.view).map(Text::from),
    };
    let audit = "event log Security, events 4657 and 4660, if registry access was audited";
    let earlier = "earlier states: RegBack, shadow copies, Windows.old";
    [Text::from(audit)].into_iter().chain(at_hand).chain([Text::from(earlier)]).collect()
}

/// Returns what the answer does not show, with the limits of a decrypted value.
fn not_shown(examined: &HostEvidence<'_>, text: &str) -> Text {
    match &examined.host.grace_end {
        Some(end) => format!("{text} {}", end.not_shown).into(),
        None => text.into(),
    }
}

/// Returns the decrypted end, or the reason why it is not known. Empty if the examiner did not ask for that.
fn decrypted(examined: &HostEvidence<'_>) -> String {
    let Some(end) = &examined.host.grace_end else { return String::new() };
    let registered = match examined.registrations().next() {
        Some(_) if end.end.is_some() => {
            " A certificate from a license server exists, so the period may have ended earlier."
        }
        _ => "",
    };
    format!(" {}{registered}", end.statement)
}

/// Whether a decrypted end lets the grace period begin at the last write of its key, or none was decrypted.
fn fits_decrypted_end(examined: &HostEvidence<'_>, key: &Exhibit<'_>) -> bool {
    let start = examined.host.grace_end.as_ref().and_then(|it| it.derived_start);
    let times = start.zip(key.written());
    start.is_none() || times.is_some_and(|(start, written)| start.abs_diff(written) <= TOGETHER)
}

/// Returns the IDs of all facts about the grace period.
fn facts(view: &View<'_>) -> Vec<String> {
    let codes = [GRACE, SECRET, &[Code::HostGracePeriodEnded]].concat();
    let mut ids: Vec<String> =
        codes.iter().flat_map(|code| view.all(*code)).map(|it| it.id.clone()).collect();
    let outside = view.hidden.iter().chain(&view.recovered);
    ids.extend(outside.filter(|it| GRACE.contains(&it.code())).map(|it| it.id.clone()));
    ids
}

/// Returns the recovered key GracePeriod of the control set in use.
fn removed_key<'f>(view: &View<'f>) -> Option<&'f Exhibit<'f>> {
    let set = view.current_set();
    let mut recovered = view.recovered_at(&[Code::HostGracePeriodKey]).into_iter();
    recovered.find(|it| {
        let is_sound = it.fact.provenance.recovered.as_ref().is_some_and(|it| it.is_sound());
        is_sound && it.control_set() == set
    })
}

/// Answers for a grace-period key in the tree.
fn with_key(
    examined: &HostEvidence<'_>,
    answer: Answer,
    key: &Exhibit<'_>,
    removed: Option<&Exhibit<'_>>,
    findings: &[&Finding],
) -> Answer {
    let end = end(examined, key);
    let written = time(key);
    let alternatives = texts(&[
        "installation of the role, an upgrade or a restore may rewrite the key",
        "a change of permissions may update the timestamp of the key",
        "deleting the value is a long-published fix on licensed Windows Server 2012 hosts",
    ]);
    let cited = cited(findings);
    if let Some(removed) = removed {
        let both = both(removed, key);
        let shown = format!(
            "{both}{cited}. This is consistent with a reset, and with an upgrade, a restore, a repair, or an \
             earlier copy that Windows left behind.{end}"
        );
        let (not_shown, certainty) = (not_shown(examined, BY_WHOM), Certainty::Inferred);
        return Answer { shown: shown.into(), not_shown, certainty, alternatives, ..answer };
    }
    let times = times(examined);
    let log = match key.fact.provenance.origin {
        Origin::Replayed => " The key is from a transaction log.",
        _ => "",
    };
    let deleted = deleted(&examined.view);
    let is_plain = findings.iter().all(|it| !findings::is_about_grace_period(it.code))
        && examined.view.recovered_at(GRACE).is_empty()
        && fits_decrypted_end(examined, key);
    let shown = if is_plain && lie_together(examined, key) {
        format!(
            "Nothing in these hives indicates a reset: the key GracePeriod was last written {written}, within a day \
             of {times}.{deleted}{log}{end}"
        )
    } else if is_plain && is_written_with_manager(examined, key) {
        format!(
            "The keys GracePeriod and RCM were last written at the same time, {written}, which fits an \
             installation of the role and a new key GracePeriod alike; for comparison: \
             {times}.{deleted}{log}{end}"
        )
    } else {
        format!(
            "The key GracePeriod (owner {}) was last written {written}; for comparison: {times}{cited}. This is \
             consistent with a reset, and with other changes.{deleted}{log}{end}",
            owner(key)
        )
    };
    Answer { shown: shown.into(), alternatives, ..answer }
}

/// Describes a recovered key and the key in the tree. A recovered key at the path of a key in the tree can be an
/// earlier version of the latter, so it shows no removal.
fn both(recovered: &Exhibit<'_>, key: &Exhibit<'_>) -> String {
    let (before, now) = (time(recovered), time(key));
    let (earlier, live) = (&recovered.id, &key.id);
    let remains = recovered.fact.provenance.recovered.as_ref();
    if remains.is_some_and(|it| it.previous_version_of.is_some()) {
        return format!(
            "An earlier record of the key GracePeriod, last written {before}, was recovered ({earlier}); the key \
             in the tree was last written {now} ({live})"
        );
    }
    format!(
        "A key GracePeriod last written {before} was removed ({earlier}), and another, last written {now}, is there \
         ({live})"
    )
}

/// Says that deleted data of SYSTEM were not searched. Empty if they were.
fn deleted(view: &View<'_>) -> &'static str {
    let mut systems = view.sources.iter().filter(|(_, it)| it.kind == HiveKind::System);
    match systems.any(|(_, source)| source.recovered.is_none()) {
        true => " Deleted data, which may hold an earlier key, were not searched.",
        false => "",
    }
}

/// Answers for a grace-period key that was removed.
fn without_key(
    examined: &HostEvidence<'_>,
    answer: Answer,
    removed: &Exhibit<'_>,
    doubts: &[String],
    findings: &[&Finding],
) -> Answer {
    let cited = cited(findings);
    let shown = if doubts.is_empty() {
        let bounds = Bounds::of(&examined.view, removed).in_words();
        let bounds = if bounds.is_empty() { bounds } else { format!(", {bounds}") };
        format!("The key GracePeriod was removed ({}){bounds}{cited}.", removed.id)
    } else {
        format!(
            "A key GracePeriod was recovered outside the tree ({}). Whether the tree has one is not determinable: \
             {}{cited}.",
            removed.id,
            doubts.join("; ")
        )
    };
    let shown = format!("{shown}{}", decrypted(examined));
    let (not_shown, certainty) = (not_shown(examined, BY_WHOM), Certainty::Inferred);
    Answer { shown: shown.into(), not_shown, certainty, ..answer }
}

/// Describes the grace period of Windows before Vista, an LSA secret in SECURITY.
fn secret(view: &View<'_>) -> String {
    let place = "Windows of this generation keeps the grace period as the LSA secret L$RTMTIMEBOMB in SECURITY";
    if !view.has(HiveKind::Security) {
        let is_security =
            |it: &&calhive_evidence::Corroboration| it.what == calhive_evidence::SECURITY;
        let beside = view.sources.iter().flat_map(|(_, source)| &source.corroboration);
        let is_present = beside.filter(is_security).any(|it| it.state == Presence::Present);
        let where_is =
            if is_present { "lies beside these hives and was not read" } else { "is not at hand" };
        return format!("{place}. SECURITY {where_is}.");
    }
    let doubts = view.doubts(SECRET);
    if !doubts.is_empty() {
        return format!("{place}. Whether it is there is not determinable: {}.", doubts.join("; "));
    }
    let shown = |code: Code| {
        let fact = view.one(code).filter(|it| it.fact.state.is_value())?;
        Some(format!("{} ({})", fact.shown()?, fact.id))
    };
    match (shown(Code::HostGraceSecretSet), shown(Code::HostGraceSecretPreviousSet)) {
        (Some(set), previous) => {
            let previous = previous.map(|it| format!("; its previous value was set {it}"));
            format!("{place}. The secret was set {set}{}.", previous.unwrap_or_default())
        }
        (None, _) if view.one(Code::HostGraceSecretKey).is_some() => {
            format!("{place}. The secret is there, without a readable time.")
        }
        _ => format!("{place}. SECURITY holds no such secret."),
    }
}

/// Lists the times to compare the grace period with.
fn times(examined: &HostEvidence<'_>) -> String {
    let manager =
        examined.view.one(Code::HostRcm).map(|it| format!("RCM last written {}", time(it)));
    let installed = examined.host.system.installed.as_ref();
    let installed = installed.map(|it| format!("Windows last installed {}", it.text));
    let times: Vec<String> = manager.into_iter().chain(installed).collect();
    if times.is_empty() { String::from("no other time") } else { times.join(", ") }
}

/// Whether the key was last written within a day of the last write of RCM and of the installation.
fn lie_together(examined: &HostEvidence<'_>, key: &Exhibit<'_>) -> bool {
    let manager = examined.view.one(Code::HostRcm).and_then(Exhibit::written);
    let (Some(key), Some(manager), Some(installed)) = (key.written(), manager, installed(examined))
    else {
        return false;
    };
    let first = key.min(manager).min(installed);
    let last = key.max(manager).max(installed);
    first.is_plausible() && last <= first.saturating_add(TOGETHER)
}

/// Whether the key and RCM have the same last-written time.
fn is_written_with_manager(examined: &HostEvidence<'_>, key: &Exhibit<'_>) -> bool {
    let manager = examined.view.one(Code::HostRcm).and_then(Exhibit::written);
    key.written().is_some_and(|time| time.is_plausible() && manager == Some(time))
}

fn installed(examined: &HostEvidence<'_>) -> Option<FileTime> {
    let (seconds, _) = examined.view.number(Code::SystemInstalled)?;
    FileTime::from_unix_seconds(i64::from(seconds))
}

/// Returns the last-written time of a key, for people.
fn time(key: &Exhibit<'_>) -> String {
    key.written().map_or_else(|| String::from("at an unknown time"), |time| time.to_string())
}

fn owner(key: &Exhibit<'_>) -> String {
    let owner = key.fact.permissions.as_ref().and_then(|it| it.owner.as_ref());
    owner.map_or_else(|| String::from("not readable"), String::clone)
}

/// Refers to the findings about the grace period.
fn cited(findings: &[&Finding]) -> String {
    let of_grace = findings.iter().filter(|finding| findings::is_about_grace_period(finding.code));
    let ids: Vec<&str> = of_grace.map(|finding| finding.id.as_str()).collect();
    if ids.is_empty() { String::new() } else { format!("; see {}", ids.join(", ")) }
}

/// Describes what ended the grace period, or estimates its end. Returns an empty text if the value
/// is not a blob, the role is not known to be present, or the times are out of order.
fn end(examined: &HostEvidence<'_>, key: &Exhibit<'_>) -> String {
    let view = &examined.view;
    let decrypted = decrypted(examined);
    if examined.host.grace_end.as_ref().is_some_and(|it| it.end.is_some()) {
        return decrypted;
    }
    let estimated = estimated(examined, key, view);
    format!("{decrypted}{estimated}")
}

/// Describes what ended the grace period, or estimates its end.
fn estimated(examined: &HostEvidence<'_>, key: &Exhibit<'_>, view: &View<'_>) -> String {
    if view.one(Code::HostGracePeriodEnded).is_some() {
        return String::from(
            " The value LicensingGracePeriodEnded exists. Microsoft documents that Windows creates this value once a \
             permanent license was received; no end is estimated.",
        );
    }
    if examined.registrations().next().is_some() {
        return String::from(
            " A certificate from a license server exists. KB 813052 says that the discovery of a license server ends \
             the grace period; no end is estimated.",
        );
    }
    let mut blobs = view.all(Code::HostGracePeriod).map(|it| ProtectedBlob::parse(&it.fact.data));
    let has_blob = blobs.any(|blob| blob.is_some());
    let is_present = examined.host.session_host.state == RoleState::Present;
    match (installed(examined), key.written()) {
        (Some(installed), Some(written))
            if has_blob && is_present && installed <= written && written.is_plausible() =>
        {
            format!(
                " Estimate (inferred): an end between {} and {}, if the period lasts 120 days (KB 813052) and \
                 began between the installation of Windows and the last write of the key. Microsoft's texts \
                 differ on its start (KB 813052: when the service is enabled; hh553157: at the first client \
                 connection). The period ends earlier if a license server is found or a permanent license is \
                 received.",
                installed.saturating_add(LENGTH),
                written.saturating_add(LENGTH)
            )
        }
        _ => String::new(),
    }
}
