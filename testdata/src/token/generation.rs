// SPDX-License-Identifier: MIT OR Apache-2.0

//! Differences between the generations of license servers.

use super::TokenSpec;
use crate::time::filetime;

/// A generation of license servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// Windows 2000.
    Windows2000,
    /// Windows Server 2003.
    Server2003,
    /// Windows Server 2008 and 2008 R2.
    Server2008,
    /// Windows Server 2012 and 2012 R2.
    Server2012,
    /// Windows Server 2016. Its version is inferred from its neighbors.
    Server2016,
    /// Windows Server 2019.
    Server2019,
}

impl Generation {
    /// All generations, oldest first.
    pub const ALL: [Self; 6] = [
        Self::Windows2000,
        Self::Server2003,
        Self::Server2008,
        Self::Server2012,
        Self::Server2016,
        Self::Server2019,
    ];

    /// Returns the version in the index of clients: major in the high word, minor in the low one.
    pub fn version(self) -> u32 {
        match self {
            Self::Windows2000 => 0x0005_0000,
            Self::Server2003 => 0x0005_0002,
            Self::Server2008 => 0x0006_0000,
            Self::Server2012 => 0x0006_0002,
            Self::Server2016 => 0x000A_0000,
            Self::Server2019 => 0x000A_0001,
        }
    }

    /// Returns the granted product for a request of `A02`.
    pub fn product(self) -> &'static str {
        match self {
            Self::Windows2000 => "A02-5.00-S",
            Self::Server2003 => "A02-5.02-S",
            Self::Server2008 => "A02-6.00-S",
            Self::Server2012 => "A02-6.02-S",
            Self::Server2016 => "A02-10.00-S",
            Self::Server2019 => "A02-10.01-S",
        }
    }

    /// Returns whether a real token of this generation, or a dump of one, is known. The others are
    /// forged by analogy.
    pub fn is_seen(self) -> bool {
        matches!(self, Self::Server2003 | Self::Server2008 | Self::Server2012)
    }

    /// Returns the product version as two numbers.
    fn numbers(self) -> (u16, u16) {
        ((self.version() >> 16) as u16, self.version() as u16)
    }
}

impl TokenSpec {
    /// A token that a license server of `generation` issues to a new client. Tokens up to 2008 are
    /// temporary and later ones permanent, as in the samples.
    pub fn generation(generation: Generation) -> Self {
        let (year, flags) = match generation {
            Generation::Windows2000 => (2001, 0x8064_8000),
            Generation::Server2003 => (2005, 0x80D4_8000),
            Generation::Server2008 => (2009, 0x8064_8000),
            Generation::Server2012 => (2014, 0x0080_8000),
            Generation::Server2016 => (2018, 0x0080_8000),
            Generation::Server2019 => (2021, 0x0080_8000),
        };
        let permanent = flags & 0x8000_0000 == 0;
        let not_before = filetime(year, 3, 14, 9, 26, 53);
        let days = if permanent { 71 } else { 90 };
        Self {
            server: format!("LS-{year}"),
            server_domain: "WORKGROUP".to_owned(),
            scope: "WORKGROUP".to_owned(),
            server_id: "55041-266-0131942-43210".to_owned(),
            server_created: filetime(1970, 2, 1, 8, 30, 15) + 1_234_567,
            machine: format!("CLIENT-{year}"),
            user: "alice".to_owned(),
            hardware_id: HARDWARE_ID,
            serial: 0x0F + generation as u32,
            not_before,
            not_after: not_before + days * 86_400 * 10_000_000,
            requested_product: "A02".to_owned(),
            product: generation.product().to_owned(),
            version: generation.numbers(),
            flags,
            license_count: 1,
            platform_id: 0xFF,
            language_id: 0x409,
            manufacturer: "Microsoft Corporation".to_owned(),
            cert_version: 0x0005_0001,
            index_version: generation.version(),
            index_scope: "microsoft.com".to_owned(),
            index_company: "Microsoft Corporation".to_owned(),
            index_product: "A02".to_owned(),
            activation_name: None,
            clearinghouse_text: None,
            server_spk: permanent.then(|| "FRGD2B4C6D8F2G4H6J8K2M4P6Q8R2T4V6W8".to_owned()),
            unnamed_9: permanent.then_some(7),
            above: 0,
            key: generation as usize % 3,
        }
    }
}

/// Returns a hardware ID in the form of Windows clients: platform 2 and 16 random bytes.
const HARDWARE_ID: [u8; 20] = [
    0x02, 0, 0, 0, 0x3B, 0x91, 0xC4, 0x5E, 0x07, 0xA8, 0xF2, 0x16, 0xD9, 0x60, 0x8D, 0xE3, 0x4C,
    0x75, 0x1A, 0xBF,
];
