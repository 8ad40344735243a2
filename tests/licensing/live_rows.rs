// SPDX-License-Identifier: MIT OR Apache-2.0
//! Facts from rows of a live registry equal those from the hives, as far as the rows can carry them.

use calhive::catalog::{Base, LOCATIONS, Location};
use calhive::fact::{Fact, Facts, FileCopy, Origin, Source, State};
use calhive::regf::hive::look_up::LookUp;
use calhive::regf::registry::Role;
use calhive::{ValueType, collect_live_rows, interpret};
use hive_forge::live_rows::{Accessor, Client, PLACES, Place};
use hive_forge::random::mutate_text;
use hive_forge::rng::Rng;
use hive_forge::scenario;
use hive_forge::time;
use hive_forge::tree::Tree;

const ACCESSORS: [Accessor; 2] = [Accessor::Registry, Accessor::RawReg];
const HOST: &str = "windows-server-2019-session-host";

fn file() -> FileCopy {
    FileCopy { path: "rows.json".into(), real_path: None, locator: None }
}

fn client<'c>(host_name: &'c str, accessor: Accessor) -> Client<'c> {
    Client { id: None, host_name, collected: time::filetime(2026, 1, 2, 3, 4, 5), accessor }
}

fn of_hive(bytes: &[u8], name: &str) -> Facts {
    calhive::collect(&Source::new(calhive::Hive::parse(bytes).unwrap(), name), LookUp::Thorough)
}

/// Everything in a fact but its place in the file, its origin and its source.
type Content =
    (String, State, Option<u32>, bool, String, Option<String>, Option<ValueType>, Vec<u8>);

/// Returns the content of a fact, as the accessor shows it; `None` if the accessor does not show it.
fn content(fact: &Fact, accessor: Accessor) -> Option<Content> {
    let place = &fact.provenance;
    let is_live = accessor == Accessor::Registry;
    let (mut key, mut set) = (place.key.clone(), None);
    if let Some((number, roles)) = &place.control_set {
        // A key CurrentControlSet that a hive stores is not the link of a running system.
        let is_current = roles.contains(&Role::Current);
        if !is_live && *number == 0 {
            return None;
        }
        set = Some(if is_live { 0 } else { *number });
        if is_live {
            let (_, below) = key.split_once('\\').unwrap_or_default();
            key = format!("CurrentControlSet\\{below}");
        }
        if is_live && !is_current {
            return None;
        }
    }
    Some((
        fact.location.code.as_str().to_owned(),
        fact.state,
        set,
        place.redirected,
        key,
        place.value.clone().filter(|_| fact.state.is_value()),
        place.value_type(),
        fact.data.clone(),
    ))
}

/// Whether the artifact collects the place of a fact.
fn is_collected(fact: &Fact) -> bool {
    let path = &fact.provenance.key;
    let path = match &fact.provenance.control_set {
        Some(_) => {
            let (_, below) = path.split_once('\\').unwrap_or_default();
            format!("CurrentControlSet\\{below}")
        }
        None => path.clone(),
    };
    let path = path.to_lowercase();
    PLACES.iter().any(|place| {
        let key = place.key.to_lowercase();
        let is_key = path == key || (place.is_deep && path.starts_with(&format!("{key}\\")));
        let is_named = |name: &str| {
            place.values.is_empty() || place.values.iter().any(|it| it.eq_ignore_ascii_case(name))
        };
        is_key
            && (!fact.state.is_value()
                || is_named(fact.provenance.value.as_deref().unwrap_or_default()))
    })
}

fn sorted(facts: &Facts, accessor: Accessor) -> Vec<Content> {
    let in_tree = facts.facts.iter().filter(|fact| {
        let place = &fact.provenance;
        fact.state.is_found() && place.hidden.is_none() && place.recovered.is_none()
    });
    let collected = in_tree.filter(|fact| is_collected(fact));
    let mut all: Vec<Content> = collected.filter_map(|fact| content(fact, accessor)).collect();
    all.sort_by_key(|it| format!("{it:?}"));
    all
}

fn hive_name(file: &str) -> Option<&'static str> {
    let name = file.rsplit('/').next().unwrap().to_ascii_uppercase();
    ["SOFTWARE", "SYSTEM"].into_iter().find(|word| name.contains(word))
}

