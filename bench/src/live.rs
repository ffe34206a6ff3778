//! Live connections: how soon clients are told, what thousands of them cost in memory, and what telling them costs ingest.
//!
//! A hundred clients watch executions one by one, thousands the counts of a dashboard that they share. Whatever a client is
//! told is checked: frames must follow each other without a gap, be the same for all, and end with what was sent.

mod board;
mod client;
mod clients;
mod counts;
mod executions;
mod full_load;
pub mod report;
mod runs;
mod watchers;
mod wire;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::latency::Latencies;
use crate::load::Outcome;
use crate::process::cpu_seconds;
use crate::server::{Installation, Server};

use self::runs::Sent;
pub use self::watchers::Watchers;

/// How long it may take until the last frame says what was sent.
const END_TIMEOUT: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What to measure.
#[derive(Clone, Debug)]
pub struct Case {
    /// The server's binary.
    pub binary: PathBuf,
    /// Where its data goes.
    pub directory: PathBuf,
    /// Clients that watch executions, and records a second meanwhile.
    pub few: (usize, u64),
    /// Clients that watch counts, and records a second meanwhile.
    pub many: (usize, u64),
    /// How long records come in, each time.
    pub length: Duration,
}

/// What came out.
#[derive(Debug)]
pub struct Figures {
    /// Clients that watch executions one by one.
    pub few: Watched,
    /// Clients that watch counts.
    pub many: Watched,
    /// What those take up.
    pub memory: Memory,
    /// Ingest at full load, in the order of time.
    pub full: Vec<Stretch>,
}

/// How clients were told of records.
#[derive(Debug)]
pub struct Watched {
    /// How many there are.
    pub clients: usize,
    /// Records sent, of which half say that an execution begins and half that it has ended.
    pub records: u64,
    /// How long that took, with the half second at the end in which only ends are sent.
    pub elapsed: Duration,
    /// Different frames.
    pub frames: u64,
    /// Frames that reached clients.
    pub told: u64,
    /// Frames that were left out for a client since a newer one was there.
    pub skipped: u64,
    /// Of executions: from the acknowledgement of a record to the frame that shows it, at each client. Of counts: from the
    /// moment of which a frame tells, or from the acknowledgement of the first record that it lacks if that was earlier, to
    /// its arrival at each client.
    pub latencies: Latencies,
    /// From one frame to the next, as the server makes them.
    pub intervals: Latencies,
    /// Processor seconds of the server, and of clients and senders, each second.
    pub cpu: (f64, f64),
}

/// Resident memory of the server, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Clients that came.
    pub clients: usize,
    /// Before the first of them.
    pub before: u64,
    /// When all were connected, had got a snapshot of metrics and were subscribed to nothing more.
    pub connected: u64,
    /// When all were subscribed, before anything was sent.
    pub subscribed: u64,
}

impl Memory {
    /// Bytes for each client.
    pub fn each(&self, resident: u64) -> f64 {
        (resident as f64 - self.before as f64) / self.clients as f64
    }
}

/// Ingest at full load for a while.
#[derive(Debug)]
pub struct Stretch {
    /// Whether the clients were subscribed, or only connected.
    pub is_subscribed: bool,
    /// What was acknowledged.
    pub outcome: Outcome,
    /// Processor seconds of the server, and of clients and senders, each second.
    pub cpu: (f64, f64),
}

/// Measures one after the other.
///
/// # Errors
/// If the server, a client or a sender fails, or clients are told something wrong.
pub fn measure(case: &Case) -> anyhow::Result<Figures> {
    let few = executions::measure(case)?;
    let (many, memory, full) = counts::measure(case)?;
    Ok(Figures {
        few,
        many,
        memory,
        full,
    })
}

fn start(installation: &Installation) -> anyhow::Result<Server<'_>> {
    let mut server = installation.start_with(&[
        ("TACHO_LIVE__USER_CONNECTIONS_MAX", "0"),
        ("TACHO_LIVE__CONNECTIONS_MAX", "0"),
    ])?;
    server.wait_until_ready()?;
    Ok(server)
}

/// Processor seconds of the server and of this process, so far.
fn cpu(server: &Server<'_>) -> anyhow::Result<(f64, f64)> {
    Ok((cpu_seconds(server.pid())?, cpu_seconds(std::process::id())?))
}

/// The same of a stretch of time, for each second of it.
fn cpu_since(server: &Server<'_>, before: (f64, f64), elapsed: Duration) -> anyhow::Result<(f64, f64)> {
    let (now, seconds) = (cpu(server)?, elapsed.as_secs_f64());
    Ok(((now.0 - before.0) / seconds, (now.1 - before.1) / seconds))
}

/// Waits until clients were told everything that was sent; `lacks` says what is missing.
fn wait_until_told(sent: &Sent, lacks: impl Fn() -> anyhow::Result<Option<String>>) -> anyhow::Result<()> {
    let started = Instant::now();
    while let Some(lack) = lacks()? {
        if started.elapsed() > END_TIMEOUT {
            bail!("{} executions were sent, and {lack}", sent.executions());
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}
