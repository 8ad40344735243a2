// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Held`]: bytes of a file, as a program holds them.

use calhive_regf::log::outcome::Replay;
use calhive_regf::{FileError, Image};

/// Bytes of a file, as a program holds them.
///
/// [`Image`] is the plain type. A program that survives files that shrink while mapped can use its own type.
pub trait Held: Sized {
    /// Holds an image that was made in memory and maps no file.
    fn of(image: Image) -> Self;

    /// Returns the image.
    fn image(&self) -> &Image;

    /// Applies logs to a private copy, as [`Image::replay`] does.
    ///
    /// # Errors
    /// If the file cannot be mapped again.
    fn replay(&self, logs: &[Self]) -> Result<(Self, Replay), FileError>;

    /// Whether a part of the file could not be read and reads as zeros.
    fn has_lost_pages(&self) -> bool {
        false
    }
}

impl Held for Image {
    fn of(image: Image) -> Self {
        image
    }

    fn image(&self) -> &Image {
        self
    }

    fn replay(&self, logs: &[Self]) -> Result<(Self, Replay), FileError> {
        let replayed = self.replay_after(logs, |_| ())?;
        Ok((replayed.image, replayed.replay))
    }
}
