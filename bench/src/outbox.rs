//! Senders that send each request again until it is acknowledged, whatever happens to the server meanwhile.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::ensure;
use tacho_core::record::wire::write_json_line;
use tacho_core::{Record, Timestamp};
use tacho_demo::{Config, Generator};

use crate::http::{Connection, records_head};
use crate::server::Installation;

const HISTORY_MICROS: i64 = 5 * 86_400_000_000;
const WORKFLOWS: usize = 60;
/// Records to an execution, about.
const RECORDS_PER_EXECUTION: u64 = 4;
/// Between tries of a request while the server is down.
const RETRY_PAUSE: Duration = Duration::from_millis(5);
const WAIT: Duration = Duration::from_micros(200);
const GIVE_UP: Duration = Duration::from_secs(120);
/// What says that it is not in and may be sent again: too much at once, or a part that does not work; no room.
const AGAIN: [u16; 2] = [503, 507];

/// Records of all types, lives included, so that rows change while the server dies.
pub fn records(count: usize, seed: u64) -> Vec<Record> {
    let end = Timestamp::from(SystemTime::now());
    let executions = count as u64 / RECORDS_PER_EXECUTION + 100;
    let mut config = Config::new(seed, end.plus_micros(-HISTORY_MICROS), end, WORKFLOWS, executions);
    config.lives = true;
    Generator::new(config).take(count).collect()
}

/// Requests in a row.
pub struct Outbox {
    address: SocketAddr,
    key: String,
    bodies: Vec<(usize, Vec<u8>)>,
    next: AtomicUsize,
    /// Requests from here on wait, so that there is something left to send when the last kill comes.
    limit: AtomicUsize,
    acknowledged: AtomicUsize,
    retries: AtomicUsize,
    is_failed: AtomicBool,
}

impl Outbox {
    /// Requests of so many records each. None is sent before there is a [limit](Outbox::allow).
    pub fn new(installation: &Installation, records: &[Record], records_each: usize) -> Self {
        let bodies = records
            .chunks(records_each)
            .map(|records| {
                let mut body = Vec::new();
                records
                    .iter()
                    .for_each(|record| write_json_line(record, &mut body));
                (records.len(), body)
            })
            .collect();
        Self {
            address: installation.address,
            key: installation.key.clone(),
            bodies,
            next: AtomicUsize::new(0),
            limit: AtomicUsize::new(0),
            acknowledged: AtomicUsize::new(0),
            retries: AtomicUsize::new(0),
            is_failed: AtomicBool::new(false),
        }
    }

    /// Requests.
    pub fn len(&self) -> usize {
        self.bodies.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bodies.is_empty()
    }

    /// Requests acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Times that a request was sent in vain.
    pub fn retries(&self) -> usize {
        self.retries.load(Ordering::Relaxed)
    }

    /// Lets requests up to that one be sent.
    pub fn allow(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// Has senders end at once.
    pub fn give_up(&self) {
        self.is_failed.store(true, Ordering::Relaxed);
    }

    /// Whether nothing more is sent.
    pub fn is_over(&self) -> bool {
        self.acknowledged() >= self.bodies.len() || self.is_failed.load(Ordering::Relaxed)
    }

    /// Sends requests until there are none left, each until it is acknowledged. For as many threads as there are to be
    /// connections.
    ///
    /// # Errors
    /// If one is refused for good, or not acknowledged for long.
    pub fn send(&self) -> anyhow::Result<()> {
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
            let head = records_head(&self.key, false, body.len());
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
            Ok(answer) if AGAIN.contains(&answer.status) => Ok(false),
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
