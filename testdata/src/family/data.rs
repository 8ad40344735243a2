// SPDX-License-Identifier: MIT OR Apache-2.0

//! Data of live values that overlap, that many values share, or that repeat one segment.

use super::{Case, Family};
use crate::NIL;
use crate::SEGMENT;
use crate::overlapping::{Bin, Wide, elements, name, wide};

pub(super) fn families() -> Vec<Family> {
    vec![
        Family {
            name: "data cells that overlap",
            make: |n| wide((n / 90) as u32, Wide::Data).into(),
        },
        Family { name: "text that all values share", make: |n| shared(n, 1, false) },
        Family { name: "lists of text that all values share", make: |n| shared(n, 7, false) },
        Family { name: "text that overlaps", make: |n| shared(n, 1, true) },
        Family { name: "numbers in data that overlap", make: |n| shared(n, 4, true) },
        Family { name: "big data that all values share", make: |n| big(n, &Big::Shared) },
        Family { name: "big data of one segment", make: |n| big(n, &Big::OneList) },
        Family { name: "big data with a list of nothing", make: |n| big(n, &Big::BadElements) },
        Family { name: "big data whose last segment is bad", make: |n| big(n, &Big::BadEnd) },
        Family { name: "unreferenced segments and lists", make: orphans },
        Family { name: "values that lost their data", make: lost },
    ]
}

/// A root with these values.
fn root_of(mut bin: Bin, root: u32, values: &[u32], wide: &[u32]) -> Case {
    let list = bin.cell(&elements(values), None);
    bin.put(root, 36, values.len() as u32);
    bin.put(root, 40, list);
    bin.finish(wide).into()
}

/// Values of one type. Each has the data of one long cell, or a cell of its own that reaches over the
/// cells after it.
fn shared(size: usize, value_type: u32, own: bool) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let many = (size / 2 / 40) as u32;
    let values: Vec<u32> = (0..many).map(|at| bin.value(&name(at), 8, 0, None)).collect();
    let text = b"A\0";
    let cells: Vec<u32> = if own {
        let each = (size / 2 / many as usize).max(8);
        values.iter().map(|_| bin.cell(&text.repeat(each / 2 - 2), None)).collect()
    } else {
        vec![bin.cell(&text.repeat(size / 4), None)]
    };
    let end = bin.0.len() as u32;
    for (value, cell) in values.iter().zip(cells.iter().cycle()) {
        bin.put(*value, 4, (end - cell - 4).min(16_344));
        bin.put(*value, 8, *cell);
        bin.put(*value, 12, value_type);
    }
    root_of(bin, root, &values, if own { &cells } else { &[] })
}

#[derive(PartialEq)]
enum Big {
    Shared,
    OneList,
    BadElements,
    BadEnd,
}

/// Values with headers of big data that share one list.
fn big(size: usize, how: &Big) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let many = (size / 2 / 60) as u32;
    let values: Vec<u32> = (0..many).map(|at| bin.value(&name(at), 20_000, 0, None)).collect();
    let segment = bin.cell(&vec![7; SEGMENT.min(size / 4)], None);
    let length = (size / 16).clamp(2, 0xFFFF);
    let mut all = vec![segment; length];
    match how {
        Big::BadElements => all[1..].fill(NIL),
        Big::BadEnd => all[length - 1] = NIL,
        Big::Shared | Big::OneList => {}
    }
    let list = bin.cell(&elements(&all), None);
    let mut header = b"db".to_vec();
    header.extend((length as u16).to_le_bytes());
    header.extend(list.to_le_bytes());
    let first = bin.cell(&header, None);
    let data_size = match how {
        Big::BadElements => SEGMENT + 1,
        _ => (length * SEGMENT).min(size / 2).max(SEGMENT + 1),
    };
    for value in &values {
        let data = if *how == Big::Shared { first } else { bin.cell(&header, None) };
        bin.put(*value, 4, data_size as u32);
        bin.put(*value, 8, data);
    }
    root_of(bin, root, &values, &[])
}

/// Values of big data without a list, and unreferenced cells that look like lists of unreferenced
/// segments.
fn orphans(size: usize) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let many = (size / 3 / 60) as u32;
    let values: Vec<u32> =
        (0..many).map(|at| bin.value(&name(at), SEGMENT as u32 + 8, 0, None)).collect();
    let segment = bin.cell(&vec![7; SEGMENT.min(size / 4)], None);
    for value in &values {
        let header = bin.cell(b"db\x02\0\x20\0\0\0", None);
        bin.put(*value, 8, header);
    }
    for _ in 0..size / 3 / 16 {
        bin.cell(&elements(&[segment, segment]), None);
    }
    root_of(bin, root, &values, &[])
}

/// Values whose data offset leads to a key, and unreferenced cells of their size.
fn lost(size: usize) -> Case {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    let many = (size / 2 / 40) as u32;
    let values: Vec<u32> = (0..many).map(|at| bin.value(&name(at), 20, root, None)).collect();
    for at in 0..size / 2 / 24 {
        bin.cell(&[at as u8 | 1; 20], None);
    }
    root_of(bin, root, &values, &[])
}
