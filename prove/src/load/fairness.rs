//! Two organizations: one floods the server, first with records, then with questions; the other sends and looks as ever.
//! Whoever floods has to wait, and the other must not: it is refused nothing and hardly slower than alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{anyhow, ensure};
use tacho_bench::bodies::Template;
use tacho_bench::cache::Asker;
use tacho_bench::latency::Latencies;
use tacho_bench::server::Installation;
use tacho_bench::table::millis;

use super::company::{Unanswered, ask_every, bodies, next_record, sender};
use crate::finding::Finding;
use crate::serving::wait_until_serving;

/// The quiet one: 1,000 records a second, and pages that are worked out each time.
const QUIET_RATE: f64 = 10.0;
const RECORDS_EACH: usize = 100;
const QUIET_CONNECTIONS: usize = 4;
const QUIET_PAGE_EVERY: Duration = Duration::from_millis(500);
/// The other.
const NOISY_CONNECTIONS: usize = 128;
const NOISY_PAGES: usize = 16;
/// Records of each in the store before, so that pages have something to show.
const BEFORE: Duration = Duration::from_secs(3);
const PROJECTION_TIMEOUT: Duration = Duration::from_secs(300);
/// At most so many times as slow as alone; below the floor, in milliseconds, alone is as good as the floor.
const ACKNOWLEDGE_FACTOR: f64 = 5.0;
const ACKNOWLEDGE_FLOOR_MS: f64 = 5.0;
const QUESTION_FACTOR: f64 = 5.0;
const QUESTION_FLOOR_MS: f64 = 20.0;

/// Who floods, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flood {
    Nothing,
    Records,
    Questions,
}

/// What the quiet one had of it.
struct Quiet {
    records: u64,
    acknowledged: Latencies,
    answered: Latencies,
}

/// What the noisy one had of it.
#[derive(Default)]
struct Noisy {
    records: u64,
    latencies: Latencies,
}

/// Does it; each stretch is of that length.
pub(super) fn run(length: Duration, installation: &Installation) -> anyhow::Result<Vec<Finding>> {
    let quiet = installation.another_organization("Quiet")?;
    let noisy = installation;
    let mut server = noisy.start()?;
    wait_until_serving(noisy, &mut server)?;
    let templates = bodies(RECORDS_EACH);
    let mut sent = [0; 2];
    for (organization, sent) in [&quiet, noisy].into_iter().zip(&mut sent) {
        let load = sender(organization, QUIET_CONNECTIONS, &templates, 0);
        *sent = load.open(10.0 * QUIET_RATE, BEFORE)?.records;
        organization.wait_until_own_projected(PROJECTION_TIMEOUT)?;
    }
    let mut first = 1_000_000;
    let mut alone = None;
    let mut findings = Vec::new();
    for flood in [Flood::Nothing, Flood::Records, Flood::Questions] {
        let (of_quiet, of_noisy) = beside(flood, length, &quiet, noisy, &templates, &mut first)?;
        sent[0] += of_quiet.records;
        sent[1] += of_noisy.records;
        if let Some(alone) = &mut alone {
            findings.push(judged(flood, alone, of_quiet, of_noisy)?);
        } else {
            alone = Some(of_quiet);
        }
        noisy.wait_until_own_projected(PROJECTION_TIMEOUT)?;
    }
    for (organization, sent) in [&quiet, noisy].into_iter().zip(sent) {
        organization.wait_until_own_projected(PROJECTION_TIMEOUT)?;
        let counted = organization.count_executions()?;
        ensure!(
            counted == sent,
            "{sent} were acknowledged, a query counts {counted}"
        );
    }
    ensure!(!server.has_ended()?, "the server has ended");
    server.stop()?;
    Ok(findings)
}

