//! What strangers send, taken to the code that reads it.
//!
//! A target is a function of bytes that panics where a law does not hold. Coverage-guided fuzzing runs it on millions of
//! inputs (`prove/fuzz`, which builds `fuzz_targets/`); an ordinary test runs it on the corpus and on changed inputs of the
//! corpus (`tests/corpus.rs`). An input that broke a law is kept in the corpus, `corpus/<target>/`.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a target finds by panicking"
)]

mod body;
mod cut;
mod import;
mod journal;
mod lists;
mod query;
mod records;
mod schedule;
mod socket;
mod statement;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub use body::compressed_body;
pub use import::import_file;
pub use journal::{journal_directory, journal_segment};
pub use lists::url_params;
pub use query::{filters, query};
pub use records::decode_records;
pub use schedule::cron;
pub use socket::web_socket;

/// How long one input may take. The slowest takes a thousandth of it; the rest is for a machine that is busy with other
/// things.
pub const TIME_MAX: Duration = Duration::from_secs(10);

/// Runs a target on an input. Panics if that takes too long, and says on standard error when it took longer than all before.
pub fn timed(target: fn(&[u8]), input: &[u8]) {
    static SLOWEST_US: AtomicU64 = AtomicU64::new(1_000);
    let start = Instant::now();
    target(input);
    let took = start.elapsed();
    assert!(took < TIME_MAX, "{} bytes took {took:?}", input.len());
    let micros = took.as_micros() as u64;
    if SLOWEST_US.fetch_max(micros, Ordering::Relaxed) < micros {
        eprintln!("slowest input so far: {micros} us, {} bytes", input.len());
    }
}
