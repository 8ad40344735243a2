// SPDX-License-Identifier: GPL-3.0-or-later
//! [`in_order`]: text of many parts, made on several threads.

use core::num::NonZeroUsize;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::thread;

/// Number of parts that a thread turns into text at a time.
const BATCH: usize = 128;

/// Turns each part into text, on this number of threads. Writes the texts in the order of the parts. One batch of texts
/// is in memory at a time. If the system refuses a thread, its share is made on the thread of the caller.
///
/// # Errors
/// If a text cannot be made or written.
pub(crate) fn in_order<P: Sync>(
    out: &mut dyn Write,
    threads: NonZeroUsize,
    parts: impl Iterator<Item = P>,
    make: impl Fn(&mut Vec<u8>, &P) -> io::Result<()> + Sync,
) -> io::Result<()> {
    in_order_on(out, threads, thread::Builder::new, parts, make)
}

fn in_order_on<P: Sync>(
    out: &mut dyn Write,
    threads: NonZeroUsize,
    builder: impl Fn() -> thread::Builder,
    parts: impl Iterator<Item = P>,
    make: impl Fn(&mut Vec<u8>, &P) -> io::Result<()> + Sync,
) -> io::Result<()> {
    let text = &|parts: &[P]| {
        let mut text = Vec::new();
        parts.iter().try_for_each(|part| make(&mut text, part)).map(|()| text)
    };
    let mut parts = parts.fuse();
    loop {
        let all = BATCH.saturating_mul(threads.get());
        let batch: Vec<P> = parts.by_ref().take(all).collect();
        let mut shares = batch.chunks(batch.len().div_ceil(threads.get()).max(1));
        let Some(first) = shares.next() else { return Ok(()) };
        thread::scope(|scope| {
            let start = |share| (share, builder().spawn_scoped(scope, move || text(share)));
            let others: Vec<_> = shares.map(start).collect();
            out.write_all(&text(first)?)?;
            others.into_iter().try_for_each(|(share, other)| {
                let text = other.map_or_else(
                    |_| text(share),
                    |other| other.join().unwrap_or_else(|panic| resume_unwind(panic)),
                );
                out.write_all(&text?)
            })
        })?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_order_of_the_parts_on_any_number_of_threads() {
        let make = |text: &mut Vec<u8>, part: &usize| writeln!(text, "{part}");
        let expected: String = (0..1000).map(|part| format!("{part}\n")).collect();
        for threads in [1, 2, 3, 7] {
            let (mut out, threads) = (Vec::new(), NonZeroUsize::new(threads).unwrap());
            in_order(&mut out, threads, 0..1000, make).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
        // No system has so much memory for a stack.
        let refused = || thread::Builder::new().stack_size(usize::MAX / 4);
        let (mut out, threads) = (Vec::new(), NonZeroUsize::new(7).unwrap());
        in_order_on(&mut out, threads, refused, 0..1000, make).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let make = |_: &mut Vec<u8>, _: &usize| Err(io::Error::other("no text"));
        in_order(&mut Vec::new(), NonZeroUsize::MIN, 0..3, make).unwrap_err();
    }
}
