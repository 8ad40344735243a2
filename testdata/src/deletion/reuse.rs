// SPDX-License-Identifier: MIT OR Apache-2.0

//! A hive that is in use after deletions: new keys and values take the cells of old ones.

use super::edits::Edits;
use crate::rng::Rng;
use crate::tree::{Key, Value};

/// Maximum length of new data.
const LONGEST: usize = 600;

impl Edits {
    /// Creates keys and values with random content until they overwrite `percent` of the freed
    /// bytes, or slightly more. They go to random free cells with freed bytes.
    ///
    /// # Panics
    ///
    /// If the share is not reached. 100 is never reached.
    pub fn reuse(&mut self, percent: usize, seed: u64, time: u64) -> &mut Self {
        let mut rng = Rng::nth(seed, percent as u64);
        self.heap.spread = Some(Rng::nth(seed, u64::MAX));
        let keys = self.keys();
        for made in 0.. {
            let (overwritten, of) = self.heap.overwritten();
            let wanted = (of * percent).div_ceil(100);
            if overwritten >= wanted {
                break;
            }
            assert!(made < 100_000, "{overwritten} of {of} bytes overwritten, not {percent} %");
            let key = rng.pick(&keys);
            let len = rng.below((wanted - overwritten).clamp(16, LONGEST));
            let name = format!("later {made} {:08x}", rng.next_u64() as u32);
            if rng.one_in(3) {
                let added = Key::new(name.as_str()).binary("", &rng.bytes(len));
                self.add_key(key, added, time);
            } else {
                self.set_value(key, Value::binary(&name, &rng.bytes(len)), time);
            }
        }
        self.heap.spread = None;
        self
    }
}
