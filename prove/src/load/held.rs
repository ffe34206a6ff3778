//! Records come in at the rate that the budget names, and dashboards are open: whatever is measured stays flat.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{anyhow, ensure};
use tacho_bench::cache::Asker;
use tacho_bench::live::Watchers;
use tacho_bench::probe;
use tacho_bench::process::{open_files, resident_bytes};
use tacho_bench::server::{Installation, Server};
use tacho_bench::table::{Table, millis, whole};

use super::company::{ask_every, bodies, next_record, sender};
use super::series::{Quarters, Series};
use super::{MEMORY_MAX, mb};
use crate::finding::Finding;
use crate::serving::wait_until_serving;

/// Records a second: the rate of the budget for questions.
const RATE: f64 = 20_000.0;
const RECORDS_EACH: usize = 100;
const CONNECTIONS: usize = 16;
/// Pages that refresh, each so often.
const PAGES: u32 = 5;
const REFRESH_EVERY: Duration = Duration::from_secs(5);
/// Live pages of each kind.
const LIVE_PAGES: usize = 8;
/// Marked records, one so often.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// The records' times go with the clock, in steps of this.
const STEP: Duration = Duration::from_secs(60);
const SAMPLE_EVERY: Duration = Duration::from_secs(1);
const PROJECTION_TIMEOUT: Duration = Duration::from_secs(300);
/// What is flat: at most so many times what it was.
const LATENCY_FACTOR: f64 = 2.0;
const SIZE_FACTOR: f64 = 1.1;
/// Below these, in milliseconds, latencies are noise of two processors that many share.
const ACKNOWLEDGE_FLOOR_MS: f64 = 5.0;
const SEEN_FLOOR_MS: f64 = 100.0;
const QUESTION_FLOOR_MS: f64 = 20.0;
const OPEN_FILES_FLOOR: f64 = 200.0;

/// Everything that is measured.
struct Samples {
    acknowledged: Series,
    answered: Series,
    seen: Series,
    resident: Series,
    /// Bytes of the store's file and of the identity index.
    projected: Series,
    disk_each: Series,
    open_files: Series,
    /// Records acknowledged so far.
    records: AtomicU64,
}

impl Samples {
    fn begin(started: Instant) -> Self {
        let series = || Series::begin(started);
        Self {
            acknowledged: series(),
            answered: series(),
            seen: series(),
            resident: series(),
            projected: series(),
            disk_each: series(),
            open_files: series(),
            records: AtomicU64::new(0),
        }
    }
}

/// Does it for that long.
pub(super) fn run(length: Duration, installation: &Installation) -> anyhow::Result<Vec<Finding>> {
    let mut server = installation.start()?;
    wait_until_serving(installation, &mut server)?;
    let watchers = Watchers::connect(installation, LIVE_PAGES)?;
    let started = Instant::now();
    let samples = Samples::begin(started);
    let sent = watched(length, installation, &server, &samples)?;
    let frames = watchers.frames()?;
    watchers.leave()?;
    installation.wait_until_projected(PROJECTION_TIMEOUT)?;
    let counted = installation.count_executions()?;
    ensure!(
        counted == sent,
        "{sent} were acknowledged, a query counts {counted}"
    );
    ensure!(!server.has_ended()?, "the server has ended");
    server.stop()?;
    judged(length, &samples, sent, frames)
}

/// Sends, asks, looks and samples. Returns how many records were acknowledged.
fn watched(
    length: Duration,
    installation: &Installation,
    server: &Server<'_>,
    samples: &Samples,
) -> anyhow::Result<u64> {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let pages: Vec<_> = (0..PAGES)
            .map(|number| {
                let after = REFRESH_EVERY / PAGES * number;
                let (asker, is_over) = (Asker::refreshing(installation), &is_over);
                scope.spawn(move || {
                    ask_every(REFRESH_EVERY, after, asker, is_over, |at, took| {
                        samples.answered.took(at, took);
                    })
                })
            })
            .collect();
        let probing = scope.spawn(|| {
            probe::watch_told(installation, &is_over, PROBE_EVERY, |at, took| {
                samples.seen.took(at, took);
            })
        });
        let sampling = scope.spawn(|| sample(installation, server, samples, &is_over));
        let sent = send(length, installation, samples);
        is_over.store(true, Ordering::Relaxed);
        for page in pages {
            page.join().map_err(|_| anyhow!("an asker panicked"))?.check()?;
        }
        sampling.join().map_err(|_| anyhow!("the sampler panicked"))??;
        let seen = probing.join().map_err(|_| anyhow!("the prober panicked"))??;
        Ok(sent? + seen.records)
    })
}

fn send(length: Duration, installation: &Installation, samples: &Samples) -> anyhow::Result<u64> {
    let (started, mut acknowledged, mut first) = (Instant::now(), 0, 0);
    let mut templates = bodies(RECORDS_EACH);
    while let Some(left) = length
        .checked_sub(started.elapsed())
        .filter(|left| !left.is_zero())
    {
        let load = sender(installation, CONNECTIONS, &templates, first);
        // The next ones are made meanwhile, so that there is no pause.
        let (outcome, next) = thread::scope(|scope| {
            let next = scope.spawn(|| bodies(RECORDS_EACH));
            let outcome = load.open_told(RATE / RECORDS_EACH as f64, left.min(STEP), |at, took| {
                samples.acknowledged.took(at, took);
                samples.records.fetch_add(RECORDS_EACH as u64, Ordering::Relaxed);
            });
            anyhow::Ok((outcome?, next.join().map_err(|_| anyhow!("nothing to send"))?))
        })?;
        acknowledged += outcome.records;
        first = next_record(&load);
        templates = next;
    }
    Ok(acknowledged)
}

