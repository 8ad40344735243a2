// SPDX-License-Identifier: GPL-3.0-or-later
//! Options of every subcommand that opens disk images and archives.

use core::num::NonZeroUsize;
use std::thread::available_parallelism;

use calhive_evidence::SearchOptions;

use crate::address_space;

/// Number of hives read at a time.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Threads {
    /// Read this number of hives at a time; the default is the number of processors
    ///
    /// The report does not depend on it. One hive is read on one thread, and hashed on another if one is idle.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl Threads {
    /// Returns the number. It is smaller if the address space is limited.
    pub(crate) fn number(self) -> NonZeroUsize {
        let processors = || available_parallelism().unwrap_or(NonZeroUsize::MIN);
        address_space::threads(self.threads.unwrap_or_else(processors))
    }
}

/// Options of every subcommand that opens disk images and archives.
#[derive(Clone, Default, clap::Args)]
pub(crate) struct Opening {
    /// Unlock volumes that are encrypted with BitLocker; repeatable
    ///
    /// The recovery password has 8 groups of 6 digits. Reports and manifests do not show it.
    #[arg(long, value_name = "DIGITS", value_parser = parse_password)]
    bitlocker_recovery_password: Vec<String>,
}

/// Checks the form of a recovery password. The error does not repeat it.
fn parse_password(text: &str) -> Result<String, String> {
    let is_group = |group: &str| group.len() == 6 && group.bytes().all(|it| it.is_ascii_digit());
    if text.split('-').count() == 8 && text.split('-').all(is_group) {
        return Ok(text.into());
    }
    Err(String::from("expected 8 groups of 6 digits, with hyphens between the groups"))
}

impl Opening {
    /// Returns the options of the library.
    pub(crate) fn search(&self) -> SearchOptions {
        let passwords = self.bitlocker_recovery_password.iter();
        passwords.fold(SearchOptions::default(), |options, password| {
            options.recovery_password(password.as_str())
        })
    }
}

impl core::fmt::Debug for Opening {
    /// Writes the number of passwords, but no password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let passwords = self.bitlocker_recovery_password.len();
        f.debug_struct("Opening").field("recovery_passwords", &passwords).finish()
    }
}