/// Both do what they do for a while.
fn beside(
    flood: Flood,
    length: Duration,
    quiet: &Installation,
    noisy: &Installation,
    templates: &[Template],
    first: &mut u64,
) -> anyhow::Result<(Quiet, Noisy)> {
    let is_over = AtomicBool::new(false);
    let loads = [
        sender(quiet, QUIET_CONNECTIONS, templates, *first),
        sender(noisy, NOISY_CONNECTIONS, templates, *first),
    ];
    let outcome = thread::scope(|scope| {
        let flooding = scope.spawn(|| match flood {
            Flood::Nothing => Ok(Noisy::default()),
            Flood::Records => {
                let outcome = loads[1].closed(length)?;
                Ok(Noisy {
                    records: outcome.records,
                    latencies: outcome.latencies,
                })
            }
            Flood::Questions => ask_without_end(noisy, &is_over),
        });
        let looking = scope.spawn(|| look(quiet, &is_over));
        let outcome = loads[0].flood(QUIET_RATE, length, |_, _| ());
        is_over.store(true, Ordering::Relaxed);
        let (answered, unanswered) = looking.join().map_err(|_| anyhow!("an asker panicked"))?;
        let noisy: anyhow::Result<Noisy> = flooding.join().map_err(|_| anyhow!("the flood panicked"))?;
        let outcome = outcome?;
        ensure!(
            outcome.refused == 0,
            "{} requests of the quiet organization were refused",
            outcome.refused
        );
        unanswered.check()?;
        let quiet = Quiet {
            records: outcome.records,
            acknowledged: outcome.latencies,
            answered,
        };
        anyhow::Ok((quiet, noisy?))
    })?;
    *first = loads.iter().map(next_record).max().unwrap_or(*first);
    Ok(outcome)
}

fn look(installation: &Installation, is_over: &AtomicBool) -> (Latencies, Unanswered) {
    let answered = Mutex::new(Latencies::default());
    let asker = Asker::fresh(installation);
    let unanswered = ask_every(QUIET_PAGE_EVERY, Duration::ZERO, asker, is_over, |_, took| {
        let mut answered = answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.record(took);
    });
    let answered = answered.into_inner();
    (answered.unwrap_or_else(PoisonError::into_inner), unanswered)
}

/// Many pages, each asked for as soon as it is answered. Refusals are what a flood may get.
fn ask_without_end(installation: &Installation, is_over: &AtomicBool) -> anyhow::Result<Noisy> {
    thread::scope(|scope| {
        let pages: Vec<_> = (0..NOISY_PAGES)
            .map(|_| {
                scope.spawn(|| {
                    let mut latencies = Latencies::default();
                    let mut asker = Asker::fresh(installation);
                    while !is_over.load(Ordering::Relaxed) {
                        if let Ok(took) = asker.ask() {
                            latencies.record(took);
                        }
                    }
                    latencies
                })
            })
            .collect();
        let mut noisy = Noisy::default();
        for page in pages {
            noisy
                .latencies
                .merge(page.join().map_err(|_| anyhow!("an asker panicked"))?);
        }
        Ok(noisy)
    })
}

fn judged(flood: Flood, alone: &mut Quiet, mut beside: Quiet, mut noisy: Noisy) -> anyhow::Result<Finding> {
    let what = match flood {
        Flood::Nothing => "nothing",
        Flood::Records => "records",
        Flood::Questions => "questions",
    };
    let fault = format!("one organization floods the server with {what}, another does not");
    let p50 = |alone: &mut Latencies, beside: &mut Latencies| {
        let (alone, beside) = (alone.quantile_ms(0.5), beside.quantile_ms(0.5));
        let both = alone.zip(beside);
        both.ok_or_else(|| anyhow!("the quiet organization was not answered"))
    };
    let acknowledged = p50(&mut alone.acknowledged, &mut beside.acknowledged)?;
    let answered = p50(&mut alone.answered, &mut beside.answered)?;
    let shown = format!(
        "nothing refused; acknowledged p50 {} ms, alone {} ms (p99 {} and {}); Overview p50 {} ms, alone {} ms (p95 {} and {}); who floods waits {} ms",
        millis(Some(acknowledged.1)),
        millis(Some(acknowledged.0)),
        millis(beside.acknowledged.quantile_ms(0.99)),
        millis(alone.acknowledged.quantile_ms(0.99)),
        millis(Some(answered.1)),
        millis(Some(answered.0)),
        millis(beside.answered.quantile_ms(0.95)),
        millis(alone.answered.quantile_ms(0.95)),
        millis(noisy.latencies.quantile_ms(0.5)),
    );
    let is_slowed = |(alone, beside): (f64, f64), factor: f64, floor: f64| beside > factor * alone.max(floor);
    ensure!(
        !is_slowed(acknowledged, ACKNOWLEDGE_FACTOR, ACKNOWLEDGE_FLOOR_MS),
        "{fault}: slower to acknowledge; {shown}"
    );
    ensure!(
        !is_slowed(answered, QUESTION_FACTOR, QUESTION_FLOOR_MS),
        "{fault}: slower to answer; {shown}"
    );
    Ok(Finding::new(fault, 1, shown))
}
