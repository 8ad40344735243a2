// SPDX-License-Identifier: MIT OR Apache-2.0

//! Permissions of the keys of a machine.

use crate::scenario::release::Kernel;
use crate::security::{Ace, Descriptor, FULL_CONTROL, INHERIT_ONLY, READ, Security, Sid};

/// KEY_SET_VALUE and KEY_CREATE_SUB_KEY.
const WRITE: u32 = 0x6;
/// DELETE.
const DELETE: u32 = 0x1_0000;

/// Default permissions of a key. Power users have rights up to Server 2003, packaged applications
/// from Windows 8.
pub(crate) fn ordinary(kernel: Kernel) -> Security {
    let mut dacl = vec![Ace::allow(READ, Sid::users())];
    if kernel < Kernel::V6_1 {
        dacl.push(Ace::allow(READ, Sid::power_users()));
    }
    dacl.push(Ace::allow(FULL_CONTROL, Sid::administrators()));
    dacl.push(Ace::allow(FULL_CONTROL, Sid::system()));
    let owner = Ace::allow(FULL_CONTROL, Sid::creator_owner());
    dacl.push(Ace { flags: owner.flags | INHERIT_ONLY, ..owner });
    if kernel >= Kernel::V6_3 {
        dacl.push(Ace::allow(READ, Sid::application_packages()));
    }
    owned(Sid::administrators(), dacl)
}

/// Returns the permissions of the system's own keys: only its installer may write.
pub(crate) fn trusted_installer() -> Security {
    let dacl = vec![
        Ace::allow(FULL_CONTROL, Sid::trusted_installer()),
        Ace::allow(READ, Sid::system()),
        Ace::allow(READ, Sid::administrators()),
        Ace::allow(READ, Sid::users()),
    ];
    owned(Sid::trusted_installer(), dacl)
}

/// Returns the permissions of keys that users may not read, such as keys below Lsa.
pub(crate) fn administrators_and_system() -> Security {
    let dacl = vec![
        Ace::allow(FULL_CONTROL, Sid::administrators()),
        Ace::allow(FULL_CONTROL, Sid::system()),
    ];
    owned(Sid::administrators(), dacl)
}

/// Returns the permissions of keys that the Remote Desktop services write.
pub(crate) fn network_service() -> Security {
    let dacl = vec![
        Ace::allow(FULL_CONTROL, Sid::system()),
        Ace::allow(FULL_CONTROL, Sid::network_service()),
        Ace::allow(READ, Sid::administrators()),
    ];
    owned(Sid::system(), dacl)
}

/// The license store and the hardware ID. The clients of users write to these keys, and may not
/// create the topmost key again.
pub(crate) fn users_may_write() -> Security {
    let dacl = vec![
        Ace::allow(READ | WRITE | DELETE, Sid::users()),
        Ace::allow(FULL_CONTROL, Sid::administrators()),
        Ace::allow(FULL_CONTROL, Sid::system()),
    ];
    owned(Sid::administrators(), dacl)
}

/// Returns permissions that let everyone read and write, and name no other group of users.
pub(crate) fn everyone_may_write() -> Security {
    let everyone = Sid::new(1, &[0]);
    let dacl =
        vec![Ace::allow(READ | WRITE | DELETE, everyone), Ace::allow(FULL_CONTROL, Sid::system())];
    owned(Sid::administrators(), dacl)
}

fn owned(owner: Sid, dacl: Vec<Ace>) -> Security {
    Descriptor { owner: Some(owner), group: Some(Sid::system()), dacl: Some(dacl), sacl: None }
        .build()
}
