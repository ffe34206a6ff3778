//! Sending: a year of executions as fast as the server takes them, and records at a rate while questions are asked.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use tacho_core::record::wire::write_json_line;
use tacho_core::{RecordType, Timestamp};

use crate::bodies::{self, Template};
use crate::history::History;
use crate::http::{Connection, records_head};
use crate::query::Case;
use crate::server::Installation;

const RECORDS_EACH: usize = 5_000;
/// Bodies that wait to be sent.
const BODIES_WAITING: usize = 16;
const SENDERS: usize = 4;
/// Records of a request that comes in while questions are asked.
const RECORDS_BESIDE: usize = 200;
/// How long the store may take to catch up.
const PROJECTION_TIMEOUT: Duration = Duration::from_secs(3_600);

/// A data directory with a year of executions, and where they come from.
pub(crate) struct Filled {
    pub(crate) installation: Installation,
    pub(crate) history: History,
    /// How long it took until all were in the store, if they were not there before.
    pub(crate) took: Option<Duration>,
}

/// The filled data directory that was kept, or a new one in `temporary` or beside where it is to be kept.
pub(crate) fn filled(case: &Case, temporary: PathBuf) -> anyhow::Result<Filled> {
    if !case.is_kept {
        return fill_new(case, temporary);
    }
    let kept = case.kept();
    let history_path = kept.with_extension("json");
    if let Some(installation) = Installation::reopen(&case.binary, &kept)? {
        return Ok(Filled {
            installation,
            history: History::read(&history_path)?,
            took: None,
        });
    }
    let filled = fill_new(case, kept)?;
    filled.history.write(&history_path)?;
    filled.installation.keep()?;
    Ok(filled)
}

/// The same, but what is kept stays as it was filled: a copy of it in `temporary` is there to be changed.
pub(crate) fn filled_copy(case: &Case, temporary: PathBuf) -> anyhow::Result<Filled> {
    let filled = filled(case, temporary.clone())?;
    Ok(match case.is_kept {
        true => Filled {
            installation: filled.installation.copied(temporary)?,
            ..filled
        },
        false => filled,
    })
}

fn fill_new(case: &Case, directory: PathBuf) -> anyhow::Result<Filled> {
    let installation = Installation::create(&case.binary, directory)?;
    let history = History {
        executions: case.executions,
        until: Timestamp::from(SystemTime::now()),
    };
    let started = Instant::now();
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let sent = send_all(&installation, &history)?;
    installation.wait_until_projected(PROJECTION_TIMEOUT)?;
    let took = started.elapsed();
    let counted = installation.count_executions()?;
    anyhow::ensure!(
        counted == sent,
        "{counted} executions are counted, {sent} were sent"
    );
    eprintln!("  {counted} executions in {:.0} s", took.as_secs_f64());
    server.stop()?;
    Ok(Filled {
        installation,
        history,
        took: Some(took),
    })
}

/// Sends what a history tells. Returns how many executions that were.
fn send_all(installation: &Installation, history: &History) -> anyhow::Result<u64> {
    let (sender, bodies) = mpsc::sync_channel::<Vec<u8>>(BODIES_WAITING);
    let bodies = Mutex::new(bodies);
    thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                scope.spawn(|| -> anyhow::Result<()> {
                    let mut connection = Connection::open(installation.address)?;
                    loop {
                        let next = bodies
                            .lock()
                            .map_err(|_| anyhow::anyhow!("a sender panicked"))?
                            .recv();
                        let Ok(body) = next else { return Ok(()) };
                        send(&mut connection, installation, &body)?;
                    }
                })
            })
            .collect();
        let mut sent = 0;
        let (mut body, mut records) = (Vec::new(), 0);
        for record in history.records() {
            sent += u64::from(record.record_type == RecordType::Execution);
            write_json_line(&record, &mut body);
            records += 1;
            if records == RECORDS_EACH {
                sender
                    .send(std::mem::take(&mut body))
                    .context("the senders are gone")?;
                records = 0;
            }
        }
        if records > 0 {
            sender.send(body).context("the senders are gone")?;
        }
        drop(sender);
        for sender in senders {
            sender
                .join()
                .map_err(|_| anyhow::anyhow!("a sender panicked"))??;
        }
        Ok(sent)
    })
}

/// Sends a body until it is accepted.
fn send(connection: &mut Connection, installation: &Installation, body: &[u8]) -> anyhow::Result<()> {
    let head = records_head(&installation.key, false, body.len());
    loop {
        let answer = connection.exchange(&head, body)?;
        match (answer.status, answer.retry_after_seconds) {
            (202, _) => {
                let answer = answer.json()?;
                anyhow::ensure!(
                    answer["rejected"].as_array().is_none_or(Vec::is_empty),
                    "records were rejected: {}",
                    answer["rejected"]
                );
                return Ok(());
            }
            (503, Some(seconds)) => thread::sleep(Duration::from_secs(seconds)),
            _ => drop(answer.json()?),
        }
    }
}

/// Does something while records come in at a rate, over several connections. Returns how many a second were accepted.
pub(crate) fn while_records_come_in(
    installation: &Installation,
    per_second: u64,
    work: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<f64> {
    let records = bodies::executions(Timestamp::from(SystemTime::now()), 11);
    let templates = bodies::templates(&records, RECORDS_BESIDE);
    let started = Instant::now();
    let (is_over, slots) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|number| {
                let mut own: Vec<Template> =
                    templates.iter().skip(number).step_by(SENDERS).cloned().collect();
                let (is_over, slots) = (&is_over, &slots);
                scope.spawn(move || -> anyhow::Result<u64> {
                    let mut connection = Connection::open(installation.address)?;
                    let mut accepted = 0;
                    while !is_over.load(Ordering::Acquire) {
                        let slot = slots.fetch_add(1, Ordering::Relaxed);
                        let first = slot * RECORDS_BESIDE as u64;
                        let due = started + Duration::from_secs_f64(first as f64 / per_second as f64);
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        let kinds = own.len();
                        let body = own[slot as usize % kinds].numbered(first);
                        send(&mut connection, installation, body)?;
                        accepted += RECORDS_BESIDE as u64;
                    }
                    Ok(accepted)
                })
            })
            .collect();
        let done = work();
        is_over.store(true, Ordering::Release);
        let mut accepted = 0;
        for sender in senders {
            accepted += sender
                .join()
                .map_err(|_| anyhow::anyhow!("a sender panicked"))??;
        }
        done?;
        Ok(accepted as f64 / started.elapsed().as_secs_f64())
    })
}
