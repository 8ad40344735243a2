// SPDX-License-Identifier: GPL-3.0-or-later
//! The one screen of `calhive scan`, and the options that show more or less.

use std::path::Path;

use super::{Folder, Run, assert_harmless, calhive, run, scenario};

fn scan(scenario_name: &str, args: &[&str]) -> Run {
    let folder = scenario(scenario_name);
    calhive(["scan", "-q", folder.to_str().unwrap()].iter().chain(args))
}

#[test]
fn several_hosts_have_one_screen_and_each_host_has_its_own() {
    let screen = scan("office-network", &[]).code(0);
    let text = screen.text();
    assert!(text.starts_with("6 hosts from 12 hives\n"), "{text}");
    for row in [
        "SESSION HOSTS ",
        "  RDSH01          Per Device (2), local  rdlic01.corp.example, local",
        "  RDLIC02         RDSH02    1 permanent",
        "  CLIENT02        temporary, A02-10.01-S  until 2023-10-01 06:48:20, past its validity",
        "  notice  across.same_hardware_id     CLIENT01, CLIENT02",
    ] {
        assert!(text.contains(row), "{row} in {text}");
    }
    let hosts = scan("office-network", &["--hosts"]).code(0);
    for id in 1..=6 {
        let rows = hosts.text().lines().filter(|line| line.contains(&format!("host-{id} ")));
        assert_eq!(rows.count(), 1, "{}", hosts.text());
    }
    for name in ["RDSH01", "rdsh01", "HOST-5"] {
        let page = scan("office-network", &["--host", name]).code(0);
        assert!(page.text().starts_with("RDSH01   Windows Server 2019"), "{}", page.text());
    }
}

#[test]
fn unknown_host_name_lists_the_names() {
    let run = scan("office-network", &["--host", "RDSH09"]).code(1);
    assert!(run.err.contains("no host has the name or id RDSH09"), "{}", run.err);
    assert!(run.err.contains("CLIENT01 (host-1), CLIENT02 (host-2)"), "{}", run.err);
    let run = scan("windows-server-2012-r2-session-host", &["--host", "rdsh04"]).code(1);
    assert!(run.err.contains("several hosts have the name rdsh04"), "{}", run.err);
    assert!(run.err.contains("host-1, host-2"), "{}", run.err);
}

#[test]
fn details_can_be_limited_to_parts() {
    let timeline = scan("windows-10-client-with-token", &["--details=timeline,limits"]).code(0);
    let text = timeline.text();
    assert!(text.contains("\nTimeline (UTC)\n"), "{text}");
    assert!(text.contains("\nWhat this report cannot show\n"), "{text}");
    for absent in ["Findings in full", "Not found", "Hives\n", "Answers"] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
    let whole = scan("windows-10-client-with-token", &["--details"]).code(0);
    for part in ["Timeline (UTC)", "Findings in full", "Not found", "Hives\n", "Answers"] {
        assert!(whole.text().contains(part), "{part} in {}", whole.text());
    }
    scan("windows-10-client-with-token", &["--details=nothing"]).code(2);
}

#[test]
fn license_server_shows_its_service_and_no_licensing_mode() {
    let run = scan("license-server", &[]).code(0);
    let text = run.text();
    for row in [
        "SERVICE           TermServLicensing, set to start automatically (Start 2)",
        "  account         NT AUTHORITY\\NetworkService",
        "DisableWorkgroupAuthEnforcement = 1",
        "DATABASE          %SystemRoot%\\System32\\LServer\\TLSLic.edb; not in the searched evidence",
    ] {
        assert!(text.contains(row), "{row} in {text}");
    }
    assert!(!text.contains("LICENSING MODE") && !text.contains("No licensing mode"), "{text}");
    let page = scan("office-network", &["--host", "RDLIC01"]).code(0);
    assert!(page.text().contains("  named by        RDSH01\n"), "{}", page.text());
    assert!(page.text().contains("  tokens on       CLIENT01, CLIENT02\n"), "{}", page.text());
}

