//! Thousands of clients that watch the counts of one dashboard: how old those are when they arrive, and what the clients
//! take up.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::ensure;
use tacho_core::Timestamp;

use super::board::{Board, Frame, Said};
use super::clients::Clients;
use super::full_load::full_load;
use super::runs::{Clock, Sent, send, send_before};
use super::{Case, Memory, Stretch, Watched, cpu, cpu_since, start, wait_until_told};
use crate::latency::Latencies;
use crate::process::resident_bytes;
use crate::server::{Installation, Server};

pub(super) const SUBSCRIBE: &str = r#"{"type":"subscribe","channel":"metrics","interval":"1s"}"#;
pub(super) const TOPIC: &str = "metrics:1s";
/// Clients that subscribe each second.
const SUBSCRIBING_PER_SECOND: usize = 1_000;
pub(super) const STORE_TIMEOUT: Duration = Duration::from_secs(120);
/// Memory has settled when it stays, to this share, for that many looks in a row.
const SETTLED_SHARE: f64 = 0.002;
const SETTLED_LOOKS: usize = 4;
const SETTLED_EVERY: Duration = Duration::from_millis(500);
const SETTLED_TIMEOUT: Duration = Duration::from_secs(15);

pub(super) fn measure(case: &Case) -> anyhow::Result<(Watched, Memory, Vec<Stretch>)> {
    let temporary = tempfile::tempdir_in(&case.directory)?;
    let installation = Installation::create(&case.binary, temporary.path().join("data"))?;
    let server = start(&installation)?;
    let clock = Clock::start();
    let before = send_before(&installation, Timestamp::from(SystemTime::now()))?;
    installation.wait_until_projected(STORE_TIMEOUT)?;
    // What is read for the first who watches is not a client's memory.
    let first = Clients::connect(1, installation.address, &installation.key, clock)?;
    let (clients, memory) = connect(case, &installation, &server, clock)?;
    let (watched, sent) = watch(case, &installation, &server, &clients, clock, before)?;
    let full = full_load(case, &installation, &server, &clients)?;
    let acknowledged: u64 = full.iter().map(|stretch| stretch.outcome.records).sum();
    let (counted, expected) = (
        installation.count_executions()?,
        before + sent.executions() + acknowledged,
    );
    ensure!(
        counted == expected,
        "{counted} executions are there of {expected}"
    );
    clients.leave()?;
    first.leave()?;
    server.stop()?;
    // What came before the first stretch was no stretch.
    Ok((watched, memory, full.into_iter().skip(1).collect()))
}

/// The time over which clients subscribe, or unsubscribe.
pub(super) fn spread(clients: usize) -> Duration {
    Duration::from_secs_f64(clients as f64 / SUBSCRIBING_PER_SECOND as f64)
}

/// Connects and subscribes everybody, and counts what they take up.
fn connect(
    case: &Case,
    installation: &Installation,
    server: &Server<'_>,
    clock: Clock,
) -> anyhow::Result<(Clients, Memory)> {
    let count = case.many.0;
    eprintln!("live: {count} clients connect");
    let before = settled(server)?;
    let clients = Clients::connect(count, installation.address, &installation.key, clock)?;
    clients.unsubscribe(TOPIC, spread(count))?;
    let connected = settled(server)?;
    clients.subscribe(SUBSCRIBE, spread(count))?;
    let memory = Memory {
        clients: count,
        before,
        connected,
        subscribed: settled(server)?,
    };
    Ok((clients, memory))
}

/// The server's memory once it does not change any more.
fn settled(server: &Server<'_>) -> anyhow::Result<u64> {
    let started = Instant::now();
    let mut last = resident_bytes(server.pid())?;
    let mut looks = 0;
    while looks < SETTLED_LOOKS && started.elapsed() < SETTLED_TIMEOUT {
        thread::sleep(SETTLED_EVERY);
        let now = resident_bytes(server.pid())?;
        let is_same = now.abs_diff(last) as f64 <= last as f64 * SETTLED_SHARE;
        looks = if is_same { looks + 1 } else { 0 };
        last = now;
    }
    Ok(last)
}

