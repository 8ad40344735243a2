// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers about the machine as a client: its tokens, their users, and removed copies.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_evidence::LicenseFileForm;
use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::fact::{Origin, SourceForm};
use crate::interpret::answers::texts;
use crate::interpret::findings;
use crate::interpret::host_evidence::{HostEvidence, or_unknown, time_or_unknown};
use crate::interpret::removal::Bounds;
use crate::interpret::view::Exhibit;
use crate::meaning::{Certainty, MachineName, SignatureState};
use crate::report::{Answer, Finding, LicenseReport, Text, TokenKind, TokenReport};

/// Places of the client's licenses.
const STORE: &[Code] =
    &[Code::ClientStore, Code::ClientStoreLicense, Code::ClientStoreKey, Code::ClientMslicensing];
/// Places of everything that licensing stores on a client.
const CLIENT: &[Code] = &[
    Code::ClientMslicensing,
    Code::ClientHardwareIdKey,
    Code::ClientHardwareId,
    Code::ClientStoreKey,
    Code::ClientStoreLicense,
    Code::ClientStore,
];

/// Answers the questions about the machine as a client.
pub(super) fn all(examined: &HostEvidence<'_>, findings: &[&Finding]) -> Vec<Answer> {
    Vec::from([session(examined, findings), user(examined), moved(examined, findings)])
}

/// Answers: Did this device connect to a given host on a given date?
fn session(examined: &HostEvidence<'_>, findings: &[&Finding]) -> Answer {
    let mut answer = Answer {
        next_evidence: texts(&[
            "NTUSER.DAT of the users: Terminal Server Client\\Servers",
            "event log TerminalServices-RDPClient/Operational, events 1024 and 1102",
            "logs of the session hosts and of the license server",
        ]),
        ..Answer::of(
            "session",
            "Did this device connect to a given session host or farm on a given date?",
        )
    };
    let copies = copies(examined);
    let mut shown: Vec<String> =
        decoded(examined).map(|(token, it)| issued(examined, &copies, token, it)).collect();
    if shown.is_empty() {
        answer.shown = no_token(examined).into();
        answer.not_shown = Text::from(
            "Whether this device used a session host: per-user licensing, administrative sessions and \
             hosts on client editions leave no token.",
        );
        answer.alternatives = texts(&[
            "the client's copy was removed, by a repair, a policy script or a cleaner",
            if examined.host.profiles.iter().any(|it| !it.virtual_store.is_empty()) {
                "a 32-bit program's copy in the VirtualStore of a profile"
            } else {
                "a 32-bit program's copy in UsrClass.dat, which was not examined"
            },
        ]);
    } else {
        shown.extend(other_machine(findings));
        answer.shown = shown.join(" ").into();
        answer.not_shown = Text::from(
            "A logon, a session host or farm, or the first or last connection: a token names none of these. Its \
             time is the time of the last issue or renewal.",
        );
        answer.certainty = Certainty::Documented;
        answer.alternatives = texts(&[
            "an image or a copied key that brought the token",
            "a temporary token is issued before sign-in",
            "client software from other makers reports names of its own",
        ]);
    }
    answer.rest_on(examined);
    add_profiles(&mut answer, examined);
    answer
}

/// Adds what the profiles of users store for the Remote Desktop client.
fn add_profiles(answer: &mut Answer, examined: &HostEvidence<'_>) {
    let profiles = &examined.host.profiles;
    let mut statements = Vec::new();
    for profile in profiles {
        let Some(statement) = profile.statement() else { continue };
        statements.push(Text::from(statement));
        let names = profile.remote_hosts.iter().flat_map(|host| &host.facts);
        answer.facts.extend(names.chain(&profile.virtual_store).cloned());
    }
    if profiles.iter().any(|profile| !profile.remote_hosts.is_empty()) {
        answer.next_evidence.retain(|next| !next.starts_with("NTUSER.DAT"));
    }
    answer.next_evidence.splice(0..0, statements);
}

/// Returns the decoded tokens of the client: stored ones, then hidden and recovered ones with other bytes.
fn decoded<'e>(
    examined: &'e HostEvidence<'_>,
) -> impl Iterator<Item = (&'e TokenReport, &'e LicenseReport)> {
    let mut known = BTreeSet::new();
    let tokens = tokens(examined).filter(move |token| known.insert(token.sha256.as_str()));
    tokens.filter_map(|token| Some((token, token.license.as_ref()?)))
}

/// Returns all tokens of the client, stored ones first.
fn tokens<'e>(examined: &'e HostEvidence<'_>) -> impl Iterator<Item = &'e TokenReport> {
    let of_client = |token: &&TokenReport| token.kind == TokenKind::StoredLicense;
    let rest = examined.tokens.iter().filter(of_client).filter(|token| !token.is_shown());
    examined.licenses().chain(rest)
}

