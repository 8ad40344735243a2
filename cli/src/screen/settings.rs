// SPDX-License-Identifier: GPL-3.0-or-later
//! Licensing mode and license servers of a host: what is in effect, and what is stored beside it.

use calhive::catalog::Code;
use calhive::report::{FactReport, RoleState, Setting};

use crate::screen::effect::{DOUBT, Effect};
use crate::screen::tokens::written;
use crate::screen::view::{self, View};
use crate::screen::{Kind, Line, Row, Section, Weight, damage, statement};

/// Places of the licensing mode, in order of precedence.
const MODES: [Code; 3] =
    [Code::HostPolicyLicensingMode, Code::HostRcmLicensingMode, Code::HostPolicyAcOn];
/// Places of license servers, in order of precedence.
const SERVERS: [Code; 6] = [
    Code::HostPolicyLicenseServers,
    Code::HostLicenseServers,
    Code::HostLicenseServersConsole,
    Code::HostLicenseServersParameters,
    Code::HostLicenseServersSubkey,
    Code::HostDefaultLicenseServer,
];

/// Places of a licensing mode without a documented effect.
const OTHER_MODES: [Code; 4] = [
    Code::HostDeploymentLicensingType,
    Code::HostLicensingCoreLicensingMode,
    Code::HostPolicyAcOnAsPrinted,
    Code::HostAnomalyPolicyViewValue,
];
/// Places of license servers without a documented effect.
const OTHER_SERVERS: [Code; 2] =
    [Code::HostDeploymentLicenseServers, Code::HostAnomalyPolicyViewValue];

/// Returns licensing mode and license servers.
pub(crate) fn sections(view: &View<'_>) -> Vec<Section> {
    let host = view.host;
    let mode = Section::new("LICENSING MODE", "value");
    if !view.may_be_session_host() {
        let Some(text) = does_not_apply(view) else { return Vec::new() };
        return vec![mode.head([Line::plain(&text)])];
    }
    let servers = Section::new("LICENSE SERVERS", "value");
    vec![
        filled(view, mode, &host.licensing_mode, &values(view, &MODES)).rows(elsewhere(
            view,
            &OTHER_MODES,
            "LicensingMode",
        )),
        filled(view, servers, &host.license_servers, &values(view, &SERVERS)).rows(elsewhere(
            view,
            &OTHER_SERVERS,
            "LicenseServers",
        )),
    ]
}

/// Returns the values at places without a documented effect. In the 32-bit registry view, values with
/// `name` count.
fn elsewhere(view: &View<'_>, codes: &[Code], name: &str) -> Vec<Row> {
    let facts = codes.iter().flat_map(|code| view.found(*code));
    let is_named = |fact: &&FactReport| {
        let own = fact.provenance.value_name.as_deref().unwrap_or_default();
        fact.code != Code::HostAnomalyPolicyViewValue || own.eq_ignore_ascii_case(name)
    };
    let row = |fact: &FactReport| {
        let place = match fact.code {
            Code::HostDeploymentLicensingType | Code::HostDeploymentLicenseServers => {
                "deployment (TSAppAllowList)"
            }
            Code::HostLicensingCoreLicensingMode => r"Terminal Server\Licensing Core",
            Code::HostPolicyAcOnAsPrinted => r"TerminalServer\Licensing Core",
            _ => "policy path in Wow6432Node",
        };
        let text = format!("{place}, effect not documented");
        let cells = [value(fact), text].map(|text| Line::of(Kind::Muted, &text));
        Row::of_item(Line::default(), cells)
    };
    facts.filter(is_named).map(row).collect()
}

/// Returns why the licensing mode does not apply, with the stored value; `None` for a license server.
fn does_not_apply(view: &View<'_>) -> Option<String> {
    let stored = MODES.iter().find_map(|code| view.shown(*code));
    let stored = stored.map(|value| format!(" (stored value {value})"));
    let why = match view.host.license_server.state {
        _ if view.is_client() => "does not apply: client edition",
        RoleState::Present if stored.is_none() => return None,
        _ => "does not apply: no session-host role",
    };
    Some(format!("{why}{}", stored.unwrap_or_default()))
}

/// A value at one place, from one control set.
struct Stored<'r> {
    facts: Vec<&'r FactReport>,
    shown: String,
}

/// Returns the values at these places. Names at one place are one value.
fn values<'r>(view: &View<'r>, codes: &[Code]) -> Vec<Stored<'r>> {
    let mut all: Vec<Stored<'r>> = Vec::new();
    let found = codes.iter().flat_map(|code| view.at(*code)).filter(|fact| fact.state.is_found());
    for fact in found {
        let shown = value(fact);
        let is_beside = |other: &Stored<'_>| {
            let other = other.facts.first().map(|it| (it.code, &it.provenance.control_set));
            let set = &fact.provenance.control_set;
            let number =
                |set: &Option<calhive::report::ControlSetReport>| set.as_ref().map(|it| it.number);
            other.is_some_and(|(code, other)| code == fact.code && number(other) == number(set))
        };
        match all.iter_mut().find(|other| is_beside(other)) {
            Some(other) => {
                other.shown = format!("{}, {shown}", other.shown);
                other.facts.push(fact);
            }
            None => all.push(Stored { facts: vec![fact], shown }),
        }
    }
    // The same value of a control set that is not in use says nothing new.
    let in_use: Vec<(Code, String)> =
        all.iter().filter(|it| it.is_in_use()).map(Stored::key).collect();
    all.retain(|it| it.is_in_use() || !in_use.contains(&it.key()));
    all.sort_by_key(|it| !it.is_in_use());
    all
}

