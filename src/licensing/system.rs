// SPDX-License-Identifier: MIT OR Apache-2.0
//! The installation of Windows that hives belong to: what makes licensing facts mean something.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::licensing::explain::explain;
use crate::licensing::host::{Numbered, View};
use crate::licensing::report::{Attributed, System};
use crate::registry::system::{ProductType, build_number, offset_from_utc};

/// What the hives of a host say about its installation.
pub(crate) fn system(view: &View<'_>) -> System {
    let plain = |code| view.text(code).map(|(text, id)| Attributed { text, facts: vec![id] });
    System {
        computer_name: plain("system.computer_name"),
        product: product(view),
        edition: plain("system.edition"),
        build: build(view),
        product_type: product_type(view),
        installed: plain("system.installed"),
        upgraded_from: upgraded_from(view),
        clone_tag: plain("system.clone_tag").map(|tag| Attributed {
            text: format!("{}, of which clock is not said", tag.text),
            ..tag
        }),
        domain: domain(view),
        entra: plain("system.entra.tenant").map(|tenant| Attributed {
            text: format!("joined to tenant {}", tenant.text),
            ..tenant
        }),
        time_zone: time_zone(view),
        shut_down: plain("system.shut_down"),
        farm: farm(view),
    }
}

/// Texts in order, those that are there, with all their facts.
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

/// Windows 11 still calls itself Windows 10 there.
fn product(view: &View<'_>) -> Option<Attributed> {
    const WINDOWS_11: u32 = 22_000;
    let (name, id) = view.text("system.product")?;
    let (is_client, build) = (name.starts_with("Windows 10"), view.number_of_build());
    let text = match build {
        Some(build) if is_client && build >= WINDOWS_11 => {
            format!("{name} (as stored; its build is one of Windows 11)")
        }
        _ => name,
    };
    Some(Attributed { text, facts: vec![id] })
}

fn build(view: &View<'_>) -> Option<Attributed> {
    let (number, current) = (view.text("system.build"), view.text("system.build.current"));
    let text = |part: &Option<(String, String)>| part.as_ref().map(|(text, _)| text.clone());
    let build = build_number(text(&number).as_deref(), text(&current).as_deref());
    // The value that the number was taken from.
    let from = |(text, _): &(String, String)| text.parse() == Ok(build.unwrap_or_default());
    let id = number.filter(from).or(current.filter(from)).map(|(_, id)| id);
    let mut line = Line::new();
    line.add(
        "",
        view.text("system.version").map(|(version, id)| (format!("CurrentVersion {version}"), id)),
    );
    line.add(", ", build.zip(id).map(|(build, id)| (format!("build {build}"), id)));
    line.add(".", view.text("system.update"));
    line.add(", ", view.text("system.service_pack"));
    let release = view.text("system.release").or(view.text("system.release_id"));
    line.add(", ", release.map(|(release, id)| (format!("release {release}"), id)));
    line.finish()
}

fn product_type(view: &View<'_>) -> Option<Attributed> {
    let (name, id) = view.text("system.product_type")?;
    let meaning = match ProductType::parse(&name) {
        Some(ProductType::Client) => "client",
        Some(ProductType::Server) => "server",
        Some(ProductType::DomainController) => "domain controller",
        None => "no documented meaning",
    };
    Some(Attributed { text: format!("{name} ({meaning})"), facts: vec![id] })
}

/// Each key `Source OS (Updated on …)`: its name holds the time of the upgrade, in local time.
fn upgraded_from(view: &View<'_>) -> Vec<Attributed> {
    let one = |(id, fact): &Numbered<'_>| {
        let key = fact.provenance.key.rsplit('\\').next().unwrap_or_default().to_string();
        let text = explain(fact)?.shown?;
        let of_key = |(_, other): &&Numbered<'_>| other.provenance.key == fact.provenance.key;
        let installed = view.all("system.upgraded.installed").find(of_key);
        let text = format!("{text}, {key} by local time");
        let mut upgraded = Attributed { text, facts: vec![id.clone()] };
        if let Some((id, fact)) = installed {
            let time = explain(fact)?.shown?;
            upgraded.text = format!("{}, installed {time}", upgraded.text);
            upgraded.facts.push(id.clone());
        }
        Some(upgraded)
    };
    view.all("system.upgraded").filter_map(one).collect()
}

/// Membership needs evidence: a DNS suffix is none.
fn domain(view: &View<'_>) -> Option<Attributed> {
    if let Some((name, id)) =
        view.text("system.distinguished_name").filter(|(name, _)| !name.is_empty())
    {
        return Some(Attributed {
            text: format!("member of a domain at its last policy update, as {name}"),
            facts: vec![id],
        });
    }
    let (suffix, id) = view.text("system.dns_suffix")?;
    let text = if suffix.is_empty() {
        String::from("membership unknown; no DNS suffix is set")
    } else {
        format!("membership unknown; the DNS suffix {suffix} is no evidence of it")
    };
    Some(Attributed { text, facts: vec![id] })
}

fn time_zone(view: &View<'_>) -> Option<Attributed> {
    let mut line = Line::new();
    line.add("", view.text("system.time_zone").or(view.text("system.time_zone.standard")));
    let bias = |code: &str, what: &str| {
        let (number, id) = view.number(code)?;
        Some((format!("{what} {}", offset_from_utc(number.cast_signed())), id))
    };
    line.add(", ", bias("system.bias", "standard time"));
    line.add(", ", bias("system.bias.active", "last in force"));
    line.finish()
}

/// The policy's farm where there is one, else the local one.
fn farm(view: &View<'_>) -> Option<Attributed> {
    let filled = |code| view.text(code).filter(|(text, _)| !text.is_empty());
    let mut line = Line::new();
    let by_policy = filled("system.policy.broker_farm");
    let origin = if by_policy.is_some() { " (by policy)" } else { "" };
    let name = by_policy.or(filled("system.farm"));
    line.add("", name.map(|(name, id)| (format!("{name}{origin}"), id)));
    let broker = filled("system.policy.broker").or(filled("system.broker"));
    line.add(", ", broker.map(|(broker, id)| (format!("connection broker {broker}"), id)));
    let active = view.number("system.policy.broker_active").or(view.number("system.farm_active"));
    line.add(", ", active.map(|(active, id)| (format!("SessionDirectoryActive {active}"), id)));
    line.finish()
}