/// Describes what a token shows. If the signature is invalid, nothing in the token is reliable.
fn issued(
    examined: &HostEvidence<'_>,
    copies: &Copies<'_>,
    token: &TokenReport,
    license: &LicenseReport,
) -> String {
    let issuer = or_unknown(license.license_server_in_words().as_deref());
    let scope = or_unknown(license.scope.as_deref());
    let time = time_or_unknown(license.valid_from);
    let machine = or_unknown(license.client_reported_machine.as_deref());
    let same = copies.get(token.sha256.as_str()).filter(|_| token.is_shown());
    let id = same.map_or_else(|| token.id.clone(), |same| same.join(" and "));
    let place = place(examined, token, same.map_or(1, Vec::len));
    let own = examined.view.text(Code::SystemComputerName).map(|(name, _)| name);
    let reported = license.client_reported_machine.as_deref().map(MachineName::from);
    let is_other = |own: &String| {
        reported.as_ref().is_some_and(|it| !MachineName::from(own.as_str()).may_be_same(it))
    };
    let own = own.filter(is_other);
    let other = own.map(|own| format!(" This host's computer name is {own}.")).unwrap_or_default();
    if license.signature == Some(SignatureState::Valid) {
        let kind = match license.is_temporary {
            Some(true) => "a temporary token",
            Some(false) => "a permanent token",
            None => "a token",
        };
        let permanent = match license.is_temporary {
            Some(false) => {
                " Microsoft documents that a permanent token follows an earlier connection with a completed \
                 sign-in; by whom is unknown."
            }
            _ => "",
        };
        return format!(
            "License server {issuer} (self-reported name), scope {scope}, issued {kind} to machine {machine} \
             (client-reported name) at {time} (server clock); {id} {place}.{permanent}{other}"
        );
    }
    let doubt = match license.signature {
        Some(SignatureState::Invalid) => "the signature is invalid, so none of this is reliable",
        _ => "the signature could not be checked",
    };
    format!(
        "{id} {place}. It names license server {issuer}, scope {scope}, machine {machine} and time {time}; {doubt}."
    )
}

/// IDs of the tokens in the tree with the same bytes, by the hash of the bytes.
type Copies<'e> = BTreeMap<&'e str, Vec<&'e str>>;

fn copies<'e>(examined: &'e HostEvidence<'_>) -> Copies<'e> {
    let mut copies = Copies::new();
    for token in examined.licenses() {
        copies.entry(&token.sha256).or_default().push(&token.id);
    }
    copies
}

/// Describes where the bytes of a token are. `copies` is the number of tokens in the tree with these bytes.
fn place(examined: &HostEvidence<'_>, token: &TokenReport, copies: usize) -> String {
    if token.origin == Some(Origin::LicenseFile) {
        return String::from(match license_file_form(examined, token) {
            Some(LicenseFileForm::WithHardwareId) => {
                "is in a license file in the form of WALLIX, not in a registry"
            }
            _ => "is in a license file in the form of FreeRDP and rdesktop, not in a registry",
        });
    }
    if token.is_shown() {
        return String::from(if copies > 1 { "are stored" } else { "is stored" });
    }
    let fact = token.facts.first().and_then(|id| examined.view.exhibit(id));
    if examined.view.is_unallocated() {
        return String::from(&*examined.host.pairing_statement).replacen("found", "was found", 1);
    }
    match fact.and_then(|it| it.fact.provenance.recovered.as_ref()) {
        Some(remains) => format!(
            "was recovered outside the tree ({}, confidence {}), and no stored token has these bytes",
            remains.place, remains.level
        ),
        None => String::from("lies outside the tree"),
    }
}

/// Returns the form of the license file that holds a token.
fn license_file_form(examined: &HostEvidence<'_>, token: &TokenReport) -> Option<LicenseFileForm> {
    let id = token.facts.first()?;
    let fact = examined.view.exhibit(id)?.fact;
    let source = examined.view.sources.iter().find(|(_, source)| source.holds(fact));
    match source.map(|(_, source)| &source.form) {
        Some(SourceForm::LicenseFile(form)) => Some(*form),
        _ => None,
    }
}

/// Describes tokens that name another machine than this host.
fn other_machine(findings: &[&Finding]) -> Vec<String> {
    let of_machine = findings.iter().filter(|it| it.code == findings::MACHINE_DIFFERS);
    let names = |it: &&&Finding| {
        let tokens = it.tokens.join(", ");
        format!("{tokens}: another machine name than this host's ({}).", it.id)
    };
    of_machine.map(|it| names(&it)).collect()
}

