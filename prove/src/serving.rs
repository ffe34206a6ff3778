//! From a start to the first answer.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tacho_bench::server::{Installation, Server};

const POLL: Duration = Duration::from_millis(5);
const TIMEOUT: Duration = Duration::from_secs(60);

/// Waits until a server that was just started answers a question. Returns how long that took.
///
/// # Errors
/// If it ends instead, or takes too long.
pub fn wait_until_serving(installation: &Installation, server: &mut Server<'_>) -> anyhow::Result<Duration> {
    let started = Instant::now();
    server.wait_until_ready()?;
    while let Err(error) = installation.count_executions() {
        ensure!(!server.has_ended()?, "the server has ended");
        ensure!(
            started.elapsed() < TIMEOUT,
            "no answer after {TIMEOUT:?}: {error:#}"
        );
        thread::sleep(POLL);
    }
    Ok(started.elapsed())
}

/// Waits for a condition.
///
/// # Errors
/// If it does not come true within that time.
pub fn wait_for(
    what: &str,
    timeout: Duration,
    mut is_true: impl FnMut() -> bool,
) -> anyhow::Result<Duration> {
    let started = Instant::now();
    while !is_true() {
        ensure!(started.elapsed() < timeout, "{what}: not after {timeout:?}");
        thread::sleep(POLL);
    }
    Ok(started.elapsed())
}
