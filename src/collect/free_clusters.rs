// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`carve_signatures`]: what to carve from unallocated clusters. [`collect_unallocated`]: turns a token or a chain from unallocated clusters into a fact.

use alloc::boxed::Box;
use alloc::string::String;

use calhive_evidence::{CarveSignatures, CarvedMatch};
use calhive_regf::recover::{Level, SpaceKind};
use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::collect::without_hive::without_hive;
use crate::fact::{Fact, Facts, FileCopy, Origin, Provenance, Remains, SourceForm, State};
use crate::token::{CarvedToken, TokenSignatures};

/// Returns the signatures of tokens and chains, which a search carves from unallocated clusters beside hives.
///
/// ```
/// let options = calhive_evidence::SearchOptions::default().carve(calhive::carve_signatures());
/// assert!(options.carving.is_some());
/// ```
pub fn carve_signatures() -> CarveSignatures {
    CarveSignatures {
        scanner: || Box::new(TokenSignatures::new()),
        name: |tag| match CarvedToken::from_tag(tag)? {
            CarvedToken::Token => Some("token"),
            CarvedToken::Chain => Some("certificate chain"),
            CarvedToken::Remains | CarvedToken::Fragment => None,
        },
    }
}

/// Returns the token of a client or the chain of a session host that was carved from unallocated clusters; `None` if
/// the match is another one of [`TokenSignatures`].
///
/// The fact has no registry key, because no key leads to the bytes.
pub fn collect_unallocated(
    bytes: &[u8],
    found: CarvedMatch,
    file: FileCopy,
    sha256: Option<String>,
) -> Option<Facts> {
    let code = match CarvedToken::from_tag(found.tag)? {
        CarvedToken::Token => Code::ClientStore,
        CarvedToken::Chain => Code::HostX509Certificate,
        CarvedToken::Remains | CarvedToken::Fragment => return None,
    };
    let remains = Remains {
        place: SpaceKind::UnallocatedClusters,
        level: Level::Medium,
        why: String::from(
            "medium: found by its signature in unallocated clusters of the volume; no key leads to it",
        ),
        path_is_whole: false,
        key_is_known: false,
        data_offset: None,
        is_before_replay: false,
        key_is_recovered: false,
        subkeys: None,
        previous_version_of: None,
    };
    let provenance = Provenance {
        key: String::from("…"),
        origin: Origin::Carved,
        recovered: Some(remains),
        ..Provenance::default()
    };
    let state = if found.is_whole { State::Set } else { State::Incomplete };
    let size = bytes.len() as u64;
    let fact = Fact::new(code.location(), state, provenance);
    let mut facts = without_hive(HiveKind::Other);
    facts.facts.push(Fact { data: bytes.to_vec(), size, ..fact });
    facts.form = SourceForm::UnallocatedSpace;
    (facts.path, facts.real_path, facts.locator, facts.sha256) =
        (file.path, file.real_path, file.locator, sha256);
    facts.size = size;
    Some(facts)
}
