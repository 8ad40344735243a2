// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each entry of a log changed is what the forge had it change, and nothing else.

use calhive::Hive;
use calhive::licensing::report::Certainty;
use calhive::licensing::{self, ChangeKind, Facts, Report, Source};
use calhive::log::patches::Patches;
use calhive::log::replay::replay;
use calhive::log::report::{LogFile, ReplayReport};
use hive_forge::rng::Rng;
use hive_forge::scenario::{Changes, Told, changes};

use crate::cases::cases;
use crate::corpus::{files, hives};
use crate::hostile::mutate;
use crate::memory::measure;

/// The facts of a hive with its logs; `None` where nothing of it opens.
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
    Some(licensing::collect(&source, &Default::default()))
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

#[test]
fn each_entry_changes_what_the_forge_had_it_change() {
    for case in changes() {
        let facts = facts_of(&case);
        let history = facts.history.unwrap();
        let of = |fact: &licensing::Fact| fact.state.is_value().then(|| fact.data.clone());
        let found: Vec<Told> = history
            .changes
            .iter()
            .map(|change| {
                let fact = change.after.as_ref().or(change.before.as_ref()).unwrap();
                Told {
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
        for (found, told) in found.iter().zip(&case.told) {
            assert_eq!(found, told, "{}", case.dirty.name);
        }
        assert_eq!(found.len(), case.told.len(), "{}: {found:#?}", case.dirty.name);
        let applied = case.dirty.applied.len() as u64;
        assert_eq!((history.updates, history.looked_at), (applied, applied));
        assert_eq!((history.uncertain, history.is_cut), (0, false));
        for change in &history.changes {
            let log = &case.dirty.logs[change.from.log].1.bytes;
            let at = change.entry_offset as usize;
            assert!(log[at..].starts_with(b"HvLE") || log[at..].starts_with(b"DIRT"));
            assert!(change.from.log_offset > change.entry_offset);
            // The byte is in the page that the entry brings.
            let in_log = log[change.from.log_offset as usize];
            let last = history.changes.iter().filter(|it| it.from.offset == change.from.offset);
            if last.count() == 1 && case.dirty.applied.len() == 1 {
                assert_eq!(case.dirty.expected[change.from.offset as usize], in_log);
            }
        }
    }
}

fn report_of(case: &Changes) -> Report {
    licensing::interpret(&[facts_of(case)], None)
}

#[test]
fn changes_are_events_in_the_words_of_their_facts() {
    let cases = changes();
    let [system, software, old] = &cases[..] else { panic!("three cases") };
    let meanings = |case: &Changes| -> Vec<(Option<String>, String)> {
        let report = report_of(case);
        let changes = report.events.iter().filter(|event| event.change.is_some());
        changes
            .map(|event| {
                assert_eq!(event.certainty, Certainty::Observed);
                assert!(event.code.starts_with("log."), "{event:?}");
                (event.time.clone(), event.meaning.clone())
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
    assert_eq!(time.as_deref(), Some("2024-03-05T09:10:11.1732050Z"));
    assert_eq!(
        text,
        format!(
            "entry 413 of SYSTEM.LOG1 (at 0x200 of it) changed LicensingMode of {core} from 2 (Per Device) in \
             the file as it lies to 4 (Per User)"
        )
    );
    let (time, text) = of(system, "entry 416 ");
    assert_eq!(time, None);
    let end = "from 4 (Per User) to 5 (Not configured); nothing dates it";
    assert!(text.starts_with("entry 416 of SYSTEM.LOG2 (at 0x200 of it) changed"), "{text}");
    assert!(text.ends_with(end), "{text}");
    let (_, text) = of(system, r"removed the key ControlSet001\Control\Terminal Server\RCM\Grace");
    assert!(text.ends_with(
        r"which the file as it lies has; dated by ControlSet001\Control\Terminal Server\RCM, a key above it"
    ));
    let (_, text) =
        of(software, r"removed ClientLicense of Microsoft\MSLicensing\Store\LICENSE000");
    assert!(text.contains("; before it was 1945 bytes"), "{text}");
    // It is gone: nothing of it stands among the tokens.
    assert!(!text.contains("taken apart"), "{text}");
    let (time, text) = of(old, "changed LicensingMode");
    assert_eq!(time.as_deref(), Some("2024-03-05T09:10:11.1732050Z"));
    assert!(text.starts_with("SYSTEM.LOG1 (sequence number "), "{text}");
}

/// What nothing dates stands where its log has it: behind entry 415, before entry 417.
#[test]
fn undated_changes_stand_between_their_neighbors() {
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

/// Secrets are told by size and hash alone, before and after.
#[test]
fn what_is_withheld_stays_so() {
    let report = report_of(&changes()[0]);
    let removed = report.events.iter().find(|event| event.code == "log.value_removed").unwrap();
    let before = removed.change.as_ref().unwrap().before.as_ref().unwrap();
    let data = before.data.as_ref().unwrap();
    assert_eq!((data.size, data.hex.as_ref(), data.sha256.len()), (200, None, 64));
    assert!(!format!("{removed:?}").contains("070707"));
}

/// Where the logs are not given, nothing is told of them.
#[test]
fn a_history_is_told_only_where_it_is_asked_for() {
    let case = &changes()[0];
    let hive = Hive::parse(&case.dirty.expected).unwrap();
    let facts = licensing::collect(&Source::new(hive, "SYSTEM"), &Default::default());
    assert!(facts.history.is_none());
}

/// Makes both hashes of the entries of a log right.
fn rehash(log: &mut [u8]) {
    let word = |log: &[u8], at: usize| u32::from_le_bytes(log[at..at + 4].try_into().unwrap());
    let mut at = 512;
    while log.get(at..at + 40).is_some_and(|head| head.starts_with(b"HvLE")) {
        let size = word(log, at + 4) as usize;
        let Some(entry) = log.get_mut(at..at + size.max(40)) else { return };
        let body = calhive::log::marvin32(&entry[40..]).to_le_bytes();
        entry[24..32].copy_from_slice(&body);
        let head = calhive::log::marvin32(&entry[..32]).to_le_bytes();
        entry[32..40].copy_from_slice(&head);
        at += size.max(512);
    }
}

/// Bytes of hive and entries are broken, and the entries' hashes made right again.
#[test]
fn broken_states_do_no_harm() {
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
            std::hint::black_box(licensing::interpret(&[facts], None));
        }
    }
    println!("{count} cases: {told} changes, {uncertain} uncertain updates");
    assert!(told > 0);
}

/// Real hives with logs.
#[test]
fn histories_of_the_corpus() {
    let Some(hives) = hives("histories_of_the_corpus") else { return };
    let (mut seen, mut updates) = (0, 0);
    for hive in hives {
        let beside = format!("{}.LOG", hive.name);
        let logs: Vec<_> = files("logs", |name| name.starts_with(&beside)).unwrap().collect();
        let given: Vec<(String, &[u8])> =
            logs.iter().map(|log| (log.name.clone(), &log.bytes[..])).collect();
        if given.is_empty() {
            continue;
        }
        let since = std::time::Instant::now();
        let Some(facts) = facts(&hive.name, &hive.bytes, &given) else { continue };
        let took = since.elapsed();
        let Some(history) = &facts.history else { continue };
        println!(
            "{}: {}, {} updates, {} changes, {} uncertain, {took:?}",
            hive.name,
            facts.kind,
            history.updates,
            history.changes.len(),
            history.uncertain
        );
        assert_eq!(history.updates, history.looked_at, "{}", hive.name);
        // Whatever both ends differ in was changed on the way.
        let alone = Hive::parse(&hive.bytes).unwrap();
        let alone = licensing::collect(&Source::new(alone, "alone"), &Default::default());
        for (fact, other) in facts.facts.iter().zip(&alone.facts) {
            let is_told = |change: &licensing::Change| {
                let of = |it: &licensing::Fact| it.provenance.key == fact.provenance.key;
                change.after.as_ref().is_some_and(of) || change.before.as_ref().is_some_and(of)
            };
            let differs = fact.data != other.data
                || fact.state != other.state
                || fact.location.subject() != licensing::Subject::System
                    && fact.provenance.key_place != other.provenance.key_place;
            assert_eq!(fact.location.code, other.location.code);
            assert!(!differs || history.changes.iter().any(is_told), "{fact:?}");
        }
        seen += 1;
        updates += history.updates;
        let report = licensing::interpret(&[facts], None);
        for event in report.events.iter().filter(|event| event.change.is_some()) {
            println!("  {:?}: {}", event.time, event.meaning);
        }
    }
    println!("{seen} hives, {updates} updates");
    assert!(seen > 0);
}