/// Explains why no decoded token exists.
fn no_token(examined: &HostEvidence<'_>) -> String {
    let view = &examined.view;
    if !view.has(HiveKind::Software) {
        return String::from(
            "No SOFTWARE hive of this host was read, which would hold the tokens.",
        );
    }
    let searched = view.searched(Some(HiveKind::Software));
    if let Some(token) = tokens(examined).next() {
        let copies = copies(examined).get(token.sha256.as_str()).map_or(1, Vec::len);
        return format!(
            "{} {}, and could not be decoded.",
            token.id,
            place(examined, token, copies)
        );
    }
    let doubts = view.doubts(STORE);
    if !doubts.is_empty() {
        return format!("Whether a token is stored is not determinable: {}.", doubts.join("; "));
    }
    if let Some(value) = view.all(Code::ClientStore).find(|it| it.fact.state.is_value()) {
        return format!(
            "The store holds a license without a token ({}, {}); searched in {searched}.",
            value.fact.provenance.key, value.id
        );
    }
    let recovered: Vec<&str> = view.recovered_at(STORE).iter().map(|it| it.id.as_str()).collect();
    match recovered.as_slice() {
        [] => format!("Neither registry view holds a stored token; searched in {searched}."),
        ids => format!(
            "Neither registry view holds a stored token; searched in {searched}. Parts of a license store were \
             recovered outside the tree ({}).",
            ids.join(", ")
        ),
    }
}

/// Answers: As whom?
fn user(examined: &HostEvidence<'_>) -> Answer {
    let mut answer = Answer {
        next_evidence: texts(&[
            "event log Security of the session host, event 4624",
            "TerminalServices logs of the session host",
        ]),
        ..Answer::of("user", "As whom?")
    };
    let name = |(token, license): (&TokenReport, &LicenseReport)| {
        let user = license.client_reported_user.as_ref()?;
        let doubt = match license.signature {
            Some(SignatureState::Valid) => "",
            // The text of an altered token says nothing about a client.
            Some(SignatureState::Invalid) => return None,
            _ => ", signature not checked",
        };
        let origin = if token.is_shown() { "" } else { ", outside the tree" };
        Some(format!("{user} ({}{origin}{doubt})", token.id))
    };
    let names: Vec<String> = decoded(examined).filter_map(name).collect();
    answer.rest_on(examined);
    if names.is_empty() {
        answer.shown = match decoded(examined).next() {
            Some(_) => Text::from("No token with a valid signature names a user."),
            None => no_token(examined).into(),
        };
        answer.not_shown = Text::from("Who used the device.");
        return answer;
    }
    answer.shown =
        format!("The client software reported the user name {}.", names.join("; ")).into();
    answer.not_shown = Text::from(
        "Who used it: the client supplies this text, and it is no authenticated account. Renewals and upgrades \
         carry no name ([MS-RDPELE] 2.2.2.3), so the name may be older than the token (inferred).",
    );
    answer.certainty = Certainty::Documented;
    answer.alternatives = texts(&[
        "a name set in the client software: FreeRDP sends its configured user name, or the literal text \
         username",
        "the name of a service account, or SYSTEM, if a program made the connection",
    ]);
    answer
}

/// Answers: Was a license moved?
fn moved(examined: &HostEvidence<'_>, findings: &[&Finding]) -> Answer {
    let mut answer = Answer {
        next_evidence: texts(&[
            "TLSLic.edb of the license server: issued and reissued licenses",
            "reissue records of the Clearinghouse",
            "hives of other devices: the same hardware ID or token",
        ]),
        not_shown: Text::from(
            "Who removed a copy, how, or why; or a move, which is a reissue by the Clearinghouse: its records are \
             not in these hives.",
        ),
        ..Answer::of("moved", "Was a license moved from or to this device?")
    };
    // The same item on two hosts is evidence of a copy.
    let copies = findings.iter().filter(|finding| {
        [findings::SAME_TOKEN, findings::SAME_HARDWARE_ID].contains(&finding.code)
    });
    let copy = |it: &&Finding| {
        format!(" {} ({}): consistent with a copied key or a cloned image.", it.title, it.id)
    };
    let copies: String = copies.map(copy).collect();
    let (shown, certainty) = removed_copies(findings, examined);
    if certainty == Certainty::NotDeterminable {
        answer.not_shown = Text::from(
            "That no copy was removed; or a move, which is a reissue by the Clearinghouse: its records are not in \
             these hives.",
        );
    }
    answer.shown = format!("{shown}{copies}").into();
    answer.certainty = if copies.is_empty() { certainty } else { Certainty::Observed };
    answer.rest_on(examined);
    let recovered = examined.view.recovered_at(CLIENT);
    answer.facts.extend(recovered.iter().map(|it| it.id.clone()));
    answer.facts.sort();
    answer.facts.dedup();
    answer
}

