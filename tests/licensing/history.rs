// SPDX-License-Identifier: MIT OR Apache-2.0
//! The changes of each log entry are exactly those that hive-forge made.

use calhive::FileTime;
use calhive::Hive;
use calhive::Report;
use calhive::fact::{ChangeKind, Fact, Facts, Source};
use calhive::meaning::Certainty;
use calhive::regf::hive::look_up::LookUp;
use calhive_regf::log::patches::Patches;
use calhive_regf::log::replay::replay;
use calhive_regf::log::report::{LogFile, ReplayReport};
use calhive_regf::registry::HiveKind;
use hive_forge::Options;
use hive_forge::cases::cases;
use hive_forge::corpus::hives;
use hive_forge::log::{Hvle, Run, Update, number_base};
use hive_forge::random::mutate;
use hive_forge::rng::Rng;
use hive_forge::scenario::{Changes, KnownChange, changes};
use hive_forge::tree::{Tree, Value};

use crate::memory::measure;

/// Facts of a hive with its logs, or `None` if the hive cannot be read.
fn facts(path: &str, base: &[u8], logs: &[(String, &[u8])]) -> Option<Facts> {
    let bytes: Vec<&[u8]> = logs.iter().map(|(_, bytes)| *bytes).collect();
    let (recovered, replay) = replay(base, &bytes);
    let file = |(path, bytes): &(String, &[u8])| LogFile {
        path: path.clone(),
        sha256: None,
        size: bytes.len() as u64,
    };
    let logs: Vec<LogFile> = logs.iter().map(file).collect();
    let patches = replay.is_applied().then(|| Patches::new(base, &recovered, &replay));
    let report = ReplayReport::new(&replay, &logs, patches.as_ref());
    let hive = Hive::parse(&recovered).ok()?;
    let source = Source::new(hive, path).replayed(base, report, patches).history(bytes);
    Some(calhive::collect(&source, LookUp::Thorough))
}

fn facts_of(case: &Changes) -> Facts {
    let logs: Vec<(String, &[u8])> = case
        .dirty
        .logs
        .iter()
        .map(|(name, log)| (format!("{}.{name}", case.file), &log.bytes[..]))
        .collect();
    facts(case.file, &case.dirty.primary, &logs).unwrap()
}

const fn what(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::ValueSet => "value_set",
        ChangeKind::ValueChanged => "value_changed",
        ChangeKind::ValueRemoved => "value_removed",
        ChangeKind::KeyMade => "key_made",
        ChangeKind::KeyRemoved => "key_removed",
        ChangeKind::KeyWritten => "key_written",
        _ => "unknown",
    }
}

