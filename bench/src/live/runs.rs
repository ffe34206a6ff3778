//! What is sent while clients watch: executions as senders report them, first that they run, half a second later
//! that they have succeeded, at fixed moments.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::bail;
use tacho_core::Timestamp;

use crate::http::{Connection, records_head};
use crate::load::is_accepted;
use crate::server::Installation;

/// Requests a second; they have as many records as the rate wants.
const REQUESTS_PER_SECOND: u64 = 50;
/// Requests between the one that tells of an execution's begin and the one that tells of its end. So few run at a time that a
/// snapshot names them all.
const LAG: u64 = REQUESTS_PER_SECOND / 2;
const CONNECTIONS: usize = 4;
const WORKFLOWS: u64 = 200;
const ID_PREFIX: &str = "run-";
/// Executions of the hour before, so that it has something to show.
const BEFORE: u64 = 30_000;
/// All of it stays in the last hour while something is measured.
const BEFORE_MICROS: i64 = 45 * 60 * 1_000_000;
const BEFORE_EACH: u64 = 1_000;

/// The number of an execution that was sent.
pub(super) fn number_of(id: &str) -> Option<u64> {
    id.strip_prefix(ID_PREFIX)?.parse().ok()
}

/// Microseconds since 1970, by a clock that does not jump.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    instant: Instant,
    micros: i64,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            instant: Instant::now(),
            micros: Timestamp::from(SystemTime::now()).as_micros(),
        }
    }

    pub(super) fn now(self) -> i64 {
        self.micros + i64::try_from(self.instant.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

/// What was sent, and when it was acknowledged.
#[derive(Debug)]
pub(super) struct Sent {
    /// Executions that one request tells of: as many begin as end.
    each: u64,
    /// By the number of the request, in microseconds since 1970.
    acknowledged: Vec<i64>,
    /// Requests that tell of begins; the last ones tell of ends only.
    beginning: u64,
    /// From the first request to the last answer.
    pub(super) elapsed: Duration,
}

impl Sent {
    /// Executions, all of which have begun and ended.
    pub(super) fn executions(&self) -> u64 {
        self.beginning * self.each
    }

    /// Records: of each execution two.
    pub(super) fn records(&self) -> u64 {
        2 * self.executions()
    }

    /// When it was acknowledged that an execution has begun.
    pub(super) fn begin_acknowledged(&self, execution: u64) -> Option<i64> {
        let request = execution / self.each;
        (request < self.beginning).then(|| self.acknowledged[request as usize])
    }

    /// When it was acknowledged that it has ended.
    pub(super) fn end_acknowledged(&self, execution: u64) -> Option<i64> {
        let request = execution / self.each;
        (request < self.beginning).then(|| self.acknowledged[(request + LAG) as usize])
    }

    /// When each record was acknowledged, the earliest first.
    pub(super) fn acknowledgements(&self) -> Vec<i64> {
        let mut all = Vec::new();
        for (request, acknowledged) in (0..).zip(&self.acknowledged) {
            let parts = u64::from(request < self.beginning) + u64::from(request >= LAG);
            all.extend(std::iter::repeat_n(*acknowledged, (parts * self.each) as usize));
        }
        all.sort_unstable();
        all
    }
}

/// Sends that many records a second, half of them begins and half ends, and then the ends of what has not ended.
pub(super) fn send(
    installation: &Installation,
    clock: Clock,
    records_per_second: u64,
    length: Duration,
) -> anyhow::Result<Sent> {
    let each = (records_per_second / REQUESTS_PER_SECOND / 2).max(1);
    let beginning = (length.as_secs_f64() * REQUESTS_PER_SECOND as f64).ceil() as u64;
    let start = Instant::now();
    let start_at = Timestamp::from_micros(clock.now());
    let slot = AtomicU64::new(0);
    let send_some = || -> anyhow::Result<Vec<(u64, i64)>> {
        let mut connection = Connection::open(installation.address)?;
        let mut acknowledged = Vec::new();
        loop {
            let request = slot.fetch_add(1, Ordering::Relaxed);
            if request >= beginning + LAG {
                return Ok(acknowledged);
            }
            let due = Duration::from_micros(request * 1_000_000 / REQUESTS_PER_SECOND);
            thread::sleep((start + due).saturating_duration_since(Instant::now()));
            let (body, records) = body(request, beginning, each, start_at);
            let expected = format!("\"accepted\":{records},\"rejected\":[]");
            let head = records_head(&installation.key, false, body.len());
            while !is_accepted(&connection.exchange(&head, body.as_bytes())?, &expected)? {}
            acknowledged.push((request, clock.now()));
        }
    };
    let parts: Vec<anyhow::Result<_>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(send_some)).collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|result| result.unwrap_or_else(|_| bail!("a sender panicked")))
            .collect()
    });
    let mut sent = Sent {
        each,
        acknowledged: vec![0; (beginning + LAG) as usize],
        beginning,
        elapsed: start.elapsed(),
    };
    for part in parts {
        for (request, at) in part? {
            sent.acknowledged[request as usize] = at;
        }
    }
    Ok(sent)
}

