// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive token`: decodes a license from a file or from standard input.

mod base64;
mod digits;
mod encoding;
mod given;
mod registry_text;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use calhive::meaning::{CertificateKind, ProprietaryCertificate, Reading};
use calhive::report::{TokenKind, TokenReport, Tool};
use serde::Serialize;

use crate::args::{InfoFormat, Token};
use crate::invocation;
use crate::messages::{Messages, count};
use crate::output::data::Decoded as Shown;
use crate::output::{json, token_table};
use crate::text::{escape, hex};
use encoding::{Encoding, License};
use given::Given;

/// Runs the subcommand.
///
/// # Errors
/// If the file cannot be read, if it is not a token, or if writing fails. In a folder, or with several licenses
/// in one file, only if none of them is a token.
pub(crate) fn run(args: &Token, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    let files = files(&args.file)?;
    let is_one = files.len() == 1;
    let mut read: Vec<Given> = Vec::new();
    let mut failed = Vec::new();
    for file in &files {
        match Given::read(file, messages) {
            Ok(given) => read.push(given),
            Err(error) if is_one => return Err(error),
            Err(error) => failed.push(error),
        }
    }
    let all = || read.iter().flat_map(|given| given.licenses.iter().map(move |it| (given, it)));
    let mut decoded = Vec::new();
    for (given, license) in all() {
        match Content::of(given, license) {
            Ok(content) => decoded.push(content),
            Err(error) => failed.push(error),
        }
    }
    if decoded.is_empty() {
        return Err(failed.into_iter().next().unwrap_or_else(|| anyhow!("no token was given")));
    }
    for error in failed {
        messages.incomplete(format_args!("{error:#}"));
    }
    match args.format {
        InfoFormat::Json => {
            let documents: Vec<Document<'_>> = decoded.iter().map(Document::new).collect();
            match documents.as_slice() {
                [only] => json::write(out, only)?,
                several => json::write(out, &several)?,
            }
        }
        InfoFormat::Table => {
            for (number, given) in (1_usize..).zip(&read) {
                if number > 1 {
                    writeln!(out)?;
                }
                let of_given = decoded.iter().filter(|it| core::ptr::eq(it.given, given));
                write_given(out, given, &of_given.collect::<Vec<_>>())?;
            }
        }
    }
    for content in &decoded {
        if content.token.as_ref().is_some_and(|it| it.reading == Some(Reading::Salvaged)) {
            messages.incomplete(format_args!(
                "{}: the token is incomplete; its readable parts are shown with their faults",
                content.given.as_read(content.license)
            ));
        }
    }
    Ok(())
}

/// Returns the files to read: the given file, or the license files in the given folder.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.as_os_str() == "-" || !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let named = || escape::path(path);
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(named)? {
        let file = entry.with_context(named)?.path();
        if file.is_file() && is_license_file(&file) {
            files.push(file);
        }
    }
    if files.is_empty() {
        bail!(
            "{}: a folder without license files (*.cal, license.*); use `calhive scan` to search a folder for hives",
            escape::path(path)
        );
    }
    files.sort();
    Ok(files)
}

/// Whether a file has a name that FreeRDP or rdesktop gives to stored licenses.
fn is_license_file(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    name.is_some_and(|name| name.ends_with(".cal") || name.starts_with("license."))
}

/// A license of a file, decoded.
struct Content<'g> {
    given: &'g Given,
    license: &'g License,
    token: Option<TokenReport>,
    own_key: Option<OwnKey>,
}

impl<'g> Content<'g> {
    /// Decodes a license.
    ///
    /// # Errors
    /// If the bytes hold neither a certificate nor a key of a host.
    fn of(given: &'g Given, license: &'g License) -> Result<Self> {
        let own_key = ProprietaryCertificate::parse(&license.bytes);
        let token =
            own_key.is_none().then(|| calhive::describe_token(&license.bytes, TokenKind::File));
        if let Some(error) = token.as_ref().and_then(|token| token.error.as_ref()) {
            bail!("{}: {error}", given.as_read(license));
        }
        Ok(Self { given, license, token, own_key: own_key.map(OwnKey::from) })
    }
}

