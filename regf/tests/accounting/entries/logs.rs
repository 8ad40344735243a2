// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entry points that read logs and apply them.

use std::ops::ControlFlow;

use calhive_regf::log::history::{history, left_over_entries};
use calhive_regf::log::patches::Patches;
use calhive_regf::log::replay::replay;
use calhive_regf::log::report::{LogFile, ReplayReport};
use calhive_regf::log::{Log, Plan, pages_as_hive};
use calhive_regf::recover::{recover_from_logs, recover_overwritten};
use calhive_regf::{Hive, Image};
use hive_forge::family::Case;

use super::{Entry, FURTHEST, ITEM, text};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        Entry::new("entries and pages of a log", logs, [64, 8, 8, 32]),
        Entry::new(
            "plan of a replay",
            |case| text(format!("{:?}", plan(case).outcome().untouched)),
            [64, 16, 32, 1],
        ),
        Entry::new(
            "replay",
            |case| replay(&case.bytes, &all(case)).0.len() as u64,
            [64, 32, 64, 2],
        ),
        Entry::new("replay of an image", of_image, [64, 32, 64, 2]),
        Entry::new("history of a replay", steps, [128, 32, 128, 16]),
        Entry::new("patches and report of a replay", patches, [128, 32, 128, 16]),
        Entry::new("entries that were not applied", left_over, [64, 16, 64, 16]),
        Entry::new(
            "pages of logs as a hive",
            |case| pages_as_hive(&all(case)).map_or(0, |_| ITEM),
            [64, 32, 64, 2],
        )
        .with_buffer(FURTHEST),
        Entry::new("recovery from pages of logs", from_entries, [256, 64, 512, 16]),
        Entry::new("recovery of what replay overwrites", overwritten, [256, 64, 256, 16]),
    ]
}

fn all(case: &Case) -> Vec<&[u8]> {
    case.logs.iter().map(Vec::as_slice).collect()
}

fn plan(case: &Case) -> Plan<'_> {
    Plan::new(&case.bytes, &all(case))
}

fn logs(case: &Case) -> u64 {
    let of = |log: Log<'_>| log.entries().count() + log.pages().count() + log.sequence().count();
    let logs = all(case).into_iter().filter_map(|log| Log::parse(log).ok());
    logs.map(|log| of(log) as u64 * ITEM).sum()
}

fn of_image(case: &Case) -> u64 {
    let image = Image::of_bytes("hive", case.bytes.clone());
    let logs: Vec<Image> =
        case.logs.iter().map(|log| Image::of_bytes("log", log.clone())).collect();
    image.replay(&logs).map_or(0, |replayed| replayed.image.bytes().len() as u64)
}

fn steps(case: &Case) -> u64 {
    let mut output = 0;
    history(&case.bytes, &all(case), |step| {
        output += step.update.map_or(0, |update| update.changed.len() as u64) + ITEM;
        ControlFlow::Continue(())
    });
    output
}

fn patches(case: &Case) -> u64 {
    let (replayed, outcome) = replay(&case.bytes, &all(case));
    let patches = Patches::new(&case.bytes, &replayed, &outcome);
    let whole = 0..replayed.len() as u64;
    let entries = patches.entries([whole.clone()]).len() + patches.within(whole.clone()).count();
    let differing = patches.differing(whole).count();
    let file = |log: &Vec<u8>| LogFile { path: "log".into(), sha256: None, size: log.len() as u64 };
    let files: Vec<LogFile> = case.logs.iter().map(file).collect();
    let report = ReplayReport::new(&outcome, &files, Some(&patches));
    (entries + differing) as u64 + text(report.statement)
}

fn left_over(case: &Case) -> u64 {
    left_over_entries(&case.bytes, &all(case)).map(|it| it.pages().count() as u64 * ITEM + 1).sum()
}

fn from_entries(case: &Case) -> u64 {
    let (replayed, _) = replay(&case.bytes, &all(case));
    let Ok(hive) = Hive::parse(&replayed) else { return 0 };
    let mut output = 0;
    recover_from_logs(&plan(case), hive, |place, found| {
        output += ITEM + place.log_offset(found.offset()).map_or(0, |_| 1);
    });
    output
}

fn overwritten(case: &Case) -> u64 {
    let (replayed, _) = replay(&case.bytes, &all(case));
    let Ok(hive) = Hive::parse(&replayed) else { return 0 };
    let mut output = 0;
    let result = recover_overwritten(&case.bytes, hive, |_| output += ITEM);
    output + u64::from(result.is_ok())
}
