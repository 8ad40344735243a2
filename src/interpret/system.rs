// SPDX-License-Identifier: MIT OR Apache-2.0
//! The Windows installation of the hives, as context for licensing facts.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::membership::Membership;
use crate::interpret::view::{Exhibit, View};
use crate::meaning::system::{ProductType, build_number, calls_itself_windows_10, offset_from_utc};
use crate::report::{Attributed, System};

/// Describes the Windows installation of a host.
pub(super) fn system(view: &View<'_>) -> System {
    let plain = |code| view.text(code).map(|(text, id)| Attributed { text, facts: vec![id] });
    System {
        computer_name: plain(Code::SystemComputerName),
        product: product(view),
        edition: plain(Code::SystemEdition),
        build: build(view),
        product_type: product_type(view),
        installed: plain(Code::SystemInstalled),
        upgraded_from: upgraded_from(view),
        clone_tag: plain(Code::SystemCloneTag).map(|tag| Attributed {
            text: format!(
                "{} (clock unknown; Microsoft's installation images carry a tag, too)",
                tag.text
            ),
            ..tag
        }),
        domain: domain(view),
        entra: plain(Code::SystemEntraTenant).map(|tenant| Attributed {
            text: format!("joined to tenant {}", tenant.text),
            ..tenant
        }),
        time_zone: time_zone(view),
        shut_down: plain(Code::SystemShutDown),
        farm: farm(view),
    }
}

/// A line that joins several optional texts, with the facts behind these texts.
struct Line {
    text: String,
    facts: Vec<String>,
}

impl Line {
    const fn new() -> Self {
        Self { text: String::new(), facts: Vec::new() }
    }

    fn add(&mut self, before: &str, part: Option<(String, String)>) {
        if let Some((text, id)) = part {
            if !self.text.is_empty() {
                self.text.push_str(before);
            }
            self.text.push_str(&text);
            self.facts.push(id);
        }
    }

    fn finish(self) -> Option<Attributed> {
        (!self.text.is_empty()).then_some(Attributed { text: self.text, facts: self.facts })
    }
}

/// Returns the product name. Windows 11 stores the name "Windows 10" in this value.
fn product(view: &View<'_>) -> Option<Attributed> {
    const WINDOWS_11: u32 = 22_000;
    let (name, id) = view.text(Code::SystemProduct)?;
    let (is_client, build) = (calls_itself_windows_10(&name), view.build());
    let text = match build {
        Some(build) if is_client && build >= WINDOWS_11 => {
            format!("{name} (as stored; its build is one of Windows 11)")
        }
        _ => name,
    };
    Some(Attributed { text, facts: vec![id] })
}

fn build(view: &View<'_>) -> Option<Attributed> {
    let (number, current) = (view.text(Code::SystemBuild), view.text(Code::SystemBuildCurrent));
    let text = |part: &Option<(String, String)>| part.as_ref().map(|(text, _)| text.clone());
    let build = build_number(text(&number).as_deref(), text(&current).as_deref());
    // Select the value that the build number is from.
    let from = |(text, _): &(String, String)| text.parse() == Ok(build.unwrap_or_default());
    let id = number.filter(from).or(current.filter(from)).map(|(_, id)| id);
    let mut line = Line::new();
    line.add(
        "",
        view.text(Code::SystemVersion)
            .map(|(version, id)| (format!("CurrentVersion {version}"), id)),
    );
    line.add(", ", build.zip(id).map(|(build, id)| (format!("build {build}"), id)));
    line.add(".", view.text(Code::SystemUpdate));
    line.add(", ", view.text(Code::SystemServicePack));
    let release = view.text(Code::SystemRelease).or(view.text(Code::SystemReleaseId));
    line.add(", ", release.map(|(release, id)| (format!("release {release}"), id)));
    line.finish()
}

fn product_type(view: &View<'_>) -> Option<Attributed> {
    let (name, id) = view.text(Code::SystemProductType)?;
    let meaning = match ProductType::parse(&name) {
        Some(ProductType::Client) => "client",
        Some(ProductType::Server) => "server",
        Some(ProductType::DomainController) => "domain controller",
        None => "no documented meaning",
    };
    Some(Attributed { text: format!("{name} ({meaning})"), facts: vec![id] })
}

