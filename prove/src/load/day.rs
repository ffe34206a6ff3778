//! A day of everything within minutes: all types of record, lives, requests that come twice, records that come late and out
//! of order, corrections, and questions meanwhile. In the end the figures are those of what was sent.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, anyhow, ensure};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tacho_bench::cache::Asker;
use tacho_bench::http::Connection;
use tacho_bench::latency::Latencies;
use tacho_bench::outbox::Outbox;
use tacho_bench::server::{Installation, query_head};
use tacho_bench::stored::compare;
use tacho_bench::table::{millis, whole};
use tacho_core::record::{FieldKind, Value};
use tacho_core::{Record, RecordType, Timestamp};
use tacho_demo::{Config, Generator};

use super::company::ask_every;
use crate::finding::Finding;
use crate::live;
use crate::sending::while_sending;
use crate::serving::wait_until_serving;

const DAY_MICROS: i64 = 86_400_000_000;
const WORKFLOWS: usize = 80;
const RECORDS_EACH: usize = 50;
const CONNECTIONS: usize = 4;
const PAGE_EVERY: Duration = Duration::from_secs(1);
const PACE: Duration = Duration::from_millis(5);
const PROJECTION_TIMEOUT: Duration = Duration::from_secs(120);
const ACKNOWLEDGE_TIMEOUT: Duration = Duration::from_secs(120);
/// Of a hundred records, so many come again, so many come late, and so many ends are corrected.
const AGAIN: u32 = 6;
const LATE: u32 = 5;
const CORRECTED: u32 = 3;
/// They come by this share of the day later, at most.
const LATER_MAX: f64 = 0.15;
/// From an end to its correction.
const CORRECTION_MICROS: i64 = 1_000_000;

/// Replays it within that time.
pub(super) fn run(
    length: Duration,
    executions: u64,
    seed: u64,
    installation: &Installation,
) -> anyhow::Result<Finding> {
    let (records, due) = day(executions, seed);
    let outbox = Outbox::new(installation, &records, RECORDS_EACH);
    let mut server = installation.start()?;
    wait_until_serving(installation, &mut server)?;
    let answered = Mutex::new(Latencies::default());
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let page = scope.spawn(|| {
            ask_every(
                PAGE_EVERY,
                Duration::ZERO,
                Asker::refreshing(installation),
                &is_over,
                |_, took| {
                    answered
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .record(took);
                },
            )
        });
        let sent = while_sending(&outbox, CONNECTIONS, || pace(length, &outbox, &due));
        is_over.store(true, Ordering::Relaxed);
        page.join().map_err(|_| anyhow!("an asker panicked"))?.check()?;
        sent
    })?;
    installation.wait_until_projected(PROJECTION_TIMEOUT)?;
    let (things, _) = compare(&records, installation)?;
    let compared = compare_figures(&records, installation)?;
    let (shown, listed) = (live::snapshot(installation)?, live::listed(installation)?);
    ensure!(
        shown == listed,
        "a live page shows {shown:?}, the store has {listed:?}"
    );
    installation.command(&["store", "verify"])?;
    server.stop()?;
    let mut answered = answered.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Finding::new(
        format!("a day of everything in {:.0} s", length.as_secs_f64()),
        1,
        format!(
            "{} records, {} of them again, late or corrected; {} things there once, {compared} figures as sent; Overview p95 {} ms",
            whole(records.len() as f64),
            whole((records.len() - things) as f64),
            whole(things as f64),
            millis(answered.quantile_ms(0.95))
        ),
    ))
}

/// Has requests sent when their time of the day has come, and waits until all are acknowledged.
fn pace(length: Duration, outbox: &Outbox, due: &[f64]) -> anyhow::Result<()> {
    let started = Instant::now();
    while outbox.acknowledged() < outbox.len() {
        let now = started.elapsed().as_secs_f64() / length.as_secs_f64();
        let records = due.partition_point(|due| *due <= now);
        outbox.allow(if records == due.len() {
            outbox.len()
        } else {
            records / RECORDS_EACH
        });
        ensure!(
            !outbox.is_over() || outbox.acknowledged() == outbox.len(),
            "the senders have given up"
        );
        ensure!(
            started.elapsed() < length + ACKNOWLEDGE_TIMEOUT,
            "not everything is acknowledged"
        );
        thread::sleep(PACE);
    }
    Ok(())
}

/// What is sent in the day, in that order, and when, as shares of the day. Whatever still runs at its end is cancelled then:
/// else the server would close it one day, and what it infers is no sender's figure.
fn day(executions: u64, seed: u64) -> (Vec<Record>, Vec<f64>) {
    let end = Timestamp::from(SystemTime::now());
    let start = end.plus_micros(-DAY_MICROS);
    let mut config = Config::new(seed, start, end, WORKFLOWS, executions);
    config.lives = true;
    let mut told: Vec<Record> = Generator::new(config).collect();
    let ends = cancelled(&told, end);
    told.extend(ends);
    let mut chance = StdRng::seed_from_u64(seed);
    let mut sent: Vec<(f64, Record)> = Vec::with_capacity(told.len());
    for record in told {
        let at = record.updated_at.micros_since(start).max(0) as f64 / DAY_MICROS as f64;
        let mut later = |of_hundred: u32| {
            let comes = chance.random_ratio(of_hundred, 100);
            comes.then(|| at + chance.random_range(0.0..LATER_MAX))
        };
        let (again, late, corrected) = (later(AGAIN), later(LATE), later(CORRECTED));
        if let Some(again) = again {
            sent.push((again, record.clone()));
        }
        if let Some((correction, at)) = correction(&record).zip(corrected) {
            sent.push((at, correction));
        }
        sent.push((late.unwrap_or(at), record));
    }
    sent.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let due = sent.iter().map(|(due, _)| due.min(1.0)).collect();
    (sent.into_iter().map(|(_, record)| record).collect(), due)
}

