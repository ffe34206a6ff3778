//! Detection over generated histories: nothing is found in quiet days, and everything that is wrong is, once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clocks;
mod company;
mod dice;
mod faults;
mod life;
mod quiet;
mod restarts;
mod world;