fn watch(
    case: &Case,
    installation: &Installation,
    server: &Server<'_>,
    clients: &Clients,
    clock: Clock,
    before: u64,
) -> anyhow::Result<(Watched, Sent)> {
    let (count, records_per_second) = case.many;
    eprintln!("live: {count} clients watch {records_per_second} records a second");
    let (cpu_before, start) = (cpu(server)?, clock.now());
    let sent = send(installation, clock, records_per_second, case.length)?;
    let cpu = cpu_since(server, cpu_before, sent.elapsed)?;
    let end = clock.now();
    wait_until_told(&sent, || {
        clients.check()?;
        Ok(clients.look(|board| lack(board, before + sent.executions(), count)))
    })?;
    let (latencies, intervals, told) =
        clients.look(|board| latencies(board, &sent.acknowledgements(), before, start..end));
    let watched = Watched {
        clients: count,
        records: sent.records(),
        elapsed: sent.elapsed,
        frames: intervals.count() as u64 + 1,
        told,
        skipped: clients.look(|board| board.skipped),
        latencies,
        intervals,
        cpu,
    };
    Ok((watched, sent))
}

/// What the last frame does not say as it is, or whom it has not reached.
fn lack(board: &Board, executions: u64, clients: usize) -> Option<String> {
    let last = board.frames.iter().filter(|frame| !frame.is_snapshot);
    match last.max_by_key(|frame| frame.position)? {
        Frame { arrivals, .. } if arrivals.len() < clients => {
            Some(format!("the last frame has reached {} clients", arrivals.len()))
        }
        Frame {
            said:
                Said::Metrics {
                    running: 0,
                    starts,
                    finishes,
                    ..
                },
            ..
        } if (*starts, *finishes) == (executions, executions) => None,
        frame => Some(format!("the last frame says {:?}", frame.said)),
    }
}

/// How old frames made in a stretch of time were at each client, how far they were apart, and how many arrived.
fn latencies(
    board: &Board,
    acknowledgements: &[i64],
    before: u64,
    when: std::ops::Range<i64>,
) -> (Latencies, Latencies, u64) {
    let (mut latencies, mut intervals) = (Latencies::default(), Latencies::default());
    let mut made: Vec<(i64, u64, &[i64])> = Vec::new();
    for frame in board.frames.iter().filter(|frame| !frame.is_snapshot) {
        if let Said::Metrics {
            at, starts, finishes, ..
        } = frame.said
            && when.contains(&at)
        {
            made.push((
                at,
                (starts + finishes).saturating_sub(2 * before),
                &frame.arrivals,
            ));
        }
    }
    made.sort_unstable();
    for pair in made.windows(2) {
        intervals.record(micros(pair[1].0 - pair[0].0));
    }
    for (at, records, arrivals) in &made {
        let lacking_since = acknowledgements.get(*records as usize).copied();
        let true_until = lacking_since.map_or(*at, |since| since.min(*at));
        arrivals
            .iter()
            .for_each(|arrived| latencies.record(micros(arrived - true_until)));
    }
    let told = latencies.count() as u64;
    (latencies, intervals, told)
}

fn micros(count: i64) -> Duration {
    Duration::from_micros(u64::try_from(count).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_lacks_a_record_is_as_old_as_its_acknowledgement() {
        let metrics = |seq, at, records| {
            format!(
                "{{\"type\":\"metrics_update\",\"epoch\":1,\"seq\":{seq},\"is_snapshot\":{},\"at\":\"{}\",\
                 \"data\":{{\"running\":0,\"last_hour\":{{\"starts\":{records},\"finishes\":{records}}}}}}}",
                seq == 1,
                Timestamp::from_micros(at)
            )
        };
        let mut board = Board::default();
        let mut has = None;
        // Before, 10 executions; then 4 records, the last two acknowledged at 1,600 and 3,000.
        for (seq, at, executions) in [(1, 500, 10), (2, 1_000, 11), (3, 2_000, 11), (4, 3_500, 12)] {
            let text = metrics(seq, at, executions);
            has = Some(board.got(has, text.as_bytes(), at + 100).unwrap());
        }
        let (mut ages, mut intervals, told) = latencies(&board, &[800, 900, 1_600, 3_000], 10, 900..4_000);
        // The second is not lacking anything that was acknowledged when it was made; the third lacks what was at 1,600.
        assert_eq!(told, 3);
        assert_eq!(ages.quantile_ms(0.5), Some(0.1));
        assert_eq!(ages.quantile_ms(1.0), Some(0.5));
        assert_eq!((intervals.count(), intervals.quantile_ms(1.0)), (2, Some(1.5)));
        assert_eq!(lack(&board, 12, 1), None);
        assert!(lack(&board, 12, 2).is_some() && lack(&board, 13, 1).is_some());
    }
}
