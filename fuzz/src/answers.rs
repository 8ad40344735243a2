// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reports on any hive, alone and beside a sound hive of the same host: no sentence denies what the
//! report shows.

#[path = "../../tests/findings/denying_phrases.rs"]
mod denying_phrases;

use calhive::Hive;
use calhive::fact::Source;
use calhive::second_reader;

use crate::forms::as_given_and_sealed;
use crate::nt_hive::silence;

/// A sound SOFTWARE of a client, and a sound SYSTEM of a session host.
const SOUND: [(&str, &[u8]); 2] = [
    ("Windows/System32/config/SOFTWARE", include_bytes!("../seeds/hive/client.SOFTWARE")),
    ("Windows/System32/config/SYSTEM", include_bytes!("../seeds/hive/session-host.SYSTEM")),
];

/// Reports on the hive in `bytes`, alone and as one of two hives of a host.
pub fn answers(bytes: &[u8]) {
    silence();
    as_given_and_sealed(bytes, |bytes, _| {
        let [software, system] = SOUND;
        report(&[(software.0, bytes)]);
        report(&[(software.0, bytes), system]);
        report(&[software, (system.0, bytes)]);
    });
}

fn report(files: &[(&str, &[u8])]) {
    let facts = files.iter().filter_map(|(path, bytes)| {
        let mut facts =
            calhive::collect(&Source::new(Hive::parse(bytes).ok()?, *path), Default::default());
        second_reader::confirm(&mut facts, bytes);
        Some(facts)
    });
    let report = calhive::interpret(&facts.collect::<Vec<_>>(), None);
    let violations = denying_phrases::violations(&report);
    assert_eq!(violations, [""; 0]);
}