/// The end of each execution that has none.
fn cancelled(told: &[Record], end: Timestamp) -> Vec<Record> {
    let mut last: BTreeMap<(&str, u32), &Record> = BTreeMap::new();
    for record in told
        .iter()
        .filter(|record| record.record_type == RecordType::Execution)
    {
        last.insert((&record.id, record.attempt), record);
    }
    let open = last.into_values().filter(|record| !is_end(record));
    open.map(|record| {
        let mut record = with(record.clone(), "status", keyword("status", "cancelled"));
        record.updated_at = end;
        with(record, "completed_at", Some(Value::Int(end.as_micros())))
    })
    .collect()
}

/// The other end that a sender tells of later: what has failed has succeeded after all, and the other way round.
fn correction(record: &Record) -> Option<Record> {
    let status = match word(record, "status")? {
        "success" => "failed",
        "failed" => "success",
        _ => return None,
    };
    let mut corrected = with(record.clone(), "status", keyword("status", status));
    corrected.updated_at = record.updated_at.plus_micros(CORRECTION_MICROS);
    Some(corrected)
}

/// The record with another value of a field.
fn with(mut record: Record, name: &str, value: Option<Value>) -> Record {
    let position = record.record_type.spec().position(name);
    record.fields.retain(|(field, _)| *field != position);
    record.fields.extend(value.map(|value| (position, value)));
    record.fields.sort_by_key(|(field, _)| *field);
    record
}

fn words(name: &str) -> &'static [&'static str] {
    match RecordType::Execution.spec().field(name) {
        Some((_, field)) => match field.kind {
            FieldKind::Keyword(words) => words,
            _ => &[],
        },
        None => &[],
    }
}

fn keyword(name: &str, word: &str) -> Option<Value> {
    let at = words(name).iter().position(|known| *known == word)?;
    u8::try_from(at).ok().map(Value::Keyword)
}

/// A word that a record of an execution says.
fn word(record: &Record, name: &str) -> Option<&'static str> {
    if record.record_type != RecordType::Execution {
        return None;
    }
    let at = record.get(name)?.as_keyword()?;
    words(name).get(usize::from(at)).copied()
}

fn is_end(record: &Record) -> bool {
    !matches!(word(record, "status"), Some("queued" | "running"))
}

/// The status of each execution: that of its end, and of several ends that of the last.
fn statuses(records: &[Record]) -> BTreeMap<(&str, u32), &Record> {
    let mut last: BTreeMap<(&str, u32), &Record> = BTreeMap::new();
    for record in records
        .iter()
        .filter(|record| record.record_type == RecordType::Execution)
    {
        let rank = |record: &Record| (is_end(record), record.updated_at);
        let known = last.entry((&record.id, record.attempt)).or_insert(record);
        if rank(record) > rank(known) {
            *known = record;
        }
    }
    last
}

/// Makes sure that counts by status, by trigger and by workflow are those of what was sent. Returns how many figures.
fn compare_figures(records: &[Record], installation: &Installation) -> anyhow::Result<usize> {
    let executions = statuses(records);
    let mut compared = 0;
    for dimension in ["status", "trigger_type", "workflow"] {
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        for record in executions.values() {
            let value = match dimension {
                "workflow" => record.get("workflow_id").and_then(Value::as_text),
                _ => word(record, dimension),
            };
            *expected.entry(value.unwrap_or_default().to_owned()).or_default() += 1;
        }
        let counted = counts_by(dimension, installation)?;
        ensure!(
            counted == expected,
            "by {dimension}, {counted:?} are counted, {expected:?} were sent"
        );
        compared += counted.len();
    }
    Ok(compared)
}

fn counts_by(dimension: &str, installation: &Installation) -> anyhow::Result<BTreeMap<String, u64>> {
    let question = format!(
        r#"{{"source":"executions","measures":["count"],"dimensions":["{dimension}"],"time":{{"from":"2000-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"}},"limit":1000}}"#
    );
    let head = query_head(&installation.key, question.len());
    let answer = Connection::open(installation.address)?
        .exchange(&head, question.as_bytes())?
        .json()?;
    let rows = answer["rows"].as_array().with_context(|| answer.to_string())?;
    // Between id and count there may be a name.
    rows.iter()
        .map(|row| {
            let cells = row.as_array().map_or(&[][..], Vec::as_slice);
            let count = cells.last().and_then(serde_json::Value::as_u64);
            let value = cells
                .first()
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default();
            Ok((value.to_owned(), count.with_context(|| row.to_string())?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_ends_only_and_a_correction_wins_wherever_it_comes() {
        let (records, due) = day(200, 7);
        assert_eq!(records.len(), due.len());
        assert!(due.is_sorted() && due.iter().all(|due| (0.0..=1.0).contains(due)));
        let executions = statuses(&records);
        assert!(executions.len() > 100);
        assert!(executions.values().all(|record| is_end(record)));
        let end = executions
            .values()
            .find(|record| word(record, "status") == Some("success"));
        let end = (*end.unwrap()).clone();
        let corrected = correction(&end).unwrap();
        for order in [[end.clone(), corrected.clone()], [corrected, end]] {
            let known = statuses(&order);
            let (_, last) = known.first_key_value().unwrap();
            assert_eq!(word(last, "status"), Some("failed"));
        }
    }
}
