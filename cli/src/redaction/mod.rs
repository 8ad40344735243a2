// SPDX-License-Identifier: GPL-3.0-or-later
//! Pseudonyms in place of names and ids, for a report that leaves the case (`scan --redact MAP`).
//!
//! # What is replaced
//!
//! [`redact`] changes the report before any format is written:
//!
//! - Names of machines, users, domains, farms and contacts, and addresses: in every text, as whole words, in any
//!   letter case. calhive takes these names from the places that hold them: computer names, license servers, tokens,
//!   certificates, their settings, and paths in values. A name that is also a common word is replaced everywhere,
//!   except in key paths: these have pseudonyms only below keys whose subkeys are names.
//! - Security identifiers of a domain. Well-known identifiers and relative identifiers stay, and so do the built-in
//!   users Administrator, Guest and DefaultAccount.
//! - Hardware ids, product ids, serial numbers of certificates, GUIDs in data, and hashes of tokens, certificates
//!   and keys.
//! - Paths of the evidence, except names that every Windows has, such as `Windows/System32/config/SYSTEM`.
//! - Values of command-line arguments, except paths of the evidence.
//!
//! Raw data of values and contents of certificate extensions are left out. Times, settings, SHA-256 of hives and
//! logs, and evidence ids stay. The case, exhibit and examiner of the command line stay, except names of the map in
//! them. Messages on standard error keep the original names.
//!
//! # Pseudonyms
//!
//! One original has one pseudonym in all parts of a report, such as `MACHINE-1`. Pseudonyms are numbered in the order
//! of the report, so the same evidence has the same pseudonyms. A full name keeps its form: `MACHINE-1.DOMAIN-1`.
//!
//! # Map
//!
//! The map is a JSON object with `schema` (`urn:calhive:pseudonyms:1`) and the list `pseudonyms`. Each item has `kind`,
//! `pseudonym` and `originals`: all spellings in the report.

use calhive::meaning::MachineName;
use calhive::report::{Report, Text, TokenReport};
use regex::Regex;

mod originals;
mod paths;
mod pseudonyms;
mod strings;

pub(crate) use pseudonyms::Redaction;
use pseudonyms::{Kind, Pseudonyms};
use strings::{Holds, Strings as _};

/// Replaces names and ids in a report by pseudonyms. Returns the pseudonyms with the report.
///
/// # Errors
/// If the names are too many for one search.
pub(crate) fn redact(mut report: Report) -> anyhow::Result<(Report, Redaction)> {
    let mut pseudonyms = Pseudonyms::default();
    originals::collect(&mut report, &mut pseudonyms)?;
    leave_out_raw_data(&mut report);
    leave_out_hex(&mut report)?;
    let serial_number = Regex::new(originals::SERIAL_NUMBER)?;
    report.tokens.iter_mut().for_each(|token| {
        replace_ids(token, &mut pseudonyms);
        replace_serial_numbers(token, &serial_number, &mut pseudonyms);
    });
    let redaction = Redaction::new(pseudonyms)?;
    report.each(Holds::Words, &mut |text, holds| {
        *text = match holds {
            Holds::Words => redaction.text(text),
            Holds::Path => redaction.path(text),
            Holds::Key => redaction.key_path(text),
            Holds::Argument => redaction.argument(text),
        };
    });
    for setting in report.hosts.iter_mut().filter_map(|host| host.license_servers.value.as_mut()) {
        for name in setting {
            *name = MachineName::from(redaction.text(name.as_str()).as_str());
        }
    }
    Ok((report, redaction))
}

/// Removes raw data, which can hold any name.
fn leave_out_raw_data(report: &mut Report) {
    for fact in &mut report.facts {
        fact.data = None;
        if let Some(second) = &mut fact.second_reader {
            second.data = None;
        }
    }
    for change in report.events.iter_mut().filter_map(|event| event.change.as_mut()) {
        for state in [&mut change.before, &mut change.after].into_iter().flatten() {
            state.data = None;
        }
    }
    for token in &mut report.tokens {
        token.certificates.iter_mut().for_each(|certificate| certificate.extensions.clear());
        if let Some(license) = &mut token.license {
            license.hardware_id_masked = None;
        }
    }
}

/// Removes the data of values from the observations of findings.
fn leave_out_hex(report: &mut Report) -> Result<(), regex::Error> {
    let data = Regex::new(r"^([a-z]+-\d+: \S* )(?:[0-9a-f]{2})+;")?;
    for observed in report.findings.iter_mut().flat_map(|finding| &mut finding.observed) {
        let text = String::from(core::mem::take(observed));
        *observed = Text::from(data.replace(&text, "${1}[left out];").into_owned());
    }
    Ok(())
}

/// Replaces the serial numbers in names of certificates, which identify license servers and hardware.
fn replace_serial_numbers(token: &mut TokenReport, form: &Regex, pseudonyms: &mut Pseudonyms) {
    for certificate in &mut token.certificates {
        for name in [&mut certificate.issuer, &mut certificate.subject] {
            let replaced = form.replace_all(name, |found: &regex::Captures<'_>| {
                let number = found.get(1).map_or("", |number| number.as_str());
                format!("serialNumber={}", pseudonyms.add_only(Kind::Id, number))
            });
            *name = replaced.into_owned();
        }
    }
}

/// Replaces serial numbers and hardware ids, which a search in text could confuse with other numbers.
fn replace_ids(token: &mut TokenReport, pseudonyms: &mut Pseudonyms) {
    for certificate in &mut token.certificates {
        certificate.serial = pseudonyms.add_only(Kind::Serial, &certificate.serial);
    }
    if let Some(license) = &mut token.license
        && let Some(id) = license.hardware_id
    {
        let pseudonym = pseudonyms.hardware_id(id);
        license.hardware_id_hex = license.hardware_id_hex.as_ref().map(|_| pseudonym.to_hex());
        license.hardware_id = Some(pseudonym);
    }
}
