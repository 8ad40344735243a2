// SPDX-License-Identifier: MIT OR Apache-2.0
//! What tests of readers share: other tools, random numbers, and the number of mutations.

use std::process::{Command, Output};

/// Runs a tool and returns its output; `None` if the tool is missing. In CI, a missing tool fails.
pub(crate) fn run(tool: &str, arguments: &[&str]) -> Option<Output> {
    let Ok(output) = Command::new(tool).args(arguments).output() else {
        assert!(std::env::var_os("CI").is_none(), "{tool} is not installed");
        println!("skipped: {tool} is not installed");
        return None;
    };
    assert!(output.status.success(), "{tool} {arguments:?}: {output:?}");
    Some(output)
}

/// Runs a tool; `false` if the tool is missing.
pub(crate) fn ran(tool: &str, arguments: &[&str]) -> bool {
    run(tool, arguments).is_some()
}

/// Runs a Python script of `CALHIVE_IMAGES`, and returns what it prints; `None` if it cannot run.
pub(crate) fn script(name: &str, arguments: &[&str]) -> Option<String> {
    let path = images()?.join(name);
    let script = [&[path.to_str().unwrap()], arguments].concat();
    // The scripts need a package of Python, which can be missing.
    if !Command::new("python3")
        .args(["-c", "import cryptography"])
        .status()
        .is_ok_and(|it| it.success())
    {
        assert!(std::env::var_os("CI").is_none(), "python3 with cryptography is not installed");
        println!("skipped: python3 with cryptography is not installed");
        return None;
    }
    run("python3", &script).map(|output| String::from_utf8(output.stdout).unwrap())
}

/// Returns the folder of images; `None` if it is not set.
pub(crate) fn images() -> Option<std::path::PathBuf> {
    let images = std::env::var_os("CALHIVE_IMAGES").map(std::path::PathBuf::from);
    if images.is_none() {
        println!("skipped: CALHIVE_IMAGES is not set");
    }
    images
}

/// Returns the number of mutations of each kind of input.
pub(crate) fn cases(default: u64) -> u64 {
    std::env::var("CALHIVE_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(default)
}

/// Random numbers. The same seed gives the same numbers.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Returns a number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// Returns a byte.
    pub(crate) fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// Returns a changed byte: often 0, 255 or a flipped bit.
    pub(crate) fn changed(&mut self, byte: u8) -> u8 {
        match self.below(4) {
            0 => 0,
            1 => 0xFF,
            2 => byte ^ (1 << self.below(8)),
            _ => self.byte(),
        }
    }
}

/// Returns bytes in which each value repeats `length` times.
pub(crate) fn steps(size: usize, length: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().flat_map(|byte| core::iter::repeat_n(byte, length)).take(size).collect()
}
