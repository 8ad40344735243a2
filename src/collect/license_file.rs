// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`collect_license_file`]: turns a license file of another system into a fact.

use alloc::string::String;

use calhive_evidence::LicenseFile;
use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::collect::without_hive::without_hive;
use crate::fact::{Fact, Facts, FileCopy, Origin, Provenance, SourceForm, State};

/// Returns the license in a file that FreeRDP, rdesktop or WALLIX stored; `None` if the file has another form.
///
/// The fact has no registry key: its place is the path of the file.
pub fn collect_license_file(bytes: &[u8], file: FileCopy, sha256: Option<String>) -> Option<Facts> {
    let found = LicenseFile::parse(bytes)?;
    let mut facts = without_hive(HiveKind::Other);
    let provenance = Provenance { origin: Origin::LicenseFile, ..Provenance::default() };
    let state = if found.is_cut { State::Incomplete } else { State::Set };
    let (data, size) = (found.license.to_vec(), found.license.len() as u64);
    let fact = Fact::new(Code::ClientStore.location(), state, provenance);
    facts.facts.push(Fact { data, size, ..fact });
    facts.unread.total = u64::from(found.is_cut);
    facts.form = SourceForm::LicenseFile(found.form);
    (facts.path, facts.real_path, facts.locator, facts.sha256) =
        (file.path, file.real_path, file.locator, sha256);
    facts.size = bytes.len() as u64;
    Some(facts)
}