/// Describes whether the evidence shows the removal of a local copy.
fn removed_copies(findings: &[&Finding], examined: &HostEvidence<'_>) -> (String, Certainty) {
    let view = &examined.view;
    if view.is_unallocated() {
        let text = "Bytes in unallocated clusters show no removal: no key leads to them.";
        return (String::from(text), Certainty::NotDeterminable);
    }
    let removed: Vec<&&Finding> =
        findings.iter().filter(|it| findings::shows_removal_on_client(it.code)).collect();
    if !removed.is_empty() {
        let sentence = |finding: &&&Finding| {
            let bounds = finding.facts.iter().find_map(|id| {
                let fact: &Exhibit<'_> = view.exhibit(id)?;
                fact.fact.provenance.recovered.as_ref()?;
                Some(Bounds::of(view, fact).in_words()).filter(|it| !it.is_empty())
            });
            let bounds = bounds.map(|it| format!(", {it}")).unwrap_or_default();
            format!("{} ({}){bounds}.", finding.title, finding.id)
        };
        let sentences: Vec<String> = removed.iter().map(sentence).collect();
        return (sentences.join(" "), Certainty::Inferred);
    }
    let recovered = view.recovered_at(CLIENT);
    let text = if let Some(first) = recovered.first() {
        let more = match recovered.len().saturating_sub(1) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let explanation = match examined.licenses().next() {
            Some(_) => "An ordinary replacement leaves the same traces.",
            None => {
                "The store holds no token, so this is consistent with a removal; the traces do not show one."
            }
        };
        format!(
            "Licensing data of a client were recovered outside the tree ({}{more}). {explanation}",
            first.id
        )
    } else if view.sources.iter().any(|(_, source)| source.recovered.is_none()) {
        String::from("Deleted data, which may hold a removed local copy, were not searched.")
    } else if view.has(HiveKind::Software) {
        let searched = view.searched(Some(HiveKind::Software));
        format!("The search of deleted data found no removed local copy; searched in {searched}.")
    } else {
        String::from("No SOFTWARE hive of this host was read, which would hold a local copy.")
    };
    (text, Certainty::NotDeterminable)
}

/// Answers for a client edition: Why might users be refused?
pub(super) fn refused(examined: &HostEvidence<'_>, findings: &[&Finding]) -> Answer {
    let view = &examined.view;
    let reasons: Vec<&&Finding> =
        findings.iter().filter(|it| findings::can_refuse_client(it.code)).collect();
    let doubts = view.doubts(&[Code::ClientStoreKey, Code::ClientStoreLicense]);
    let shown = if !reasons.is_empty() {
        let reasons: Vec<String> =
            reasons.iter().map(|it| format!("{} ({})", it.title, it.id)).collect();
        format!("Possible reasons: {}.", reasons.join("; "))
    } else if !view.has(HiveKind::Software) {
        String::from(
            "No SOFTWARE hive of this host was read, which would hold the license store of the client.",
        )
    } else if !doubts.is_empty() {
        format!("Not determinable: {}.", doubts.join("; "))
    } else if view.one(Code::ClientStoreKey).is_none() {
        format!(
            "No key MSLicensing\\Store exists, whose permissions could be a reason; searched in {}{}.",
            view.searched(Some(HiveKind::Software)),
            view.recovered_note(&[Code::ClientStoreKey])
        )
    } else if let Some(unread) = findings::unread_permissions(examined) {
        let key = &unread.fact.provenance.key;
        format!("Not determinable: the permissions of {key} could not be read ({}).", unread.id)
    } else {
        String::from("Users have the rights on the license store that a client needs.")
    };
    Answer {
        shown: shown.into(),
        not_shown: Text::from(
            "Whether anybody was refused; the network, accounts, and the state of session hosts and license servers.",
        ),
        certainty: Certainty::Inferred,
        facts: reasons.iter().flat_map(|it| it.facts.clone()).collect(),
        next_evidence: texts(&[
            "event log TerminalServices-RDPClient/Operational, event 1026",
            "logs of the session hosts and of the license server",
        ]),
        ..Answer::of("refused", "Why might users be refused?")
    }
}

impl Answer {
    /// Adds the tokens, and the facts that hold them, as evidence.
    fn rest_on(&mut self, examined: &HostEvidence<'_>) {
        for (token, _) in decoded(examined) {
            self.tokens.push(token.id.clone());
            self.facts.extend(token.facts.first().cloned());
        }
    }
}
