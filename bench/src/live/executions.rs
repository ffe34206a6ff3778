//! Clients that watch executions one by one: how long after its acknowledgement a record is seen.

use std::time::Duration;

use anyhow::{Context, ensure};

use super::board::{Board, Frame, Said};
use super::clients::Clients;
use super::runs::{Clock, Sent, send};
use super::{Case, Watched, cpu, cpu_since, start, wait_until_told};
use crate::latency::Latencies;
use crate::server::Installation;

const SUBSCRIBE: &str = r#"{"type":"subscribe","channel":"executions"}"#;

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
    let frames = frames(board);
    let mut is_ended = vec![false; sent.executions() as usize];
    for number in frames.iter().flat_map(|(_, _, ended)| ended.iter()) {
        if let Some(is_ended) = is_ended.get_mut(*number as usize) {
            *is_ended = true;
        }
    }
    let shown = is_ended.iter().filter(|is_ended| **is_ended).count();
    if shown < is_ended.len() {
        return Some(format!("{shown} were shown to end"));
    }
    match frames.last()? {
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

fn watched(board: &Board, sent: &Sent, clients: usize, cpu: (f64, f64)) -> anyhow::Result<Watched> {
    let executions = sent.executions() as usize;
    let (mut is_begun, mut is_ended) = (vec![false; executions], vec![false; executions]);
    let mut latencies = Latencies::default();
    let (mut told, mut count) = (0, 0);
    for (frame, begun, ended) in frames(board) {
        count += 1;
        told += frame.arrivals.len() as u64;
        let mut show = |is_shown: &mut [bool], number: u64, acknowledged: Option<i64>| {
            let is_shown = is_shown
                .get_mut(number as usize)
                .context("an execution that was not sent")?;
            if !std::mem::replace(is_shown, true) {
                let acknowledged = acknowledged.context("an execution that was not sent")?;
                for arrived in &frame.arrivals {
                    // What is shown before it is acknowledged took no time.
                    let micros = u64::try_from(arrived - acknowledged).unwrap_or(0);
                    latencies.record(Duration::from_micros(micros));
                }
            }
            anyhow::Ok(())
        };
        for number in begun {
            show(&mut is_begun, *number, sent.begin_acknowledged(*number))?;
        }
        for number in ended {
            show(&mut is_begun, *number, sent.begin_acknowledged(*number))?;
            show(&mut is_ended, *number, sent.end_acknowledged(*number))?;
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
        frames: count,
        told,
        skipped: board.skipped,
        latencies,
        intervals: Latencies::default(),
        cpu,
    })
}
