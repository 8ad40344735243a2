// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`without_hive`]: facts of a source that is no hive.

use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::registry::{HiveKind, KindSigns};

use crate::fact::{Facts, Faults, KeyTimes, SecondReader, SourceForm};

/// Returns no facts, without the state of a hive. The sequence numbers and the checksum are made up.
pub(super) fn without_hive(kind: HiveKind) -> Facts {
    Facts {
        path: String::new(),
        real_path: None,
        locator: None,
        copies: Vec::new(),
        beside: Vec::new(),
        pair: None,
        sha256: None,
        size: 0,
        shift: 0,
        kind,
        signs: KindSigns { kind, signs: Vec::new() },
        version: (0, 0),
        sequence: (0, 0),
        checksum_is_valid: true,
        is_fragment: false,
        missing: None,
        searched_root: None,
        outside: None,
        recovered: None,
        replay: None,
        history: None,
        counts: None,
        unread: Faults::default(),
        faults: Faults::default(),
        second_reader: SecondReader::default(),
        facts: Vec::new(),
        key_times: KeyTimes::default(),
        corroboration: Vec::new(),
        grace_end: None,
        form: SourceForm::default(),
    }
}
