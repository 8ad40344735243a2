// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decrypts the end of the grace period of each SYSTEM hive, with the files of its machine.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use std::path::{Path, PathBuf};

use calhive_evidence::{Found, Held, Opener, escape};
use calhive_regf::registry::HiveKind;
use calhive_regf::{AccessPattern, FileError};
use sha2::{Digest as _, Sha256};

use crate::fact::{ClosedEnd, Facts, GraceEndReading, MasterKeyRead, OpenedEnd, PlaceOfEnd};
use crate::grace_end::{GraceEnd, Half, NotOpened, OpenedWith, grace_end};
use crate::meaning::text;
use crate::scan::options::Options;

/// Maximum number of files of one name that are read.
const FILES: usize = 64;
/// Largest file that is read, in bytes. Real files have 468.
const LARGEST: u64 = 65_536;

/// Adds the result to the facts of each SYSTEM hive.
pub(super) fn add<H: Held>(
    found: &Found,
    options: &Options,
    open: &impl Fn(&Path, AccessPattern) -> Result<H, FileError>,
    collected: &mut [Facts],
) {
    let hives: BTreeMap<String, &PathBuf> =
        found.hives.iter().map(|path| (escape::path(path), path)).collect();
    let of_kind = |kind: HiveKind| {
        let facts = collected.iter().enumerate();
        let of_kind = facts.filter(move |(_, it)| it.kind == kind && it.form.is_hive());
        let paths = of_kind.filter_map(|(at, it)| Some((at, *hives.get(&it.path)?)));
        paths.collect::<Vec<(usize, &PathBuf)>>()
    };
    let securities: Vec<&PathBuf> =
        of_kind(HiveKind::Security).into_iter().map(|(_, path)| path).collect();
    let systems = of_kind(HiveKind::System);
    for (at, system) in systems {
        let security = beside(system, &securities);
        let reading = read(found, options, open, system, security);
        if let Some(facts) = collected.get_mut(at) {
            facts.grace_end = Some(reading);
        }
    }
}

/// Returns the SECURITY hive that belongs to a SYSTEM hive: in the same folder, with the same name but for the word, or
/// the only one there.
fn beside<'p>(system: &Path, securities: &[&'p PathBuf]) -> Option<&'p PathBuf> {
    let mut here = securities.iter().copied().filter(|path| path.parent() == system.parent());
    let name = |path: &Path| path.file_name().map(|it| it.to_string_lossy().to_lowercase());
    let expected = name(system)?.replace("system", "security");
    let named = here.clone().find(|path| name(path).is_some_and(|it| it == expected));
    let only = here.next().filter(|_| here.next().is_none());
    named.or(only)
}

fn read<H: Held>(
    found: &Found,
    options: &Options,
    open: &impl Fn(&Path, AccessPattern) -> Result<H, FileError>,
    path: &Path,
    security_path: Option<&PathBuf>,
) -> GraceEndReading {
    let mut opener = Opener::new(open, &options.logs).inside(found);
    // The notices of both hives are in the report already.
    let system = opener.hive(path, options.access(), &mut |_| ());
    let security =
        security_path.and_then(|path| opener.hive(path, options.access(), &mut |_| ()).ok());
    let (mut files, mut unread) = (Vec::new(), Vec::new());
    let outcome = system.as_ref().ok().and_then(|it| it.hive().ok()).map(|system| {
        let security = security.as_ref().and_then(|it| it.hive().ok());
        grace_end(system, security, |guid| {
            let paths = found.master_key_files(path, guid).into_iter().take(FILES);
            let read = paths.filter_map(|path| {
                let is_larger = path.metadata().is_ok_and(|it| it.len() > LARGEST);
                let file = (!is_larger).then(|| opener.file(&path, AccessPattern::Normal).ok());
                let bytes = file.as_ref().and_then(Option::as_ref).map(|it| it.image().bytes());
                // Inside an archive, the length is known only now.
                let Some(bytes) = bytes.filter(|bytes| bytes.len() as u64 <= LARGEST) else {
                    unread.push(escape::path(&path));
                    return None;
                };
                files.push(MasterKeyRead {
                    path: escape::path(&path),
                    size: bytes.len() as u64,
                    sha256: text::hex(&Sha256::digest(bytes)),
                });
                Some(bytes.to_vec())
            });
            read.collect()
        })
    });
    let outcome = match outcome {
        Some(Ok(opened)) => Ok(in_words(opened)),
        Some(Err(NotOpened::NoMasterKeyFile { .. })) if !unread.is_empty() => Err(ClosedEnd {
            code: NotOpened::Unreadable.code(),
            reason: format!(
                "{} was found, and is not readable or has more than {LARGEST} bytes",
                unread.join(", ")
            ),
        }),
        Some(Err(reason)) => Err(ClosedEnd { code: reason.code(), reason: reason.to_string() }),
        None => Err(ClosedEnd {
            code: "unreadable",
            reason: String::from("the SYSTEM hive could not be opened a second time"),
        }),
    };
    let read = security.is_some().then_some(security_path).flatten();
    GraceEndReading { outcome, security: read.map(|path| escape::path(path)), files }
}

fn in_words(opened: GraceEnd) -> OpenedEnd {
    let GraceEnd { end, set_at, authenticated: is_authenticated, opened_with } = opened;
    let (place, value, boot_key_set, master_key) = match opened_with {
        OpenedWith::MasterKey {
            control_set,
            is_current,
            value,
            boot_key_set,
            file,
            half,
            cipher,
            hash,
            is_hmac,
            guid: _,
        } => {
            let half = match half {
                Half::Machine => "machine",
                Half::User => "user",
            };
            let form = if is_hmac { "an HMAC" } else { "a nested hash" };
            let value = format!(
                "{value} of control set {control_set} ({cipher} and {hash}, authentication code: {form}; opened with \
                 the {half} half of DPAPI_SYSTEM)"
            );
            let place = PlaceOfEnd::ControlSet { number: control_set, is_current };
            (place, value, boot_key_set, Some(file))
        }
        OpenedWith::Secret { boot_key_set } => {
            let value =
                String::from("the LSA secret L$RTMTIMEBOMB… (DES, as before Windows Vista)");
            (PlaceOfEnd::Secret, value, boot_key_set, None)
        }
    };
    OpenedEnd { end, set_at, is_authenticated, place, value, boot_key_set, master_key }
}
