// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ProductVersion`]: the version of a licensed product.

use core::fmt;

/// Version of a licensed product, from the index of a stored license or from the certificate of a token.
/// See [licensing.md](crate::licensing#product-information).
///
/// ```
/// use calhive::meaning::ProductVersion;
/// assert_eq!(ProductVersion::from_raw(0x0006_0002).to_string(), "6.2");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductVersion {
    /// Major version.
    pub major: u16,
    /// Minor version.
    pub minor: u16,
}

impl ProductVersion {
    /// Returns the version in a number of four bytes: major in the high half, minor in the low half.
    #[allow(clippy::cast_possible_truncation, reason = "each half has 16 bits")]
    pub const fn from_raw(number: u32) -> Self {
        Self { major: (number >> 16) as u16, minor: (number & 0xFFFF) as u16 }
    }

    /// Returns the version in the name of a product, such as 6.0 in `A02-6.00-S`; `None` if the name has no
    /// version.
    pub fn in_product_name(product: &str) -> Option<Self> {
        let (major, minor) = product.split('-').nth(1)?.split_once('.')?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }

    /// Returns the generation of Windows Server with this version, according to published texts and samples.
    pub const fn generation(self) -> &'static str {
        match (self.major, self.minor) {
            (5, 0) => "Windows 2000",
            (5, 2) => "Windows Server 2003",
            (6, 0) => "Windows Server 2008 or 2008 R2; also 2012 according to a note by Microsoft",
            (6, 2) => "Windows Server 2012 or 2012 R2, by samples; Microsoft's note differs",
            (10, 1) => "Windows Server 2019, by one public sample",
            _ => "generation not established",
        }
    }
}

impl fmt::Display for ProductVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

json_text!(ProductVersion);
