// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a machine has the role of a session host or of a licence server. What is set means little
//! where the role is absent.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::licensing::host::View;
use crate::licensing::license_server;
use crate::licensing::report::{Certainty, RoleReport, RoleState};
use crate::registry::HiveKind;
use crate::registry::system::{MULTI_SESSION_EDITION, ProductType};

/// The role of a session host.
pub(crate) fn session_host(view: &View<'_>) -> RoleReport {
    if let Some((edition, id)) = view.text("system.edition")
        && edition.eq_ignore_ascii_case(MULTI_SESSION_EDITION)
    {
        return role(
            RoleState::NotApplicable,
            Certainty::Documented,
            "multi-session Windows (EditionID ServerRdsh): it serves sessions without the role of a \
             server, and needs no RDS CAL",
            [id],
        );
    }
    if let Some(client) = client(view) {
        return client;
    }
    if let Some(role) = component(view, "system.role.session_host", Certainty::Documented) {
        return role;
    }
    match view.number("host.app_compat") {
        Some((1, id)) => role(
            RoleState::Present,
            Certainty::Inferred,
            "TSAppCompat is 1: the application server flag, a weaker sign than an installed role",
            [id],
        ),
        Some((number, id)) => role(
            RoleState::Absent,
            Certainty::Inferred,
            &format!("TSAppCompat is {number}: no application server"),
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

/// The role of a licence server.
pub(crate) fn license_server(view: &View<'_>) -> RoleReport {
    let is_registered = view.one("license_server.start").is_some();
    let background = is_registered.then(|| String::from(license_server::BACKGROUND));
    RoleReport { background, ..license_server_role(view) }
}

fn license_server_role(view: &View<'_>) -> RoleReport {
    if let Some(client) = client(view) {
        return client;
    }
    let service = ["license_server.start", "license_server.image"];
    let service = service.iter().find_map(|code| view.one(code));
    if let Some(mut found) = component(view, "system.role.license_server", Certainty::Inferred) {
        if let (RoleState::Absent, Some((id, _))) = (found.state, service) {
            found.state = RoleState::Unknown;
            found.statement.push_str(
                " (the name of that key is not verified), but the service TermServLicensing is \
                 registered in the control set in use",
            );
            found.facts.push(id.clone());
        }
        return found;
    }
    match service {
        Some((id, _)) => role(
            RoleState::Present,
            Certainty::Inferred,
            "the service TermServLicensing is registered in the control set in use",
            [id.clone()],
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

/// Client editions have neither role.
fn client(view: &View<'_>) -> Option<RoleReport> {
    let (name, id) = view.text("system.product_type")?;
    (ProductType::parse(&name)? == ProductType::Client).then(|| {
        role(
            RoleState::Absent,
            Certainty::Inferred,
            "a client edition of Windows: ProductType is WinNT",
            [id],
        )
    })
}

/// What the cache of the server's roles says.
fn component(view: &View<'_>, code: &str, certainty: Certainty) -> Option<RoleReport> {
    let (number, id) = view.number(code)?;
    let (state, certainty, meaning) = match number {
        0 => (RoleState::Absent, certainty, "not installed"),
        1 => (RoleState::Present, Certainty::Inferred, "taken for installed"),
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
