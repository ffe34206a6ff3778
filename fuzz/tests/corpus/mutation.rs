//! Inputs that are nearly those of a corpus.

use std::ops::Range;

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

/// Bytes that an input may grow to.
const BYTES_MAX: usize = 8 * 1024;
/// Bytes on which code turns.
const TURNS: &[u8] = b"\0\x01\x7f\x80\xff\"\\{}[],:-+.0159eE*/#LW?\n\r\t ";

/// An input of the corpus with some changes.
pub(super) fn changed(inputs: &[Vec<u8>], dice: &mut StdRng) -> Vec<u8> {
    let pick = |dice: &mut StdRng| inputs.choose(dice).cloned().unwrap_or_default();
    let mut input = pick(dice);
    for _ in 0..dice.random_range(1..=5) {
        let at = dice.random_range(0..=input.len());
        match dice.random_range(0..6) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << dice.random_range(0..8);
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = TURNS[dice.random_range(0..TURNS.len())];
                }
            }
            2 => input.insert(at, TURNS[dice.random_range(0..TURNS.len())]),
            3 => drop(input.drain(part(input.len(), dice))),
            4 => {
                let again = input[part(input.len(), dice)].to_vec();
                input.splice(at..at, again);
            }
            _ => {
                let other = pick(dice);
                let taken = other[part(other.len(), dice)].to_vec();
                let replaced = at..(at + dice.random_range(0..=taken.len())).min(input.len());
                input.splice(replaced, taken);
            }
        }
    }
    input.truncate(BYTES_MAX);
    input
}

/// Some neighbouring places, mostly few.
fn part(length: usize, dice: &mut StdRng) -> Range<usize> {
    let start = dice.random_range(0..=length);
    let most = length - start;
    let count = match dice.random_bool(0.8) {
        true => dice.random_range(0..=most.min(16)),
        false => dice.random_range(0..=most),
    };
    start..start + count
}
