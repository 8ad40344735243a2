// SPDX-License-Identifier: GPL-3.0-or-later
//! Base64 text, alone and in PEM blocks.

use anyhow::{Result, anyhow, bail};
use data_encoding::BASE64_NOPAD;

use super::digits::{self, Letter};

/// Start of a PEM block.
pub(super) const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// Decodes all PEM blocks. Certificates that follow each other are one token. Every other block is a token.
pub(super) fn pem(text: &str) -> Result<Vec<Vec<u8>>> {
    let (mut blocks, mut rest) = (Vec::<(bool, Vec<u8>)>::new(), text);
    while let Some((_, block)) = rest.split_once(BEGIN) {
        let begin = digits::place(text, text.len().saturating_sub(block.len()));
        let (label, body) = block
            .split_once("-----")
            .ok_or_else(|| anyhow!("the PEM line -----BEGIN is truncated {begin}"))?;
        let at = text.len().saturating_sub(body.len());
        let (body, after) = body
            .split_once(END)
            .ok_or_else(|| anyhow!("the PEM block that begins {begin} has no line -----END"))?;
        let bytes = base64(text, body, at)?;
        let is_part = !["PKCS7", "CMS"].contains(&label.trim());
        match blocks.last_mut().filter(|(other, _)| is_part && *other) {
            Some((_, whole)) => whole.extend(bytes),
            None => blocks.push((is_part, bytes)),
        }
        rest = after;
    }
    Ok(blocks.into_iter().map(|(_, bytes)| bytes).collect())
}

/// Decodes a part of a text; the part begins at offset `from`.
pub(super) fn base64(text: &str, part: &str, from: usize) -> Result<Vec<u8>> {
    let padding = |letter: char| letter == '=' || letter.is_whitespace();
    let letters = part.trim_end_matches(padding).char_indices();
    let letters: Vec<Letter> = letters.filter(|(_, letter)| !letter.is_whitespace()).collect();
    let is_one = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/');
    if let Some((at, letter)) = letters.iter().find(|(_, letter)| !is_one(*letter)) {
        bail!(
            "neither hex nor base64: unexpected {letter:?} {}",
            digits::place(text, from.saturating_add(*at))
        );
    }
    let letters: String = letters.iter().map(|(_, letter)| letter).collect();
    BASE64_NOPAD.decode(letters.as_bytes()).map_err(|_| {
        anyhow!(
            "base64 text of {} characters ends within a byte: characters are missing",
            letters.len()
        )
    })
}
