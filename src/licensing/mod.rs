// SPDX-License-Identifier: MIT OR Apache-2.0
//! Remote Desktop licensing: what hives say about it, and where.
//!
//! Two steps, one direction: [`collect()`] reads facts from a hive, [`interpret()`] makes facts of any
//! number of hives into a [`Report`]. The places that are looked at are the table [`LOCATIONS`].
//!
//! ```
//! use calhive::licensing::{self, Source};
//! # let scenario = &hive_forge::scenario::all()[0];
//! # let files = scenario.files();
//! # let software = &files.iter().find(|(name, _)| *name == "SOFTWARE").unwrap().1;
//! let hive = calhive::Hive::parse(software)?;
//! let facts = licensing::collect(&Source::new(hive, "SOFTWARE"), &Default::default());
//! let report = licensing::interpret(&[facts], None);
//! let id = report.facts.iter().find(|fact| fact.code == "client.hardware_id").unwrap();
//! println!("{} at {}: {:?}", id.title, id.provenance.key_path, id.shown);
//! # Ok::<(), calhive::Error>(())
//! ```
//!
#![doc = include_str!("compared.md")]

mod answers;
mod changes;
mod collect;
mod collector;
mod examined;
mod explain;
mod fact;
pub mod findings;
mod found;
mod grace_period;
mod graph;
mod hardware_id;
mod history;
mod host;
mod interpret;
mod license_server;
pub mod locations;
mod overlay;
mod proprietary_certificate;
mod recovered;
mod reference_time;
pub mod report;
mod roles;
#[cfg(feature = "nt-hive")]
pub mod second_reader;
mod session_host;
mod store;
mod system;
mod text;
mod timeline;
#[cfg(feature = "token")]
pub mod token;
mod tokens;

pub use collect::collect;
pub use fact::{
    Access, Counts, Fact, Facts, Faults, FromLog, Hiding, Options, Origin, Outside, Permissions,
    Provenance, RecoveredCounts, Remains, SecondReader, SecondReading, Source, State,
};
pub use grace_period::ProtectedBlob;
pub use hardware_id::{Form, HardwareId};
pub use history::{Change, ChangeKind, History};
pub use interpret::interpret;
pub use locations::{Base, LOCATIONS, Location, Meaning, Read, Subject};
pub use proprietary_certificate::ProprietaryCertificate;
pub use report::{Reading, Report, SignatureState};
pub use session_host::{LicensingMode, license_servers};
#[cfg(feature = "token")]
pub use token::{Chain, EmbeddedHardwareId, LicenseFlags, Token, TokenFault};
