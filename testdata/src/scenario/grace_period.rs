// SPDX-License-Identifier: MIT OR Apache-2.0

//! `RCM\GracePeriod`: the encrypted end of the grace period. No real value is public.

use crate::scenario::dpapi::{Blob, LOCAL_MACHINE};
use crate::scenario::permissions;
use crate::tree::{Key, Value};

/// Name of the value.
pub(crate) const VALUE: &str = "L$RTMTIMEBOMB_1320153D-8DA3-4e8e-B27B-0D888223A588";
/// Name of the value if RunAsRTM is 4.
pub(crate) const BETA_VALUE: &str = "L$GracePeriodTimeBomb_1320153D-8DA3-4e8e-B27B-0D888223A588";
/// Identifier of the machine's master key.
const MASTER_KEY: [u8; 16] = [
    0x6E, 0x41, 0xD0, 0x92, 0x77, 0x1C, 0x5B, 0x4F, 0x9A, 0x23, 0xC8, 0x05, 0xBE, 0x61, 0xF4, 0x38,
];

/// Adds a grace period that began at `written` to the RCM key.
pub(crate) fn write(manager: &mut Key, value: &str, description: &str, written: u64) {
    let blob = Blob {
        master_key: MASTER_KEY,
        flags: LOCAL_MACHINE,
        description,
        salt: &[],
        // A FILETIME with its padding and the bytes that DPAPI adds before it.
        cipher_text: 32,
        seed: written,
    };
    let key = manager.made("GracePeriod", written);
    key.security = permissions::network_service();
    key.push(Value::binary(value, &blob.encode()));
}
