// SPDX-License-Identifier: MIT OR Apache-2.0

//! Marvin32, the hash of new-format log entries.

/// Seed of the hashes of log entries.
const SEED: u64 = 0x82EF_4D88_7A4E_55C5;

/// Marvin32 of `bytes` with the seed of log entries.
pub fn marvin32(bytes: &[u8]) -> u64 {
    seeded(SEED, bytes)
}

fn seeded(seed: u64, bytes: &[u8]) -> u64 {
    let mut state = State { low: seed as u32, high: (seed >> 32) as u32 };
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        state.mix(u32::from_le_bytes(*word));
    }
    // The tail is followed by 0x80. Its first byte is the lowest.
    state.mix(rest.iter().rev().fold(0x80, |tail, &byte| tail << 8 | u32::from(byte)));
    state.mix(0);
    u64::from(state.high) << 32 | u64::from(state.low)
}

struct State {
    low: u32,
    high: u32,
}

impl State {
    fn mix(&mut self, word: u32) {
        self.low = self.low.wrapping_add(word);
        self.high ^= self.low;
        self.low = self.low.rotate_left(20).wrapping_add(self.high);
        self.high = self.high.rotate_left(9) ^ self.low;
        self.low = self.low.rotate_left(27).wrapping_add(self.high);
        self.high = self.high.rotate_left(19);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors from the tests of .NET, one for each length of the tail.
    #[test]
    fn marvin32_equals_the_published_hashes() {
        let vectors: [(&[u8], u64, u64); 8] = [
            (&[], 0x30ED_35C1_00CD_3C7D, 0x10A9_D5D3_996F_D65D),
            (&[0xAF], 0x48E7_3FC7_7D75_DDC1, 0x6820_1F91_960E_BF91),
            (&[0xE7, 0x0F], 0xB5F6_E1FC_485D_BFF8, 0x64B5_8163_1F6A_B378),
            (&[0x37, 0xF4, 0x95], 0xF0B0_7C78_9B8C_F7E8, 0xE1F2_DFA6_E513_1408),
            (&[0x86, 0x42, 0xDC, 0x59], 0x7008_F2E8_7E9C_F556, 0x3628_9D96_54FB_49F6),
            (&[0x15, 0x3F, 0xB7, 0x98, 0x26], 0xE6C0_8C6D_A2AF_A997, 0x0A06_114B_1346_4DBD),
            (&[0x09, 0x32, 0xE6, 0x24, 0x6C, 0x47], 0x6F04_BF1A_5EA2_4060, 0xD6DD_5E40_AD1B_C2ED),
            (
                &[0xAB, 0x42, 0x7E, 0xA8, 0xD1, 0x0F, 0xC7],
                0xE118_47E4_F067_8C41,
                0xE203_987D_BA25_2FB3,
            ),
        ];
        for (bytes, first, second) in vectors {
            assert_eq!(seeded(0x004F_B61A_001B_DBCC, bytes), first, "{bytes:x?}");
            assert_eq!(seeded(0x804F_B61A_001B_DBCC, bytes), second, "{bytes:x?}");
        }
    }
}
