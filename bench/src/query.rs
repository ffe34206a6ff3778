//! Questions: a year of executions is sent to a server, and the questions that pages ask are timed over HTTP, with rollups
//! and without, alone and while records come in.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use serde_json::{Value, json};
use tacho_core::record::wire::write_json_line;
use tacho_core::{RecordType, Timestamp};
use tacho_demo::{Config, Generator, TypeSet};

use crate::bodies::{Template, executions};
use crate::http::{Connection, records_head};
use crate::latency::Latencies;
use crate::server::{Installation, query_head};

const YEAR_MICROS: i64 = 365 * 86_400_000_000;
const WORKFLOWS: usize = 500;
const RECORDS_EACH: usize = 5_000;
/// Bodies that wait to be sent.
const BODIES_WAITING: usize = 16;
const SENDERS: usize = 4;
/// How long the store may take to catch up.
const PROJECTION_TIMEOUT: Duration = Duration::from_secs(3_600);

/// What is measured.
#[derive(Clone, Debug)]
pub struct Case {
    /// The server's binary.
    pub binary: PathBuf,
    /// Where its data goes.
    pub directory: PathBuf,
    /// Whether the filled data directory stays there, to be asked again another time.
    pub is_kept: bool,
    /// Executions of the year.
    pub executions: u64,
    /// How often each question is asked.
    pub rounds: usize,
    /// Records a second that come in during the second half.
    pub beside_per_second: u64,
}

/// What came out.
#[derive(Debug)]
pub struct Figures {
    /// Each question.
    pub questions: Vec<Timed>,
    /// Executions counted by a query at the end of sending.
    pub executions: u64,
    /// How long it took until all were in the store, if they were not there before.
    pub filled: Option<Duration>,
    /// Bytes of the store, cubes included.
    pub store_bytes: u64,
}

/// How long a question took.
#[derive(Debug)]
pub struct Timed {
    /// What it asks.
    pub name: &'static str,
    /// What the server says it was answered from.
    pub served_by: String,
    /// The first time, by a server that has just been started.
    pub first: Duration,
    /// With rollups.
    pub alone: Latencies,
    /// From rows.
    pub raw: Latencies,
    /// With rollups while records come in.
    pub beside: Latencies,
}

/// The questions that Overview, the workflow page and the cost page ask.
fn questions(workflow: &str) -> Vec<(&'static str, Value)> {
    let kpis = json!(["count", "success_rate", "count_failed", "duration_avg", "cost"]);
    let of_workflow = json!([{"field": "workflow", "op": "eq", "value": workflow}]);
    let executions = |mut question: Value| {
        question["source"] = json!("executions");
        if question["timezone"].is_null() {
            question["timezone"] = json!("Europe/Berlin");
        }
        question
    };
    vec![
        (
            "figures of the month, compared",
            executions(json!({"measures": kpis, "time": {"period": "month"}, "compare": "previous_period"})),
        ),
        (
            "figures of the year, compared",
            executions(json!({"measures": kpis, "time": {"period": "year"}, "compare": "previous_period"})),
        ),
        (
            "month by day and status",
            executions(
                json!({"measures": ["count"], "dimensions": ["status"], "granularity": "day",
                              "time": {"period": "month"}}),
            ),
        ),
        (
            "year by week and status",
            executions(
                json!({"measures": ["count"], "dimensions": ["status"], "granularity": "week",
                              "time": {"period": "year"}}),
            ),
        ),
        (
            "day by hour",
            executions(
                json!({"measures": ["count", "success_rate"], "granularity": "hour",
                              "time": {"last": "24h"}}),
            ),
        ),
        (
            "ten workflows with most runs, month",
            executions(
                json!({"measures": ["count", "success_rate", "duration_avg"], "dimensions": ["workflow"],
                              "time": {"period": "month"}, "limit": 10}),
            ),
        ),
        (
            "ten workflows with most failures, year",
            executions(
                json!({"measures": ["count_failed", "count"], "dimensions": ["workflow"],
                              "time": {"period": "year"}, "limit": 10, "other": true}),
            ),
        ),
        (
            "cost of the year by month",
            executions(
                json!({"measures": ["cost", "credits"], "granularity": "month", "time": {"period": "year"}}),
            ),
        ),
        (
            "cost of the year by workflow",
            executions(
                json!({"measures": ["cost", "cost_per_execution"], "dimensions": ["workflow"],
                              "time": {"period": "year"}, "limit": 10}),
            ),
        ),
        (
            "figures of one workflow, month",
            executions(json!({"measures": kpis, "filters": of_workflow, "time": {"period": "month"}})),
        ),
        (
            "one workflow by day, month",
            executions(
                json!({"measures": ["count", "success_rate"], "filters": of_workflow, "granularity": "day",
                              "timezone": "UTC", "time": {"period": "month"}}),
            ),
        ),
        (
            "95th percentile by workflow, month",
            executions(json!({"measures": ["duration_p95"], "dimensions": ["workflow"],
                              "time": {"period": "month"}, "limit": 10})),
        ),
    ]
}

