// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`check`]: compares an archive with the list of uploads that Velociraptor wrote.

use std::collections::HashSet;

use super::listing::Listing;
use super::size::Size;
use crate::uploads::{self, Upload};

/// Reports files of which the archive holds less than the list of uploads says.
pub(super) fn check(listing: &mut Listing) {
    let mut losses = Vec::new();
    let members: HashSet<_> = listing.found.iter().map(|found| found.layout.path.clone()).collect();
    for found in &listing.found {
        let list = &found.member.path;
        let Some(folder) = uploads::collection(list) else { continue };
        if found.member.size > uploads::LARGEST {
            let most = Size(uploads::LARGEST);
            losses.push((list.clone(), format!("not read: it is larger than {most}")));
            continue;
        }
        let bytes = match &found.kept {
            Some(kept) => Ok(kept.to_vec()),
            None => found.content.whole(&listing.limits),
        };
        let (rows, fault) = match bytes {
            Ok(bytes) => Upload::list(&bytes),
            Err(error) => {
                losses.push((list.clone(), format!("not read: {error}")));
                continue;
            }
        };
        if let Some(before) = fault {
            let why = format!("it is damaged after {before} rows; calhive did not use the rest");
            losses.push((list.clone(), why));
        }
        let mut missing: Option<(&Upload, u64)> = None;
        for row in &rows {
            let path = folder.join(&row.path);
            if row.is_short() && members.contains(&path) {
                let (uploaded, size) = (Size(row.uploaded), Size(row.size));
                let why = format!(
                    "the collection holds {uploaded} of {size}: a sparse file, or an interrupted upload; its \
                     bytes can be at other offsets than in the file"
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
                first.path.display()
            );
            losses.push((list.clone(), why));
        }
    }
    for (path, why) in losses {
        listing.loss(&path, why);
    }
}
