// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rows of the table.

use std::path::{Path, PathBuf};

use hive_forge::Locality;

use crate::command::Program;
use crate::driver::cargo::Built;
use crate::driver::{self, Figure, Reader};
use crate::hives::{self, Input};
use crate::peers::Peers;
use crate::table::{self, Group, Options, Role};

/// A row of the table.
pub struct Row {
    pub letter: &'static str,
    pub name: &'static str,
    pub about: &'static str,
    pub print: fn(&Options, &Peers),
}

pub const ROWS: [Row; 13] = [
    Row { letter: "A", name: "walk", about: "walk with names and data", print: walk },
    Row { letter: "A0", name: "names", about: "walk with names", print: names },
    Row {
        letter: "B",
        name: "lookup",
        about: "three keys with a value each, 1,000 times",
        print: lookup,
    },
    Row { letter: "C", name: "recovery", about: "deleted keys and values", print: recovery },
    Row { letter: "D", name: "hidden", about: "hidden keys and values", print: hidden },
    Row { letter: "E", name: "check", about: "every check of a hive", print: check },
    Row { letter: "F", name: "replay", about: "logs applied to a private copy", print: replay },
    Row {
        letter: "G",
        name: "tokens",
        about: "tokens decoded, with their signatures",
        print: tokens,
    },
    Row { letter: "H", name: "carve", about: "hives in raw bytes", print: carve },
    Row { letter: "S", name: "scan", about: "one host, by stage, and the command", print: scan },
    Row { letter: "M", name: "hosts", about: "500 hosts, on one and two threads", print: hosts },
    Row { letter: "I", name: "images", about: "20 disk images: raw, E01, VHDX", print: images },
    Row {
        letter: "L",
        name: "live",
        about: "the command with --live-only, pages not in memory",
        print: live,
    },
];

const SUM: (&str, Role) = ("reader-sum", Role::Measure);
/// Largest recovery beyond a walk with data, in sums, on the largest real hive.
const MOST_RECOVERY: f64 = 1.0;
/// Longest carving, in sums.
const MOST_CARVE: f64 = 2.5;
/// Largest private memory of a replay, in bytes.
const MOST_REPLAY: u64 = 16 << 20;
/// Stages of a scan, in their order. `collect` contains `walk`, `hidden` and `recover`.
const STAGES: [&str; 9] =
    ["open", "hash", "walk", "hidden", "recover", "collect", "second-reader", "interpret", "write"];

fn walk(options: &Options, peers: &Peers) {
    let group = Group::build(&[
        SUM,
        ("reader-calhive-data", Role::Calhive),
        ("reader-nt-hive-data", Role::Equal),
        ("reader-nt-hive-data-stack", Role::Equal),
    ]);
    compare(&group.with_peers(peers, "data"), options);
}

fn names(options: &Options, peers: &Peers) {
    let group = Group::build(&[
        SUM,
        ("reader-calhive-names", Role::Calhive),
        ("reader-nt-hive-names-recursion", Role::Equal),
        ("reader-nt-hive-names", Role::Equal),
    ]);
    compare(&group.with_peers(peers, "names"), options);
}

/// Compares readers on the largest real hive and on forged hives. Peers read no hive above 200 MB.
fn compare(group: &Group, options: &Options) {
    for input in hives::system().into_iter().chain(options.localities(&[100, 700])) {
        if input.length() > 200_000_000 {
            group.without(Role::Peer).print(&input, options);
        } else {
            group.print(&input, options);
        }
    }
}

fn lookup(options: &Options, peers: &Peers) {
    let readers =
        [SUM, ("reader-calhive-lookup", Role::Calhive), ("reader-nt-hive-lookup", Role::Equal)];
    let group = Group::build(&readers).with_peers(peers, "lookup");
    let forged = hives::scenario("windows-server-2019-session-host", "SYSTEM");
    for input in hives::system().into_iter().chain([forged]) {
        group.print(&input, options);
    }
}

fn recovery(options: &Options, peers: &Peers) {
    let readers =
        [SUM, ("reader-calhive-recover", Role::Calhive), ("reader-calhive-data", Role::Measure)];
    let group = Group::build(&readers);
    let with_peers = Group::build(&readers).with_peers(peers, "recovery");
    let real = hives::system();
    let is_real = |input: &Input| real.as_ref().is_some_and(|it| it.path == input.path);
    for input in real.clone().into_iter().chain(options.localities(&[100, 700])) {
        let group = if input.length() > 200_000_000 { &group } else { &with_peers };
        let figures = group.print(&input, options);
        let sums = |place: usize| figures[place].nanoseconds as f64 / figures[0].nanoseconds as f64;
        let beyond = sums(1) - sums(2);
        if is_real(&input) {
            println!("beyond the walk: {}", verdict(beyond, MOST_RECOVERY));
        } else {
            println!("beyond the walk: {beyond:.2} sums");
        }
    }
    let [sum, recover, _] = readers;
    // A walk of these hives ends at the root.
    let group = Group::build(&[sum, recover]);
    for megabytes in [100, 700].into_iter().filter(|it| *it <= options.largest) {
        group.print(&hives::lost(megabytes), options);
    }
}