fn leaked(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// Each entry changes one letter of a text of 60 KB.
#[test]
fn data_of_kept_changes_grow_with_the_hive_and_its_logs() {
    let marker = "xx-changed-letter-xx";
    let servers = format!("{}{marker}{}", "a".repeat(15_000), "b".repeat(15_000));
    let mut tree = Tree::new("ROOT");
    tree.root.at("Classes");
    let policy = tree.root.at(r"Policies\Microsoft\Windows NT\Terminal Services");
    policy.push(Value::sz("LicenseServers", &servers));
    let mut hive = hive_forge::write(&tree, &Options::default()).bytes;
    number_base(&mut hive, 2, 1);
    let marker: Vec<u8> = marker.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let at = hive.windows(marker.len()).position(|bytes| bytes == marker).unwrap();
    let sector = (at - 4096) / 512 * 512;
    let mut log = Hvle::new(&hive, 2).alignment(512);
    for letter in 0..300_u16 {
        let mut bytes = hive[4096 + sector..][..1024].to_vec();
        let letter = u16::from(b'A') + letter % 26;
        bytes[at - 4096 - sector..][..2].copy_from_slice(&letter.to_le_bytes());
        let bins_size = u32::try_from(hive.len() - 4096).unwrap();
        let runs = vec![Run { offset: u32::try_from(sector).unwrap(), bytes }];
        log = log.entry(&Update { bins_size, flags: 0, runs });
    }
    let log = log.finish().bytes;
    let facts = facts("SOFTWARE", &hive, &[(String::from("SOFTWARE.LOG1"), &log)]).unwrap();
    let history = facts.history.as_ref().unwrap();
    let data = |fact: &Option<Fact>| fact.as_ref().map_or(0, |fact| fact.data.len());
    let kept: usize = history.changes.iter().map(|it| data(&it.before) + data(&it.after)).sum();
    assert_eq!(history.updates, 300);
    assert!(history.is_cut && history.changes.len() > 10, "{}", history.changes.len());
    assert!(kept <= 2 * (hive.len() + log.len()) + (1 << 19), "{kept}");
}

#[test]
fn changes_of_each_entry_equal_those_of_hive_forge() {
    let (mut entries, mut bytes) = (0, 0);
    for case in changes() {
        let facts = facts_of(&case);
        let history = facts.history.unwrap();
        let of = |fact: &Fact| fact.state.is_value().then(|| fact.data.clone());
        let found: Vec<KnownChange> = history
            .changes
            .iter()
            .map(|change| {
                let fact = change.after.as_ref().or(change.before.as_ref()).unwrap();
                KnownChange {
                    entry: (case.dirty.logs[change.from.log].0, change.from.sequence),
                    what: what(change.kind),
                    key: leaked(&fact.provenance.key),
                    value: fact.provenance.value.as_deref().map(leaked),
                    before: change.before.as_ref().and_then(of),
                    after: change.after.as_ref().and_then(of),
                    is_first: change.is_before_in_file,
                    time: change.dated.as_ref().map(|(_, time)| time.raw()),
                }
            })
            .collect();
        for (found, known) in found.iter().zip(&case.changes) {
            assert_eq!(found, known, "{}", case.dirty.name);
        }
        assert_eq!(found.len(), case.changes.len(), "{}: {found:#?}", case.dirty.name);
        let applied = case.dirty.applied.len() as u64;
        assert_eq!((history.updates, history.looked_at), (applied, applied));
        assert_eq!((history.uncertain, history.is_cut), (0, false));
        for change in &history.changes {
            let log = &case.dirty.logs[change.from.log].1.bytes;
            let at = change.entry_offset as usize;
            assert!(log[at..].starts_with(b"HvLE") || log[at..].starts_with(b"DIRT"));
            assert!(change.from.log_offset > change.entry_offset);
            // The byte lies in a page of the entry.
            let in_log = log[change.from.log_offset as usize];
            let last = history.changes.iter().filter(|it| it.from.offset == change.from.offset);
            if last.count() == 1 && case.dirty.applied.len() == 1 {
                assert_eq!(case.dirty.expected[change.from.offset as usize], in_log);
                bytes += 1;
            }
            entries += 1;
        }
    }
    assert!(entries > 8 && bytes > 0, "{entries} {bytes}");
}

fn report_of(case: &Changes) -> Report {
    calhive::interpret(&[facts_of(case)], None)
}

#[test]
fn changes_are_reported_as_events() {
    let cases = changes();
    let [system, software, old] = &cases[..] else { panic!("three cases") };
    let meanings = |case: &Changes| -> Vec<(Option<FileTime>, String)> {
        let report = report_of(case);
        let changes = report.events.iter().filter(|event| event.change.is_some());
        changes
            .map(|event| {
                assert_eq!(event.certainty, Certainty::Observed);
                assert!(event.code.as_str().starts_with("log."), "{event:?}");
                (event.time, event.meaning.to_string())
            })
            .collect()
    };
    let of = |case, part: &str| {
        let found: Vec<_> =
            meanings(case).into_iter().filter(|(_, text)| text.contains(part)).collect();
        assert_eq!(found.len(), 1, "{part}: {found:#?}");
        found[0].clone()
    };
    let core = r"ControlSet001\Control\Terminal Server\RCM\Licensing Core";
    let (time, text) = of(system, "entry 413 ");
    assert_eq!(time.unwrap().to_string(), "2024-03-05T09:10:11.1732050Z");
    assert_eq!(
        text,
        format!(
            "entry 413 of SYSTEM.LOG1 (at 0x200) changed LicensingMode of {core} from 2 (Per Device) in \
             the stored file to 4 (Per User)"
        )
    );
    let (time, text) = of(system, "entry 416 ");
    assert_eq!(time, None);
    let end = "from 4 (Per User) to 5 (Not configured); no timestamp dates this change";
    assert!(text.starts_with("entry 416 of SYSTEM.LOG2 (at 0x200) changed"), "{text}");
    assert!(text.ends_with(end), "{text}");
    let (_, text) = of(system, r"removed the key ControlSet001\Control\Terminal Server\RCM\Grace");
    assert!(text.ends_with(
        r"which the stored file has; dated by the parent or ancestor key ControlSet001\Control\Terminal Server\RCM"
    ));
    let (_, text) =
        of(software, r"removed ClientLicense of Microsoft\MSLicensing\Store\LICENSE000");
    assert!(text.contains("; before it was 1945 bytes"), "{text}");
    // The token was removed: it is not among the tokens.
    assert!(!text.contains("taken apart"), "{text}");
    let (time, text) = of(old, "changed LicensingMode");
    assert_eq!(time.unwrap().to_string(), "2024-03-05T09:10:11.1732050Z");
    assert!(text.starts_with("SYSTEM.LOG1 (sequence number "), "{text}");
}

/// An undated change keeps its place in the log: after entry 415, before entry 417.
#[test]
fn undated_changes_keep_their_place() {
    let report = report_of(&changes()[0]);
    let numbers: Vec<u32> = report
        .events
        .iter()
        .filter_map(|event| Some(event.change.as_ref()?.from_log.sequence))
        .collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    let undated: Vec<&str> = report
        .events
        .iter()
        .filter(|event| event.time.is_none())
        .map(|event| event.code.as_str())
        .collect();
    assert_eq!(undated, ["log.value_changed"]);
    let source = report.sources[0].history.as_ref().unwrap();
    assert_eq!((source.updates, source.looked_at, source.changes), (5, 5, 8));
}

/// The report shows only size and hash of secrets, before and after a change.
#[test]
fn secrets_are_not_shown_in_changes() {
    let report = report_of(&changes()[0]);
    let removed =
        report.events.iter().find(|event| event.code.as_str() == "log.value_removed").unwrap();
    let before = removed.change.as_ref().unwrap().before.as_ref().unwrap();
    let data = before.data.as_ref().unwrap();
    assert_eq!((data.size, data.hex.as_ref(), data.sha256.len()), (200, None, 64));
    assert!(!format!("{removed:?}").contains("070707"));
}

#[test]
fn facts_without_logs_have_no_history() {
    let case = &changes()[0];
    let hive = Hive::parse(&case.dirty.expected).unwrap();
    let facts = calhive::collect(&Source::new(hive, "SYSTEM"), LookUp::Thorough);
    assert!(facts.history.is_none());
}

/// Corrects both hashes of the entries of a log.
fn rehash(log: &mut [u8]) {
    let word = |log: &[u8], at: usize| u32::from_le_bytes(log[at..at + 4].try_into().unwrap());
    let mut at = 512;
    while log.get(at..at + 40).is_some_and(|head| head.starts_with(b"HvLE")) {
        let size = word(log, at + 4) as usize;
        let Some(entry) = log.get_mut(at..at + size.max(40)) else { return };
        let body = calhive_regf::log::marvin32(&entry[40..]).to_le_bytes();
        entry[24..32].copy_from_slice(&body);
        let head = calhive_regf::log::marvin32(&entry[..32]).to_le_bytes();
        entry[32..40].copy_from_slice(&head);
        at += size.max(512);
    }
}

/// The hive and its log entries are damaged, then the hashes of the entries are corrected.
#[test]
fn damaged_states_do_no_harm() {
    let (count, mut told, mut uncertain) = (u64::from(cases(150)), 0, 0);
    let cases = changes();
    for seed in 0..count {
        let mut case = cases[seed as usize % cases.len()].clone();
        let mut rng = Rng::new(seed);
        if rng.one_in(2) {
            mutate(&mut case.dirty.primary, &mut rng);
        }
        for (_, log) in &mut case.dirty.logs {
            for _ in 0..rng.below(6) {
                let at = 600 + rng.below(log.bytes.len() - 600);
                log.bytes[at] ^= 1 << rng.below(8);
            }
            rehash(&mut log.bytes);
        }
        let logs: Vec<(String, &[u8])> =
            case.dirty.logs.iter().map(|(name, log)| ((*name).into(), &log.bytes[..])).collect();
        let (facts, used) = measure(|| facts(case.file, &case.dirty.primary, &logs));
        let given = case.dirty.primary.len() + logs.iter().map(|(_, log)| log.len()).sum::<usize>();
        assert!(used.peak < 8 * given as u64 + (8 << 20), "seed {seed}: {}", used.peak);
        if let Some(facts) = facts {
            if let Some(history) = &facts.history {
                told += history.changes.len();
                uncertain += history.uncertain;
            }
            std::hint::black_box(calhive::interpret(&[facts], None));
        }
    }
    println!("{count} cases: {told} changes, {uncertain} uncertain updates");
    assert!(told > 0);
}

#[test]
fn histories_of_real_hives_list_all_differences() {
    let Some(hives) = hives("histories_of_real_hives_list_all_differences") else { return };
    let (mut seen, mut updates, mut others) = (0, 0, 0);
    for hive in hives {
        let logs = hive.logs();
        let given: Vec<(String, &[u8])> =
            logs.iter().map(|log| (log.name.clone(), &log.bytes[..])).collect();
        if given.is_empty() {
            continue;
        }
        let since = std::time::Instant::now();
        let facts = facts(&hive.name, &hive.bytes, &given).unwrap();
        let took = since.elapsed();
        let Some(history) = &facts.history else {
            // Only SYSTEM and SOFTWARE have places of the catalog, and every real one has applicable logs.
            assert!(!matches!(facts.kind, HiveKind::System | HiveKind::Software), "{}", hive.name);
            others += 1;
            continue;
        };
        println!(
            "{}: {}, {} updates, {} changes, {} uncertain, {took:?}",
            hive.name,
            facts.kind,
            history.updates,
            history.changes.len(),
            history.uncertain
        );
        assert_eq!(history.updates, history.looked_at, "{}", hive.name);
        // The history lists every difference between its two ends.
        let alone = Hive::parse(&hive.bytes).unwrap();
        let alone = calhive::collect(&Source::new(alone, "alone"), LookUp::Thorough);
        assert_eq!(facts.facts.len(), alone.facts.len(), "{}", hive.name);
        for (fact, other) in facts.facts.iter().zip(&alone.facts) {
            let is_told = |change: &calhive::fact::Change| {
                let of = |it: &Fact| it.provenance.key == fact.provenance.key;
                change.after.as_ref().is_some_and(of) || change.before.as_ref().is_some_and(of)
            };
            let differs = fact.data != other.data
                || fact.state != other.state
                || fact.location.subject() != calhive::catalog::Subject::System
                    && fact.provenance.key_place != other.provenance.key_place;
            assert_eq!(fact.location.code, other.location.code);
            assert!(!differs || history.changes.iter().any(is_told), "{fact:?}");
        }
        seen += 1;
        updates += history.updates;
        let report = calhive::interpret(&[facts], None);
        for event in report.events.iter().filter(|event| event.change.is_some()) {
            println!("  {:?}: {}", event.time, event.meaning);
        }
    }
    println!("{seen} hives, {updates} updates");
    assert_eq!((seen, updates, others), (1, 24, 17));
}

#[test]
fn log_entry_that_changes_the_computer_name_is_a_finding() {
    let tree = |name: &str| {
        let mut tree = Tree::new("ROOT");
        tree.root.at("Select").push(Value::dword("Current", 1));
        let key = tree.root.at(r"ControlSet001\Control\ComputerName\ComputerName");
        key.push(Value::sz("ComputerName", name));
        tree
    };
    let codes = |names: [&str; 2]| {
        let trees = names.map(tree).to_vec();
        let history = hive_forge::log::History::in_place(trees, &Default::default(), 0);
        let crash = hive_forge::log::NewCrash::new(&history).sequence(413).log("LOG1", 1);
        let dirty = crash.build("renamed by an entry");
        let logs: Vec<(String, &[u8])> =
            dirty.logs.iter().map(|(name, log)| ((*name).to_owned(), &log.bytes[..])).collect();
        let facts = facts("SYSTEM", &dirty.primary, &logs).unwrap();
        let report = calhive::interpret(&[facts], None);
        let renamed = report.findings.into_iter().find(|it| it.code == "system.renamed");
        renamed.map(|it| it.statement)
    };
    let statement = codes(["WS-0041", "WS-0042"]).unwrap();
    assert!(statement.ends_with("from WS-0041 to WS-0042."), "{statement}");
    assert_eq!(codes(["WS-0042", "ws-0042"]), None);
}