/// Returns earlier installations from the keys `Source OS (Updated on …)`. The key name contains
/// the local time of the upgrade.
fn upgraded_from(view: &View<'_>) -> Vec<Attributed> {
    let one = |exhibit: &Exhibit<'_>| {
        let path = exhibit.fact.provenance.key.as_str();
        let key = path.rsplit('\\').next().unwrap_or_default();
        let text = format!("{}, {key} (local time)", exhibit.shown()?);
        let mut upgraded = Attributed { text, facts: vec![exhibit.id.clone()] };
        let mut installed = view.all(Code::SystemUpgradedInstalled);
        if let Some(installed) = installed.find(|it| it.fact.provenance.key == path) {
            upgraded.text = format!("{}, installed {}", upgraded.text, installed.shown()?);
            upgraded.facts.push(installed.id.clone());
        }
        Some(upgraded)
    };
    view.all(Code::SystemUpgraded).filter_map(one).collect()
}

/// Returns the domain membership in words.
fn domain(view: &View<'_>) -> Option<Attributed> {
    let (membership, facts) = Membership::of(view);
    let text = match membership {
        Membership::Named(name) => {
            format!("member of a domain at its last policy update, as {name}")
        }
        Membership::Controller => {
            String::from("member of a domain, as a domain controller (inferred)")
        }
        Membership::Domain(Some(name)) => format!("member of the domain {name} (inferred)"),
        Membership::Domain(None) => String::from("member of a domain of unknown name (inferred)"),
        Membership::Workgroup(name) => format!(
            "{}: the primary domain has no security identifier (inferred)",
            workgroup(name.as_deref())
        ),
        Membership::Unknown => return suffix(view),
    };
    Some(Attributed { text, facts })
}

/// Returns the words for a workgroup.
pub(super) fn workgroup(name: Option<&str>) -> String {
    name.map_or_else(
        || String::from("workgroup of unknown name"),
        |name| format!("workgroup {name}"),
    )
}

/// Describes the DNS suffix of a machine whose membership is unknown.
fn suffix(view: &View<'_>) -> Option<Attributed> {
    let (suffix, id) = view.text(Code::SystemDnsSuffix)?;
    let text = if suffix.is_empty() {
        String::from("membership unknown; no DNS suffix is set")
    } else {
        format!("membership unknown; the DNS suffix {suffix} is no evidence of membership")
    };
    Some(Attributed { text, facts: vec![id] })
}

fn time_zone(view: &View<'_>) -> Option<Attributed> {
    let mut line = Line::new();
    line.add("", view.text(Code::SystemTimeZone).or(view.text(Code::SystemTimeZoneStandard)));
    let bias = |code: Code, what: &str| {
        let (number, id) = view.number(code)?;
        Some((format!("{what} {}", offset_from_utc(number.cast_signed())), id))
    };
    line.add(", ", bias(Code::SystemBias, "standard time"));
    line.add(", ", bias(Code::SystemBiasActive, "last in force"));
    line.finish()
}

/// Returns the farm set by policy, or the local farm if no policy sets one.
fn farm(view: &View<'_>) -> Option<Attributed> {
    let mut line = Line::new();
    let by_policy = view.filled(Code::SystemPolicyBrokerFarm);
    let origin = if by_policy.is_some() { " (by policy)" } else { "" };
    let name = by_policy.or(view.filled(Code::SystemFarm));
    line.add("", name.map(|(name, id)| (format!("{name}{origin}"), id)));
    let broker = view.filled(Code::SystemPolicyBroker).or(view.filled(Code::SystemBroker));
    line.add(", ", broker.map(|(broker, id)| (format!("connection broker {broker}"), id)));
    let active =
        view.number(Code::SystemPolicyBrokerActive).or(view.number(Code::SystemFarmActive));
    line.add(", ", active.map(|(active, id)| (format!("SessionDirectoryActive {active}"), id)));
    line.finish()
}
