// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Held`]: bytes of a file, mapped or read into memory.

use calhive_regf::log::Plan;
use calhive_regf::{FileError, Image, LostBytes};

/// Bytes of a file, mapped or read into memory.
///
/// [`Image`] is the default type. A program can use its own type, for example one that survives the
/// truncation of a mapped file.
pub trait Held: Sized {
    /// Wraps an image in memory that maps no file.
    fn of(image: Image) -> Self;

    /// Returns the image.
    fn image(&self) -> &Image;

    /// Applies the writes of a plan to a private copy, as [`Image::replay_by`] does.
    ///
    /// # Errors
    /// If the file cannot be mapped again.
    fn replay(&self, plan: &Plan<'_>) -> Result<Self, FileError>;

    /// Returns the bytes of the file that could not be read so far. Zeros replace them. `None` if all were read.
    fn lost(&self) -> Option<LostBytes> {
        self.image().lost()
    }
}

impl Held for Image {
    fn of(image: Image) -> Self {
        image
    }

    fn image(&self) -> &Image {
        self
    }

    fn replay(&self, plan: &Plan<'_>) -> Result<Self, FileError> {
        self.replay_by(plan, |_| ())
    }
}
