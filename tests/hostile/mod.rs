// SPDX-License-Identifier: MIT OR Apache-2.0
//! No bytes make calhive panic, take long, or take much memory: the hives that the reader's tests
//! damage, with licensing on top of the reader.

mod everything;
#[path = "../../regf/tests/hostile/mutations.rs"]
mod mutations;
#[path = "../../regf/tests/hostile/named.rs"]
mod named;
#[path = "../../regf/tests/hostile/recovery.rs"]
mod recovery;
#[path = "../../regf/tests/hostile/worst.rs"]
mod worst;

use worst::Worst;

pub(crate) use worst::worked;
