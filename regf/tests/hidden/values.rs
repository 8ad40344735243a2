// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values hidden by their count, by the offset of the list, or by an element of the list.

use calhive_regf::hive::hidden::HiddenBy;
use hive_forge::NIL;

use super::{field, forged, hidden};

#[test]
fn values_hidden_by_count_are_found() {
    for count in [0, 2, 5] {
        let mut hive = forged();
        hive.set("key Alpha", "value_count", count);
        field(&hive, HiddenBy::ValueCount, "key Alpha", "value_count", 6);
        let lines = hidden(&hive.bytes);
        assert_eq!(lines.len() as u64, 6 - count, "{lines:#?}");
        assert!(lines.contains(&r"value Alpha:\u{} ValueCount".to_owned()), "{lines:#?}");
    }
}

#[test]
fn values_hidden_by_list_offset_are_found() {
    let others = [NIL, 0x7FFF_FFF8, forged().offset("values Bravo"), forged().offset("key ")];
    for wrong in others {
        let mut hive = forged();
        let right = hive.get("key Alpha", "values");
        hive.set("key Alpha", "values", u64::from(wrong));
        let lines = hidden(&hive.bytes);
        assert_eq!(lines.len(), 6, "{wrong:#x} {lines:#?}");
        assert!(lines.contains(&"value Alpha:big ValueList".to_owned()), "{lines:#?}");
        field(&hive, HiddenBy::ValueList, "key Alpha", "values", right);
    }
}

#[test]
fn values_hidden_by_element_are_found() {
    let hive = forged();
    let others = [NIL, 0x7FFF_FFF8, hive.get("values Alpha", "element 2") as u32];
    for wrong in others.into_iter().chain([hive.offset("key ")]) {
        let mut hive = hive.clone();
        let right = hive.get("values Alpha", "element 1");
        hive.set("values Alpha", "element 1", u64::from(wrong));
        let lines = hidden(&hive.bytes);
        let is_found = lines == ["value Alpha:number ValueElement"];
        // If two elements are equal, the second is taken for the changed one.
        if wrong == hive.get("values Alpha", "element 2") as u32 {
            assert_eq!(lines, ["value Alpha:number ValueElement"]);
            field(&hive, HiddenBy::ValueElement, "values Alpha", "element 2", right);
            continue;
        }
        assert!(is_found, "{wrong:#x} {lines:#?}");
        field(&hive, HiddenBy::ValueElement, "values Alpha", "element 1", right);
    }
}

#[test]
fn data_of_hidden_value_are_checked() {
    let mut hive = forged();
    hive.set("values Alpha", "element 3", u64::from(NIL)).set("value Alpha:text", "data_size", 8);
    let lines = hidden(&hive.bytes);
    assert_eq!(lines, ["value Alpha:text ValueElement", "data Alpha:text 46 DataSize left over"]);
}

/// The flag of a predefined key replaces the values of the key by a handle.
#[test]
fn values_hidden_by_the_flag_of_a_predefined_key_are_found() {
    let mut hive = forged();
    let flags = hive.get("key Bravo", "flags");
    hive.set("key Bravo", "flags", flags | 0x40);
    assert_eq!(hidden(&hive.bytes), ["value Bravo:of Bravo PredefinedHandle"]);
    field(&hive, HiddenBy::PredefinedHandle, "key Bravo", "flags", flags);
    // A handle in the place of the count hides no value.
    let mut hive = forged();
    hive.set("key Charlie", "flags", flags | 0x40);
    hive.set("key Charlie", "value_count", 0x8000_0002);
    assert_eq!(hidden(&hive.bytes), Vec::<String>::new());
}
