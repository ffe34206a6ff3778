//! A blocked Bloom filter: a probe touches one cache line.
//!
//! F. Putze, P. Sanders, J. Singler, "Cache-, Hash- and Space-Efficient Bloom Filters" (2007). With 10 bits and 6 probes a
//! key, about 1 % of absent keys pass.

const BLOCK_WORDS: usize = 8;
const BITS_PER_KEY: u64 = 10;
const PROBES: u32 = 6;

/// The filter: blocks of 512 bits.
#[derive(Debug)]
pub(super) struct Bloom {
    words: Vec<u64>,
}

impl Bloom {
    pub(super) fn with_capacity(keys: u64) -> Self {
        let blocks = (keys * BITS_PER_KEY).div_ceil(BLOCK_WORDS as u64 * 64).max(1);
        Self {
            words: vec![0; blocks as usize * BLOCK_WORDS],
        }
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() || !bytes.len().is_multiple_of(BLOCK_WORDS * 8) {
            return None;
        }
        let words = bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|word| u64::from_le_bytes(*word))
            .collect();
        Some(Self { words })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Where the key's block begins, and the bits inside it.
    fn bits(&self, key: u64) -> (usize, impl Iterator<Item = (usize, u64)> + use<>) {
        // The key is a hash; another mix keeps block and bits independent of the order of keys in a run.
        let mixed = (key ^ key >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
        let blocks = (self.words.len() / BLOCK_WORDS) as u64;
        let block = ((u128::from(mixed) * u128::from(blocks)) >> 64) as usize;
        let spread = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let bits = (0..PROBES).map(move |probe| {
            let bit = (spread >> (probe * 9)) & 511;
            ((bit / 64) as usize, 1u64 << (bit % 64))
        });
        (block * BLOCK_WORDS, bits)
    }

    pub(super) fn insert(&mut self, key: u64) {
        let (start, bits) = self.bits(key);
        for (word, bit) in bits {
            self.words[start + word] |= bit;
        }
    }

    /// `false`: certainly not inserted.
    pub(super) fn may_contain(&self, key: u64) -> bool {
        let (start, mut bits) = self.bits(key);
        bits.all(|(word, bit)| self.words[start + word] & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_absent_keys_pass_and_no_present_one_is_lost() {
        let key = |at: u64| xxhash_rust::xxh3::xxh3_64(&at.to_le_bytes());
        let mut filter = Bloom::with_capacity(50_000);
        (0..50_000).for_each(|at| filter.insert(key(at)));
        assert!((0..50_000).all(|at| filter.may_contain(key(at))));
        let passed = (50_000..150_000)
            .filter(|at| filter.may_contain(key(*at)))
            .count();
        assert!(passed < 3_000, "{passed} of 100,000 absent keys passed");
    }
}
