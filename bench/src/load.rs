//! Senders: closed loop (each connection sends as soon as it is answered) and open loop (requests are due at fixed moments,
//! and their latency counts from then, however late they are sent: no coordinated omission).

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::bodies::Template;
use crate::http::{Answer, Connection, records_head};
use crate::latency::Latencies;

/// What to send, and where to.
#[derive(Debug)]
pub struct Load<'a> {
    /// Where the server listens.
    pub address: SocketAddr,
    /// A key that may ingest.
    pub key: &'a str,
    /// Connections, each with a thread of its own.
    pub connections: usize,
    /// Bodies, all of the same number of records.
    pub templates: &'a [Template],
    /// Compressed bodies that are sent instead, each once. When they are used up, the run ends.
    pub compressed: Option<Vec<Vec<u8>>>,
    /// Compressed bodies made so far, which number their records: no stretch of a run repeats another's.
    pub prepared: u64,
    /// Requests sent so far, which number the records.
    pub sent: AtomicU64,
}

/// How sending went.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Records that the server acknowledged.
    pub records: u64,
    /// Requests answered 503 or 429, which were sent again, or given up.
    pub refused: u64,
    /// From the moment a request was sent, or due, to its answer.
    pub latencies: Latencies,
    /// From the first request to the last answer.
    pub elapsed: Duration,
}

/// What becomes of a request that the server refuses for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// It is sent again when the server says.
    SentAgain,
    /// It is counted and never sent again.
    GivenUp,
}

impl Outcome {
    /// Records acknowledged a second.
    pub fn records_per_second(&self) -> f64 {
        self.records as f64 / self.elapsed.as_secs_f64()
    }
}

impl Load<'_> {
    /// Records of one request.
    pub fn records_each(&self) -> usize {
        self.templates[0].records()
    }

    /// As fast as the server answers.
    ///
    /// # Errors
    /// If a connection breaks, or an answer is neither 202 nor a refusal that says when to try again.
    pub fn closed(&self, length: Duration) -> anyhow::Result<Outcome> {
        let end = Instant::now() + length;
        let next = || {
            let now = Instant::now();
            (now < end).then_some(now)
        };
        self.run(Refused::SentAgain, next, |_, _| ())
    }

    /// That many requests a second, evenly.
    ///
    /// # Errors
    /// As [`closed`](Load::closed).
    pub fn open(&self, requests_per_second: f64, length: Duration) -> anyhow::Result<Outcome> {
        self.open_told(requests_per_second, length, |_, _| ())
    }

    /// The same; is told of each acknowledgement, when it came and how long after the request was due.
    ///
    /// # Errors
    /// As [`closed`](Load::closed).
    pub fn open_told(
        &self,
        requests_per_second: f64,
        length: Duration,
        told: impl Fn(Instant, Duration) + Sync,
    ) -> anyhow::Result<Outcome> {
        let next = evenly(requests_per_second, length, Duration::MAX);
        self.run(Refused::SentAgain, next, told)
    }

    /// The same, but what is refused is given up, and what cannot be sent in time: whoever sends so does not wait because the
    /// server asks for it, and stops when the time is over.
    ///
    /// # Errors
    /// As [`closed`](Load::closed).
    pub fn flood(
        &self,
        requests_per_second: f64,
        length: Duration,
        told: impl Fn(Instant, Duration) + Sync,
    ) -> anyhow::Result<Outcome> {
        let next = evenly(requests_per_second, length, length);
        self.run(Refused::GivenUp, next, told)
    }

    /// Each thread waits in `next` for the moment from which its next request counts.
    fn run(
        &self,
        refused: Refused,
        next: impl Fn() -> Option<Instant> + Sync,
        told: impl Fn(Instant, Duration) + Sync,
    ) -> anyhow::Result<Outcome> {
        let start = Instant::now();
        let is_failed = AtomicBool::new(false);
        let outcomes: Vec<anyhow::Result<Outcome>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..self.connections)
                .map(|number| {
                    let (next, told, is_failed) = (&next, &told, &is_failed);
                    scope.spawn(move || {
                        let result = self.send(number, refused, next, told, is_failed);
                        is_failed.fetch_or(result.is_err(), Ordering::Relaxed);
                        result
                    })
                })
                .collect();
            let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
            joined
                .map(|result| result.unwrap_or_else(|_| bail!("a sender panicked")))
                .collect()
        });
        let mut total = Outcome {
            elapsed: start.elapsed(),
            ..Outcome::default()
        };
        for outcome in outcomes {
            let outcome = outcome?;
            total.records += outcome.records;
            total.refused += outcome.refused;
            total.latencies.merge(outcome.latencies);
        }
        Ok(total)
    }

    fn send(
        &self,
        number: usize,
        refused: Refused,
        next: &impl Fn() -> Option<Instant>,
        told: &impl Fn(Instant, Duration),
        is_failed: &AtomicBool,
    ) -> anyhow::Result<Outcome> {
        let kinds = self.templates.len();
        let own = (number % kinds..kinds).step_by(self.connections);
        let mut templates: Vec<Template> = own.map(|at| self.templates[at].clone()).collect();
        let mut connection = Connection::open(self.address)?;
        let mut outcome = Outcome::default();
        let records = self.records_each() as u64;
        let expected = format!("\"accepted\":{records},\"rejected\":[]");
        let mut plain_head = Vec::new();
        while !is_failed.load(Ordering::Relaxed)
            && let Some(counted_from) = next()
        {
            let request = self.sent.fetch_add(1, Ordering::Relaxed);
            let gzip_head;
            let (head, body) = match &self.compressed {
                None => {
                    let at = request as usize % templates.len();
                    let body = templates[at].numbered(request * records);
                    // Templates differ in length, so the head is made anew; it is small.
                    plain_head.clear();
                    plain_head.extend_from_slice(&records_head(self.key, false, body.len()));
                    (&plain_head, body)
                }
                Some(bodies) => {
                    let Some(body) = bodies.get(request as usize) else {
                        break;
                    };
                    gzip_head = records_head(self.key, true, body.len());
                    (&gzip_head, &body[..])
                }
            };
            let mut wait = asked_to_wait(&connection.exchange(head, body)?, &expected)?;
            while let Some(patience) = wait {
                outcome.refused += 1;
                if refused == Refused::GivenUp {
                    break;
                }
                thread::sleep(patience);
                wait = asked_to_wait(&connection.exchange(head, body)?, &expected)?;
            }
            if wait.is_none() {
                let took = counted_from.elapsed();
                told(Instant::now(), took);
                outcome.latencies.record(took);
                outcome.records += records;
            }
        }
        Ok(outcome)
    }
}