fn sample(
    installation: &Installation,
    server: &Server<'_>,
    samples: &Samples,
    is_over: &AtomicBool,
) -> anyhow::Result<()> {
    while !is_over.load(Ordering::Relaxed) {
        let now = Instant::now();
        samples.resident.note(now, resident_bytes(server.pid())? as f64);
        samples.open_files.note(now, open_files(server.pid())? as f64);
        let all = installation.disk_bytes("");
        let projected = installation.disk_bytes("store") + installation.disk_bytes("identity");
        samples.projected.note(now, projected as f64);
        let records = samples.records.load(Ordering::Relaxed).max(1);
        samples.disk_each.note(now, all as f64 / records as f64);
        thread::sleep(SAMPLE_EVERY.saturating_sub(now.elapsed()));
    }
    Ok(())
}

/// One thing that has to be flat.
struct Criterion {
    name: &'static str,
    quarters: Quarters,
    is_met: bool,
    shown: fn(f64) -> String,
}

fn judged(length: Duration, samples: &Samples, sent: u64, frames: usize) -> anyhow::Result<Vec<Finding>> {
    let criteria = criteria(length, samples)?;
    let mut table = Table::new(&["held", "second quarter", "last quarter", "flat"]);
    for criterion in &criteria {
        table.push(vec![
            criterion.name.to_owned(),
            (criterion.shown)(criterion.quarters.second),
            (criterion.shown)(criterion.quarters.last),
            if criterion.is_met { "yes" } else { "no" }.to_owned(),
        ]);
    }
    let peak = samples.resident.max().unwrap_or(0.0);
    let broken: Vec<&str> = criteria
        .iter()
        .filter(|criterion| !criterion.is_met)
        .map(|criterion| criterion.name)
        .collect();
    ensure!(
        broken.is_empty(),
        "not flat: {}\n{}",
        broken.join(", "),
        table.markdown()
    );
    ensure!(
        peak <= MEMORY_MAX,
        "{} MB of memory, {} are allowed",
        mb(peak),
        mb(MEMORY_MAX)
    );
    let minutes = length.as_secs_f64() / 60.0;
    let fault = format!("{} records/s held for {minutes:.0} min", whole(RATE));
    let mut findings: Vec<Finding> = criteria
        .iter()
        .map(|criterion| {
            let Quarters { second, last } = criterion.quarters;
            let (second, last) = ((criterion.shown)(second), (criterion.shown)(last));
            Finding::new(
                format!("{fault}: {}", criterion.name),
                1,
                format!("flat, {second} in the second quarter, {last} in the last"),
            )
        })
        .collect();
    findings.push(Finding::new(
        fault,
        1,
        format!(
            "{} records there once, {frames} live frames without a gap, at most {} MB of memory",
            whole(sent as f64),
            mb(peak)
        ),
    ));
    Ok(findings)
}

fn criteria(length: Duration, samples: &Samples) -> anyhow::Result<Vec<Criterion>> {
    let ms = |value: f64| format!("{} ms", millis(Some(value)));
    let mut criteria = Vec::new();
    for (name, series, share, floor) in [
        (
            "acknowledged, p50",
            &samples.acknowledged,
            0.5,
            ACKNOWLEDGE_FLOOR_MS,
        ),
        (
            "acknowledged, p99",
            &samples.acknowledged,
            0.99,
            ACKNOWLEDGE_FLOOR_MS,
        ),
        ("seen after, p50", &samples.seen, 0.5, SEEN_FLOOR_MS),
        ("seen after, p99", &samples.seen, 0.99, SEEN_FLOOR_MS),
        (
            "Overview answered, p50",
            &samples.answered,
            0.5,
            QUESTION_FLOOR_MS,
        ),
        (
            "Overview answered, p95",
            &samples.answered,
            0.95,
            QUESTION_FLOOR_MS,
        ),
    ] {
        let quarters = of(series, name, length, share)?;
        criteria.push(Criterion {
            name,
            quarters,
            is_met: quarters.is_flat(LATENCY_FACTOR, floor),
            shown: ms,
        });
    }
    let resident = of(&samples.resident, "memory", length, 0.5)?;
    let projected = of(&samples.projected, "store", length, 0.5)?;
    // What is kept of them in memory may grow with them, up to its limit.
    let cached = (projected.last - projected.second).max(0.0);
    criteria.push(Criterion {
        name: "memory, but for what store and identities grew by",
        quarters: Quarters {
            second: resident.second,
            last: resident.last - cached,
        },
        is_met: resident.last - cached <= SIZE_FACTOR * resident.second,
        shown: |value| format!("{} MB", mb(value)),
    });
    let disk = of(&samples.disk_each, "disk", length, 0.5)?;
    criteria.push(Criterion {
        name: "disk a record",
        quarters: disk,
        is_met: disk.is_flat(SIZE_FACTOR, 0.0),
        shown: |value| format!("{value:.0} B"),
    });
    let files = of(&samples.open_files, "open files", length, 1.0)?;
    criteria.push(Criterion {
        name: "open files",
        quarters: files,
        is_met: files.is_flat(SIZE_FACTOR, OPEN_FILES_FLOOR),
        shown: |value| format!("{value:.0}"),
    });
    eprintln!(
        "held: memory {:+.0} MB an hour, store and identities {:+.0} MB",
        resident.per_hour(length) / 1e6,
        projected.per_hour(length) / 1e6
    );
    Ok(criteria)
}

fn of(series: &Series, name: &str, length: Duration, share: f64) -> anyhow::Result<Quarters> {
    let quarters = series.quarters(length, share);
    quarters.ok_or_else(|| anyhow!("{name}: nothing was measured in one of the quarters"))
}
