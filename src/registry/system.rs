// SPDX-License-Identifier: MIT OR Apache-2.0
//! What registry data say about the installation of Windows that they belong to.

use alloc::format;
use alloc::string::String;

/// What Windows calls itself in `Control\ProductOptions`, value `ProductType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductType {
    /// `WinNT`: a client edition.
    Client,
    /// `ServerNT`: a server.
    Server,
    /// `LanmanNT`: a domain controller.
    DomainController,
}

impl ProductType {
    /// The type of this name.
    ///
    /// ```
    /// use calhive::registry::system::ProductType;
    /// assert_eq!(ProductType::parse("ServerNT"), Some(ProductType::Server));
    /// ```
    pub fn parse(name: &str) -> Option<Self> {
        let known = [
            ("WinNT", Self::Client),
            ("ServerNT", Self::Server),
            ("LanmanNT", Self::DomainController),
        ];
        known.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, it)| *it)
    }
}

/// The edition of multi-session Windows 10 and 11, which calls itself a server.
pub const MULTI_SESSION_EDITION: &str = "ServerRdsh";

/// The build number: of the two values that name it, the first that is a number. On Windows XP and
/// Server 2003 `CurrentBuild` holds a text that is none.
///
/// ```
/// use calhive::registry::system::build_number;
/// let obsolete = "1.511.1 () (Obsolete data - do not use)";
/// assert_eq!(build_number(Some("2600"), Some(obsolete)), Some(2600));
/// assert_eq!(build_number(None, Some(obsolete)), None);
/// ```
pub fn build_number(
    current_build_number: Option<&str>,
    current_build: Option<&str>,
) -> Option<u32> {
    [current_build_number, current_build].into_iter().flatten().find_map(|text| text.parse().ok())
}

/// A bias, the minutes that are added to local time to get UTC, as an offset from UTC.
///
/// ```
/// use calhive::registry::system::offset_from_utc;
/// assert_eq!(offset_from_utc(-60), "UTC+01:00");
/// assert_eq!(offset_from_utc(210), "UTC-03:30");
/// ```
pub fn offset_from_utc(bias: i32) -> String {
    let minutes = bias.unsigned_abs();
    let sign = if bias > 0 { '-' } else { '+' };
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}