/// Writes a file with its licenses and, of an export, all values.
fn write_given(out: &mut dyn Write, given: &Given, contents: &[&Content<'_>]) -> Result<()> {
    given.write(out)?;
    let several = given.licenses.len() > 1;
    if several {
        writeln!(out, "{} in the file", count(given.licenses.len() as u64, "license"))?;
    }
    for content in contents {
        let name = content.license.name.as_ref().map(|name| escape::message(name));
        if let Some(name) = name.as_ref().filter(|_| several || !given.values.is_empty()) {
            writeln!(out, "\n{name}")?;
        }
        if let Some(own_key) = &content.own_key {
            writeln!(out, "\n{}", own_key.statement)?;
        }
        if let Some(token) = &content.token {
            writeln!(out)?;
            token_table::write(out, heading(token), token)?;
            writeln!(out, "\n{}", token_table::limitations(token).join(" "))?;
        }
    }
    if given.values.len() > given.licenses.len() {
        writeln!(out, "\nAll values of the text")?;
        for value in &given.values {
            let shown = Shown::of(value.value_type, &value.data).short(&value.data);
            writeln!(out, "  {} {} {shown}", escape::message(&value.path()), value.value_type)?;
        }
    }
    Ok(())
}

/// Returns the heading of a license, or of certificates that are no license.
fn heading(token: &TokenReport) -> &'static str {
    match token.certificate_kind {
        Some(CertificateKind::ClientToken) | None => "Token",
        Some(_) => "Certificates",
    }
}

/// A decoded license, for JSON. A file or folder with several licenses gives a list.
#[derive(Serialize)]
struct Document<'r> {
    tool: Tool,
    /// Path of the file; `-` for standard input.
    path: &'r str,
    file_size: u64,
    file_sha256: &'r str,
    /// Encoding of the license in the file.
    encoding: Encoding,
    /// Place of the license in the file: key and value, or an offset; null for the only license of a file without
    /// such places.
    name: Option<&'r str>,
    /// The token; null if the file holds a key that a host generated.
    token: Option<&'r TokenReport>,
    /// The key that a host generated; null if the file holds a token.
    proprietary_certificate: Option<&'r OwnKey>,
    /// Decoded bytes. Offsets and hash of the token refer to these bytes.
    hex: String,
    /// All values of an export, or of the output of `reg query`.
    values: Vec<ValueReport>,
    limitations: Vec<&'static str>,
}

/// A value of an export, for JSON.
#[derive(Serialize)]
struct ValueReport {
    key: String,
    name: String,
    r#type: String,
    shown: String,
    hex: String,
}

/// A PROPRIETARYSERVERCERTIFICATE: a key without a signature of a license server.
#[derive(Serialize)]
struct OwnKey {
    key_bits: u32,
    exponent: u32,
    statement: String,
}

impl<'r> Document<'r> {
    fn new(content: &'r Content<'_>) -> Self {
        let Content { given, license, token, own_key } = content;
        let value = |it: &registry_text::RegistryValue| ValueReport {
            key: it.key.clone(),
            name: it.name.clone(),
            r#type: it.value_type.to_string(),
            shown: Shown::of(it.value_type, &it.data).short(&it.data),
            hex: hex::digits(&it.data),
        };
        Self {
            tool: invocation::tool(),
            path: &given.path,
            file_size: given.size,
            file_sha256: &given.sha256,
            encoding: given.encoding,
            name: license.name.as_deref(),
            token: token.as_ref(),
            proprietary_certificate: own_key.as_ref(),
            hex: hex::digits(&license.bytes),
            values: given.values.iter().map(value).collect(),
            limitations: token.as_ref().map(token_table::limitations).unwrap_or_default(),
        }
    }
}

impl From<ProprietaryCertificate> for OwnKey {
    fn from(own: ProprietaryCertificate) -> Self {
        let statement = format!(
            "an RSA key of {} bits in a PROPRIETARYSERVERCERTIFICATE ([MS-RDPBCGR] 2.2.1.4.3.1.1), a \
             structure that carries no signature of a license server; it contains no license.",
            own.bits
        );
        Self { key_bits: own.bits, exponent: own.exponent, statement }
    }
}
