// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive token`: decodes a license from a file or from standard input.

mod encoding;
mod given;

use std::io::Write;

use anyhow::{Result, bail};
use calhive::meaning::{ProprietaryCertificate, Reading};
use calhive::report::{TokenKind, TokenReport, Tool};
use serde::Serialize;

use crate::args::{InfoFormat, Token};
use crate::messages::Messages;
use crate::output::{json, token_table};
use crate::text::hex;
use encoding::Encoding;
use given::Given;

/// Runs the subcommand.
///
/// # Errors
/// If the file cannot be read, if it is not a token, or if writing fails.
pub(crate) fn run(args: &Token, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    let given = Given::read(&args.file, messages)?;
    let own_key = ProprietaryCertificate::parse(&given.bytes);
    let token = own_key.is_none().then(|| calhive::describe_token(&given.bytes, TokenKind::File));
    if let Some(error) = token.as_ref().and_then(|token| token.error.as_ref()) {
        bail!("{}: {error}", given.as_read());
    }
    let own_key = own_key.map(OwnKey::from);
    match args.format {
        InfoFormat::Json => json::write(out, &Document::new(&given, token.as_ref(), own_key))?,
        InfoFormat::Table => {
            given.write(out)?;
            if let Some(own_key) = &own_key {
                writeln!(out, "\n{}", own_key.statement)?;
            }
            if let Some(token) = &token {
                writeln!(out)?;
                token_table::write(out, "Token", token)?;
                writeln!(out, "\n{}", token_table::limitations(token).join(" "))?;
            }
        }
    }
    if token.is_some_and(|token| token.reading == Some(Reading::Salvaged)) {
        messages.incomplete(format_args!(
            "{}: the token is incomplete; its readable parts are shown with their faults",
            given.as_read()
        ));
    }
    Ok(())
}

/// A decoded file, for JSON.
#[derive(Serialize)]
struct Document<'r> {
    tool: Tool,
    /// Path of the file; `-` for standard input.
    path: &'r str,
    file_size: u64,
    file_sha256: &'r str,
    /// Encoding of the token in the file.
    encoding: Encoding,
    /// The token; null if the file holds a key that a host generated.
    token: Option<&'r TokenReport>,
    /// The key that a host generated; null if the file holds a token.
    proprietary_certificate: Option<OwnKey>,
    /// Decoded bytes. Offsets and hash of the token refer to these bytes.
    hex: String,
    limitations: Vec<&'static str>,
}

/// A PROPRIETARYSERVERCERTIFICATE: a key that a host generated.
#[derive(Serialize)]
struct OwnKey {
    key_bits: u32,
    exponent: u32,
    statement: String,
}

impl<'r> Document<'r> {
    fn new(given: &'r Given, token: Option<&'r TokenReport>, own_key: Option<OwnKey>) -> Self {
        Self {
            tool: Tool {
                name: String::from("calhive"),
                version: String::from(env!("CARGO_PKG_VERSION")),
            },
            path: &given.path,
            file_size: given.size,
            file_sha256: &given.sha256,
            encoding: given.encoding,
            token,
            proprietary_certificate: own_key,
            hex: hex::digits(&given.bytes),
            limitations: token.map(token_table::limitations).unwrap_or_default(),
        }
    }
}

impl From<ProprietaryCertificate> for OwnKey {
    fn from(own: ProprietaryCertificate) -> Self {
        let statement = format!(
            "PROPRIETARYSERVERCERTIFICATE ([MS-RDPBCGR] 2.2.1.4.3.1.1): an RSA key of {} bits that the \
             host made itself. No license server signed it, and it contains no license.",
            own.bits
        );
        Self { key_bits: own.bits, exponent: own.exponent, statement }
    }
}
