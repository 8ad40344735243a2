// SPDX-License-Identifier: MIT OR Apache-2.0

//! `MSLicensing`: the hardware ID and the license store of a client.

use crate::rng::Rng;
use crate::scenario::{hex, permissions};
use crate::token::{Index, TokenSpec};
use crate::tree::{Key, Tree, Value, utf16_nul};

/// Creates the key at `path` with a hardware ID and an empty store.
pub(crate) fn licensing<'a>(
    software: &'a mut Tree,
    path: &str,
    written: u64,
    hardware_id: &[u8],
) -> &'a mut Key {
    let key = software.root.made(path, written);
    for name in ["HardwareID", "Store"] {
        key.made(name, written).security = permissions::users_may_write();
    }
    key.at("HardwareID").push(Value::binary("ClientHWID", hardware_id));
    key
}

/// Returns the hardware ID of `machine`, in the form of Windows: platform 2 and 16 random bytes.
pub(crate) fn hardware_id(machine: &str) -> [u8; 20] {
    let random = Rng::named(machine).bytes(16);
    std::array::from_fn(|index| match index {
        0 => 2,
        1..4 => 0,
        _ => random[index - 4],
    })
}

/// Stores a license under `name`, without its index and without the token.
pub(crate) fn add<'a>(licensing: &'a mut Key, name: &str, written: u64) -> &'a mut Key {
    let license = licensing.at("Store").made(name, written);
    license.security = permissions::users_may_write();
    license
}

/// Stores the published token with its index: version, scope, company and product.
pub(crate) fn token(license: &mut Key) {
    license
        .push(Value::binary("ClientLicense", &hex::token()))
        .push(Value::binary("CompanyName", &utf16_nul("Microsoft Corporation")))
        .push(Value::binary("LicenseScope", b"microsoft.com\0"))
        .push(Value::binary("ProductID", &utf16_nul("A02")))
        .push(Value::binary("ProductVersion", &0x0006_0000u32.to_le_bytes()));
}

/// Stores a forged token with its index.
pub(crate) fn forged(license: &mut Key, spec: &TokenSpec) {
    let Index { version, scope, company, product } = spec.index();
    license
        .push(Value::binary("ClientLicense", &spec.encode()))
        .push(Value::binary("CompanyName", &company))
        .push(Value::binary("LicenseScope", &scope))
        .push(Value::binary("ProductID", &product))
        .push(Value::binary("ProductVersion", &version.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::sha256;

    #[test]
    fn deleted_token_is_the_published_one() {
        assert_eq!(hex::token().len(), 1945);
        assert!(sha256(&hex::token()).starts_with("cbb96a64"));
        assert_eq!(hex::hardware_id()[..4], [2, 0, 0, 0]);
        assert_ne!(hex::hardware_id(), hex::other_hardware_id());
    }
}
