//! Chance that can be addressed: every draw follows from the seed and the thing it is for, not from what was drawn
//! before. So an execution is the same whether its history is generated whole, in part, or replayed live after a
//! restart, and a library's change of algorithm cannot change a history that tests know.

/// A stream of draws: SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

/// Scrambles 64 bits. A bijection: different in, different out.
pub(crate) const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// One number out of several, in order.
pub(crate) fn hash(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |state, part| {
        mix(state.rotate_left(23) ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    })
}

impl Dice {
    /// The stream for one thing.
    pub(crate) fn of(parts: &[u64]) -> Self {
        Self(hash(parts))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From 0 to below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// From 0 to below `bound`; 0 if that is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// Standard normal (Box and Muller, 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Log-normal around a median; `sigma` is the standard deviation of its logarithm.
    pub(crate) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// A whole number that is `expected` on average and spreads as the number of independent events does.
    pub(crate) fn count(&mut self, expected: f64) -> u64 {
        let spread = if expected > 0.5 {
            (expected + expected.sqrt() * self.normal()).max(0.0)
        } else {
            expected
        };
        (spread + self.unit()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_shape_they_promise() {
        let mut dice = Dice::of(&[1, 2]);
        let draws = 20_000;
        let mut normals = 0.0;
        let mut counts = 0;
        let mut heads = 0;
        for _ in 0..draws {
            normals += dice.normal();
            counts += dice.count(2.25);
            heads += u64::from(dice.chance(0.3));
            assert!(dice.below(7) < 7);
        }
        assert!((normals / f64::from(draws)).abs() < 0.03);
        assert!((counts as f64 / f64::from(draws) - 2.25).abs() < 0.1);
        assert!((heads as f64 / f64::from(draws) - 0.3).abs() < 0.02);
    }

    #[test]
    fn streams_differ() {
        assert_ne!(hash(&[1, 2]), hash(&[2, 1]));
        assert_ne!(hash(&[1]), hash(&[1, 0]));
        assert_eq!(hash(&[7, 8, 9]), hash(&[7, 8, 9]));
    }
}
