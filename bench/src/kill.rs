//! The proof that acknowledged is durable: records of all types go in while the server is killed again and again, and the
//! client sends again whatever was not acknowledged. In the end every record is there once and no other is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail, ensure};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tacho_core::record::wire::write_json_line;
use tacho_core::{Record, RecordType, Timestamp};
use tacho_demo::{Config, Generator};

use crate::http::{Connection, head, records_head};
use crate::latency::Latencies;
use crate::server::{Installation, Server};

const HISTORY_MICROS: i64 = 5 * 86_400_000_000;
const WORKFLOWS: usize = 60;
/// Records to an execution, about.
const RECORDS_PER_EXECUTION: u64 = 4;
const PROJECTION_TIMEOUT: Duration = Duration::from_secs(900);
/// Between tries of a request while the server is down.
const RETRY_PAUSE: Duration = Duration::from_millis(5);
const WAIT: Duration = Duration::from_micros(200);
/// How far senders may come past the moment of the next kill.
const AHEAD_PER_CONNECTION: usize = 3;
const GIVE_UP: Duration = Duration::from_secs(120);
/// Every so many kills, the next one hits the server while it starts.
const KILLED_AT_START_EVERY: usize = 4;
const PAGE_LIMIT: usize = 200;

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

type Identity = (String, u32);

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
    let records = records(plan);
    let bodies: Vec<(usize, Vec<u8>)> = records
        .chunks(plan.records_each)
        .map(|records| {
            let mut body = Vec::new();
            records
                .iter()
                .for_each(|record| write_json_line(record, &mut body));
            (records.len(), body)
        })
        .collect();
    let queue = Queue {
        address: installation.address,
        key: &installation.key,
        bodies: &bodies,
        next: AtomicUsize::new(0),
        limit: AtomicUsize::new(0),
        acknowledged: AtomicUsize::new(0),
        retries: AtomicUsize::new(0),
        is_failed: AtomicBool::new(false),
    };
    let started = Instant::now();
    let (server, kills, mut starts, elapsed) = thread::scope(|scope| {
        let senders: Vec<_> = (0..plan.connections)
            .map(|_| scope.spawn(|| queue.send()))
            .collect();
        let killed = kill(plan, installation, &queue);
        queue.is_failed.fetch_or(killed.is_err(), Ordering::Relaxed);
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
        requests: bodies.len(),
        retries: queue.retries.into_inner(),
        kills,
        starts,
        elapsed,
        verified,
    })
}

/// Records of all types, lives included, so that rows change while the server dies.
fn records(plan: &Plan) -> Vec<Record> {
    let end = Timestamp::from(SystemTime::now());
    let executions = plan.records as u64 / RECORDS_PER_EXECUTION + 100;
    let mut config = Config::new(
        plan.seed,
        end.plus_micros(-HISTORY_MICROS),
        end,
        WORKFLOWS,
        executions,
    );
    config.lives = true;
    Generator::new(config).take(plan.records).collect()
}

struct Queue<'a> {
    address: SocketAddr,
    key: &'a str,
    bodies: &'a [(usize, Vec<u8>)],
    next: AtomicUsize,
    /// Requests from here on wait, so that there is something left to send when the last kill comes.
    limit: AtomicUsize,
    acknowledged: AtomicUsize,
    retries: AtomicUsize,
    is_failed: AtomicBool,
}

impl Queue<'_> {
    fn is_over(&self) -> bool {
        self.acknowledged.load(Ordering::Relaxed) >= self.bodies.len()
            || self.is_failed.load(Ordering::Relaxed)
    }

    /// Sends requests until there are none left, each until it is acknowledged.
    fn send(&self) -> anyhow::Result<()> {
        let result = self.send_all();
        self.is_failed.fetch_or(result.is_err(), Ordering::Relaxed);
        result
    }

    fn send_all(&self) -> anyhow::Result<()> {
        let mut connection = None;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((records, body)) = self.bodies.get(number) else {
                return Ok(());
            };
            while number >= self.limit.load(Ordering::Relaxed) && !self.is_failed.load(Ordering::Relaxed) {
                thread::sleep(WAIT);
            }
            let head = records_head(self.key, false, body.len());
            let begun = Instant::now();
            while !self.is_failed.load(Ordering::Relaxed) {
                if self.try_once(&mut connection, &head, body, *records)? {
                    self.acknowledged.fetch_add(1, Ordering::Relaxed);
                    break;
                }
                self.retries.fetch_add(1, Ordering::Relaxed);
                ensure!(
                    begun.elapsed() < GIVE_UP,
                    "a request was not acknowledged within {GIVE_UP:?}"
                );
                thread::sleep(RETRY_PAUSE);
            }
            if self.is_failed.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
    }

    /// Whether it was acknowledged.
    fn try_once(
        &self,
        kept: &mut Option<Connection>,
        head: &[u8],
        body: &[u8],
        records: usize,
    ) -> anyhow::Result<bool> {
        let connection = match kept {
            Some(connection) => connection,
            None => match Connection::open(self.address) {
                Ok(connection) => kept.insert(connection),
                Err(_) => return Ok(false),
            },
        };
        match connection.exchange(head, body) {
            Ok(answer) if answer.status == 503 => Ok(false),
            Ok(answer) => {
                let answer = answer.json()?;
                ensure!(answer["accepted"] == records, "of {records} records: {answer}");
                Ok(true)
            }
            Err(_) => {
                *kept = None;
                Ok(false)
            }
        }
    }
}

