//! Three times what the server takes: what it takes up is bounded, whom it refuses it tells when to come again, whatever it
//! acknowledged is there once, and who sends afterwards is served as before within seconds.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use tacho_bench::http::{Connection, head};
use tacho_bench::process::resident_bytes;
use tacho_bench::server::{Installation, Server};
use tacho_bench::table::{millis, whole};

use super::company::{bodies, next_record, sender};
use super::{MIB, mb};
use crate::finding::Finding;
use crate::serving::wait_until_serving;

/// Small, so that both bounds are met within seconds.
const LAG_RECORDS_MAX: u64 = 1_000_000;
const STORE_MIB: f64 = 1024.0;
/// Beside the store: the journal's queue, bodies, kept answers, and as much again for everything else.
const MEMORY_MAX: f64 = (STORE_MIB + 2.0 * (128.0 + 512.0 + 64.0)) * MIB;
const TIMES: f64 = 3.0;
const CAPACITY_CONNECTIONS: usize = 64;
const FLOOD_CONNECTIONS: usize = 256;
/// Larger requests than usual, so that few connections carry much.
const FLOOD_RECORDS_EACH: usize = 500;
/// Somebody who sends as ever: so many requests a second, of so many records.
const NORMAL_RATE: f64 = 20.0;
const NORMAL_RECORDS_EACH: usize = 100;
const NORMAL_CONNECTIONS: usize = 4;
const BEFORE: Duration = Duration::from_secs(5);
const AFTER: Duration = Duration::from_secs(20);
/// Served as before: all that was due in this stretch is acknowledged, half of it within so many times the median of before.
const STEADY: Duration = Duration::from_secs(1);
const FACTOR: f64 = 3.0;
/// Below this, in milliseconds, a median is as good as any.
const FLOOR_MS: f64 = 10.0;
const RECOVERY_MAX: Duration = Duration::from_secs(10);
const SAMPLE_EVERY: Duration = Duration::from_millis(200);
const PROJECTION_TIMEOUT: Duration = Duration::from_secs(300);

/// Does it; each stretch is of that length.
pub(super) fn run(length: Duration, installation: &Installation) -> anyhow::Result<Vec<Finding>> {
    let (lag_max, memory) = (LAG_RECORDS_MAX.to_string(), (STORE_MIB * MIB).to_string());
    let mut server = installation.start_with(&[
        ("TACHO_INGEST__LAG_RECORDS_MAX", &lag_max),
        ("TACHO_STORE__MEMORY_BYTES", &memory),
    ])?;
    wait_until_serving(installation, &mut server)?;
    let (small, large) = (bodies(NORMAL_RECORDS_EACH), bodies(FLOOD_RECORDS_EACH));

    let normal = sender(installation, NORMAL_CONNECTIONS, &small, 0);
    let mut before = normal.open(NORMAL_RATE, BEFORE)?;
    let before_ms = before.latencies.quantile_ms(0.5).context("nothing was sent")?;

    let going = sender(installation, CAPACITY_CONNECTIONS, &small, next_record(&normal));
    let capacity = going.closed(length)?;
    installation.wait_until_projected(PROJECTION_TIMEOUT)?;

    let offered = TIMES * capacity.records_per_second();
    let flooding = sender(installation, FLOOD_CONNECTIONS, &large, next_record(&going));
    let (mut flood, most) = while_sampling(installation, &server, || {
        flooding.flood(offered / FLOOD_RECORDS_EACH as f64, length, |_, _| ())
    })?;
    let lag_bound = LAG_RECORDS_MAX + (FLOOD_CONNECTIONS * FLOOD_RECORDS_EACH) as u64;
    ensure!(
        most.lag_records <= lag_bound,
        "{} records waited for the store",
        most.lag_records
    );
    ensure!(most.resident <= MEMORY_MAX, "{} MB of memory", mb(most.resident));

    let again = sender(installation, NORMAL_CONNECTIONS, &small, next_record(&flooding));
    let acknowledged = Mutex::new(Vec::new());
    let began = Instant::now();
    let after = again.flood(NORMAL_RATE, AFTER, |at, took| {
        let due = (at - took).saturating_duration_since(began);
        let mut acknowledged = acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        acknowledged.push((due, took));
    })?;
    let acknowledged = acknowledged.into_inner().unwrap_or_else(PoisonError::into_inner);
    let recovered = recovered_after(&acknowledged, FACTOR * before_ms.max(FLOOR_MS))
        .with_context(|| format!("not as before within {AFTER:?}"))?;
    ensure!(recovered <= RECOVERY_MAX, "as before only after {recovered:?}");

    let drained = installation.wait_until_projected(PROJECTION_TIMEOUT)?;
    let sent = before.records + capacity.records + flood.records + after.records;
    let counted = installation.count_executions()?;
    ensure!(
        counted == sent,
        "{sent} were acknowledged, a query counts {counted}"
    );
    ensure!(!server.has_ended()?, "the server has ended");
    server.stop()?;
    let fault = format!(
        "{} records/s offered, three times what went, from {FLOOD_CONNECTIONS} connections",
        whole(offered)
    );
    let flood_seconds = flood.elapsed.as_secs_f64();
    Ok(vec![
        Finding::new(
            fault.clone(),
            1,
            format!(
                "{} acknowledged/s (p50 {} ms, p99 {} ms), {} requests refused with Retry-After",
                whole(flood.records as f64 / flood_seconds),
                millis(flood.latencies.quantile_ms(0.5)),
                millis(flood.latencies.quantile_ms(0.99)),
                whole(flood.refused as f64)
            ),
        ),
        Finding::new(
            format!("{fault}: bounds"),
            1,
            format!(
                "at most {} MB of memory ({} allowed) and {} records waiting for the store ({} allowed, with what was on its way when it became too many)",
                mb(most.resident),
                mb(MEMORY_MAX),
                whole(most.lag_records as f64),
                whole(lag_bound as f64)
            ),
        ),
        Finding::new(
            format!("{fault}: afterwards"),
            1,
            format!(
                "acknowledged as before (p50 {} ms) after {:.1} s, all in the store within {:.0} s, {} records there once",
                millis(Some(before_ms)),
                recovered.as_secs_f64(),
                (AFTER + drained).as_secs_f64(),
                whole(sent as f64)
            ),
        ),
    ])
}

