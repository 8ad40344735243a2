// SPDX-License-Identifier: MIT OR Apache-2.0
//! Accounting of licensing: memory and output of each entry point stay within stated constants times the
//! number of bytes given, for every family of hostile inputs at sizes n, 2n and 4n. The reader below has
//! a test of its own, which also counts work.

use calhive::fact::{Facts, FileCopy, Source};
use calhive::regf::hive::look_up::LookUp;
use calhive::{Hive, collect, collect_export, interpret};
use hive_forge::family::{self, Case};

use crate::memory::measure;

/// Bytes of the smallest input.
const SIZE: usize = 24 << 10;
/// Memory and output of any input.
const BASE: u64 = 2 << 20;

/// An entry point: how it is called, and the most bytes for each byte of input: largest memory at one time,
/// all allocations together, output.
type Entry = (&'static str, fn(&Case) -> u64, [u64; 3]);

fn entries() -> Vec<Entry> {
    let of_every_build: [Entry; 5] = [
        ("collect", |case| count(&facts(case, LookUp::Thorough)), [256, 4096, 1]),
        ("collect live", |case| count(&facts(case, LookUp::Trusting)), [128, 512, 1]),
        ("interpret", report, [512, 8192, 64]),
        ("compare", compare, [1024, 16_384, 64]),
        ("export as text", export, [256, 2048, 1]),
    ];
    #[cfg(feature = "token")]
    let of_tokens: [Entry; 1] = [("tokens", tokens, [256, 4096, 64])];
    #[cfg(not(feature = "token"))]
    let of_tokens: [Entry; 0] = [];
    [&of_every_build[..], &of_tokens].concat()
}

/// Facts of a hive; nothing if the bytes are no hive.
fn facts(case: &Case, look_up: LookUp) -> Vec<Facts> {
    let hive = Hive::parse(&case.bytes).into_iter();
    hive.map(|hive| collect(&Source::new(hive, "HIVE"), look_up)).collect()
}

fn count(facts: &[Facts]) -> u64 {
    facts.iter().map(|facts| facts.facts.len() as u64).sum()
}

fn report(case: &Case) -> u64 {
    let report = interpret(&facts(case, LookUp::Thorough), None);
    text(&report)
}

/// Length of a report with all of its facts, findings, events and edges.
fn text(report: &calhive::Report) -> u64 {
    #[cfg(feature = "serde")]
    return serde_json::to_string(report).unwrap().len() as u64;
    #[cfg(not(feature = "serde"))]
    return report.facts.len() as u64;
}

fn compare(case: &Case) -> u64 {
    let all = [facts(case, LookUp::Thorough), facts(case, LookUp::Trusting)];
    let [a, b] = all.map(|facts| interpret(&facts, None));
    let compared = calhive::comparison::compare(&a, &b);
    format!("{compared:?}").len() as u64
}

/// Text of a registry export: keys of the store, with data in many lines. The bytes of the case are the data.
fn export(case: &Case) -> u64 {
    let mut text = String::from("Windows Registry Editor Version 5.00\r\n\r\n");
    for (number, part) in case.bytes.chunks(64).enumerate() {
        let digits: Vec<String> = part.iter().map(|byte| format!("{byte:02x}")).collect();
        text += &format!(
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSLicensing\\Store\\LICENSE{number:03}]\r\n\
             \"ClientLicense\"=hex:{}\r\n\r\n",
            digits.join(",")
        );
    }
    let file = FileCopy { path: "host.reg".into(), real_path: None, locator: None };
    count(&collect_export(text.as_bytes(), file, None))
}

/// Decodes the bytes as a token, and each token that carving finds in them.
#[cfg(feature = "token")]
fn tokens(case: &Case) -> u64 {
    use calhive::report::TokenKind;
    let report = calhive::describe_token(&case.bytes, TokenKind::File);
    let mut output = format!("{report:?}").len() as u64;
    calhive::regf::recover::carve::carve_bytes(
        &case.bytes,
        Some(&calhive::token::TokenSignatures::new()),
        |found| output += u64::from(found.is_whole),
    );
    output
}

#[test]
fn memory_and_output_of_licensing_grow_with_the_bytes_given() {
    let mut faults = Vec::new();
    for (name, run, most) in entries() {
        let mut worst = [(0, ""); 3];
        for family in family::all() {
            let mut before = None;
            for times in [1, 2, 4] {
                let case = (family.make)(SIZE * times);
                let length = case.length() as u64;
                let (output, used) = measure(|| std::hint::black_box(run(&case)));
                let costs = [used.peak, used.total, output];
                // Twice the bytes may cost twice as much. Small costs say nothing about growth: a limit of the
                // format, such as the depth of a tree, changes them.
                let grows = |half: [u64; 3], index: usize| {
                    let is_large = costs[index] > (most[index] * length + BASE) / 2;
                    is_large && costs[index] > 3 * half[index] + BASE
                };
                if let Some(half) = before.replace(costs)
                    && (0..3).any(|index| grows(half, index))
                {
                    faults.push(format!("{name}: {}: {half:?} grows to {costs:?}", family.name));
                }
                for (index, what) in ["peak", "total", "output"].into_iter().enumerate() {
                    let rate = costs[index].saturating_sub(BASE) / length;
                    if rate > worst[index].0 {
                        worst[index] = (rate, family.name);
                    }
                    if rate > most[index] {
                        let most = most[index];
                        faults.push(format!(
                            "{name}: {}: {what} {} for {length} bytes, {rate} a byte, at most {most}",
                            family.name, costs[index]
                        ));
                    }
                }
            }
        }
        println!("{name}: {worst:?}");
    }
    assert!(faults.is_empty(), "{} costs exceed the table:\n{}", faults.len(), faults.join("\n"));
}