/// Starts the server, kills it at random moments of the run, starts it again. Returns the last one, how often it was killed
/// while it served and while it started, and how long starts took.
fn kill<'a>(
    plan: &Plan,
    installation: &'a Installation,
    queue: &Queue<'_>,
) -> anyhow::Result<(Server<'a>, (usize, usize), Latencies)> {
    let mut chance = StdRng::seed_from_u64(plan.seed);
    // One in each of as many equal stretches.
    let stretch = queue.bodies.len() * 9 / 10 / plan.kills.max(1);
    let moments: Vec<usize> = (0..plan.kills)
        .map(|at| at * stretch + chance.random_range(0..stretch.max(1)))
        .collect();
    let mut starts = Latencies::default();
    let (mut while_serving, mut while_starting) = (0, 0);
    let mut server = installation.start()?;
    for (at, moment) in moments.into_iter().enumerate() {
        // The last request is never sent before the last kill.
        let ahead = moment + AHEAD_PER_CONNECTION * plan.connections;
        queue
            .limit
            .store(ahead.min(queue.bodies.len() - 1), Ordering::Relaxed);
        if at % KILLED_AT_START_EVERY == KILLED_AT_START_EVERY - 1 {
            thread::sleep(Duration::from_micros(chance.random_range(0..150_000)));
            while_starting += 1;
        } else {
            starts.record(server.wait_until_ready()?);
            while queue.acknowledged.load(Ordering::Relaxed) < moment && !queue.is_over() {
                thread::sleep(WAIT);
            }
            thread::sleep(Duration::from_micros(chance.random_range(0..20_000)));
            while_serving += 1;
        }
        ensure!(!queue.is_over(), "there is nothing left to send after {at} kills");
        server.kill()?;
        server = installation.start()?;
    }
    queue.limit.store(usize::MAX, Ordering::Relaxed);
    starts.record(server.wait_until_ready()?);
    Ok((server, (while_serving, while_starting), starts))
}

/// Holds what the server has against what was sent. Returns how many things there are, and how many executions.
fn compare(records: &[Record], installation: &Installation) -> anyhow::Result<(usize, usize)> {
    let mut sent: BTreeMap<&str, BTreeSet<(&str, u32)>> = BTreeMap::new();
    for record in records {
        sent.entry(record.record_type.as_str())
            .or_default()
            .insert((&record.id, record.attempt));
    }
    let system = installation.system()?;
    let rows = |name: &str| system["store"]["rows"][name].as_u64().unwrap_or(0);
    for record_type in RecordType::ALL.map(RecordType::as_str) {
        let stored = rows(record_type) + rows(&format!("{record_type}_open"));
        let expected = sent.get(record_type).map_or(0, BTreeSet::len) as u64;
        ensure!(
            stored == expected,
            "{stored} rows of type {record_type}, but {expected} were acknowledged"
        );
    }
    let listed = list_executions(installation)?;
    let executions = sent.get("execution").cloned().unwrap_or_default();
    for ((id, attempt), count) in &listed {
        ensure!(
            executions.contains(&(id, *attempt)),
            "{id} (attempt {attempt}) was never sent"
        );
        ensure!(*count == 1, "{id} (attempt {attempt}) is there {count} times");
    }
    ensure!(
        listed.len() == executions.len(),
        "{} executions are listed, {} were sent",
        listed.len(),
        executions.len()
    );
    let counted = installation.count_executions()?;
    ensure!(
        counted == executions.len() as u64,
        "a query counts {counted} executions, {} were sent",
        executions.len()
    );
    Ok((sent.values().map(BTreeSet::len).sum(), executions.len()))
}

/// How often each execution is listed.
fn list_executions(installation: &Installation) -> anyhow::Result<HashMap<Identity, usize>> {
    let mut listed = HashMap::new();
    let mut connection = Connection::open(installation.address)?;
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/executions?limit={PAGE_LIMIT}{cursor}");
        let page = connection
            .exchange(&head("GET", &path, &installation.key, "", 0), &[])?
            .json()?;
        for execution in page["executions"].as_array().context("no executions on a page")? {
            let id = execution["id"].as_str().context("an execution without id")?;
            let attempt = execution["attempt"]
                .as_u64()
                .context("an execution without attempt")?;
            *listed
                .entry((id.to_owned(), u32::try_from(attempt)?))
                .or_default() += 1;
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(listed),
        }
    }
}
