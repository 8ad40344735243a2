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
use crate::report::{RoleReport, RoleState};

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
    if let Some(role) = component(view, Code::SystemRoleSessionHost, Certainty::Documented) {
        return role;
    }
    match view.number(Code::HostAppCompat) {
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
        None => role(
            RoleState::Unknown,
            Certainty::Observed,
            "neither the state of the role nor the application server flag is in the hives at hand",
            [],
        ),
    }
}

/// Returns the role of a license server.
pub(super) fn license_server(view: &View<'_>) -> RoleReport {
    let is_registered = view.one(Code::LicenseServerStart).is_some();
    let background = is_registered.then(|| String::from(license_server_parameter::BACKGROUND));
    RoleReport { background, ..license_server_role(view) }
}

fn license_server_role(view: &View<'_>) -> RoleReport {
    if let Some(client) = client(view) {
        return client;
    }
    let service = [Code::LicenseServerStart, Code::LicenseServerImage];
    let service = service.iter().find_map(|code| view.one(*code));
    if let Some(mut found) = component(view, Code::SystemRoleLicenseServer, Certainty::Inferred) {
        if let (RoleState::Absent, Some(service)) = (found.state, service) {
            found.state = RoleState::Unknown;
            found.statement.push_str(
                " (the name of that key is not verified), but the service TermServLicensing is \
                 registered in the control set in use",
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
        None if view.has(HiveKind::System) && view.current_set().is_some() => role(
            RoleState::Absent,
            Certainty::Inferred,
            "no service TermServLicensing is registered in the control set in use",
            [],
        ),
        None => role(
            RoleState::Unknown,
            Certainty::Observed,
            "neither the state of the role nor the service is in the hives at hand",
            [],
        ),
    }
}

/// Returns "role absent" for a client edition, which can be neither session host nor license
/// server.
fn client(view: &View<'_>) -> Option<RoleReport> {
    let (name, id) = view.text(Code::SystemProductType)?;
    (ProductType::parse(&name)? == ProductType::Client).then(|| {
        role(
            RoleState::Absent,
            Certainty::Inferred,
            "a client edition of Windows: ProductType is WinNT",
            [id],
        )
    })
}

/// Returns the role that the server's cache of installed roles states.
fn component(view: &View<'_>, code: Code, certainty: Certainty) -> Option<RoleReport> {
    let (number, id) = view.number(code)?;
    let (state, certainty, meaning) = match number {
        0 => (RoleState::Absent, certainty, "not installed"),
        1 => (RoleState::Present, Certainty::Inferred, "taken as installed"),
        _ => (RoleState::Unknown, Certainty::Observed, "no documented meaning"),
    };
    let statement = format!("InstallState of the role is {number}: {meaning}");
    Some(role(state, certainty, &statement, [id]))
}

fn role(
    state: RoleState,
    certainty: Certainty,
    statement: &str,
    facts: impl Into<Vec<String>>,
) -> RoleReport {
    let (statement, facts) = (String::from(statement), facts.into());
    RoleReport { state, statement, certainty, facts, background: None }
}
