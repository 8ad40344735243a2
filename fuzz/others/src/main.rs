// SPDX-License-Identifier: GPL-3.0-or-later
//! Feeds mutated hives to readers of registry hives, and counts panics, hangs and aborts of each.
//!
//! `others COUNT` compares all readers on the hives 0 to COUNT - 1. `others READER FIRST END` reads a range with one
//! reader, in this process. The hives depend on their numbers only.

mod hives;
mod outcome;
mod readers;

use std::process::ExitCode;

use hives::Hives;
use outcome::Outcome;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<u64> = arguments.iter().filter_map(|it| it.parse().ok()).collect();
    match (arguments.as_slice(), numbers.as_slice()) {
        ([_], [count]) => compare(*count),
        ([reader, _, _], [first, end]) => {
            let Some((_, read)) = readers::ALL.iter().find(|(name, ..)| name == reader) else {
                eprintln!("no reader {reader}");
                return ExitCode::from(2);
            };
            let hives = Hives::new();
            std::panic::set_hook(Box::new(|_| {}));
            for number in *first..*end {
                // The last number that was written is the hive of a hang or an abort.
                println!("{number}");
                let bytes = hives.nth(number);
                if std::panic::catch_unwind(|| read(&bytes)).is_err() {
                    println!("{}", outcome::PANIC);
                }
            }
        }
        _ => {
            eprintln!("usage: others COUNT | others READER FIRST END");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn compare(count: u64) {
    println!("{}", hives::digest(count));
    println!(
        "| Reader | Version | Panics | Hangs | Aborts | First |\n|---|---|---:|---:|---:|---|"
    );
    for (reader, _) in readers::ALL {
        let outcome = Outcome::of(reader, count);
        println!("| {reader} | {} | {outcome} |", readers::version(reader));
    }
}
