// SPDX-License-Identifier: MIT OR Apache-2.0

//! Self-relative security descriptors, built from owner, group and access control lists.

/// A self-relative SECURITY_DESCRIPTOR of an sk cell. An empty one means that the key has no sk
/// cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Security(pub Vec<u8>);

impl Security {
    /// Descriptor of most keys of a system hive: owner Administrators, group SYSTEM; SYSTEM and
    /// Administrators full control, Users read.
    pub fn system_default() -> Self {
        Descriptor {
            owner: Some(Sid::administrators()),
            group: Some(Sid::system()),
            dacl: Some(vec![
                Ace::allow(FULL_CONTROL, Sid::system()),
                Ace::allow(FULL_CONTROL, Sid::administrators()),
                Ace::allow(READ, Sid::users()),
            ]),
            sacl: None,
        }
        .build()
    }

    /// Owner Administrators with full control and no other rights, as after taking ownership.
    pub fn administrators_full() -> Self {
        Descriptor {
            owner: Some(Sid::administrators()),
            group: Some(Sid::administrators()),
            dacl: Some(vec![Ace::allow(FULL_CONTROL, Sid::administrators())]),
            sacl: None,
        }
        .build()
    }
}

/// KEY_ALL_ACCESS.
pub const FULL_CONTROL: u32 = 0x000F_003F;
/// KEY_READ.
pub const READ: u32 = 0x0002_0019;
/// Ace type ACCESS_ALLOWED.
pub const ALLOWED: u8 = 0;
/// Ace type ACCESS_DENIED.
pub const DENIED: u8 = 1;
/// Ace type SYSTEM_AUDIT.
pub const AUDIT: u8 = 2;
/// Ace flags: inherited by subkeys (CONTAINER_INHERIT).
pub const CONTAINER_INHERIT: u8 = 2;
/// Ace flags: for subkeys only (INHERIT_ONLY).
pub const INHERIT_ONLY: u8 = 8;

/// A security identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sid(Vec<u8>);

impl Sid {
    /// S-1-`authority`-`sub_authorities`.
    pub fn new(authority: u8, sub_authorities: &[u32]) -> Self {
        let count = u8::try_from(sub_authorities.len()).expect("at most 255 sub-authorities");
        let mut bytes = vec![1, count, 0, 0, 0, 0, 0, authority];
        bytes.extend(sub_authorities.iter().flat_map(|part| part.to_le_bytes()));
        Self(bytes)
    }

    /// S-1-5-18.
    pub fn system() -> Self {
        Self::new(5, &[18])
    }

    /// S-1-5-20.
    pub fn network_service() -> Self {
        Self::new(5, &[20])
    }

    /// S-1-5-32-544.
    pub fn administrators() -> Self {
        Self::new(5, &[32, 544])
    }

    /// S-1-5-32-545.
    pub fn users() -> Self {
        Self::new(5, &[32, 545])
    }

    /// S-1-5-32-547.
    pub fn power_users() -> Self {
        Self::new(5, &[32, 547])
    }

    /// S-1-3-0.
    pub fn creator_owner() -> Self {
        Self::new(3, &[0])
    }

    /// S-1-15-2-1, ALL APPLICATION PACKAGES.
    pub fn application_packages() -> Self {
        Self::new(15, &[2, 1])
    }

    /// S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464, NT SERVICE\TrustedInstaller.
    pub fn trusted_installer() -> Self {
        let service = [956_008_885, 3_418_522_649, 1_831_038_044, 1_853_292_631, 2_271_478_464];
        Self::new(5, &[&[80], &service[..]].concat())
    }

    /// S-1-1-0.
    pub fn everyone() -> Self {
        Self::new(1, &[0])
    }
}

/// One entry of an access control list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ace {
    /// Ace type: [`ALLOWED`], [`DENIED`], [`AUDIT`] or any other.
    pub kind: u8,
    /// Inheritance and audit flags.
    pub flags: u8,
    /// Access mask.
    pub mask: u32,
    /// Security identifier that the entry is about.
    pub sid: Sid,
}

impl Ace {
    /// Grants `mask` to `sid`, here and below.
    pub fn allow(mask: u32, sid: Sid) -> Self {
        Self { kind: ALLOWED, flags: CONTAINER_INHERIT, mask, sid }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![self.kind, self.flags];
        bytes.extend_from_slice(&(8 + self.sid.0.len() as u16).to_le_bytes());
        bytes.extend_from_slice(&self.mask.to_le_bytes());
        bytes.extend_from_slice(&self.sid.0);
        bytes
    }
}

/// The parts of a security descriptor. `None` parts are omitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// The owner.
    pub owner: Option<Sid>,
    /// The primary group.
    pub group: Option<Sid>,
    /// The discretionary list: permissions.
    pub dacl: Option<Vec<Ace>>,
    /// The system list: audited accesses.
    pub sacl: Option<Vec<Ace>>,
}

impl Descriptor {
    /// Returns the descriptor in the layout of Windows: header, SACL, DACL, owner, group.
    pub fn build(&self) -> Security {
        const SELF_RELATIVE: u16 = 0x8000;
        const DACL_PRESENT: u16 = 0x0004;
        const SACL_PRESENT: u16 = 0x0010;
        let mut control = SELF_RELATIVE;
        let mut bytes = vec![0; 20];
        let mut add = |place: usize, part: Vec<u8>| {
            let offset = bytes.len() as u32;
            bytes[place..place + 4].copy_from_slice(&offset.to_le_bytes());
            bytes.extend(part);
        };
        if let Some(aces) = &self.sacl {
            control |= SACL_PRESENT;
            add(12, acl(aces));
        }
        if let Some(aces) = &self.dacl {
            control |= DACL_PRESENT;
            add(16, acl(aces));
        }
        if let Some(sid) = &self.owner {
            add(4, sid.0.clone());
        }
        if let Some(sid) = &self.group {
            add(8, sid.0.clone());
        }
        bytes[0] = 1;
        bytes[2..4].copy_from_slice(&control.to_le_bytes());
        Security(bytes)
    }
}

fn acl(aces: &[Ace]) -> Vec<u8> {
    let entries: Vec<u8> = aces.iter().flat_map(Ace::encode).collect();
    let mut bytes = vec![2, 0];
    bytes.extend_from_slice(&(8 + entries.len() as u16).to_le_bytes());
    bytes.extend_from_slice(&(aces.len() as u16).to_le_bytes());
    bytes.extend_from_slice(&[0, 0]);
    bytes.extend(entries);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptor_layout_follows_the_format() {
        let bytes = Security::administrators_full().0;
        // Header 20, DACL 8 + (8 + 16), owner 16, group 16.
        assert_eq!(bytes.len(), 84);
        assert_eq!(bytes[..4], [1, 0, 0x04, 0x80]);
        let offset = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!([offset(4), offset(8), offset(12), offset(16)], [52, 68, 0, 20]);
        assert_eq!(bytes[20..28], [2, 0, 32, 0, 1, 0, 0, 0]);
    }
}