/// What a request says, and how many records that are.
fn body(request: u64, beginning: u64, each: u64, start: Timestamp) -> (String, u64) {
    let due = |request: u64| {
        start.plus_micros(i64::try_from(request * 1_000_000 / REQUESTS_PER_SECOND).unwrap_or(i64::MAX))
    };
    let mut lines = Vec::new();
    if request < beginning {
        let begins = (request * each..(request + 1) * each).map(|number| running(number, due(request)));
        lines.extend(begins);
    }
    if let Some(before) = request.checked_sub(LAG) {
        let ends = (before * each..(before + 1) * each).map(|number| done(number, due(before), due(request)));
        lines.extend(ends);
    }
    (lines.concat(), lines.len() as u64)
}

fn running(number: u64, started: Timestamp) -> String {
    let workflow = number % WORKFLOWS;
    format!(
        "{{\"type\":\"execution\",\"id\":\"{ID_PREFIX}{number}\",\"workflow_id\":\"workflow-{workflow}\",\
         \"status\":\"running\",\"started_at\":\"{started}\"}}\n"
    )
}

fn done(number: u64, started: Timestamp, completed: Timestamp) -> String {
    let workflow = number % WORKFLOWS;
    format!(
        "{{\"type\":\"execution\",\"id\":\"{ID_PREFIX}{number}\",\"workflow_id\":\"workflow-{workflow}\",\
         \"status\":\"success\",\"started_at\":\"{started}\",\"completed_at\":\"{completed}\"}}\n"
    )
}

/// Sends executions of the hour before. Returns how many.
pub(super) fn send_before(installation: &Installation, now: Timestamp) -> anyhow::Result<u64> {
    let mut connection = Connection::open(installation.address)?;
    for first in (0..BEFORE).step_by(BEFORE_EACH as usize) {
        let line = |number: u64| {
            let ago = BEFORE_MICROS / BEFORE as i64 * (BEFORE - number) as i64;
            let at = now.plus_micros(-ago);
            // Under a number that none of those has which are sent later.
            done(u64::from(u32::MAX) + number, at, at.plus_micros(500_000))
        };
        let body: String = (first..first + BEFORE_EACH).map(line).collect();
        let head = records_head(&installation.key, false, body.len());
        let expected = format!("\"accepted\":{BEFORE_EACH},\"rejected\":[]");
        while !is_accepted(&connection.exchange(&head, body.as_bytes())?, &expected)? {}
    }
    Ok(BEFORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_ends_half_a_second_later() {
        let start = Timestamp::from_millis(1_763_800_000_000);
        let (beginning, each) = (LAG + 10, 3);
        let mut records = 0;
        for request in 0..beginning + LAG {
            let (text, count) = body(request, beginning, each, start);
            records += count;
            for line in text.lines() {
                let record: serde_json::Value = serde_json::from_str(line).unwrap();
                let number = number_of(record["id"].as_str().unwrap()).unwrap();
                let begun_with = number / each;
                let is_end = record["status"] == "success";
                assert_eq!(request, if is_end { begun_with + LAG } else { begun_with });
            }
        }
        let sent = Sent {
            each,
            acknowledged: (0..).take((beginning + LAG) as usize).collect(),
            beginning,
            elapsed: Duration::ZERO,
        };
        assert_eq!(records, sent.records());
        assert_eq!(sent.acknowledgements().len() as u64, records);
        assert_eq!(
            (sent.begin_acknowledged(5), sent.end_acknowledged(5)),
            (Some(1), Some(1 + LAG as i64))
        );
        assert_eq!(sent.end_acknowledged(beginning * each), None);
    }
}