#[test]
fn facts_of_rows_equal_those_of_the_hive_in_every_scenario() {
    for accessor in ACCESSORS {
        let (mut compared, mut cut) = (0_usize, 0_usize);
        let (mut hives, mut bytes, mut most) = (0_usize, 0_usize, 0_usize);
        for scenario in scenario::every() {
            for (name, tree, options) in &scenario.hives {
                let Some(hive) = hive_name(name) else { continue };
                let rows = client(scenario.name, accessor).rows(&[(hive, tree)]);
                hives += 1;
                bytes += rows.len();
                most = most.max(rows.len());
                let expected =
                    sorted(&of_hive(&hive_forge::write(tree, options).bytes, name), accessor);
                let all = collect_live_rows(rows.as_bytes(), file(), None);
                assert!(
                    all.len() <= 1 && all.is_empty() == expected.is_empty(),
                    "{}/{name}",
                    scenario.name
                );
                let Some(facts) = all.first() else { continue };
                assert_eq!(facts.unread.total, 0, "{:?}", facts.form);
                let found = sorted(facts, accessor);
                let place = |it: &Content| (it.0.clone(), it.2, it.4.clone(), it.5.clone());
                let places = |all: &[Content]| all.iter().map(place).collect::<Vec<_>>();
                assert_eq!(
                    places(&found),
                    places(&expected),
                    "{}/{name}, {accessor:?}",
                    scenario.name
                );
                compared += expected.len();
                for (found, expected) in found.iter().zip(&expected) {
                    match found.1 {
                        // The accessor shows less than the value has.
                        State::Incomplete => {
                            cut += 1;
                            assert!(expected.7.starts_with(&found.7), "{found:?} {expected:?}");
                        }
                        _ => assert_eq!(found, expected, "{}/{name}", scenario.name),
                    }
                }
                for fact in &facts.facts {
                    let place = &fact.provenance;
                    assert_eq!(place.origin, Origin::LiveRow);
                    assert!(place.line.is_some() && place.key_place.is_none());
                    assert!(place.value_place.is_none() && fact.state.is_found());
                    assert!(place.row_written.is_some() || !fact.state.is_value());
                }
            }
        }
        println!(
            "{accessor:?}: {compared} facts, {cut} incomplete, {bytes} bytes in {hives} hives, at most {most} a hive"
        );
        assert!(compared > 1000 && cut * 20 < compared, "{accessor:?}: {compared} {cut}");
        // The accessor `raw_reg` gives the rows of each control set.
        let limit = if accessor == Accessor::Registry { 40_000 } else { 64_000 };
        assert!(most < limit, "{accessor:?}: {most}");
    }
}

fn trees(name: &str) -> Vec<(&'static str, Tree)> {
    let scenario = scenario::every().into_iter().find(|it| it.name == name).unwrap();
    let trees = scenario.hives.into_iter();
    trees.filter_map(|(file, tree, _)| Some((hive_name(file)?, tree))).collect()
}

fn rows_of(name: &str, client: Client<'_>) -> String {
    let trees = trees(name);
    let hives: Vec<(&str, &Tree)> = trees.iter().map(|(hive, tree)| (*hive, tree)).collect();
    client.rows(&hives)
}

#[test]
fn rows_of_a_host_have_the_meaning_of_its_hives() {
    let scenario = scenario::every().into_iter().find(|it| it.name == HOST).unwrap();
    let hives: Vec<Facts> =
        scenario.files().iter().map(|(name, bytes)| of_hive(bytes, name)).collect();
    let expected = interpret(&hives, None);
    for accessor in ACCESSORS {
        let rows = rows_of(HOST, client("HOST", accessor));
        let report = interpret(&collect_live_rows(rows.as_bytes(), file(), None), None);
        let [host] = report.hosts.as_slice() else { panic!("{:?}", report.hosts) };
        let hive_host = &expected.hosts[0];
        assert_eq!(host.licensing_mode.value, hive_host.licensing_mode.value);
        assert_eq!(host.license_servers.value, hive_host.license_servers.value);
        assert_eq!(
            host.system.computer_name.as_ref().map(|it| &it.text),
            hive_host.system.computer_name.as_ref().map(|it| &it.text)
        );
        assert_eq!(report.tokens.len(), expected.tokens.len());
        let source = &report.sources[0];
        let live = source.live.as_ref().unwrap();
        assert_eq!(live.host_name.as_ref().unwrap().as_str(), "HOST");
        assert_eq!(live.last_collected.unwrap().to_string(), "2026-01-02T03:04:05.0000000Z");
        assert_eq!(live.has_hives_on_disk, accessor == Accessor::RawReg);
        // Rows show neither deletion nor absence.
        for answer in &host.answers {
            for word in
                ["no key", "No key", "no value", "is not set", "no service", "found no", "deleted"]
            {
                let shown = answer.shown.as_str();
                assert!(!shown.contains(word), "{}: {shown}", answer.code);
            }
        }
        assert!(report.facts.iter().all(|fact| fact.provenance.key_offset.is_none()));
        assert!(host.unknown.iter().any(|it| it.as_str().contains("rows of a live registry")));
    }
}

