// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Guarded`]: a reader of a foreign crate. A panic inside it becomes an error.

use std::io::{self, Read};

use crate::containment::contained;

/// A reader of a foreign crate. After an error it is not used again.
pub(crate) struct Guarded<R> {
    what: &'static str,
    reader: Option<R>,
}

impl<R> Guarded<R> {
    /// Returns a reader of this format.
    pub(crate) const fn new(what: &'static str, reader: R) -> Self {
        Self { what, reader: Some(reader) }
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut reader) = self.reader.take() else {
            let message = format!("the {} data cannot be read further", self.what);
            return Err(io::Error::other(message));
        };
        let (read, reader) = contained(|| {
            let read = reader.read(buffer)?;
            Ok((read, reader))
        })?;
        self.reader = Some(reader);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Panics;

    impl Read for Panics {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("no such table")
        }
    }

    #[test]
    fn panic_of_a_reader_becomes_an_error_and_ends_the_reader() {
        let mut reader = Guarded::new("gzip", Panics);
        let error = reader.read(&mut [0]).unwrap_err();
        assert!(error.to_string().contains("failed on damaged bytes"), "{error}");
        let error = reader.read(&mut [0]).unwrap_err();
        assert_eq!(error.to_string(), "the gzip data cannot be read further");
    }
}
