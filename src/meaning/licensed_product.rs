// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LicensedProduct`]: meaning of the name of a licensed product. See
//! [licensing.md](crate::licensing#product-information).

/// Meaning of the name of a product in a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LicensedProduct {
    /// `A02`, which session hosts request.
    SessionHostRequest,
    /// `C50`, the product of Per User licenses in a public sample.
    PerUser,
    /// The GUID in certificates of session hosts. These certificates are not licenses.
    Host,
    /// An undocumented product.
    Other,
}

impl LicensedProduct {
    /// Decodes the part of a product's name before the first hyphen.
    pub(crate) fn of(product: &str) -> Self {
        match product.split('-').next().unwrap_or_default() {
            "A02" => Self::SessionHostRequest,
            "C50" => Self::PerUser,
            "3d267954" => Self::Host,
            _ => Self::Other,
        }
    }
}
