// SPDX-License-Identifier: GPL-3.0-or-later
//! Hashes of whole disk images and archives.

use std::path::Path;

use calhive::Report;
use calhive_evidence::{Found, ImageHash, ImageHashState, Input};

use crate::args::Custody;
use crate::digest::sha256_of_file;
use crate::interrupt;
use crate::messages::Messages;
use crate::text::escape;

/// Hashes each disk image and archive whole, if the user asked for that.
pub(super) fn hash_images(
    report: &mut Report,
    found: &Found,
    custody: &Custody,
    messages: &Messages,
) {
    if !custody.hash_images {
        return;
    }
    for (reported, (input, _)) in report.inputs.iter_mut().zip(found.inputs()) {
        if let Some(verified) = verify(input, messages) {
            reported.image_hash = Some(verified);
        }
        for (reported, file) in reported.files.iter_mut().zip(&input.files) {
            if interrupt::is_requested() {
                not_hashed(&file.path, "interrupted by the user", messages);
                continue;
            }
            messages.step(format_args!("hashing {}", escape::path(&file.path)));
            match sha256_of_file(&file.path) {
                Ok(sha256) => {
                    messages.note(format_args!("{}: SHA-256 {sha256}", escape::path(&file.path)));
                    reported.sha256 = Some(sha256);
                }
                Err(error) => not_hashed(&file.path, &error.to_string(), messages),
            }
        }
    }
}

/// Compares the hashes that an E01 stores with the disk in it.
fn verify(input: &Input, messages: &Messages) -> Option<ImageHash> {
    let path = &input.path;
    messages.step(format_args!("verifying {}", escape::path(path)));
    match input.verify()? {
        Ok(verified) => {
            match verified.state {
                ImageHashState::Differs => messages.incomplete(format_args!(
                    "{}: {} that the image stores is not the hash of its disk: the image changed after it was \
                     made, or is damaged",
                    escape::path(path),
                    hashes(&verified)
                )),
                _ => messages.note(format_args!(
                    "{}: {} that the image stores is the hash of its disk",
                    escape::path(path),
                    hashes(&verified)
                )),
            }
            Some(verified)
        }
        Err(error) => {
            not_hashed(path, &error.to_string(), messages);
            None
        }
    }
}

/// Names the hashes that an image stores.
fn hashes(hash: &ImageHash) -> &'static str {
    match (&hash.md5, &hash.sha1) {
        (Some(_), Some(_)) => "each of the hashes MD5 and SHA-1",
        (None, Some(_)) => "the SHA-1",
        _ => "the MD5",
    }
}

/// Reports each file of a disk image or an archive that changed since the search.
pub(super) fn check(found: &Found, messages: &Messages) {
    let changed = found.inputs().flat_map(|(input, _)| input.changed());
    changed.for_each(|file| messages.changed(escape::path(file)));
}

fn not_hashed(path: &Path, why: &str, messages: &Messages) {
    messages.incomplete(format_args!("{}: not hashed: {why}", escape::path(path)));
}
