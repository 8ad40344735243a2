// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive token`: a licence that was given as a file, or as text, taken apart.

mod encoding;
mod given;

use std::io::Write;

use anyhow::{Result, bail};
use calhive::licensing::ProprietaryCertificate;
use calhive::licensing::report::{Reading, TokenKind, TokenReport, Tool};
use calhive::licensing::token;
use serde::Serialize;

use crate::args::{InfoFormat, Token};
use crate::messages::Messages;
use crate::output::{hex, json, token_table};
use encoding::Encoding;
use given::Given;

/// Runs it.
///
/// # Errors
/// Where nothing could be read, it is no token, or the result cannot be written.
pub(crate) fn run(args: &Token, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    let given = Given::read(&args.file, messages)?;
    let own_key = ProprietaryCertificate::parse(&given.bytes);
    let token = own_key.is_none().then(|| token::describe(&given.bytes, TokenKind::File));
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
            "{}: the token was not read whole; what of it could be read is shown, with its faults",
            given.as_read()
        ));
    }
    Ok(())
}

/// What is told of a file, for JSON.
#[derive(Serialize)]
struct Document<'r> {
    tool: Tool,
    /// The file; `-` for standard input.
    path: &'r str,
    file_size: u64,
    file_sha256: &'r str,
    /// In what form it holds the token.
    encoding: Encoding,
    /// The token; null for the key that a host made itself.
    token: Option<&'r TokenReport>,
    /// The key that a host made itself; null for a token.
    proprietary_certificate: Option<OwnKey>,
    /// The bytes that offsets and hash of the token are of.
    hex: String,
    limitations: Vec<&'static str>,
}

/// PROPRIETARYSERVERCERTIFICATE, in words.
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
             host made itself. No licence server signed it, and it says nothing of licences.",
            own.bits
        );
        Self { key_bits: own.bits, exponent: own.exponent, statement }
    }
}
