// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`mark`]: marks the pairs that the examiner makes.

use std::path::{Path, PathBuf};

use calhive_evidence::real_path;
use calhive_regf::registry::HiveKind;

use crate::fact::Facts;
use crate::scan::error::{PairFault, ScanError};

/// Marks the sources of each pair. Each pair names a SYSTEM and a SOFTWARE hive, in any order.
///
/// # Errors
/// If a file of a pair was not read, if the pair is not one SYSTEM and one SOFTWARE hive, or if a hive is in
/// two pairs.
pub(super) fn mark(collected: &mut [Facts], pairs: &[(PathBuf, PathBuf)]) -> Result<(), ScanError> {
    for (number, (system, software)) in pairs.iter().enumerate() {
        mark_one(collected, number, [system, software]).map_err(|why| ScanError::Pair {
            system: system.clone(),
            software: software.clone(),
            why,
        })?;
    }
    Ok(())
}

fn mark_one(collected: &mut [Facts], number: usize, pair: [&Path; 2]) -> Result<(), PairFault> {
    let mut kinds = [HiveKind::Other; 2];
    for (path, kind) in pair.into_iter().zip(&mut kinds) {
        let (exact, canonical) = (real_path(path), path.canonicalize().ok());
        // The same file can be an input under another spelling.
        let is_same = |facts: &&mut Facts| {
            let of = facts.real_path.as_deref();
            of == Some(&*exact)
                || of.is_some_and(|it| it.canonicalize().ok() == canonical && canonical.is_some())
        };
        let facts = collected.iter_mut().find(is_same).ok_or(PairFault::NotRead)?;
        if facts.pair.replace(number).is_some() {
            return Err(PairFault::Twice);
        }
        *kind = facts.kind;
    }
    match kinds {
        [HiveKind::System, HiveKind::Software] | [HiveKind::Software, HiveKind::System] => Ok(()),
        _ => Err(PairFault::Kinds),
    }
}
