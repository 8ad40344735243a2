// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Limits`]: limits against archives that unpack to far more than they hold (bombs).

use super::size::Size;

/// Limits of one archive. An archive inside the archive counts with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Largest number of entries. Later entries are not read. An archive of a whole system volume has about
    /// 500,000 entries.
    pub(crate) entries: u64,
    /// Largest unpacked size of a member that is read into memory: offsets in hives have 32 bits.
    pub(crate) member: u64,
    /// Largest sum of the unpacked sizes of all members, and largest unpacked size of a compressed stream.
    pub(crate) all: u64,
    /// Largest ratio of unpacked to packed size. Hives in use compress to between a half and a tenth.
    pub(crate) ratio: u64,
    /// Unpacked size of a member up to which its ratio does not count.
    pub(crate) free_member: u64,
    /// Unpacked size of a whole archive up to which its ratio does not count. A scan keeps facts of all hives in memory,
    /// so this is also what a small archive can cost.
    pub(crate) free_all: u64,
    /// Bytes of hives and logs that stay in memory after the first pass over a compressed stream. Others are
    /// unpacked again when they are read.
    pub(crate) kept: u64,
    /// First bytes of members that stay in memory after the first pass over a compressed stream.
    pub(crate) heads: u64,
    /// Largest zip archive inside a compressed stream that is unpacked into memory.
    pub(crate) buffered: u64,
    /// Largest number of passes over a compressed stream.
    pub(crate) passes: u64,
    /// Number of archives around a file: 1 for an archive inside an archive.
    pub(crate) depth: usize,
    /// Largest number of losses, and of skipped entries, that are listed. Later ones are counted.
    pub(crate) listed: usize,
    /// Longest name of an entry, in bytes. Windows allows 65,534.
    pub(crate) name: u64,
}

impl Limits {
    /// The limits of every scan.
    pub(crate) const DEFAULT: Self = Self {
        entries: 1_000_000,
        member: 4 << 30,
        all: 256 << 30,
        ratio: 200,
        free_member: 64 << 20,
        free_all: 256 << 20,
        kept: 64 << 20,
        heads: 16 << 20,
        buffered: 64 << 20,
        passes: 1_000,
        depth: 1,
        listed: 10_000,
        name: 64 << 10,
    };

    /// Returns why a member of this size is refused; `None` if it is within the limits.
    pub(crate) fn refuses_member(&self, size: u64, packed: u64) -> Option<String> {
        if size > self.member {
            let most = Size(self.member);
            return Some(format!("it unpacks to {}, more than {most}", Size(size)));
        }
        self.bomb("it", size, packed, self.free_member)
    }

    /// Returns why an archive that unpacks to this size is refused; `None` if it is within the limits.
    pub(crate) fn refuses_all(&self, size: u64, packed: u64) -> Option<String> {
        if size > self.all {
            return Some(format!("the archive unpacks to more than {}", Size(self.all)));
        }
        self.bomb("the archive", size, packed, self.free_all)
    }

    fn bomb(&self, what: &str, size: u64, packed: u64, free: u64) -> Option<String> {
        let most = packed.saturating_mul(self.ratio).max(free);
        let (ratio, packed) = (self.ratio, Size(packed));
        (size > most).then(|| {
            let most = Size(most);
            format!("{what} unpacks to more than {most} from {packed}, like a bomb (limit: {ratio} times)")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn member_is_refused_just_above_each_limit() {
        let limits = Limits { member: 1000, free_member: 100, ratio: 10, ..Limits::DEFAULT };
        assert_eq!(limits.refuses_member(1000, 100), None);
        assert_eq!(limits.refuses_member(100, 0), None);
        let too_large = limits.refuses_member(1001, 1000).unwrap();
        assert_eq!(too_large, "it unpacks to 1,001 bytes, more than 1,000 bytes");
        let bomb = limits.refuses_member(301, 30).unwrap();
        assert_eq!(
            bomb,
            "it unpacks to more than 300 bytes from 30 bytes, like a bomb (limit: 10 times)"
        );
    }

    #[test]
    fn archive_is_refused_just_above_each_limit() {
        let limits = Limits { all: 5000, free_all: 100, ratio: 10, ..Limits::DEFAULT };
        assert_eq!(limits.refuses_all(5000, 500), None);
        assert!(limits.refuses_all(5001, 5000).is_some());
        assert_eq!(limits.refuses_all(300, 30), None);
        assert!(limits.refuses_all(301, 30).is_some());
    }
}
