//! Clients that watch executions one by one: how long after its acknowledgement a record is seen.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, ensure};

use super::board::{Board, Frame, Said};
use super::clients::Clients;
use super::runs::{Clock, Sent, send};
use super::{Case, Watched, cpu, cpu_since, start, wait_until_told};
use crate::latency::Latencies;
use crate::server::Installation;

pub(super) const SUBSCRIBE: &str = r#"{"type":"subscribe","channel":"executions"}"#;

pub(super) fn measure(case: &Case) -> anyhow::Result<Watched> {
    let (count, records_per_second) = case.few;
    eprintln!("live: {count} clients watch {records_per_second} records a second");
    let temporary = tempfile::tempdir_in(&case.directory)?;
    let installation = Installation::create(&case.binary, temporary.path().join("data"))?;
    let server = start(&installation)?;
    let clock = Clock::start();
    let clients = Clients::connect(count, installation.address, &installation.key, clock)?;
    clients.subscribe(SUBSCRIBE, Duration::from_millis(500))?;
    let before = cpu(&server)?;
    let sent = send(&installation, clock, records_per_second, case.length)?;
    let cpu = cpu_since(&server, before, sent.elapsed)?;
    wait_until_told(&sent, || {
        clients.check()?;
        Ok(clients.look(|board| lack(board, &sent, count)))
    })?;
    let watched = clients.look(|board| watched(board, &sent, count, cpu))?;
    clients.leave()?;
    server.stop()?;
    Ok(watched)
}

/// Frames of executions in the order of their numbers.
fn frames(board: &Board) -> Vec<(&Frame, &[u64], &[u64])> {
    let told = board.frames.iter().filter_map(|frame| match &frame.said {
        Said::Executions { begun, ended, .. } => Some((frame, &begun[..], &ended[..])),
        Said::Metrics { .. } => None,
    });
    let mut told: Vec<_> = told.collect();
    told.sort_by_key(|(frame, ..)| (frame.position, frame.is_snapshot));
    told
}

/// What clients have not been told yet.
fn lack(board: &Board, sent: &Sent, clients: usize) -> Option<String> {
    let mut shown = 0;
    for frame in shown_by_frame(board, sent) {
        shown += frame.ended.len();
    }
    if shown < sent.executions() as usize {
        return Some(format!("{shown} were shown to end"));
    }
    match frames(board).last()? {
        (frame, ..) if frame.arrivals.len() < clients => Some(format!(
            "the last frame has reached {} clients",
            frame.arrivals.len()
        )),
        (
            Frame {
                said: Said::Executions { running, .. },
                ..
            },
            ..,
        ) if *running > 0 => Some(format!("{running} are said to run")),
        _ => None,
    }
}

/// What a frame is the first to show.
struct Shown<'a> {
    arrivals: &'a [i64],
    begun: Vec<u64>,
    ended: Vec<u64>,
}

fn shown_by_frame<'a>(board: &'a Board, sent: &Sent) -> Vec<Shown<'a>> {
    let executions = sent.executions();
    let (mut is_begun, mut is_ended) = (vec![false; executions as usize], vec![false; executions as usize]);
    let first_of = |is_shown: &mut [bool], number: u64| {
        let is_shown = is_shown.get_mut(number as usize);
        is_shown.is_some_and(|is_shown| !std::mem::replace(is_shown, true))
    };
    let mut shown = Vec::new();
    for (frame, begun, ended) in frames(board) {
        let mut ended = ended.to_vec();
        if frame.is_snapshot {
            // It names all that run. What has ended by then and is not named is shown to have ended.
            let arrived = frame.arrivals.iter().min().copied().unwrap_or(0);
            let is_over = |number: &u64| sent.end_acknowledged(*number).is_some_and(|at| at <= arrived);
            let named: HashSet<u64> = begun.iter().copied().collect();
            ended.extend(
                (0..executions)
                    .filter(is_over)
                    .filter(|number| !named.contains(number)),
            );
        }
        let begun = begun.iter().chain(&ended).copied();
        shown.push(Shown {
            arrivals: &frame.arrivals,
            begun: begun.filter(|number| first_of(&mut is_begun, *number)).collect(),
            ended: ended
                .iter()
                .copied()
                .filter(|number| first_of(&mut is_ended, *number))
                .collect(),
        });
    }
    shown
}

fn watched(board: &Board, sent: &Sent, clients: usize, cpu: (f64, f64)) -> anyhow::Result<Watched> {
    let mut latencies = Latencies::default();
    let (mut told, mut frames) = (0, 0);
    for Shown {
        arrivals,
        begun,
        ended,
    } in shown_by_frame(board, sent)
    {
        frames += 1;
        told += arrivals.len() as u64;
        let begun = begun.iter().map(|number| sent.begin_acknowledged(*number));
        for acknowledged in begun.chain(ended.iter().map(|number| sent.end_acknowledged(*number))) {
            let acknowledged = acknowledged.context("an execution that was not sent")?;
            for arrived in arrivals {
                // What is shown before it is acknowledged took no time.
                let micros = u64::try_from(arrived - acknowledged).unwrap_or(0);
                latencies.record(Duration::from_micros(micros));
            }
        }
    }
    let expected = sent.records() as usize * clients;
    ensure!(
        latencies.count() == expected,
        "of {expected} times that a client was to see a record, {} were in a frame of all",
        latencies.count()
    );
    Ok(Watched {
        clients,
        records: sent.records(),
        elapsed: sent.elapsed,
        frames,
        told,
        skipped: board.skipped,
        latencies,
        intervals: Latencies::default(),
        cpu,
    })
}
