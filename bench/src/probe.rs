//! How long after the acknowledgement a record is seen by a query: marked records, looked for until found.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail};
use tacho_core::Timestamp;

use crate::http::{Connection, records_head};
use crate::latency::Latencies;
use crate::server::{Installation, query_head};

/// From one marked record to the next, unless somebody else says.
const EVERY: Duration = Duration::from_millis(200);
/// From one look to the next.
const LOOK_PAUSE: Duration = Duration::from_millis(5);
/// Marked records that may be looked for at a time.
const PROBERS: u64 = 10;
const LOOK_TIMEOUT: Duration = Duration::from_secs(120);

/// What the marked records tell.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Marked records that were acknowledged.
    pub records: u64,
    /// From the acknowledgement to the answer that counts the record.
    pub visible: Latencies,
}

/// Sends marked records until told to stop.
///
/// # Errors
/// If one is not accepted, or not seen for minutes.
pub fn watch(installation: &Installation, is_over: &AtomicBool) -> anyhow::Result<Seen> {
    watch_told(installation, is_over, EVERY, |_, _| ())
}

/// The same with so much time from one to the next; is told when each was seen, and how long after its acknowledgement.
///
/// # Errors
/// As [`watch`].
pub fn watch_told(
    installation: &Installation,
    is_over: &AtomicBool,
    every: Duration,
    told: impl Fn(Instant, Duration) + Sync,
) -> anyhow::Result<Seen> {
    let start = Instant::now();
    let slot = AtomicU64::new(0);
    let next = || {
        let number = slot.fetch_add(1, Ordering::Relaxed);
        (number, start + every.mul_f64(number as f64))
    };
    let (next, told) = (&next, &told);
    let results: Vec<anyhow::Result<Seen>> = thread::scope(|scope| {
        let probers: Vec<_> = (0..PROBERS)
            .map(|_| scope.spawn(move || probe(installation, is_over, next, told)))
            .collect();
        let joined = probers.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|result| result.unwrap_or_else(|_| bail!("a prober panicked")))
            .collect()
    });
    let mut total = Seen::default();
    for seen in results {
        let seen = seen?;
        total.records += seen.records;
        total.visible.merge(seen.visible);
    }
    Ok(total)
}

fn probe(
    installation: &Installation,
    is_over: &AtomicBool,
    next: &impl Fn() -> (u64, Instant),
    told: &impl Fn(Instant, Duration),
) -> anyhow::Result<Seen> {
    let mut connection = Connection::open(installation.address)?;
    let mut seen = Seen::default();
    loop {
        let (number, due) = next();
        while let Some(left) = due.checked_duration_since(Instant::now()) {
            if is_over.load(Ordering::Relaxed) {
                return Ok(seen);
            }
            thread::sleep(left.min(EVERY));
        }
        if is_over.load(Ordering::Relaxed) {
            return Ok(seen);
        }
        let at = Timestamp::from(SystemTime::now());
        let name = format!("probe-{}-{number}", at.as_micros());
        let record = format!(
            r#"{{"type":"execution","id":"{name}","workflow_id":"{name}","status":"success","started_at":"{at}","completed_at":"{at}"}}"#
        );
        let answer = connection.exchange(
            &records_head(&installation.key, false, record.len()),
            record.as_bytes(),
        )?;
        if answer.status != 202 {
            bail!(
                "a marked record was answered {}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
        }
        seen.records += 1;
        let acknowledged = Instant::now();
        let question = format!(
            r#"{{"source":"executions","measures":["count"],"time":{{"from":"{at}","to":"{}"}},"filters":[{{"field":"workflow","op":"eq","value":"{name}"}}]}}"#,
            at.plus_micros(1_000)
        );
        let head = query_head(&installation.key, question.len());
        loop {
            let answer = connection.exchange(&head, question.as_bytes())?;
            // An overloaded query engine says so with a 503; the question is then simply asked again.
            if answer.status != 503 {
                let answer = answer.json()?;
                if answer["totals"][0]
                    .as_u64()
                    .with_context(|| format!("no count in {answer}"))?
                    == 1
                {
                    break;
                }
            }
            if acknowledged.elapsed() > LOOK_TIMEOUT {
                bail!("{name} was acknowledged {LOOK_TIMEOUT:?} ago and is not seen");
            }
            thread::sleep(LOOK_PAUSE);
        }
        let took = acknowledged.elapsed();
        told(Instant::now(), took);
        seen.visible.record(took);
    }
}
