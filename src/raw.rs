// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every structure as it lies on disk, in the order of the format description (REGF 1 to 4).
//!
//! All numbers are little-endian and unaligned, so each structure is read in place. Offsets of cells
//! are relative to the first bin; 0xFFFFFFFF is NIL. Nothing here interprets: the views in
//! [`crate::hive`] do. Facts of the format after Maxim Suhanov, "Windows registry file format
//! specification" (CC BY 4.0).

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

macro_rules! on_disk {
    ($($(#[$doc:meta])* $name:ident = $size:literal { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
        #[repr(C)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind,)* }
        const _: () = assert!(size_of::<$name>() == $size);
    )*};
}

on_disk! {
    /// `regf`: the first sector of a base block, which a transaction log begins with as well (REGF 1, 5).
    BaseBlockHead = 512 {
        /// 0: `regf`.
        signature: [u8; 4],
        /// 4: raised before a write.
        primary_sequence: U32,
        /// 8: raised after a write; equal to the primary one when the hive is clean.
        secondary_sequence: U32,
        /// 12: last written, FILETIME (not kept up since Windows 8.1).
        last_written: U64,
        /// 20: major version, 1.
        major: U32,
        /// 24: minor version.
        minor: U32,
        /// 28: 0 hive; 1, 2, 6 transaction log.
        file_type: U32,
        /// 32: 1, loaded directly into memory.
        file_format: U32,
        /// 36: cell of the root key.
        root: U32,
        /// 40: bytes of all bins, a multiple of 4,096.
        bins_size: U32,
        /// 44: sectors per write, 1.
        clustering: U32,
        /// 48: tail of the file name, UTF-16LE.
        file_name: [u8; 64],
        /// 112: resource manager GUID.
        rm_id: [u8; 16],
        /// 128: transaction log GUID.
        log_id: [u8; 16],
        /// 144: flags.
        flags: U32,
        /// 148: transaction manager GUID.
        tm_id: [u8; 16],
        /// 164: `rmtm` where the GUIDs are used.
        guid_signature: [u8; 4],
        /// 168: last reorganized, FILETIME; its two low bits are flags.
        last_reorganized: U64,
        /// 176: `OfRg` where offreg.dll wrote the hive.
        offline_signature: [u8; 4],
        /// 180: flags of offreg.dll.
        offline_flags: U32,
        /// 184: reserved.
        reserved1: [u8; 324],
        /// 508: checksum of the 127 words before it.
        checksum: U32,
    }
    /// The base block of a hive (REGF 1).
    BaseBlock = 4096 {
        /// 0: what the checksum covers, and the checksum.
        head: BaseBlockHead,
        /// 512: reserved; offreg.dll keeps a FILETIME in its first 8 bytes.
        reserved2: [u8; 3528],
        /// 4040: transaction manager GUID while a hive is thawed.
        thaw_tm_id: [u8; 16],
        /// 4056: resource manager GUID while a hive is thawed.
        thaw_rm_id: [u8; 16],
        /// 4072: log GUID while a hive is thawed.
        thaw_log_id: [u8; 16],
        /// 4088: no meaning on disk.
        boot_type: U32,
        /// 4092: no meaning on disk.
        boot_recover: U32,
    }
    /// `HvLE`: the header of an entry in a transaction log of the new format (REGF 6).
    LogEntry = 40 {
        /// 0: `HvLE`.
        signature: [u8; 4],
        /// 4: size with this header, a multiple of 512.
        size: U32,
        /// 8: bit 0 goes into the base block's flags.
        flags: U32,
        /// 12: sequence number.
        sequence: U32,
        /// 16: bytes of all bins after it, a multiple of 4,096.
        bins_size: U32,
        /// 20: number of pages.
        pages: U32,
        /// 24: Marvin32 of what follows this header.
        body_hash: U64,
        /// 32: Marvin32 of the 32 bytes before it.
        header_hash: U64,
    }
    /// A reference to a page in an entry (REGF 6).
    LogPage = 8 {
        /// 0: where it belongs, relative to the first bin.
        offset: U32,
        /// 4: its size.
        size: U32,
    }
    /// `hbin`: the header of a bin (REGF 2).
    BinHeader = 32 {
        /// 0: `hbin`.
        signature: [u8; 4],
        /// 4: offset of this bin, relative to the first one.
        offset: U32,
        /// 8: size with this header, a multiple of 4,096.
        size: U32,
        /// 12: reserved.
        reserved: [u8; 8],
        /// 20: in the first bin, a copy of the base block's last-written time.
        timestamp: U64,
        /// 28: no meaning on disk.
        spare: U32,
    }
    /// `nk`: a key node, without its name (REGF 4).
    KeyNode = 76 {
        /// 0: `nk`.
        signature: [u8; 2],
        /// 2: [`KeyFlags`].
        flags: U16,
        /// 4: last written, FILETIME.
        last_written: U64,
        /// 12: [`AccessBits`] (since Windows 8; the title index in version 1.1).
        access_bits: u8,
        /// 13: layer semantics in the two low bits, inherit-class in bit 7 (Windows 10).
        layered: u8,
        /// 14: spare.
        spare: U16,
        /// 16: cell of the parent key; without meaning in the root.
        parent: U32,
        /// 20: number of subkeys.
        subkey_count: U32,
        /// 24: number of volatile subkeys; they are not on disk.
        volatile_subkey_count: U32,
        /// 28: cell of the subkey list.
        subkeys: U32,
        /// 32: garbage on disk.
        volatile_subkeys: U32,
        /// 36: number of values; of a predefined key its handle.
        value_count: U32,
        /// 40: cell of the value list.
        values: U32,
        /// 44: security cell.
        security: U32,
        /// 48: cell of the class name.
        class: U32,
        /// 52: length of the longest subkey name, in bytes.
        largest_subkey_name: U16,
        /// 54: user flags in the low, virtualization flags in the high nibble.
        user_flags: u8,
        /// 55: debug byte.
        debug: u8,
        /// 56: length of the longest class name of a subkey, in bytes.
        largest_subkey_class: U32,
        /// 60: length of the longest value name, in bytes.
        largest_value_name: U32,
        /// 64: length of the longest value data, in bytes.
        largest_value_data: U32,
        /// 68: no meaning on disk.
        work_var: U32,
        /// 72: length of the name, in bytes.
        name_length: U16,
        /// 74: length of the class name, in bytes.
        class_length: U16,
    }
    /// `vk`: a value, without its name (REGF 4).
    KeyValue = 20 {
        /// 0: `vk`.
        signature: [u8; 2],
        /// 2: length of the name, in bytes; 0 for the default value.
        name_length: U16,
        /// 4: length of the data, in bytes; bit 31 set when it stands in `data`.
        data_size: U32,
        /// 8: cell of the data, or up to four bytes of data.
        data: [u8; 4],
        /// 12: type of the data.
        value_type: U32,
        /// 16: [`ValueFlags`] (the title index in version 1.1).
        flags: U16,
        /// 18: spare.
        spare: U16,
    }
    /// The head that `li`, `lf`, `lh` and `ri` share (REGF 4).
    ListHeader = 4 {
        /// 0: `li`, `lf`, `lh` or `ri`.
        signature: [u8; 2],
        /// 2: number of elements.
        count: U16,
    }
    /// An element of `lf` or `lh` (REGF 4).
    HintedElement = 8 {
        /// 0: cell of the key node.
        key: U32,
        /// 4: `lh`: hash of the upcased name; `lf`: its first four characters.
        hint: [u8; 4],
    }
    /// `db`: data in segments (REGF 4).
    BigData = 8 {
        /// 0: `db`.
        signature: [u8; 2],
        /// 2: number of segments.
        segments: U16,
        /// 4: cell of the segment list.
        list: U32,
    }
    /// `sk`: a security cell, without its descriptor (REGF 4).
    Security = 20 {
        /// 0: `sk`.
        signature: [u8; 2],
        /// 2: reserved.
        reserved: U16,
        /// 4: next security cell of the ring.
        flink: U32,
        /// 8: previous security cell of the ring.
        blink: U32,
        /// 12: number of keys that use this cell.
        reference_count: U32,
        /// 16: length of the descriptor, in bytes.
        descriptor_size: U32,
    }
    /// A self-relative `SECURITY_DESCRIPTOR` ([MS-DTYP] 2.4.6).
    SecurityDescriptor = 20 {
        /// 0: revision, 1.
        revision: u8,
        /// 1: resource manager control bits.
        sbz1: u8,
        /// 2: control flags.
        control: U16,
        /// 4: offset of the owner's SID; 0 for none.
        owner: U32,
        /// 8: offset of the group's SID; 0 for none.
        group: U32,
        /// 12: offset of the system ACL; 0 for none.
        sacl: U32,
        /// 16: offset of the discretionary ACL; 0 for none.
        dacl: U32,
    }
    /// The head of an ACL ([MS-DTYP] 2.4.5).
    AclHeader = 8 {
        /// 0: revision, 2 or 4.
        revision: u8,
        /// 1: zero.
        sbz1: u8,
        /// 2: size with this header, in bytes.
        size: U16,
        /// 4: number of entries.
        count: U16,
        /// 6: zero.
        sbz2: U16,
    }
    /// The head of an ACE ([MS-DTYP] 2.4.4.1).
    AceHeader = 4 {
        /// 0: type.
        ace_type: u8,
        /// 1: flags.
        flags: u8,
        /// 2: size with this header, in bytes.
        size: U16,
    }
    /// The head of a SID ([MS-DTYP] 2.4.2).
    SidHeader = 8 {
        /// 0: revision, 1.
        revision: u8,
        /// 1: number of sub-authorities.
        sub_authority_count: u8,
        /// 2: authority, big-endian.
        authority: [u8; 6],
    }
}

bitflags::bitflags! {
    /// Flags of a key node. Unknown bits are kept; the four highest are user flags on Windows XP
    /// and 2003.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct KeyFlags: u16 {
        /// Volatile; not on disk.
        const VOLATILE = 0x0001;
        /// Mount point of another hive.
        const HIVE_EXIT = 0x0002;
        /// Root of a hive.
        const HIVE_ENTRY = 0x0004;
        /// May not be deleted.
        const NO_DELETE = 0x0008;
        /// Symbolic link; the target stands in the value `SymbolicLinkValue`.
        const SYM_LINK = 0x0010;
        /// The name is stored in Latin-1.
        const COMP_NAME = 0x0020;
        /// A predefined handle stands where the value count would.
        const PREDEF_HANDLE = 0x0040;
        /// Virtualization: source.
        const VIRTUAL_SOURCE = 0x0080;
        /// Virtualization: target.
        const VIRTUAL_TARGET = 0x0100;
        /// Virtualization: store.
        const VIRTUAL_STORE = 0x0200;
        const _ = !0;
    }

    /// Flags of a value. Unknown bits are kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ValueFlags: u16 {
        /// The name is stored in Latin-1.
        const COMP_NAME = 0x0001;
        /// A deletion in a layered hive.
        const TOMBSTONE = 0x0002;
        const _ = !0;
    }

    /// When a key was accessed, as Windows 8 and later keep it. Unknown bits are kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct AccessBits: u8 {
        /// Before the registry was initialized at boot.
        const BEFORE_INITIALIZATION = 0x01;
        /// After that.
        const AFTER_INITIALIZATION = 0x02;
        const _ = !0;
    }

    /// Flags of the base block. Unknown bits are kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct BaseFlags: u32 {
        /// Locked by a transaction manager.
        const KTM_LOCKED = 0x1;
        /// Defragmented (Windows 8), or layered keys are supported (Windows 10).
        const DEFRAGMENTED_OR_LAYERED = 0x2;
        const _ = !0;
    }
}