/// From when on requests are served as before: by when they were due, and how long they took.
fn recovered_after(acknowledged: &[(Duration, Duration)], median_max_ms: f64) -> Option<Duration> {
    let mut acknowledged = acknowledged.to_vec();
    acknowledged.sort();
    let due = (NORMAL_RATE * STEADY.as_secs_f64()) as usize;
    acknowledged.windows(due).find_map(|steady| {
        let (begin, end) = (steady.first()?.0, steady.last()?.0);
        let mut took: Vec<Duration> = steady.iter().map(|(_, took)| *took).collect();
        took.sort();
        // Were one missing among them, they would reach further.
        let is_whole = end - begin < STEADY;
        (is_whole && took[due / 2].as_secs_f64() * 1e3 <= median_max_ms).then_some(begin)
    })
}

/// The most of what has to be bounded.
#[derive(Clone, Copy, Debug, Default)]
struct Most {
    resident: f64,
    lag_records: u64,
}

/// Does something while looking at what the server takes up.
fn while_sampling<T>(
    installation: &Installation,
    server: &Server<'_>,
    run: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<(T, Most)> {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let sampling = scope.spawn(|| -> anyhow::Result<Most> {
            let mut most = Most::default();
            while !is_over.load(Ordering::Relaxed) {
                most.resident = most.resident.max(resident_bytes(server.pid())? as f64);
                most.lag_records = most.lag_records.max(lag_records(installation)?);
                thread::sleep(SAMPLE_EVERY);
            }
            Ok(most)
        });
        let done = run();
        is_over.store(true, Ordering::Relaxed);
        let most = sampling.join().map_err(|_| anyhow!("the sampler panicked"))??;
        Ok((done?, most))
    })
}

/// Records that wait for the store, as `/metrics` tells: that counts no rows.
fn lag_records(installation: &Installation) -> anyhow::Result<u64> {
    let head = head("GET", "/metrics", &installation.key, "", 0);
    let answer = Connection::open(installation.address)?.exchange(&head, &[])?;
    let text = String::from_utf8(answer.body)?;
    let figure = text
        .lines()
        .find_map(|line| line.strip_prefix("tacho_store_lag_records "));
    let figure: f64 = figure.context("no lag in /metrics")?.trim().parse()?;
    Ok(figure as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One every 50 ms, as long as the rate says.
    fn served(took_ms: impl Fn(u64) -> Option<u64>) -> Vec<(Duration, Duration)> {
        (0..200)
            .filter_map(|number| {
                let took = Duration::from_millis(took_ms(number)?);
                Some((Duration::from_millis(50 * number), took))
            })
            .collect()
    }

    #[test]
    fn what_is_slow_or_refused_is_not_as_before() {
        let slow_first = served(|number| Some(if number < 40 { 500 } else { 2 }));
        let recovered = recovered_after(&slow_first, 10.0).unwrap();
        assert!(recovered.as_millis().abs_diff(2_000) <= 500, "{recovered:?}");
        let refused_first = served(|number| (number >= 40 || number % 2 == 0).then_some(2));
        assert_eq!(
            recovered_after(&refused_first, 10.0),
            Some(Duration::from_secs(2))
        );
        assert_eq!(recovered_after(&served(|_| Some(500)), 10.0), None);
    }
}
