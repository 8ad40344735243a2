// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signs in the content of SYSTEM and SOFTWARE that both belong to one installation, or to two.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::view::View;
use crate::meaning::{MULTI_SESSION_EDITION, MachineName, ProductType};
use crate::report::{Contradiction, ContradictionKind};

/// Names of a fact, with the id of the fact.
type Names = (String, String);

/// Returns the facts in which SYSTEM and SOFTWARE name the same computer; empty if they do not.
pub(super) fn same_computer(view: &View<'_>) -> Vec<String> {
    match computers(view) {
        Some((own, full)) if is_same(&own.0, &full.0) => vec![own.1, full.1],
        _ => Vec::new(),
    }
}

/// Returns the computer name in SYSTEM.
pub(super) fn own_name(view: &View<'_>) -> Option<Names> {
    view.filled(Code::SystemComputerName)
}

/// Returns the computer name in SOFTWARE: the first part of the distinguished name.
pub(super) fn distinguished_name(view: &View<'_>) -> Option<Names> {
    let (full, id) = view.text(Code::SystemDistinguishedName)?;
    let first = full.split(',').next()?.trim();
    let name = first.get(..3).filter(|it| it.eq_ignore_ascii_case("CN=")).and(first.get(3..))?;
    (!name.is_empty()).then(|| (String::from(name), id))
}

pub(super) fn is_same(one: &str, other: &str) -> bool {
    MachineName::from(one).is_same(&MachineName::from(other))
}

/// Returns the signs of two installations. `with_names` includes the computer names.
pub(super) fn contradictions(view: &View<'_>, with_names: bool) -> Vec<Contradiction> {
    let names = if with_names { computer_names(view) } else { None };
    [product_type(view), generation(view), names].into_iter().flatten().collect()
}

fn computers(view: &View<'_>) -> Option<(Names, Names)> {
    Some((own_name(view)?, distinguished_name(view)?))
}

fn computer_names(view: &View<'_>) -> Option<Contradiction> {
    let (own, full) = computers(view)?;
    (!is_same(&own.0, &full.0)).then(|| {
        let named = |name: &str| format!("computer {name}");
        contradiction(
            ContradictionKind::ComputerName,
            (named(&own.0), own.1),
            (named(&full.0), full.1),
        )
    })
}

/// Compares the product type in SYSTEM with the installation type or product name in SOFTWARE.
fn product_type(view: &View<'_>) -> Option<Contradiction> {
    let (stored, system) = view.text(Code::SystemProductType)?;
    let is_server = ProductType::parse(&stored)? != ProductType::Client;
    let (says_server, software) = match view.filled(Code::SystemInstallationType) {
        Some(it) => (is_server_installation(&it.0)?, (format!("InstallationType {}", it.0), it.1)),
        None => {
            let it = view.filled(Code::SystemProduct)?;
            (is_server_product(&it.0)?, (format!("ProductName {}", it.0), it.1))
        }
    };
    // Multi-session Windows is a client with the product type of servers.
    let edition = view.text(Code::SystemEdition).map(|(edition, _)| edition);
    let is_multi_session = edition.is_some_and(|it| it.eq_ignore_ascii_case(MULTI_SESSION_EDITION));
    (is_server != says_server && !is_multi_session).then(|| {
        let system = (format!("ProductType {stored}"), system);
        contradiction(ContradictionKind::ProductType, system, software)
    })
}

fn is_server_installation(text: &str) -> Option<bool> {
    let is = |known: &str| text.eq_ignore_ascii_case(known);
    let servers = ["Server", "Server Core", "Nano Server"];
    if is("Client") { Some(false) } else { servers.into_iter().any(is).then_some(true) }
}

/// Whether a product name means a server. `None` for names that both have, such as Windows 2000.
fn is_server_product(name: &str) -> Option<bool> {
    const CLIENTS: [&str; 6] =
        ["Windows XP", "Windows Vista", "Windows 7", "Windows 8", "Windows 10", "Windows 11"];
    let name = name.strip_prefix("Microsoft ").unwrap_or(name);
    if name.split([' ', '\u{AE}', '(']).any(|word| word == "Server") {
        return Some(true);
    }
    let is_client = CLIENTS.iter().any(|client| name.starts_with(client));
    is_client.then_some(false)
}

/// Compares signs of newer generations in SYSTEM with the version in SOFTWARE.
fn generation(view: &View<'_>) -> Option<Contradiction> {
    /// First build of Windows 10.
    const WINDOWS_10: u32 = 10_240;
    let (version, id) = view.filled(Code::SystemVersion)?;
    let major: u32 = version.split('.').next()?.parse().ok()?;
    if major < 6 {
        let signs = [
            (Code::SystemTimeZone, "TimeZoneKeyName"),
            (Code::SystemProductPolicy, "ProductPolicy"),
        ];
        let found = signs.into_iter().find_map(|(code, name)| Some((name, view.one(code)?)));
        if let Some((name, sign)) = found {
            let system = format!("the value {name}, which Windows has since Vista");
            let software = (format!("version {version}"), id);
            return Some(contradiction(
                ContradictionKind::Generation,
                (system, sign.id.clone()),
                software,
            ));
        }
    }
    let build = view.build().filter(|build| *build < WINDOWS_10)?;
    let sign = view.one(Code::SystemEntraTenant)?;
    let system = String::from("a join to Microsoft Entra, which Windows has since Windows 10");
    let build_id = view.one(Code::SystemBuild).or_else(|| view.one(Code::SystemBuildCurrent))?;
    let software = (format!("build {build}"), build_id.id.clone());
    Some(contradiction(ContradictionKind::Generation, (system, sign.id.clone()), software))
}

fn contradiction(kind: ContradictionKind, system: Names, software: Names) -> Contradiction {
    let facts = vec![system.1, software.1];
    Contradiction { kind, system: system.0.into(), software: software.0.into(), facts }
}

/// Joins contradictions to the end of a sentence.
pub(super) fn statement(contradictions: &[Contradiction]) -> String {
    let one =
        |it: &Contradiction| format!("SYSTEM has {}, SOFTWARE has {}", it.system, it.software);
    let all: Vec<String> = contradictions.iter().map(one).collect();
    all.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_name_names_client_or_server_if_known() {
        for (name, expected) in [
            ("Microsoft Windows XP", Some(false)),
            ("Windows 10 Pro", Some(false)),
            ("Microsoft Windows Server 2003", Some(true)),
            ("Windows Server (R) 2008 Standard", Some(true)),
            ("Windows Server\u{AE} 2008", Some(true)),
            ("Microsoft Windows 2000", None),
            ("Observer", None),
        ] {
            assert_eq!(is_server_product(name), expected, "{name}");
        }
    }
}
