// SPDX-License-Identifier: MIT OR Apache-2.0
//! Images of bytes.

use std::sync::atomic::{AtomicU32, Ordering};

use calhive_regf::Image;

/// Writes the bytes to a file, reads an image of the file, and deletes the file.
pub(crate) fn image(bytes: &[u8]) -> Image {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("calhive-image-{}-{number}", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let image = Image::read(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    image
}