/// The tail of a hive is missing: the screen says what was not read, and states no absence there.
#[test]
fn screen_of_a_truncated_hive_denies_nothing() {
    let folder = Folder::new();
    let config = scenario("windows-server-2019-session-host");
    let read = |name: &str| std::fs::read(config.join(name)).unwrap();
    let system = read("SYSTEM");
    let half = system.len() / 8192 * 4096;
    folder.file("SYSTEM", &system[..half]);
    folder.file("SOFTWARE", &read("SOFTWARE"));
    let run = calhive(["scan", "-q", folder.path()]).code(3);
    let text = run.text();
    assert!(text.contains("SYSTEM: NOT READ WHOLE, "), "{text}");
    assert!(text.contains("\nNOT READABLE "), "{text}");
    assert!(text.contains("hive.not_whole"), "{text}");
    for denial in ["No key GracePeriod exists", "no certificate from a license server"] {
        assert!(!text.contains(denial), "{denial} in {text}");
    }
    assert!(text.lines().count() <= 30, "{text}");
}

#[test]
fn colors_are_for_terminals_unless_asked_for() {
    let folder = scenario("windows-server-2019-session-host");
    let path = folder.to_str().unwrap();
    let shown = |color: &[&str], variables: &[(&str, &str)]| {
        let args = ["scan", "-q", path].into_iter().chain(color.iter().copied());
        run(Path::new("."), variables, args).code(0).text().to_owned()
    };
    let plain = shown(&[], &[]);
    assert_harmless(&plain);
    assert_eq!(shown(&["--color", "never"], &[]), plain);
    let colored = shown(&["--color", "always"], &[("NO_COLOR", "1")]);
    assert!(colored.contains("\x1b[32m"), "{colored:?}");
    // Color is never the only sign.
    let mut text = String::new();
    for (index, part) in colored.split('\x1b').enumerate() {
        text.push_str(if index == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(text, plain);
}

/// An administrator whose users are refused finds the reasons of every session host on the page.
#[test]
fn screen_of_several_hosts_shows_why_users_might_be_refused() {
    let run = scan("flat-folder-of-two-hosts", &[]).code(0);
    let wanted =
        "REFUSALS          users might be refused\n  HOST-A, HOST-B  No certificate from a ";
    assert!(run.text().contains(wanted), "{}", run.text());
    // Both session hosts are registered.
    let run = scan("office-network", &[]).code(0);
    assert!(!run.text().contains("REFUSALS"), "{}", run.text());
}

#[test]
fn software_alone_shows_a_client_edition() {
    let path = scenario("windows-10-client-with-token").join("SOFTWARE");
    let run = calhive(["scan", "-q", path.to_str().unwrap()]).code(0);
    let text = run.text();
    assert!(
        text.starts_with("host-1   Windows 10 Pro 22H2 (19045.3570), client edition\n"),
        "{text}"
    );
    assert!(text.contains("LICENSING MODE    does not apply: client edition\n"), "{text}");
    assert!(!text.contains("LICENSE SERVERS"), "{text}");
}

/// The page of a host with many findings names those that it has no room for.
#[test]
fn finding_without_room_is_named() {
    let run = scan("windows-server-2022-session-host", &[]).code(0);
    let text = run.text();
    assert!(
        text.contains("  8 more findings (host.servers.loopback_only, ")
            && text.contains("host.registration.none): --details"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 30, "{text}");
}

/// A setting is in effect only if everything that overrides it was read.
#[test]
fn effect_of_a_setting_is_not_stated_without_the_other_hive() {
    let config = scenario("windows-server-2019-session-host");
    let path = |name: &str| config.join(name).to_str().unwrap().to_owned();
    let system = calhive(["scan", "-q", &path("SYSTEM")]).code(0);
    let text = system.text();
    assert!(text.contains("Per Device (2)  local; policy unknown  key"), "{text}");
    assert!(!text.contains("in effect"), "{text}");
    let hosts = calhive(["scan", "-q", "--hosts", &path("SYSTEM")]).code(0);
    assert!(hosts.text().contains("policy unknown"), "{}", hosts.text());
    let software = calhive(["scan", "-q", &path("SOFTWARE")]).code(0);
    assert!(software.text().contains("Per User (4)  policy, in effect *"), "{}", software.text());
}

#[test]
fn setting_is_as_read_if_changes_may_be_missing() {
    for name in ["windows-server-2016-logs-missing", "windows-server-2016-damaged-log"] {
        let text = scan(name, &[]).text().to_owned();
        assert!(text.contains("local, as read  key"), "{text}");
        assert!(!text.contains("in effect *"), "{text}");
        assert!(!text.contains("might be refused:"), "{text}");
    }
    let text = scan("windows-server-2016-logs-missing", &[]).text().to_owned();
    assert!(text.contains("Users might be refused, as read: Licensing mode not"), "{text}");
}

/// Every token of a page is shown with its issuer and names, or counted.
#[test]
fn token_is_shown_whole_or_counted() {
    let widths = ["60", "80", "100", "140"];
    for name in ["client-licenses-removed", "windows-10-client-with-token", "windows-xp-client"] {
        let folder = scenario(name);
        for width in widths {
            let args = ["scan", "-q", folder.to_str().unwrap()];
            let page = run(Path::new("."), &[("COLUMNS", width)], args).text().to_owned();
            let number = |label: &str| {
                page.lines().filter(|line| line.trim_start().starts_with(label)).count()
            };
            let tokens = page.lines().filter(|line| line.starts_with("  token-")).count();
            assert_eq!(number("issuer "), tokens, "{page}");
            assert_eq!(number("names "), tokens, "{page}");
            assert!(!page.contains("more token"), "{page}");
            assert!(page.lines().count() <= 30, "{page}");
        }
    }
}

/// The number of tokens of a store that was not read whole is a lower bound.
#[test]
fn tokens_of_a_store_that_was_not_read_whole_are_at_least_some() {
    let folder = Folder::new();
    let config = scenario("windows-10-client-with-token");
    let mut software = std::fs::read(config.join("SOFTWARE")).unwrap();
    let at = software.windows(10).position(|bytes| bytes == b"LICENSE000").unwrap();
    // The cell of the key begins with its size, 80 bytes before its name.
    software[at - 80..at - 76].fill(0);
    folder.file("SOFTWARE", &software);
    let run = calhive(["scan", "-q", folder.path()]).code(3);
    assert!(run.text().contains("at least 1 token; the store was not read"), "{}", run.text());
}

#[test]
fn stored_value_without_documented_effect_is_shown() {
    let text = scan("windows-server-2016-session-host", &[]).text().to_owned();
    assert!(text.contains("deployment (TSAppAllowList), effect not documented"), "{text}");
    let text = scan("windows-server-2022-session-host", &[]).text().to_owned();
    let is_counted = text.contains(" more value");
    assert!(is_counted || text.contains("policy path in Wow6432Node, effect not doc"), "{text}");
}

/// A file that belongs to no host is on the page if it was not read whole.
#[test]
fn file_of_no_kind_that_was_not_read_whole_is_named() {
    let folder = Folder::new();
    let system = std::fs::read(scenario("windows-server-2019-session-host").join("SYSTEM"));
    folder.file("SYSTEM", &system.unwrap()[..4100]);
    let run = calhive(["scan", "-q", folder.path()]).code(3);
    assert!(run.text().contains("\nINCOMPLETE        SYSTEM (other), not read"), "{}", run.text());
}

#[test]
fn kinds_of_hosts_add_up_and_copies_are_named() {
    let run = scan("windows-server-2022-role-absent", &["--hosts"]).code(0);
    assert!(run.text().contains("no session-host role"), "{}", run.text());
    let text = scan("windows-server-2012-r2-session-host", &[]).text().to_owned();
    assert!(text.contains("2 session hosts, of these 1 from copies of hives"), "{text}");
}
