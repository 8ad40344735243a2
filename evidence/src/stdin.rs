// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`read_input`]: a hive, an archive or an export from standard input.

use std::io::{self, Read};

/// Format of the input, in places.
pub(crate) const FORMAT: &str = "standard input";
/// Name of a file that came without one.
pub(crate) const NAME: &str = "file";

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
