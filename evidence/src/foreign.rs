// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`call`]: a call of a parser from another project. A panic inside it is caught.
//!
//! A panic hook still runs for each panic. The hook can call [`is_running`] to keep such a panic off standard error.

use core::cell::Cell;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// What a report says of a parser that panics.
pub const PANICKED: &str = "it panics here";

std::thread_local! {
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside [`call`], so that a panic is caught.
pub fn is_running() -> bool {
    RUNNING.get()
}

/// Calls a parser from another project. Returns `None` if the parser panics. Nothing that the call left half
/// changed may be used afterwards.
///
/// ```
/// use calhive_evidence::foreign;
/// assert_eq!(foreign::call(|| 1), Some(1));
/// assert_eq!(foreign::call(|| "x".parse::<u8>().unwrap()), None);
/// ```
pub fn call<T>(call: impl FnOnce() -> T) -> Option<T> {
    let before = RUNNING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    RUNNING.set(before);
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_is_marked_during_a_call_and_after_a_panic_it_is_not() {
        assert!(!is_running());
        let nested = call(|| {
            assert_eq!(call(|| panic!("inner")), None::<()>);
            is_running()
        });
        assert_eq!(nested, Some(true));
        assert_eq!(call(|| panic!("outer")), None::<()>);
        assert!(!is_running());
    }
}