/// Returns "Per User (4)", or the text of a value.
fn value(fact: &FactReport) -> String {
    let shown = fact.shown.as_deref().unwrap_or("not decodable");
    match &fact.label {
        Some(label) if MODES.contains(&fact.code) => {
            format!("{label} ({shown})")
        }
        _ if shown.is_empty() => String::from("empty list"),
        _ => shown.to_owned(),
    }
}

impl Stored<'_> {
    fn is_in_use(&self) -> bool {
        self.facts.iter().all(|fact| view::is_in_use(fact))
    }

    fn key(&self) -> (Code, String) {
        let code = self.facts.first().map_or(Code::HostRcm, |fact| fact.code);
        (code, self.shown.clone())
    }

    /// Returns the cells of the value: content, place and effect, time.
    fn cells<T>(&self, view: &View<'_>, setting: &Setting<T>, first: &str) -> [Line; 3] {
        let is_of = |ids: &[String]| self.facts.iter().any(|fact| ids.contains(&fact.id));
        let place = self.place();
        let (kind, effect) = match (is_of(&setting.facts), is_of(&setting.overrides)) {
            (true, _) => {
                let effect = Effect::new(view, setting);
                (effect.kind(), format!("{place}{}", effect.words()))
            }
            (_, true) if self.shown == first => (Kind::Muted, format!("{place}, the same")),
            (_, true) => (Kind::Muted, format!("{place}, overridden")),
            _ => (Kind::Muted, place),
        };
        let time = self.facts.first().map(|fact| written(fact)).unwrap_or_default();
        [Line::of(kind, &self.shown), Line::of(kind, &effect), time]
    }

    /// Returns "policy", "local", or the control set that is not in use.
    fn place(&self) -> String {
        let Some(fact) = self.facts.first() else { return String::new() };
        let place = match fact.code {
            Code::HostPolicyLicensingMode | Code::HostPolicyLicenseServers => "policy",
            Code::HostPolicyAcOn => "local, PolicyAcOn",
            Code::HostLicenseServersSubkey => "local, names of subkeys",
            Code::HostLicenseServersConsole => "local, from the console",
            Code::HostLicenseServersParameters => "local, parameters of the service",
            Code::HostDefaultLicenseServer => "local, DefaultLicenseServer",
            _ => "local",
        };
        let set = fact.provenance.control_set.as_ref().filter(|set| !view::is_current(set));
        match set.map(|set| (set.number, set.roles.as_slice())) {
            None => place.to_owned(),
            Some((0, _)) => String::from("stored CurrentControlSet"),
            Some((number, [])) => format!("set {number}"),
            Some((number, roles)) => {
                let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
                format!("set {number} ({})", roles.join(", "))
            }
        }
    }
}

/// Fills a section with the values of a setting. Without a value in effect, the section begins with the
/// sentence of the report about it.
fn filled<T>(
    view: &View<'_>,
    section: Section,
    setting: &Setting<T>,
    values: &[Stored<'_>],
) -> Section {
    let is_set = !setting.facts.is_empty();
    let first = values.first().map(|value| value.shown.as_str()).unwrap_or_default();
    let mut cells = values.iter().map(|value| value.cells(view, setting, first));
    let sentences = statement::sentences(&setting.statement).into_iter();
    let mut sentences = sentences.map(|sentence| damage::brief(view, sentence));
    let section = match is_set {
        true => section.head(cells.next().into_iter().flatten()),
        false => section.head(sentences.next()),
    };
    let notes = sentences.filter(|_| !is_set);
    let notes = notes.map(|line| Row::always(Line::default(), [line]).light());
    let rows =
        cells.map(|cells| Row { cells: Vec::from(cells), weight: Weight::Item, ..Row::default() });
    let rows: Vec<Row> = rows.collect();
    let doubt = setting.statement.find(DOUBT).filter(|_| is_set);
    let doubt = doubt.and_then(|at| setting.statement.get(at..));
    let doubt = doubt.map(|text| {
        Row::always(Line::default(), [damage::brief(view, text).recolor(Kind::Warning)])
    });
    let role = setting
        .role_note
        .as_deref()
        .map(|note| Row::always(Line::default(), [statement::line(note)]));
    section.rows(rows).rows(doubt).rows(notes).rows(role.map(Row::light))
}