/// Moments of a stretch of time that are evenly apart. Whoever has fallen behind gets those that are over, but none after
/// `end`.
fn evenly(requests_per_second: f64, length: Duration, end: Duration) -> impl Fn() -> Option<Instant> + Sync {
    let start = Instant::now();
    let slot = AtomicU64::new(0);
    move || {
        let after = slot.fetch_add(1, Ordering::Relaxed) as f64 / requests_per_second;
        let due = Duration::from_secs_f64(after);
        if due >= length || start.elapsed() >= end {
            return None;
        }
        thread::sleep((start + due).saturating_duration_since(Instant::now()));
        Some(start + due)
    }
}

/// Whether all was accepted. If the server asks for patience, it is given: waits, then `false`.
pub(crate) fn is_accepted(answer: &Answer, expected: &str) -> anyhow::Result<bool> {
    let wait = asked_to_wait(answer, expected)?;
    wait.into_iter().for_each(thread::sleep);
    Ok(wait.is_none())
}

/// How long the server asks to wait before it is tried again; `None` if all was accepted.
fn asked_to_wait(answer: &Answer, expected: &str) -> anyhow::Result<Option<Duration>> {
    match answer.status {
        202 if answer
            .body
            .windows(expected.len())
            .any(|bytes| bytes == expected.as_bytes()) =>
        {
            Ok(None)
        }
        429 | 503 => {
            let seconds = answer.retry_after_seconds;
            let seconds = seconds.with_context(|| format!("a {} without Retry-After", answer.status))?;
            Ok(Some(Duration::from_secs(seconds)))
        }
        status => bail!("answered {status}: {}", String::from_utf8_lossy(&answer.body)),
    }
}
