//! `tacho backup` and `tacho restore` from outside: real servers, killed commands, changed files. And data directories of
//! earlier versions, opened by this one.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod beside;
mod folder;
mod instance;
mod later;
mod refusals;
mod upgrade;

/// A seed that differs from run to run, told if a test fails.
fn seed() -> u64 {
    let seed = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .subsec_nanos();
    println!("seed {seed}");
    u64::from(seed)
}

/// Numbers that look random, from a seed (SplitMix64).
struct Chance(u64);

impl Chance {
    /// Below a bound.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
