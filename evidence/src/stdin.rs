// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`read_input`]: a hive, an archive or an export from standard input.

use std::io::{self, Read};
use std::path::Path;

use crate::escape;
use crate::locator::Locator;
use crate::tree::{Member, Omission, Tree};

/// Format of the input, in places.
const FORMAT: &str = "standard input";
/// Name of a file that came without one.
const NAME: &str = "file";

/// Largest input that is read from a pipe, in bytes: 1 GiB. Hives, exports and collections of one machine are
/// smaller. A pipe cannot be read twice, so all bytes stay in memory.
pub(crate) const LARGEST_INPUT: u64 = 1 << 30;

/// Reads all bytes of standard input.
///
/// # Errors
/// If standard input cannot be read, is empty, or has more than 1 GiB bytes.
pub(crate) fn read_input() -> io::Result<Vec<u8>> {
    read_up_to(&mut io::stdin().lock(), LARGEST_INPUT)
}

fn read_up_to(input: &mut dyn Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        let message = "standard input is empty; give the file as an argument";
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
    }
    if bytes.len() as u64 > most {
        let message = format!(
            "standard input has more than {most} bytes; save it as a file and give the file as an argument"
        );
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(bytes)
}

/// A file from standard input that is neither an archive nor a disk image.
#[derive(Debug)]
pub(crate) struct Piped {
    members: [Member; 1],
    bytes: Vec<u8>,
}

impl Piped {
    /// Returns the file. `path` stands for standard input.
    pub(crate) fn new(path: &Path, bytes: Vec<u8>) -> Self {
        let locator = Locator {
            input: escape::path(path),
            format: FORMAT.into(),
            path: NAME.into(),
            volume: None,
        };
        let member = Member { path: NAME.into(), size: bytes.len() as u64, locator };
        Self { members: [member], bytes }
    }
}

impl Tree for Piped {
    fn format(&self) -> &str {
        FORMAT
    }

    fn members(&self) -> &[Member] {
        &self.members
    }

    fn head(&self, _: usize, most: usize) -> io::Result<Vec<u8>> {
        Ok(self.bytes.get(..most).unwrap_or(&self.bytes).into())
    }

    fn read(&self, _: usize) -> io::Result<Vec<u8>> {
        Ok(self.bytes.clone())
    }

    fn omissions(&self) -> &[Omission] {
        &[]
    }

    fn bytes_read(&self) -> u64 {
        self.bytes.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_read_up_to_the_limit_and_refused_above_it() {
        assert_eq!(read_up_to(&mut &b"regf"[..], 4).unwrap(), b"regf");
        let error = read_up_to(&mut &b"regf!"[..], 4).unwrap_err().to_string();
        assert!(error.starts_with("standard input has more than 4 bytes"), "{error}");
        assert!(read_up_to(&mut &b""[..], 4).is_err());
    }
}
