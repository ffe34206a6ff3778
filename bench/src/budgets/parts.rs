//! The parts that are measured one after the other, and what of their figures the budgets are about.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::row::{Row, Unit};
use super::{BESIDE_PER_SECOND, Case};
use crate::ingest;
use crate::kill;
use crate::latency::Latencies;
use crate::live;
use crate::process;
use crate::query::{self, Timed, filling::filled_copy};
use crate::server::Installation;
use crate::table::{millis, whole};
use crate::{cache, web};

/// A part, under a name.
type Part = (&'static str, fn(&Case) -> anyhow::Result<Vec<Row>>);

/// In an order in which what is filled once serves all that follows.
pub(super) const ALL: [Part; 8] = [
    ("ingest, 100 records a request", ingest_small),
    ("ingest, 5,000 records a request", ingest_large),
    ("live pages", live_pages),
    ("kills", kills),
    ("questions", questions),
    ("kept answers", kept_answers),
    ("idle, and a start with much to open", starts),
    ("pages in a browser", pages),
];

const CONNECTIONS: usize = 32;
/// What the server may take up as it is shipped: the store's memory, the journal's queue, bodies and kept answers.
const MEMORY_MAX: f64 = (4096 + 128 + 512 + 64) as f64 * 1024.0 * 1024.0;
const IDLE: Duration = Duration::from_secs(10);
const START_TIMEOUT: Duration = Duration::from_secs(60);
const KILLED_RECORDS: usize = 100_000;
const SEED: u64 = 1;
/// Answers from rollups take at most so many times as long over ten times the executions.
const FLAT: f64 = 1.25;

fn ingest_case(case: &Case, records_each: usize, has_half_load: bool) -> ingest::Case {
    ingest::Case {
        records_each,
        is_gzip: false,
        connections: CONNECTIONS,
        length: case.sizes.ingest,
        expected_per_second: 0.0,
        has_half_load,
    }
}

fn ingest_small(case: &Case) -> anyhow::Result<Vec<Row>> {
    let mut figures = ingest::measure(&ingest_case(case, 100, true), &case.binary, &case.directory)?;
    let half = figures.partial.iter_mut().find(|part| part.of == "sustained");
    let half = half.context("nothing was measured at half load")?;
    let acknowledged = &mut half.outcome.latencies;
    let load = format!("at half load, {} records/s", whole(half.offered_per_second));
    let rows = [
        Row::at_least(
            "durable ingest, 100 records a request",
            Unit::PerSecond,
            60_000.0,
            figures.full.records_per_second(),
        )
        .note(format!(
            "sustained to the store {}/s",
            whole(figures.sustained_per_second)
        )),
        Row::at_most(
            format!("acknowledged {load}, p50"),
            Unit::Millis,
            10.0,
            ms(acknowledged, 0.5)?,
        ),
        Row::at_most(
            format!("acknowledged {load}, p99"),
            Unit::Millis,
            50.0,
            ms(acknowledged, 0.99)?,
        ),
        Row::at_most(
            format!("acknowledged to visible in queries {load}, p99"),
            Unit::Millis,
            1_000.0,
            ms(&mut half.seen.visible, 0.99)?,
        ),
        Row::at_most(
            "memory under full load",
            Unit::Megabytes,
            MEMORY_MAX,
            figures.resident_bytes as f64,
        ),
    ];
    let rows = rows.map(|row| row.at_length("bench/run ingest --sizes 100 --encodings plain"));
    Ok(rows.into())
}

fn ingest_large(case: &Case) -> anyhow::Result<Vec<Row>> {
    let figures = ingest::measure(&ingest_case(case, 5_000, false), &case.binary, &case.directory)?;
    let row = Row::at_least(
        "durable ingest, 5,000 records a request",
        Unit::PerSecond,
        250_000.0,
        figures.full.records_per_second(),
    );
    Ok(vec![
        row.at_length("bench/run ingest --sizes 5000 --encodings plain"),
    ])
}

fn live_pages(case: &Case) -> anyhow::Result<Vec<Row>> {
    let clients = case.sizes.clients;
    let mut figures = live::measure(&live::Case {
        binary: case.binary.clone(),
        directory: case.directory.clone(),
        few: (100, 1_000),
        many: (clients, 5_000),
        length: case.sizes.live,
    })?;
    let count = whole(clients as f64);
    let rows = [
        Row::at_most(
            "acknowledged to a live page, 100 clients, 1,000 records/s, p99",
            Unit::Millis,
            200.0,
            ms(&mut figures.few.latencies, 0.99)?,
        ),
        Row::at_most(
            format!("figures told to {count} clients, 5,000 records/s, p99"),
            Unit::Millis,
            200.0,
            ms(&mut figures.many.latencies, 0.99)?,
        ),
        Row::at_most(
            format!("memory of each of {count} clients"),
            Unit::Kilobytes,
            15_000.0,
            figures.memory.each(figures.memory.subscribed),
        ),
    ];
    Ok(rows.map(|row| row.at_length("bench/run live")).into())
}

fn kills(case: &Case) -> anyhow::Result<Vec<Row>> {
    let plan = kill::Plan {
        records: KILLED_RECORDS,
        records_each: 1_000,
        kills: case.sizes.kills,
        connections: 4,
        seed: SEED,
    };
    let mut outcome = kill::run(&plan, &case.binary, &case.directory)?;
    let row = Row::at_most(
        format!(
            "serving after kill -9, the longest of {} times",
            outcome.starts.count()
        ),
        Unit::Millis,
        5_000.0,
        ms(&mut outcome.starts, 1.0)?,
    );
    Ok(vec![row.at_length("bench/kill")])
}

fn questions(case: &Case) -> anyhow::Result<Vec<Row>> {
    let [few, many] = case.sizes.executions;
    let (mut fewer, mut more) = (
        query::measure(&case.filled(few))?,
        query::measure(&case.filled(many))?,
    );
    let mut all = Latencies::default();
    for timed in &more.questions {
        all.merge(timed.beside.clone());
    }
    let of = format!(
        "question over {} executions, not from the cache, while {} records/s arrive",
        whole(more.executions as f64),
        whole(BESIDE_PER_SECOND as f64)
    );
    let came = format!("{} came", whole(more.beside_per_second));
    let slowest = |timed: &mut [Timed], share: f64| -> Option<String> {
        let of_each = timed
            .iter_mut()
            .map(|timed| (timed.beside.quantile_ms(share), timed.name));
        let (ms, name) = of_each
            .max_by(|(one, _), (other, _)| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal))?;
        Some(format!("slowest “{name}”, {} ms", millis(ms)))
    };
    let mut rows = Vec::new();
    for (share, name, aim) in [(0.5, "p50", 20.0), (0.95, "p95", 100.0)] {
        let note = slowest(&mut more.questions, share).unwrap_or_default();
        let row = Row::at_most(format!("{of}, {name}"), Unit::Millis, aim, ms(&mut all, share)?);
        rows.push(row.note(note).note(&came));
    }
    let mut ratios: Vec<f64> = Vec::new();
    for (few, many) in fewer.questions.iter_mut().zip(&mut more.questions) {
        if few.served_by == "rollup" && many.served_by == "rollup" {
            let both = few.alone.quantile_ms(0.5).zip(many.alone.quantile_ms(0.5));
            ratios.extend(both.map(|(few, many)| many / few));
        }
    }
    ratios.sort_by(f64::total_cmp);
    if let Some(median) = ratios.get(ratios.len() / 2) {
        let row = Row::at_most(
            format!(
                "the same where rollups serve, over that of {}",
                whole(fewer.executions as f64)
            ),
            Unit::Times,
            FLAT,
            *median,
        );
        rows.push(row.note(format!("median of {} questions, alone", ratios.len())));
    }
    Ok(rows
        .into_iter()
        .map(|row| row.at_length("bench/run query --executions 100000000"))
        .collect())
}

