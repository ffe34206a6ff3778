//! What this disk can do at best: one thread that appends a block and syncs, over and over. Everything durable is read
//! against it.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::latency::Latencies;

/// How appending blocks of one size went.
#[derive(Clone, Debug)]
pub struct DiskRate {
    /// Bytes of a block.
    pub block_bytes: usize,
    /// Blocks a second.
    pub per_second: f64,
    /// How long each took.
    pub latencies: Latencies,
}

/// Appends and syncs blocks for a while.
///
/// # Errors
/// If the folder cannot be written.
pub fn measure(directory: &Path, block_bytes: usize, length: Duration) -> anyhow::Result<DiskRate> {
    let block = vec![0x5a; block_bytes];
    let mut file: File = tempfile::tempfile_in(directory)?;
    let mut latencies = Latencies::default();
    let started = Instant::now();
    while started.elapsed() < length {
        let begun = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        latencies.record(begun.elapsed());
    }
    let per_second = latencies.count() as f64 / started.elapsed().as_secs_f64();
    Ok(DiskRate {
        block_bytes,
        per_second,
        latencies,
    })
}
