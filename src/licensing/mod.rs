// SPDX-License-Identifier: MIT OR Apache-2.0
//! Remote Desktop licensing: what hives say about it, and where.
//!
//! Two steps, one direction: [`collect()`] reads facts from a hive, [`interpret`] makes facts of any
//! number of hives into a [`Report`]. The places that are looked at are the table [`LOCATIONS`].
//!
//! ```
//! use calhive::licensing::{self, Source};
//! # let scenario = &hive_forge::scenario::all()[0];
//! # let files = scenario.files();
//! # let software = &files.iter().find(|(name, _)| *name == "SOFTWARE").unwrap().1;
//! let hive = calhive::Hive::parse(software)?;
//! let facts = licensing::collect(&Source::new(hive, "SOFTWARE"));
//! let report = licensing::interpret(&[facts]);
//! let id = report.facts.iter().find(|fact| fact.code == "client.hardware_id").unwrap();
//! println!("{} at {}: {:?}", id.title, id.provenance.key_path, id.shown);
//! # Ok::<(), calhive::Error>(())
//! ```

mod collect;
mod fact;
mod hardware_id;
mod locations;
pub mod report;
mod session_host;
mod store;
mod text;

pub use collect::collect;
pub use fact::{Counts, Fact, Facts, Faults, Origin, Provenance, Source, State};
pub use hardware_id::HardwareId;
pub use locations::{LOCATIONS, Location, Meaning, Read};
pub use report::{Report, interpret};
pub use session_host::{LicensingMode, license_servers};
