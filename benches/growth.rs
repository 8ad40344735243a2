// SPDX-License-Identifier: MIT OR Apache-2.0
//! Time and memory of a scan against the size of its input. Writes docs/growth.md and docs/growth.svg. See README.md.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark may fail"
)]

#[path = "support/growth/dimension.rs"]
mod dimension;
#[path = "support/growth/figure.rs"]
mod figure;
#[path = "../regf/tests/memory.rs"]
mod memory;
#[path = "support/growth/page.rs"]
mod page;
#[path = "support/growth/plot.rs"]
mod plot;

use std::path::Path;

use dimension::DIMENSIONS;
use figure::{Figure, Series};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, task, input] = arguments.as_slice()
        && task == "measure"
    {
        return println!("{}", Figure::of(Path::new(input)));
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("growth");
    let series: Vec<Series> =
        DIMENSIONS.iter().map(|dimension| Series::measure(dimension, &folder)).collect();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    std::fs::write(docs.join("growth.svg"), plot::svg(&series)).unwrap();
    let path = docs.join("growth.md");
    let before = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, page::with_tables(&before, &series)).unwrap();
}