fn kept_answers(case: &Case) -> anyhow::Result<Vec<Row>> {
    let filled = case.filled(case.sizes.executions[0]);
    let mut peaks = cache::measure_peaks(&filled, case.sizes.kept_answers)?;
    let mut rows = Vec::new();
    for peak in &mut peaks {
        let name = format!("kept answer, {}", peak.name);
        rows.push(match peak.offered {
            None => Row::at_least(name, Unit::PerSecond, 2_000.0, peak.per_second),
            Some(offered) => Row::at_most(
                format!("{name}, {} asked for a second, p99", whole(offered)),
                Unit::Millis,
                5.0,
                ms(&mut peak.latencies, 0.99)?,
            ),
        });
    }
    Ok(rows
        .into_iter()
        .map(|row| row.at_length("bench/run cache"))
        .collect())
}

/// A server that nobody uses, and one that is killed, over the larger history.
fn starts(case: &Case) -> anyhow::Result<Vec<Row>> {
    let temporary = tempfile::tempdir_in(&case.directory)?;
    let fresh = Installation::create(&case.binary, temporary.path().join("fresh"))?;
    let (empty, _) = idle_and_restarted(&fresh)?;
    let filled = filled_copy(
        &case.filled(case.sizes.executions[1]),
        temporary.path().join("data"),
    )?;
    let (idle, restart) = idle_and_restarted(&filled.installation)?;
    let executions = whole(case.sizes.executions[1] as f64);
    let rows = [
        Row::at_most(
            format!("memory when idle, {executions} executions"),
            Unit::Megabytes,
            150e6,
            idle,
        )
        .note(format!("of an empty server {} MB", whole(empty / 1e6))),
        Row::at_most(
            format!("first answer after kill -9, {executions} executions"),
            Unit::Millis,
            5_000.0,
            restart.as_secs_f64() * 1e3,
        ),
    ];
    Ok(rows.map(|row| row.at_length("prove/run crash")).into())
}

