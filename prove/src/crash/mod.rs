//! Crash rounds: the server is killed at random moments and at every fail point in turn, while senders send again what was
//! not acknowledged and somebody makes keys and exports. After every round the number of executions is the one that was
//! acknowledged; in the end of every data directory each thing is compared.

mod fault;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tacho_bench::outbox::{Outbox, records};
use tacho_bench::server::Installation;
use tacho_bench::stored::compare;
use tacho_core::{Record, RecordType};

pub use self::fault::Fault;
use crate::finding::Finding;
use crate::live;
use crate::operator;
use crate::sending::{send_up_to, while_sending};
use crate::serving::wait_until_serving;
use crate::trial::Place;

const RECORDS_EACH: usize = 50;
const CONNECTIONS: usize = 4;
/// Requests of a round.
const STRETCH: usize = 40;
/// Small, so that every round has full segments and sealed ones.
const SEGMENT_BYTES: &str = "60000";
const PROJECTION_TIMEOUT: Duration = Duration::from_secs(120);
/// How long a fail point may take to be reached after everything is sent.
const REACH_TIMEOUT: Duration = Duration::from_secs(10);
const WAIT: Duration = Duration::from_micros(200);

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Rounds.
    pub rounds: usize,
    /// Rounds that follow each other on one data directory.
    pub rounds_each: usize,
    /// Another seed, other records and other moments.
    pub seed: u64,
    /// How the server is killed, in turns.
    pub faults: Vec<Fault>,
}

/// What came out of one kill.
struct Round {
    fault: Fault,
    restart: Duration,
}

/// Does it.
///
/// # Errors
/// If a record, key or export is missing, double or foreign, or anything else is wrong.
pub fn run(plan: &Plan, place: &Place) -> anyhow::Result<Vec<Finding>> {
    let mut rounds = Vec::new();
    let (mut things, mut promises) = (0, 0);
    for first in (0..plan.rounds).step_by(plan.rounds_each.max(1)) {
        let range = first..(first + plan.rounds_each).min(plan.rounds);
        let seed = plan.seed + first as u64;
        let what = format!("rounds {range:?} with seed {}", plan.seed);
        let (of_these, compared, promised) = place.with_installation(&what, |installation, _| {
            on_one_directory(plan, range, seed, installation)
        })?;
        rounds.extend(of_these);
        things += compared;
        promises += promised;
        eprintln!("{} rounds of crashes", rounds.len());
    }
    let mut findings: Vec<Finding> = plan
        .faults
        .iter()
        .filter_map(|fault| {
            let restarts: Vec<Duration> = rounds
                .iter()
                .filter(|round| round.fault == *fault)
                .map(|round| round.restart)
                .collect();
            let restart_max = restarts.iter().copied().max()?;
            Some(Finding {
                fault: fault.label(),
                rounds: restarts.len(),
                outcome: "acknowledged = stored, once".into(),
                restart_max: Some(restart_max),
            })
        })
        .collect();
    findings.push(Finding::new(
        "all of these",
        rounds.len(),
        format!("{things} things compared one by one, {promises} keys and exports kept, live pages right"),
    ));
    Ok(findings)
}

