//! The proof that acknowledged is durable: records of all types go in while the server is killed again and again, and the
//! client sends again whatever was not acknowledged. In the end every record is there once and no other is.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::latency::Latencies;
use crate::outbox::{Outbox, records};
use crate::server::{Installation, Server};
use crate::stored::compare;

const PROJECTION_TIMEOUT: Duration = Duration::from_secs(900);
const WAIT: Duration = Duration::from_micros(200);
/// How far senders may come past the moment of the next kill.
const AHEAD_PER_CONNECTION: usize = 3;
/// Every so many kills, the next one hits the server while it starts.
const KILLED_AT_START_EVERY: usize = 4;

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Records.
    pub records: usize,
    /// Records of one request.
    pub records_each: usize,
    /// How often the server is killed.
    pub kills: usize,
    /// Connections.
    pub connections: usize,
    /// Another seed, other records and other moments.
    pub seed: u64,
}

/// What happened. Everything was checked already.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Different things among the records, all of which are there once.
    pub things: usize,
    /// Of which executions, which were compared one by one.
    pub executions: usize,
    /// Requests acknowledged.
    pub requests: usize,
    /// Times that a request was sent in vain.
    pub retries: usize,
    /// Kills while the server served, and while it started.
    pub kills: (usize, usize),
    /// From each start to the moment it served.
    pub starts: Latencies,
    /// From the first request to the last acknowledgement.
    pub elapsed: Duration,
    /// What `tacho store verify` says.
    pub verified: String,
}

/// Does it.
///
/// # Errors
/// If a record is missing, double or foreign, or anything else fails.
pub fn run(plan: &Plan, binary: &Path, directory: &Path) -> anyhow::Result<Outcome> {
    let scratch = tempfile::tempdir_in(directory)?;
    let installation = Installation::create(binary, scratch.path().join("data"))?;
    let result = run_in(plan, &installation);
    result.with_context(|| {
        let kept: PathBuf = scratch.keep();
        format!(
            "seed {}; the data directory is kept in {}; the log ends with\n{}",
            plan.seed,
            kept.display(),
            end_of(&installation.log())
        )
    })
}

fn end_of(log: &str) -> String {
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| !line.contains("tacho::request"))
        .collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

fn run_in(plan: &Plan, installation: &Installation) -> anyhow::Result<Outcome> {
    let records = records(plan.records, plan.seed);
    let outbox = Outbox::new(installation, &records, plan.records_each);
    let started = Instant::now();
    let (server, kills, mut starts, elapsed) = thread::scope(|scope| {
        let senders: Vec<_> = (0..plan.connections)
            .map(|_| scope.spawn(|| outbox.send()))
            .collect();
        let killed = kill(plan, installation, &outbox);
        if killed.is_err() {
            outbox.give_up();
        }
        let sent: Vec<anyhow::Result<()>> = senders
            .into_iter()
            .map(|sender| sender.join().unwrap_or_else(|_| bail!("a sender panicked")))
            .collect();
        let elapsed = started.elapsed();
        let (server, kills, starts) = killed?;
        sent.into_iter().collect::<anyhow::Result<()>>()?;
        anyhow::Ok((server, kills, starts, elapsed))
    })?;
    installation.wait_until_projected(PROJECTION_TIMEOUT)?;
    let (things, executions) = compare(&records, installation)?;
    server.stop()?;
    // Everything once more from the files alone.
    let mut server = installation.start()?;
    starts.record(server.wait_until_ready()?);
    let again = installation.count_executions()?;
    ensure!(
        again == executions as u64,
        "{again} executions after the last start, {executions} before"
    );
    let verified = installation.command(&["store", "verify"])?;
    server.stop()?;
    Ok(Outcome {
        things,
        executions,
        requests: outbox.len(),
        retries: outbox.retries(),
        kills,
        starts,
        elapsed,
        verified,
    })
}

/// Starts the server, kills it at random moments of the run, starts it again. Returns the last one, how often it was killed
/// while it served and while it started, and how long starts took.
fn kill<'a>(
    plan: &Plan,
    installation: &'a Installation,
    outbox: &Outbox,
) -> anyhow::Result<(Server<'a>, (usize, usize), Latencies)> {
    let mut chance = StdRng::seed_from_u64(plan.seed);
    // One in each of as many equal stretches.
    let stretch = outbox.len() * 9 / 10 / plan.kills.max(1);
    let moments: Vec<usize> = (0..plan.kills)
        .map(|at| at * stretch + chance.random_range(0..stretch.max(1)))
        .collect();
    let mut starts = Latencies::default();
    let (mut while_serving, mut while_starting) = (0, 0);
    let mut server = installation.start()?;
    for (at, moment) in moments.into_iter().enumerate() {
        // The last request is never sent before the last kill.
        let ahead = moment + AHEAD_PER_CONNECTION * plan.connections;
        outbox.allow(ahead.min(outbox.len() - 1));
        if at % KILLED_AT_START_EVERY == KILLED_AT_START_EVERY - 1 {
            thread::sleep(Duration::from_micros(chance.random_range(0..150_000)));
            while_starting += 1;
        } else {
            starts.record(server.wait_until_ready()?);
            while outbox.acknowledged() < moment && !outbox.is_over() {
                thread::sleep(WAIT);
            }
            thread::sleep(Duration::from_micros(chance.random_range(0..20_000)));
            while_serving += 1;
        }
        ensure!(
            !outbox.is_over(),
            "there is nothing left to send after {at} kills"
        );
        server.kill()?;
        server = installation.start()?;
    }
    outbox.allow(usize::MAX);
    starts.record(server.wait_until_ready()?);
    Ok((server, (while_serving, while_starting), starts))
}
