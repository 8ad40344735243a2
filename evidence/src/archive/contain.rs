// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`contain`]: a panic inside a foreign crate becomes an error.

use core::panic::AssertUnwindSafe;
use std::io::{self, Read};
use std::panic::catch_unwind;

/// Runs code of a foreign crate. Values that the code changed are not used after a panic.
///
/// # Errors
/// If the code fails or panics.
pub(crate) fn contain<T>(what: &str, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        Err(io::Error::other(format!("the reader of {what} stopped at data that it cannot handle")))
    })
}

/// A reader of a foreign crate. After an error it is not used again.
pub(crate) struct Contained<R> {
    what: &'static str,
    reader: Option<R>,
}

impl<R> Contained<R> {
    pub(crate) const fn new(what: &'static str, reader: R) -> Self {
        Self { what, reader: Some(reader) }
    }
}

impl<R: Read> Read for Contained<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut reader) = self.reader.take() else {
            return Err(io::Error::other(format!("{} cannot be read further", self.what)));
        };
        let (read, reader) = contain(self.what, || {
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
        let mut reader = Contained::new("gzip", Panics);
        let error = reader.read(&mut [0]).unwrap_err();
        assert!(error.to_string().contains("the reader of gzip stopped"), "{error}");
        assert!(reader.read(&mut [0]).unwrap_err().to_string().contains("cannot be read further"));
    }
}
