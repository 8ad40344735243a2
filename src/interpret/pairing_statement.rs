// SPDX-License-Identifier: MIT OR Apache-2.0
//! The reason why the sources of a host count as one host, in words.

use alloc::format;
use alloc::string::String;

use crate::fact::SourceForm;
use crate::interpret::contradiction::statement;
use crate::interpret::view::View;
use crate::report::Pairing;

/// Returns the reason why the sources of a host count as one host.
pub(super) fn pairing_statement(view: &View<'_>) -> String {
    let basis = &view.basis;
    let reason = match view.pairing {
        Pairing::ConfigurationFolder => {
            return String::from("SYSTEM and SOFTWARE are in one Windows configuration folder");
        }
        Pairing::Assumed => {
            "pairing assumed: the folder holds only this SYSTEM and this SOFTWARE hive"
        }
        Pairing::FileNames => {
            "pairing assumed: the two file names in one folder differ only in the words SYSTEM and SOFTWARE"
        }
        Pairing::ComputerNames => {
            return String::from("SYSTEM and SOFTWARE of one folder name the same computer");
        }
        Pairing::Examiner if basis.contradictions.is_empty() => "paired by the examiner",
        Pairing::Examiner => {
            let signs = statement(&basis.contradictions);
            return format!("paired by the examiner, although the hives contradict this: {signs}");
        }
        Pairing::Contradicted => {
            let other = basis.refused.as_deref().unwrap_or("the other hive of its folder");
            let signs = statement(&basis.contradictions);
            return format!("not paired with {other}: {signs}; --pair overrides this");
        }
        Pairing::Single => return single(view),
    };
    if basis.same_computer.is_empty() {
        return String::from(reason);
    }
    format!("{reason}; both name the same computer")
}

fn single(view: &View<'_>) -> String {
    const ALONE: &str = "one hive, taken as a separate host";
    match view.sources.first().map(|(_, source)| &source.form) {
        Some(SourceForm::LicenseFile(_)) => {
            return String::from(
                "license files of one folder, taken as the files of one client program; no registry was read",
            );
        }
        Some(SourceForm::UnallocatedSpace) => return in_unallocated("the volume"),
        Some(SourceForm::RegistryExport(_)) => {
            return String::from("one export, taken as a separate host");
        }
        Some(SourceForm::LiveRows(..)) => {
            return String::from("live registry rows of one client, taken as a separate host");
        }
        _ => {}
    }
    match beside(view) {
        Some(advice) => format!("{ALONE}; {advice}"),
        None => String::from(ALONE),
    }
}

/// Says where tokens without a key were found. `volume` names the volume.
pub(super) fn in_unallocated(volume: &str) -> String {
    format!("found in unallocated clusters of {volume}; no key leads to it")
}

/// Says which hive lies beside a single source, with advice; `None` if no such hive is known.
pub(super) fn beside(view: &View<'_>) -> Option<String> {
    let first = view.basis.beside.first()?;
    let start = first.rfind(['/', '\\']).map_or(0, |at| at.saturating_add(1));
    let name = first.get(start..).unwrap_or(first);
    Some(format!("{name} lies beside it: scan the folder to pair them"))
}