#[test]
fn rows_of_several_clients_are_several_hosts() {
    let ids = ["C.1", "C.2", "C.3"];
    let rows: Vec<String> = ids
        .iter()
        .map(|id| rows_of(HOST, Client { id: Some(id), ..client("SAME", Accessor::Registry) }))
        .collect();
    // The rows of two clients alternate.
    let mut lines: Vec<&str> =
        rows[0].lines().zip(rows[1].lines()).flat_map(|(a, b)| [a, b]).collect();
    lines.insert(3, "broken");
    lines.extend(rows[2].lines());
    let report = interpret(&collect_live_rows(lines.join("\n").as_bytes(), file(), None), None);
    assert_eq!(report.hosts.len(), 3);
    for (source, id) in report.sources.iter().zip(ids) {
        let live = source.live.as_ref().unwrap();
        assert_eq!(live.client_id.as_ref().unwrap().as_str(), id);
        // The broken line can be a row of any client.
        let faults = &source.export.as_ref().unwrap().faults;
        assert_eq!(source.unread.total, 1);
        assert!(faults.iter().any(|fault| fault.line == 4), "{faults:?}");
    }
}

#[test]
fn same_file_of_several_clients_is_scanned_as_several_hosts() {
    let folder = std::env::temp_dir().join(format!("calhive-rows-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("results")).unwrap();
    let rows = ["C.1", "C.2"]
        .map(|id| rows_of(HOST, Client { id: Some(id), ..client("SAME", Accessor::Registry) }));
    let path = folder.join("results/Custom.Windows.RemoteDesktop.Licensing.json");
    std::fs::write(&path, rows.concat()).unwrap();
    std::fs::write(folder.join("results/Other.json"), "{\"A\":1}\n").unwrap();
    let report = calhive::scan([&folder], &calhive::Options::default()).unwrap();
    let bare = folder.join("bare.json");
    std::fs::write(&bare, "{\"CalhiveRow\":1}\n").unwrap();
    let nothing = calhive::scan([&bare], &calhive::Options::default()).unwrap_err().to_string();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!((report.hosts.len(), report.not_read.len()), (2, 0));
    assert!(report.sources.iter().all(|source| source.copies.is_empty()));
    assert!(nothing.contains("bare.json holds no row of a live registry"), "{nothing}");
}

/// Rows of the parameter `Keys` of the client artifact.
fn collected_by_the_artifact() -> Vec<[String; 4]> {
    let path = "integrations/velociraptor/Custom.Windows.RemoteDesktop.Licensing.yaml";
    let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(project.join(path)).unwrap();
    let (_, table) = text.split_once("Hive,Key,Below,Values\n").unwrap();
    let rows = table.lines().map(str::trim).take_while(|line| !line.is_empty());
    rows.map(|row| {
        let cells: Vec<String> = row.split(',').map(str::to_owned).collect();
        cells.try_into().unwrap()
    })
    .collect()
}

#[test]
fn artifact_collects_keys_of_the_catalog_and_hive_forge_writes_the_same() {
    let expected = PLACES.iter().map(|place| {
        let Place { hive, key, is_deep, values } = place;
        let below = if *is_deep { "**" } else { "*" };
        let values =
            if values.is_empty() { ".".to_owned() } else { format!("^({})$", values.join("|")) };
        [(*hive).to_owned(), (*key).to_owned(), below.to_owned(), values]
    });
    assert_eq!(collected_by_the_artifact(), expected.collect::<Vec<_>>());
    let path = |location: &Location| match location.base {
        Base::ControlSet => Some(("SYSTEM", format!("CurrentControlSet\\{}", location.key))),
        Base::System => Some(("SYSTEM", location.key.to_owned())),
        Base::Software | Base::SoftwareViews => Some(("SOFTWARE", location.key.to_owned())),
        _ => None,
    };
    for place in PLACES {
        let key = place.key.strip_prefix("Wow6432Node\\").unwrap_or(place.key);
        let is_place = |location: &&Location| path(location) == Some((place.hive, key.to_owned()));
        assert!(LOCATIONS.iter().copied().any(|location| is_place(&location)), "{}", place.key);
    }
}

#[test]
fn mutated_rows_are_collected_without_panic() {
    let cases = u64::from(hive_forge::cases::cases(60));
    let bases = ACCESSORS.map(|accessor| {
        rows_of("windows-10-client-with-token", client("HOST", accessor)).into_bytes()
    });
    for case in 0..cases {
        let mut bytes = bases[case as usize % 2].clone();
        mutate_text(&mut bytes, b"\"\\{}:,\n\0", &mut Rng::nth(0x0123_4567, case));
        let report = interpret(&collect_live_rows(&bytes, file(), None), None);
        assert!(report.facts.iter().all(|fact| fact.provenance.line.is_some()), "{case}");
    }
}
