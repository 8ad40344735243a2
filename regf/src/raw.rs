// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every structure as stored on disk. The page [`format`](mod@crate::format) describes the fields
//! and their sources.
//!
//! All numbers are little-endian and unaligned, so the reader reads each structure in place. Each
//! field has its offset before the colon. Cell offsets count from the first bin, and 0xFFFFFFFF is
//! NIL. The views in [`crate::hive`] interpret the fields.

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
    /// `regf`: the first sector of the base block of a hive or a transaction log
    /// ([regf.md](crate::format#base-block)).
    BaseBlockHead = 512 {
        /// 0: `regf`.
        signature: [u8; 4],
        /// 4: raised before a write.
        primary_sequence: U32,
        /// 8: raised after a write; equal to the primary number in a clean hive.
        secondary_sequence: U32,
        /// 12: last written, FILETIME; not updated since Windows 8.1.
        last_written: U64,
        /// 20: major version, 1.
        major: U32,
        /// 24: minor version.
        minor: U32,
        /// 28: file type: 0 for a hive; 1, 2 or 6 for a transaction log.
        file_type: U32,
        /// 32: file format, 1.
        file_format: U32,
        /// 36: cell offset of the root key.
        root: U32,
        /// 40: size of all bins, a multiple of 4,096.
        bins_size: U32,
        /// 44: clustering factor, 1.
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
        /// 164: `rmtm` if the GUIDs are in use.
        guid_signature: [u8; 4],
        /// 168: last reorganized, FILETIME with flags in the two low bits.
        last_reorganized: U64,
        /// 176: `OfRg` in hives that offreg.dll wrote.
        offline_signature: [u8; 4],
        /// 180: flags of offreg.dll.
        offline_flags: U32,
        /// 184: reserved.
        reserved1: [u8; 324],
        /// 508: checksum of the 127 words before it.
        checksum: U32,
    }
    /// The base block of a hive ([regf.md](crate::format#base-block)).
    BaseBlock = 4096 {
        /// 0: first sector, with the checksum.
        head: BaseBlockHead,
        /// 512: reserved; the first 8 bytes are a FILETIME in hives that offreg.dll wrote.
        reserved2: [u8; 3528],
        /// 4040: transaction manager GUID, restored after a shadow copy.
        thaw_tm_id: [u8; 16],
        /// 4056: resource manager GUID, restored after a shadow copy.
        thaw_rm_id: [u8; 16],
        /// 4072: transaction log GUID, restored after a shadow copy.
        thaw_log_id: [u8; 16],
        /// 4088: no meaning on disk.
        boot_type: U32,
        /// 4092: no meaning on disk.
        boot_recover: U32,
    }
    /// `HvLE`: the header of a log entry of the new format
    /// ([regf.md](crate::format#logs-of-the-new-format)).
    LogEntry = 40 {
        /// 0: `HvLE`.
        signature: [u8; 4],
        /// 4: size with this header, a multiple of 512.
        size: U32,
        /// 8: bit 0 replaces bit 0 of the base block flags.
        flags: U32,
        /// 12: sequence number.
        sequence: U32,
        /// 16: size of all bins after the entry, a multiple of 4,096.
        bins_size: U32,
        /// 20: number of pages.
        pages: U32,
        /// 24: Marvin32 of the bytes after the header.
        body_hash: U64,
        /// 32: Marvin32 of the 32 bytes before.
        header_hash: U64,
    }
    /// Reference to a page of a log entry ([regf.md](crate::format#logs-of-the-new-format)).
    LogPage = 8 {
        /// 0: place of the page, relative to the first bin.
        offset: U32,
        /// 4: size of the page.
        size: U32,
    }
    /// `hbin`: the header of a bin ([regf.md](crate::format#bins)).
    BinHeader = 32 {
        /// 0: `hbin`.
        signature: [u8; 4],
        /// 4: offset of this bin, relative to the first bin.
        offset: U32,
        /// 8: size with the header, a multiple of 4,096.
        size: U32,
        /// 12: reserved.
        reserved: [u8; 8],
        /// 20: in the first bin a copy of the last-written time in the base block.
        timestamp: U64,
        /// 28: no meaning on disk.
        spare: U32,
    }
    /// `nk`: a key node, without its name ([regf.md](crate::format#key-nodes)).
    KeyNode = 76 {
        /// 0: `nk`.
        signature: [u8; 2],
        /// 2: [`KeyFlags`].
        flags: U16,
        /// 4: last written, FILETIME.
        last_written: U64,
        /// 12: [`AccessBits`] since Windows 8; title index in version 1.1.
        access_bits: u8,
        /// 13: layer byte since Windows 10: semantics in bits 0 and 1, inherited class in bit 7.
        layered: u8,
        /// 14: spare.
        spare: U16,
        /// 16: cell offset of the parent key; no meaning in the root key.
        parent: U32,
        /// 20: number of subkeys.
        subkey_count: U32,
        /// 24: number of volatile subkeys, which are not on disk.
        volatile_subkey_count: U32,
        /// 28: cell offset of the subkey list.
        subkeys: U32,
        /// 32: garbage on disk.
        volatile_subkeys: U32,
        /// 36: number of values, or the handle of a predefined key.
        value_count: U32,
        /// 40: cell offset of the value list.
        values: U32,
        /// 44: cell offset of the security cell.
        security: U32,
        /// 48: cell offset of the class name.
        class: U32,
        /// 52: length of the longest subkey name, in bytes.
        largest_subkey_name: U16,
        /// 54: user flags in the low four bits, virtualization flags in the high four bits.
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
    /// `vk`: a value, without its name ([regf.md](crate::format#values)).
    KeyValue = 20 {
        /// 0: `vk`.
        signature: [u8; 2],
        /// 2: length of the name, in bytes; 0 for the default value.
        name_length: U16,
        /// 4: length of the data in bytes; bit 31 marks inline data.
        data_size: U32,
        /// 8: cell offset of the data, or up to four bytes of inline data.
        data: [u8; 4],
        /// 12: type of the data.
        value_type: U32,
        /// 16: [`ValueFlags`]; title index in version 1.1.
        flags: U16,
        /// 18: spare.
        spare: U16,
    }
    /// Header of `li`, `lf`, `lh` and `ri` ([regf.md](crate::format#subkey-lists)).
    ListHeader = 4 {
        /// 0: `li`, `lf`, `lh` or `ri`.
        signature: [u8; 2],
        /// 2: number of elements.
        count: U16,
    }
    /// Element of `lf` or `lh` ([regf.md](crate::format#subkey-lists)).
    HintedElement = 8 {
        /// 0: cell offset of the key node.
        key: U32,
        /// 4: in `lh` the hash of the upcased name; in `lf` the first four characters.
        hint: [u8; 4],
    }
    /// `db`: header of big data ([regf.md](crate::format#big-data)).
    BigData = 8 {
        /// 0: `db`.
        signature: [u8; 2],
        /// 2: number of segments.
        segments: U16,
        /// 4: cell offset of the segment list.
        list: U32,
    }
    /// `sk`: a security cell, without its descriptor ([regf.md](crate::format#security)).
    Security = 20 {
        /// 0: `sk`.
        signature: [u8; 2],
        /// 2: reserved.
        reserved: U16,
        /// 4: cell offset of the next security cell in the ring.
        flink: U32,
        /// 8: cell offset of the previous security cell in the ring.
        blink: U32,
        /// 12: number of keys that use this cell.
        reference_count: U32,
        /// 16: length of the descriptor, in bytes.
        descriptor_size: U32,
    }
    /// Self-relative `SECURITY_DESCRIPTOR` ([MS-DTYP] 2.4.6).
    SecurityDescriptor = 20 {
        /// 0: revision, 1.
        revision: u8,
        /// 1: resource manager control bits.
        sbz1: u8,
        /// 2: control flags.
        control: U16,
        /// 4: offset of the owner SID, 0 for no owner.
        owner: U32,
        /// 8: offset of the group SID, 0 for no group.
        group: U32,
        /// 12: offset of the system ACL, 0 for no ACL.
        sacl: U32,
        /// 16: offset of the discretionary ACL, 0 for no ACL.
        dacl: U32,
    }
    /// Header of an ACL ([MS-DTYP] 2.4.5).
    AclHeader = 8 {
        /// 0: revision, 2 or 4.
        revision: u8,
        /// 1: zero.
        sbz1: u8,
        /// 2: size in bytes, header included.
        size: U16,
        /// 4: number of entries.
        count: U16,
        /// 6: zero.
        sbz2: U16,
    }
    /// Header of an ACE ([MS-DTYP] 2.4.4.1).
    AceHeader = 4 {
        /// 0: type.
        ace_type: u8,
        /// 1: flags.
        flags: u8,
        /// 2: size in bytes, header included.
        size: U16,
    }
    /// Header of a SID ([MS-DTYP] 2.4.2).
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
    /// Flags of a key node ([regf.md](crate::format#key-flags)). Unknown bits are kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct KeyFlags: u16 {
        /// Key in memory only.
        const VOLATILE = 0x0001;
        /// Mount point of another hive.
        const HIVE_EXIT = 0x0002;
        /// Root of a hive.
        const HIVE_ENTRY = 0x0004;
        /// Key that cannot be deleted.
        const NO_DELETE = 0x0008;
        /// Symbolic link. The value `SymbolicLinkValue` holds the target.
        const SYM_LINK = 0x0010;
        /// Compressed name, stored as Latin-1.
        const COMP_NAME = 0x0020;
        /// Predefined handle in place of the value count.
        const PREDEF_HANDLE = 0x0040;
        /// Source of a virtualized key.
        const VIRTUAL_SOURCE = 0x0080;
        /// Target of a virtualized key.
        const VIRTUAL_TARGET = 0x0100;
        /// Part of a virtual store.
        const VIRTUAL_STORE = 0x0200;
        const _ = !0;
    }

    /// Flags of a value. Unknown bits are kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ValueFlags: u16 {
        /// Compressed name, stored as Latin-1.
        const COMP_NAME = 0x0001;
        /// Tombstone: deleted value of a layered hive.
        const TOMBSTONE = 0x0002;
        const _ = !0;
    }

    /// Phases in which a key was accessed, since Windows 8. Unknown bits are kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct AccessBits: u8 {
        /// During boot, before the call of `NtInitializeRegistry`.
        const BEFORE_INITIALIZATION = 0x01;
        /// After the call of `NtInitializeRegistry`.
        const AFTER_INITIALIZATION = 0x02;
        const _ = !0;
    }

    /// Flags of the base block. Unknown bits are kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct BaseFlags: u32 {
        /// Locked by the transaction manager.
        const KTM_LOCKED = 0x1;
        /// Defragmented (Windows 8), or support for layered keys (Windows 10).
        const DEFRAGMENTED_OR_LAYERED = 0x2;
        const _ = !0;
    }
}