/// Returns what came of each round, how many things were compared, and how many promises of an operator.
fn on_one_directory(
    plan: &Plan,
    rounds: Range<usize>,
    seed: u64,
    installation: &Installation,
) -> anyhow::Result<(Vec<Round>, usize, usize)> {
    let records = records(rounds.len() * STRETCH * RECORDS_EACH, seed);
    let outbox = Outbox::new(installation, &records, RECORDS_EACH);
    let executions = executions_by_request(&records);
    let is_over = AtomicBool::new(false);
    let (outcomes, promised) = thread::scope(|scope| {
        let operator = scope.spawn(|| operator::work(installation, &is_over));
        let mut chance = StdRng::seed_from_u64(seed);
        let outcomes = while_sending(&outbox, CONNECTIONS, || {
            rounds
                .enumerate()
                .map(|(at, round)| {
                    let fault = plan.faults[round % plan.faults.len()];
                    let stretch = at * STRETCH..((at + 1) * STRETCH).min(outbox.len());
                    crash(fault, stretch, &mut chance, installation, &outbox, &executions)
                        .with_context(|| format!("round {round}: {}", fault.label()))
                })
                .collect::<anyhow::Result<Vec<Round>>>()
        });
        is_over.store(true, Ordering::Relaxed);
        let promised = operator.join();
        let promised = promised.map_err(|_| anyhow::anyhow!("the operator panicked"))?;
        anyhow::Ok((outcomes?, promised))
    })?;
    let mut server = installation.start()?;
    wait_until_serving(installation, &mut server)?;
    installation.wait_until_projected(PROJECTION_TIMEOUT)?;
    let (things, _) = compare(&records, installation)?;
    let (shown, listed) = (live::snapshot(installation)?, live::listed(installation)?);
    ensure!(
        shown == listed,
        "a live page shows {shown:?}, the store has {listed:?}"
    );
    promised.check(installation)?;
    installation.command(&["store", "verify"])?;
    server.stop()?;
    Ok((outcomes, things, promised.len()))
}

/// Kills the server, starts it again, and looks whether everything acknowledged is there.
fn crash(
    fault: Fault,
    stretch: Range<usize>,
    chance: &mut StdRng,
    installation: &Installation,
    outbox: &Outbox,
    executions: &[u64],
) -> anyhow::Result<Round> {
    let armed = fault.armed(chance);
    let mut variables = vec![
        ("TACHO_JOURNAL__SEGMENT_BYTES", SEGMENT_BYTES),
        ("TACHO_STORE__CHECKPOINT_BYTES", fault.checkpoint_bytes()),
    ];
    if let Some(armed) = &armed {
        variables.push(("TACHO_FAIL_POINT", armed));
    }
    let mut server = installation.start_with(&variables)?;
    // The last request is never sent before the kill at a random moment.
    let is_random = matches!(fault, Fault::Serving | Fault::Starting);
    outbox.allow(stretch.end - usize::from(is_random));
    match fault {
        Fault::Starting => {
            thread::sleep(Duration::from_micros(chance.random_range(0..150_000)));
            server.kill()?;
        }
        Fault::Serving => {
            server.wait_until_ready()?;
            let moment = chance.random_range(stretch.start..stretch.end - 1);
            while outbox.acknowledged() < moment && !outbox.is_over() {
                thread::sleep(WAIT);
            }
            thread::sleep(Duration::from_micros(chance.random_range(0..20_000)));
            server.kill()?;
        }
        Fault::At(_) | Fault::Checkpoint => {
            let sent_at = Instant::now();
            while !server.has_ended()? {
                ensure!(
                    sent_at.elapsed() < REACH_TIMEOUT,
                    "{armed:?} was not reached: {} of {} requests are acknowledged",
                    outbox.acknowledged(),
                    stretch.end
                );
                thread::sleep(WAIT);
            }
        }
    }
    // As it is run by default, but for what the round needs to see the same files.
    let mut server = installation.start_with(&variables[..1])?;
    let restart = wait_until_serving(installation, &mut server)?;
    send_up_to(outbox, stretch.end)?;
    installation.wait_until_projected(PROJECTION_TIMEOUT)?;
    let (counted, sent) = (installation.count_executions()?, executions[stretch.end - 1]);
    ensure!(counted == sent, "{counted} executions, {sent} were acknowledged");
    server.kill()?;
    Ok(Round { fault, restart })
}

/// How many different executions there are up to the end of each request.
fn executions_by_request(records: &[Record]) -> Vec<u64> {
    let mut known = BTreeSet::new();
    records
        .chunks(RECORDS_EACH)
        .map(|records| {
            let executions = records
                .iter()
                .filter(|record| record.record_type == RecordType::Execution);
            known.extend(executions.map(|record| (record.id.clone(), record.attempt)));
            known.len() as u64
        })
        .collect()
}