/// The memory of a server that was just started and that nobody asks; and how long it takes, killed and started again, until
/// it answers.
fn idle_and_restarted(installation: &Installation) -> anyhow::Result<(f64, Duration)> {
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    thread::sleep(IDLE);
    let idle = process::resident_bytes(server.pid())? as f64;
    server.kill()?;
    let started = Instant::now();
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    while let Err(error) = installation.count_executions() {
        ensure!(started.elapsed() < START_TIMEOUT, "no answer: {error:#}");
        thread::sleep(Duration::from_millis(5));
    }
    let took = started.elapsed();
    server.stop()?;
    Ok((idle, took))
}

fn pages(case: &Case) -> anyhow::Result<Vec<Row>> {
    let Some(script) = &case.visitor else {
        return Ok(Vec::new());
    };
    let filled = case.filled(case.sizes.executions[1]);
    let visited = web::visit(&filled, script, Some(case.sizes.visits))?;
    let seen = web::Figures::read(&visited)?;
    let visits = format!("{} visits to each of {} pages", case.sizes.visits, seen.pages);
    let rows = [
        Row::at_most(
            "largest paint of a page (LCP), p75",
            Unit::Millis,
            1_000.0,
            seen.lcp_p75_ms,
        )
        .note(visits),
        Row::at_most(
            "from a key or click to what comes of it, p75",
            Unit::Millis,
            100.0,
            seen.interaction_p75_ms,
        ),
        Row::at_most(
            "compressed scripts before Overview stands, charts apart",
            Unit::Kilobytes,
            250_000.0,
            seen.first_load_bytes,
        ),
    ];
    Ok(rows.map(|row| row.at_length("bench/run web")).into())
}

fn ms(latencies: &mut Latencies, share: f64) -> anyhow::Result<f64> {
    latencies.quantile_ms(share).context("nothing was measured")
}
