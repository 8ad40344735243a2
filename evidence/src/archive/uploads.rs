// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`check`]: compares an archive with the list of uploads that Velociraptor wrote.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use super::listing::{Found, Listing};
use super::size::Size;
use crate::escape;
use crate::uploads::{self, Upload};

/// Omissions found so far: paths below the input, with reasons.
type Losses = Vec<(PathBuf, String)>;

/// Reports files of which the archive holds less than the list of uploads says.
pub(super) fn check(listing: &mut Listing) {
    let mut losses = Losses::new();
    let members: HashSet<&Path> =
        listing.found.iter().map(|found| found.layout.path.as_path()).collect();
    for found in &listing.found {
        let list = &found.member.path;
        let Some(folder) = uploads::collection(list) else { continue };
        match bytes_of(found, listing) {
            Ok(bytes) => {
                let (rows, fault) = Upload::list(&bytes);
                if let Some(before) = fault {
                    let why =
                        format!("it is damaged after {before} rows; calhive did not use the rest");
                    losses.push((list.clone(), why));
                }
                compare(listing, &members, folder, list, &rows, &mut losses);
            }
            Err(error) => losses.push((list.clone(), format!("not read: {error}"))),
        }
    }
    for (path, why) in losses {
        listing.loss(&path, why);
    }
}

/// Compares the rows of a list with the entries of the archive.
fn compare(
    listing: &Listing,
    members: &HashSet<&Path>,
    folder: &Path,
    list: &Path,
    rows: &[Upload],
    losses: &mut Losses,
) {
    let mut missing: Option<(&Upload, u64)> = None;
    for row in rows {
        let path = folder.join(&row.path);
        if row.is_short() && members.contains(path.as_path()) {
            let (uploaded, size) = (Size(row.uploaded), Size(row.size));
            let why = format!(
                "the collection holds {uploaded} of {size}: a sparse file, or an interrupted upload; its bytes \
                 can be at other offsets than in the file"
            );
            losses.push((path, why));
        } else if row.uploaded > 0 && !listing.has_upload(&path) {
            let (_, number) = missing.get_or_insert((row, 0));
            *number = number.saturating_add(1);
        }
    }
    if let Some((first, number)) = missing {
        let ending = if number == 1 { "" } else { "s" };
        let why = format!(
            "it lists {number} file{ending} that the archive does not hold, the first is {}",
            escape::path(&first.path)
        );
        losses.push((list.into(), why));
    }
}

fn bytes_of(list: &Found, listing: &Listing) -> io::Result<Vec<u8>> {
    if list.member.size > uploads::LARGEST {
        let message = format!("it is larger than {}", Size(uploads::LARGEST));
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    match &list.kept {
        Some(kept) => Ok(kept.to_vec()),
        None => list.content.whole(&listing.shared.limits),
    }
}
