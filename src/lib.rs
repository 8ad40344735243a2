// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers questions about Remote Desktop licensing from Windows registry hives, offline.
//!
//! [`scan()`] finds the hives in files and folders, applies their transaction logs in memory, and returns
//! a [`Report`]:
//!
//! ```
//! # let evidence = std::env::temp_dir().join(format!("calhive-lib-{}", std::process::id()));
//! # std::fs::create_dir_all(&evidence)?;
//! # for (name, bytes) in hive_forge::scenario::all()[0].files() {
//! #     std::fs::write(evidence.join(name), bytes)?;
//! # }
//! let report = calhive::scan([&evidence], &calhive::Options::default())?;
//! for host in &report.hosts {
//!     println!("{}: {}", host.id, host.licensing_mode.statement);
//! }
//! for finding in &report.findings {
//!     println!("{}: {}", finding.code, finding.statement);
//! }
//! # std::fs::remove_dir_all(evidence)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every fact of the report has a place in the evidence: file, key, value, offset and time.
//!
//! # Parts
//!
//! The steps of a scan are also available one by one:
//!
//! - [`evidence`] finds hives and opens them with their transaction logs.
//! - [`regf`] reads hives. Its main types are re-exported here: [`Image`] owns the bytes of a file,
//!   [`Hive`], [`Key`] and [`Value`] borrow these bytes.
//! - [`collect()`] reads the facts of one hive. The table [`catalog::LOCATIONS`] lists every place
//!   that calhive reads.
//! - [`interpret()`] combines the facts of any number of hives into a [`Report`]. [`findings`] lists every
//!   finding with its meaning, its evidence and its limits.
//! - [`token`] decodes a license token: its issuer, its holder, its validity, and whether its
//!   signatures verify.
//!
//! ```
//! # let mut tree = hive_forge::tree::Tree::new("ROOT");
//! # tree.root.at(r"Microsoft\MSLicensing\Store\LICENSE000").values.clear();
//! # let forged = hive_forge::write(&tree, &Default::default());
//! # let bytes = &forged.bytes;
//! let hive = calhive::Hive::parse(bytes)?;
//! if let Some(store) = hive.key(r"Microsoft\MSLicensing\Store")? {
//!     for license in store.subkeys() {
//!         let license = license?;
//!         println!("{} last written {}", license.name(), license.last_written());
//!     }
//! }
//! # Ok::<(), calhive::Error>(())
//! ```
//!
//! # Errors
//!
//! A scan continues after an unreadable input: [`Report::not_read`] lists it with the reason. Every
//! [`Error`] of the reader has a kind and a file offset. No input makes the library panic.
//!
//! # Evidence
//!
//! The library never modifies evidence. The report labels each assumption and each inference.
//!
//! # Pages
//!
//! - [`licensing`](mod@licensing): the registry artifacts of Remote Desktop licensing, with the source and
//!   the certainty of each fact.
//! - [`compared`](mod@compared): how other tools decode the same artifacts.
//! - [`gallery`](mod@gallery): what the command prints for six scenarios.
//! - [`growth`](mod@growth): how time and memory of a scan grow with its input.
//! - [`regf::format`](mod@regf::format): the format of registry hives.
//!
//! # Features
//!
//! - `mmap` (default): [`Image::map`], and `Options::mapped` for scans.
//! - `token` (default): [`token`] decodes certificates.
//! - `x509`: a second decoding of each certificate by x509-parser.
//! - `nt-hive`: a second reading of each fact by nt-hive (GPL-2.0-or-later).
//! - `grace-end`: the function `grace_end` decrypts the end of the grace period, and nothing else.
//! - `serde`, `schema`: `Serialize` and JSON schemas for the report.
//!
//! # Layers
//!
//! Each layer uses only the layers before it: `grace_end`, [`catalog`], [`meaning`], [`token`], [`fact`],
//! [`collect()`], `second_reader`, [`report`], [`comparison`], [`interpret()`], [`scan()`].
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::std_instead_of_alloc,
        reason = "tests may panic; builds without tests lint all other code"
    )
)]

extern crate alloc;

#[macro_use]
mod json_text;

pub mod catalog;
mod collect;
pub mod comparison;
pub mod fact;
#[cfg(feature = "grace-end")]
mod grace_end;
mod interpret;
pub mod meaning;
mod order;
pub mod report;
mod scan;
#[cfg(feature = "nt-hive")]
pub mod second_reader;
mod threads;
pub mod token;

#[doc = include_str!("../docs/compared.md")]
pub mod compared {}
#[cfg(doc)]
#[doc = include_str!("../docs/gallery.md")]
pub mod gallery {}
#[cfg(doc)]
#[doc = include_str!("../docs/growth.svg")]
#[doc = ""]
#[doc = include_str!("../docs/growth.md")]
pub mod growth {}
#[doc = include_str!("../docs/licensing.md")]
pub mod licensing {}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[doc(no_inline)]
pub use calhive_evidence as evidence;
#[doc(no_inline)]
pub use calhive_regf as regf;
pub use calhive_regf::{
    AccessPattern, Bytes, CellOffset, Data, Entry, Error, ErrorKind, Field, FileError, FileOffset,
    FileTime, Hive, Image, Key, KeyPath, Limit, Limits, Name, Result, Structure, Value, ValueType,
    Walk,
};
pub use collect::{
    carve_signatures, collect, collect_export, collect_license_file, collect_live_rows,
    collect_unallocated,
};
#[cfg(feature = "grace-end")]
pub use grace_end::{GraceEnd, Half, NotOpened, OpenedWith, grace_end};
#[cfg(feature = "token")]
pub use interpret::describe_token;
pub use interpret::{findings, interpret};
pub use report::Report;
pub use scan::{Options, PairFault, ScanError, ScanStep, scan, scan_found};
