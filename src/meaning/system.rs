// SPDX-License-Identifier: MIT OR Apache-2.0
//! Properties of the Windows installation that the registry belongs to. See
//! [licensing.md](crate::licensing#context).

use alloc::format;
use alloc::string::String;

/// Kind of Windows in the value `ProductType` of `Control\ProductOptions`.
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
    /// Returns the type of this name.
    ///
    /// ```
    /// use calhive::meaning::ProductType;
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

/// Edition of multi-session Windows 10 and 11, which has the product type of servers.
pub const MULTI_SESSION_EDITION: &str = "ServerRdsh";

/// Returns the build number from the first of the two values that holds a number. On Windows XP and Server
/// 2003, `CurrentBuild` holds other text.
///
/// ```
/// use calhive::meaning::build_number;
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

/// Converts a bias to an offset from UTC. UTC is local time plus the bias, in minutes.
///
/// ```
/// use calhive::meaning::offset_from_utc;
/// assert_eq!(offset_from_utc(-60), "UTC+01:00");
/// assert_eq!(offset_from_utc(210), "UTC-03:30");
/// ```
pub fn offset_from_utc(bias: i32) -> String {
    let minutes = bias.unsigned_abs();
    let sign = if bias > 0 { '-' } else { '+' };
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Whether a product name means Windows 10. Windows 11 stores this name too.
pub(crate) fn calls_itself_windows_10(product: &str) -> bool {
    product.starts_with("Windows 10")
}