fn hidden(options: &Options, _: &Peers) {
    with_sum("reader-calhive-hidden", options);
}

fn check(options: &Options, _: &Peers) {
    with_sum("reader-calhive-check", options);
}

fn with_sum(reader: &'static str, options: &Options) {
    let group = Group::build(&[SUM, (reader, Role::Calhive)]);
    for input in hives::system().into_iter().chain(options.localities(&[100, 700])) {
        group.print(&input, options);
    }
}

fn replay(options: &Options, _: &Peers) {
    let group = Group::build(&[SUM, ("reader-calhive-replay", Role::Calhive)]);
    for input in hives::system_with_logs().into_iter().chain([hives::dirty(200)]) {
        let hash = || hive_forge::canonical::sha256(&std::fs::read(&input.path).unwrap());
        let before = hash();
        let figures = group.print(&input, options);
        let kept = if figures[1].peak < MOST_REPLAY { "kept" } else { "MISSED" };
        println!("private memory: at most {} KiB: {kept}", MOST_REPLAY / 1024);
        assert_eq!(hash(), before, "the hive changed");
    }
}

fn tokens(options: &Options, _: &Peers) {
    let group = Group::build(&[SUM, ("reader-calhive-tokens", Role::Calhive)]);
    group.print(&hives::tokens(1000), options);
}

fn carve(options: &Options, _: &Peers) {
    let group = Group::build(&[SUM, ("reader-calhive-carve", Role::Calhive)]);
    let lengths = [70, 200, 700].into_iter().filter(|length| *length <= options.largest);
    let hives = lengths.map(|length| hives::forged(length, Locality::InOrder));
    for input in hives.chain([hives::noise(200)]) {
        let figures = group.print(&input, options);
        let sums = figures[1].nanoseconds as f64 / figures[0].nanoseconds as f64;
        println!("carving: {}", verdict(sums, MOST_CARVE));
    }
}

fn scan(options: &Options, _: &Peers) {
    let [sum, stages] =
        ["reader-sum", "reader-calhive-stages"].map(|name| driver::build(&[name]).remove(0));
    let mut readers = vec![(sum, Role::Measure)];
    readers.extend(
        STAGES.map(|stage| (Reader { part: Some(stage), ..stages.clone() }, Role::Measure)),
    );
    let group = Group::new(readers);
    let calhive = calhive();
    let forged = options.localities(&[100, 700]);
    for input in hives::system_with_logs().into_iter().chain(forged) {
        let figures = group.print(&input, options);
        let sum = figures[0].nanoseconds;
        whole(&calhive, &input, sum, options);
    }
}

/// Measures the command on one hive.
fn whole(calhive: &Path, input: &Input, sum: u64, options: &Options) -> Vec<Figure> {
    let command = |name: &str, arguments: &[&str]| {
        let command =
            Program::new(name, calhive).arguments(["scan", "--quiet", "--format", "json"]);
        command.arguments(arguments).arguments([&input.path])
    };
    let programs =
        [command("calhive scan", &[]), command("calhive scan --live-only", &["--live-only"])];
    let title = format!("{}: the command", input.title);
    table::programs(&title, &programs, options.rounds(&input.path), Some(sum), || {})
}

/// Builds the command as users do.
pub fn calhive() -> PathBuf {
    Built::by(&["build", "--release", "-p", "calhive-cli"]).program("calhive")
}

#[cfg(target_os = "linux")]
fn hosts(options: &Options, _: &Peers) {
    crate::many::hosts(options);
}

#[cfg(target_os = "linux")]
fn images(options: &Options, _: &Peers) {
    crate::many::images(options);
}

#[cfg(target_os = "linux")]
fn live(options: &Options, _: &Peers) {
    if options.largest < 700 {
        println!("needs hives of 700 MB");
    } else {
        crate::scan::run();
    }
}

#[cfg(not(target_os = "linux"))]
use linux_only as hosts;
#[cfg(not(target_os = "linux"))]
use linux_only as images;
#[cfg(not(target_os = "linux"))]
use linux_only as live;

#[cfg(not(target_os = "linux"))]
fn linux_only(_: &Options, _: &Peers) {
    println!("measured on Linux only");
}

fn verdict(sums: f64, most: f64) -> String {
    let kept = if sums <= most { "kept" } else { "MISSED" };
    format!("{sums:.2} sums, at most {most}: {kept}")
}
