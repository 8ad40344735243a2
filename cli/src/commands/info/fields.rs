// SPDX-License-Identifier: GPL-3.0-or-later
//! Names and offsets of the fields of each structure.

use core::mem::offset_of;

use calhive_regf::raw::{BaseBlock, BaseBlockHead, BinHeader, KeyNode, KeyValue, Security};

/// Name of a field, and its offset in the structure. A field ends where the next one begins.
pub(super) type Field = (&'static str, usize);

macro_rules! fields {
    ($(#[$doc:meta])* $table:ident of $structure:ident: $($field:ident)*) => {
        $(#[$doc])*
        pub(super) const $table: &[Field] =
            &[$((stringify!($field), offset_of!($structure, $field)),)*];
    };
}

fields! {
    /// Base block (`regf`), first sector.
    BASE_BLOCK_HEAD of BaseBlockHead:
    signature primary_sequence secondary_sequence last_written major minor file_type file_format
    root bins_size clustering file_name rm_id log_id flags tm_id guid_signature last_reorganized
    offline_signature offline_flags reserved1 checksum
}

fields! {
    /// Base block (`regf`), after the first sector.
    BASE_BLOCK of BaseBlock:
    reserved2 thaw_tm_id thaw_rm_id thaw_log_id boot_type boot_recover
}

fields! {
    /// Bin header (`hbin`).
    BIN_HEADER of BinHeader: signature offset size reserved timestamp spare
}

fields! {
    /// Key node (`nk`).
    KEY_NODE of KeyNode:
    signature flags last_written access_bits layered spare parent subkey_count
    volatile_subkey_count subkeys volatile_subkeys value_count values security class
    largest_subkey_name user_flags debug largest_subkey_class largest_value_name
    largest_value_data work_var name_length class_length
}

fields! {
    /// Value (`vk`).
    KEY_VALUE of KeyValue: signature name_length data_size data value_type flags spare
}

fields! {
    /// Security cell (`sk`).
    SECURITY of Security: signature reserved flink blink reference_count descriptor_size
}

/// Returns the field at byte `at` of a structure. The last field ends at `end`. Bytes from `end` on
/// belong to `after`.
pub(super) fn name(fields: &[Field], at: u64, end: usize, after: &'static str) -> &'static str {
    if at >= end as u64 {
        return after;
    }
    let before = fields.iter().rev().find(|(_, start)| *start as u64 <= at);
    before.map_or(after, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_begin_at_their_structure() {
        let sector = size_of::<BaseBlockHead>();
        for (table, start) in [
            (BASE_BLOCK_HEAD, 0),
            (BASE_BLOCK, sector),
            (BIN_HEADER, 0),
            (KEY_NODE, 0),
            (KEY_VALUE, 0),
            (SECURITY, 0),
        ] {
            assert_eq!(table[0].1, start);
            assert!(table.is_sorted_by(|a, b| a.1 < b.1), "{table:?}");
        }
    }

    #[test]
    fn byte_belongs_to_the_last_field_that_begins_before_it() {
        assert_eq!(name(BASE_BLOCK_HEAD, 11, 512, "-"), "secondary_sequence");
        assert_eq!(name(BASE_BLOCK_HEAD, 508, 512, "-"), "checksum");
        assert_eq!(name(BASE_BLOCK, 4095, 4096, "-"), "boot_recover");
        assert_eq!(name(KEY_NODE, 76, 76, "name"), "name");
    }
}