/// Fills a server and asks it.
///
/// # Errors
/// If the server fails, or counts something else than was sent.
pub fn measure(case: &Case) -> anyhow::Result<Figures> {
    let temporary = tempfile::tempdir_in(&case.directory)?;
    let kept = case.directory.join(format!("query-{}", case.executions));
    let known = match case.is_kept {
        true => Installation::reopen(&case.binary, &kept)?,
        false => None,
    };
    let (installation, filled) = match known {
        Some(installation) => (installation, None),
        None => {
            let directory = match case.is_kept {
                true => kept,
                false => temporary.path().join("data"),
            };
            let (installation, filled) = create_filled(case, directory)?;
            (installation, Some(filled))
        }
    };
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let counted = installation.count_executions()?;
    let store_bytes = installation.system()?["store"]["bytes"].as_u64().unwrap_or(0);
    let workflow = busiest_workflow(&installation)?;
    server.stop()?;
    let mut timed = Vec::new();
    for (name, question) in questions(&workflow) {
        let mut server = installation.start()?;
        server.wait_until_ready()?;
        let (first, answer) = ask(
            &mut Connection::open(installation.address)?,
            &installation,
            &question,
        )?;
        timed.push(Timed {
            name,
            served_by: answer["meta"]["served_by"].as_str().unwrap_or("?").to_owned(),
            first,
            alone: Latencies::default(),
            raw: Latencies::default(),
            beside: Latencies::default(),
        });
        server.stop()?;
    }
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    for (timed, (_, question)) in timed.iter_mut().zip(questions(&workflow)) {
        eprintln!("  {}", timed.name);
        timed.alone = ask_often(&installation, &question, case.rounds)?;
    }
    let is_over = AtomicBool::new(false);
    let sent_beside = AtomicU64::new(0);
    thread::scope(|scope| -> anyhow::Result<()> {
        let sender =
            scope.spawn(|| send_beside(&installation, case.beside_per_second, &is_over, &sent_beside));
        for (timed, (_, question)) in timed.iter_mut().zip(questions(&workflow)) {
            timed.beside = ask_often(&installation, &question, case.rounds)?;
        }
        is_over.store(true, Ordering::Release);
        sender
            .join()
            .map_err(|_| anyhow::anyhow!("the sender panicked"))?
    })?;
    eprintln!("  {} records came in beside", sent_beside.into_inner());
    server.stop()?;
    let mut server = installation.start_with(&[("TACHO_QUERY__USES_ROLLUPS", "false")])?;
    server.wait_until_ready()?;
    for (timed, (_, question)) in timed.iter_mut().zip(questions(&workflow)) {
        timed.raw = ask_often(&installation, &question, case.rounds.min(15))?;
    }
    server.stop()?;
    Ok(Figures {
        questions: timed,
        executions: counted,
        filled,
        store_bytes,
    })
}

/// A data directory with a year of executions, and how long it took to fill it.
fn create_filled(case: &Case, directory: PathBuf) -> anyhow::Result<(Installation, Duration)> {
    let installation = Installation::create(&case.binary, directory)?;
    let until = Timestamp::from(SystemTime::now());
    let started = Instant::now();
    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let sent = fill(&installation, case.executions, until)?;
    installation.wait_until_projected(PROJECTION_TIMEOUT)?;
    let filled = started.elapsed();
    let counted = installation.count_executions()?;
    anyhow::ensure!(
        counted == sent,
        "{counted} executions are counted, {sent} were sent"
    );
    eprintln!("  {counted} executions in {:.0} s", filled.as_secs_f64());
    server.stop()?;
    if case.is_kept {
        installation.keep()?;
    }
    Ok((installation, filled))
}

/// Sends a year of executions that ends now. Returns how many.
fn fill(installation: &Installation, executions: u64, until: Timestamp) -> anyhow::Result<u64> {
    let mut config = Config::new(7, until.plus_micros(-YEAR_MICROS), until, WORKFLOWS, executions);
    config.types = TypeSet::of(&[RecordType::Workflow, RecordType::Execution]);
    let (sender, bodies) = mpsc::sync_channel::<Vec<u8>>(BODIES_WAITING);
    let bodies = std::sync::Mutex::new(bodies);
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
        for record in Generator::new(config) {
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

/// Sends records at a rate, until told to stop.
fn send_beside(
    installation: &Installation,
    per_second: u64,
    is_over: &AtomicBool,
    sent: &AtomicU64,
) -> anyhow::Result<()> {
    const RECORDS: usize = 200;
    let records = executions(Timestamp::from(SystemTime::now()), 11);
    let mut bytes = Vec::new();
    for record in records.iter().take(RECORDS) {
        write_json_line(record, &mut bytes);
    }
    let mut template = Template::new(bytes);
    let mut connection = Connection::open(installation.address)?;
    let started = Instant::now();
    let mut number = 0;
    while !is_over.load(Ordering::Acquire) {
        let due = started + Duration::from_secs_f64(number as f64 / per_second as f64);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        send(&mut connection, installation, template.numbered(number))?;
        number += RECORDS as u64;
        sent.store(number, Ordering::Release);
    }
    Ok(())
}

fn busiest_workflow(installation: &Installation) -> anyhow::Result<String> {
    let question = json!({"source": "executions", "measures": ["count"], "dimensions": ["workflow"],
                          "time": {"period": "year"}, "limit": 1});
    let (_, answer) = ask(
        &mut Connection::open(installation.address)?,
        installation,
        &question,
    )?;
    let id = answer["rows"][0][0].as_str();
    id.map(str::to_owned)
        .with_context(|| format!("no workflow in {answer}"))
}

fn ask_often(installation: &Installation, question: &Value, rounds: usize) -> anyhow::Result<Latencies> {
    let mut connection = Connection::open(installation.address)?;
    let mut latencies = Latencies::default();
    for round in 0..rounds + 2 {
        let (took, _) = ask(&mut connection, installation, question)?;
        // The first two warm up.
        if round >= 2 {
            latencies.record(took);
        }
    }
    Ok(latencies)
}

fn ask(
    connection: &mut Connection,
    installation: &Installation,
    question: &Value,
) -> anyhow::Result<(Duration, Value)> {
    let body = question.to_string();
    let started = Instant::now();
    let answer = connection.exchange(&query_head(&installation.key, body.len()), body.as_bytes())?;
    let took = started.elapsed();
    Ok((took, answer.json()?))
}
