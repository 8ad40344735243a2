// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a machine has the role of a session host or of a license server. Settings mean little if the
//! role is absent.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::interpret::view::View;
use crate::meaning::Certainty;
use crate::meaning::license_server_parameter;
use crate::meaning::system::{MULTI_SESSION_EDITION, ProductType};
use crate::report::{RoleReport, RoleState, Text};

/// Places of the license server's service.
const SERVICE: &[Code] =
    &[Code::LicenseServerService, Code::LicenseServerStart, Code::LicenseServerImage];

/// Returns the role of a session host.
pub(super) fn session_host(view: &View<'_>) -> RoleReport {
    if let Some((edition, id)) = view.text(Code::SystemEdition)
        && edition.eq_ignore_ascii_case(MULTI_SESSION_EDITION)
    {
        return role(
            RoleState::NotApplicable,
            Certainty::Documented,
            "multi-session Windows (EditionID ServerRdsh), which serves sessions without a server role \
             and needs no RDS CAL",
            [id],
        );
    }
    if let Some(client) = client(view) {
        return client;
    }
    let flag = view.number(Code::HostAppCompat);
    if let Some(role) = component(view, Code::SystemRoleSessionHost, Certainty::Documented) {
        return match flag {
            Some((1, id)) if role.state == RoleState::Absent => contradicted(role, id),
            _ => role,
        };
    }
    match flag {
        Some((1, id)) => role(
            RoleState::Present,
            Certainty::Inferred,
            "TSAppCompat is 1: the application server flag, a weaker sign than an installed role",
            [id],
        ),
        Some((number, id)) => role(
            RoleState::Absent,
            Certainty::Inferred,
            &format!("TSAppCompat is {number}: not an application server"),
            [id],
        ),
        None => no_sign(view),
    }
}

/// Returns the role of a session host whose two signs contradict each other.
fn contradicted(mut role: RoleReport, flag: String) -> RoleReport {
    role.state = RoleState::Unknown;
    role.certainty = Certainty::Observed;
    role.statement.push_str(
        ", but TSAppCompat is 1 (application server): the two signs contradict each other",
    );
    role.facts.push(flag);
    role
}

/// Returns the unknown role of a session host without a readable sign of the role.
fn no_sign(view: &View<'_>) -> RoleReport {
    const SIGNS: &[Code] = &[Code::SystemRoleSessionHost, Code::HostAppCompat];
    let doubts = view.doubts(SIGNS);
    if doubts.is_empty() {
        let statement =
            "neither the state of the role nor the application server flag is in the hives at hand";
        let statement = format!("{statement}{}", view.recovered_note(SIGNS));
        return role(RoleState::Unknown, Certainty::Observed, &statement, []);
    }
    let facts: Vec<String> = view.outside(SIGNS).iter().map(|it| it.id.clone()).collect();
    let statement = format!("not determinable: {}", doubts.join("; "));
    role(RoleState::Unknown, Certainty::NotDeterminable, &statement, facts)
}

/// Returns the role of a license server.
pub(super) fn license_server(view: &View<'_>) -> RoleReport {
    let is_registered = view.one(Code::LicenseServerStart).is_some();
    let background = is_registered.then(|| String::from(license_server_parameter::BACKGROUND));
    RoleReport { background: background.map(Text::from), ..license_server_role(view) }
}

fn license_server_role(view: &View<'_>) -> RoleReport {
    if let Some(client) = client(view) {
        return client;
    }
    let service = SERVICE.iter().find_map(|code| view.one(*code));
    let places = [SERVICE, &[Code::SystemRoleLicenseServer]].concat();
    let (doubts, recovered) = (view.doubts(&places), view.recovered_note(&places));
    if let Some(mut found) = component(view, Code::SystemRoleLicenseServer, Certainty::Inferred) {
        if let (RoleState::Absent, Some(service)) = (found.state, service) {
            found.state = RoleState::Unknown;
            found.statement.push_str(
                ", but the service TermServLicensing is registered in the control set in use",
            );
            found.facts.push(service.id.clone());
        }
        return found;
    }
    match service {
        Some(service) => role(
            RoleState::Present,
            Certainty::Inferred,
            "the service TermServLicensing is registered in the control set in use",
            [service.id.clone()],
        ),
        None if doubts.is_empty() && !view.has(HiveKind::System) => role(
            RoleState::Unknown,
            Certainty::Observed,
            &format!(
                "neither the state of the role nor the service is in the hives at hand{recovered}"
            ),
            [],
        ),
        None if doubts.is_empty() => role(
            RoleState::Absent,
            Certainty::Inferred,
            &format!(
                "no service TermServLicensing is registered in the control set in use{recovered}"
            ),
            [],
        ),
        None => role(
            RoleState::Unknown,
            Certainty::NotDeterminable,
            &format!("not determinable: {}", doubts.join("; ")),
            view.outside(SERVICE).iter().map(|it| it.id.clone()).collect::<Vec<_>>(),
        ),
    }
}

/// Returns "role absent" for a client edition, which can be neither session host nor license
/// server.
fn client(view: &View<'_>) -> Option<RoleReport> {
    let (statement, id) = client_edition(view)?;
    Some(role(RoleState::Absent, Certainty::Inferred, statement, [id]))
}

/// Returns the sign that Windows is a client edition, with the ID of the fact.
pub(super) fn client_edition(view: &View<'_>) -> Option<(&'static str, String)> {
    if let Some((name, id)) = view.text(Code::SystemProductType) {
        let is_client = ProductType::parse(&name)? == ProductType::Client;
        return is_client.then_some(("a client edition of Windows: ProductType is WinNT", id));
    }
    let (name, id) = view.text(Code::SystemInstallationType)?;
    let is_client = name.eq_ignore_ascii_case("Client");
    is_client.then_some(("a client edition of Windows: InstallationType is Client", id))
}

/// Returns the role that the server's cache of installed roles states.
fn component(view: &View<'_>, code: Code, certainty: Certainty) -> Option<RoleReport> {
    let (number, id) = view.number(code)?;
    let (state, certainty, meaning) = match number {
        0 => (RoleState::Absent, certainty, "not installed"),
        1 => (RoleState::Present, Certainty::Inferred, "taken as installed"),
        _ => (RoleState::Unknown, Certainty::Observed, "no documented meaning"),
    };
    let unverified = match code {
        Code::SystemRoleLicenseServer => " (the name of that key is not verified)",
        _ => "",
    };
    let statement = format!("InstallState of the role is {number}: {meaning}{unverified}");
    Some(role(state, certainty, &statement, [id]))
}

fn role(
    state: RoleState,
    certainty: Certainty,
    statement: &str,
    facts: impl Into<Vec<String>>,
) -> RoleReport {
    let (statement, facts) = (String::from(statement), facts.into());
    RoleReport { state, statement: statement.into(), certainty, facts, background: None }
}
