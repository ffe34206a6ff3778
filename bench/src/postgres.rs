//! The peer: PostgreSQL with the tables of PRD-010 (section 7.2.3), receiving the same records in the same batches over the
//! same number of connections, each batch one durable transaction.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{bail, ensure};
use postgres::Client;
use serde_json::{Map, Value, json};
use tacho_core::record::wire::write_json;
use tacho_core::{Record, Timestamp};

use crate::bodies::{self, Template};
use crate::cluster::Cluster;
use crate::latency::Latencies;
use crate::process;

const TASKS: usize = 1_000;
const USERS: usize = 50;

/// The tables as PRD-010 names them, with the indexes that its queries need. `id` is the sender's, unique, so that a
/// duplicate does not count twice.
const SCHEMA: &str = r#"
CREATE TABLE scheduled_browser_tasks (
    id INT PRIMARY KEY, "userId" INT NOT NULL, status VARCHAR(32) NOT NULL, "lastRun" TIMESTAMP, "lastRunStatus" VARCHAR(32),
    "nextRun" TIMESTAMP, "executionCount" INT NOT NULL DEFAULT 0, "successCount" INT NOT NULL DEFAULT 0,
    "failureCount" INT NOT NULL DEFAULT 0, "averageDuration" INT);
CREATE INDEX ON scheduled_browser_tasks ("userId");
CREATE TABLE scheduled_task_executions (
    id VARCHAR(64) PRIMARY KEY, "taskId" INT NOT NULL REFERENCES scheduled_browser_tasks (id), status VARCHAR(32) NOT NULL,
    "triggerType" VARCHAR(32), "attemptNumber" INT NOT NULL, "startedAt" TIMESTAMP, "completedAt" TIMESTAMP, duration INT,
    error TEXT, metadata JSONB);
CREATE INDEX ON scheduled_task_executions ("taskId", "startedAt");
CREATE INDEX ON scheduled_task_executions (status);
CREATE TABLE cron_job_registry (
    "taskId" INT NOT NULL UNIQUE REFERENCES scheduled_browser_tasks (id), "isRunning" BOOLEAN NOT NULL, metadata JSONB);
"#;
const COLUMNS: &str = r#"id, "taskId", status, "triggerType", "attemptNumber", "startedAt", "completedAt", duration, error, metadata"#;

/// How a batch goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `COPY … FROM STDIN`. Fast, but one duplicate fails the batch.
    Copy,
    /// `INSERT … VALUES (…), (…) … ON CONFLICT DO NOTHING`.
    Insert,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Rows committed.
    pub rows: u64,
    /// In that time.
    pub elapsed: Duration,
    /// From sending a batch to its commit.
    pub latencies: Latencies,
    /// Processor seconds of the server's processes, and of the sender.
    pub cpu: (f64, f64),
    /// Bytes of table and indexes a row.
    pub row_bytes: f64,
    /// Bytes of write-ahead log a row.
    pub log_bytes: f64,
}

/// Measures.
///
/// # Errors
/// If PostgreSQL does not start, a batch fails, or the count is not what was committed.
pub fn measure(
    method: Method,
    records_each: usize,
    connections: usize,
    length: Duration,
    directory: &Path,
) -> anyhow::Result<Figures> {
    let scratch = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in(directory)?;
    let most_connections = format!("max_connections={}", connections + 10);
    let cluster = Cluster::start(&scratch.path().join("postgres"), &[&most_connections])?;
    let mut client = cluster.connect()?;
    client.batch_execute(SCHEMA)?;
    client.batch_execute(&format!(
        "INSERT INTO scheduled_browser_tasks (id, \"userId\", status) SELECT n, n % {USERS}, 'active' FROM generate_series(1, {TASKS}) n"
    ))?;
    let records = bodies::executions(Timestamp::from(SystemTime::now()), 1);
    let batches: Vec<Template> = records
        .chunks_exact(records_each)
        .map(|records| batch(method, records))
        .collect::<anyhow::Result<_>>()?;
    let position = "SELECT (pg_current_wal_insert_lsn() - '0/0')::BIGINT";
    let log_before: i64 = client.query_one(position, &[])?.get(0);
    let pid = cluster.pid()?;
    let cpu_before = (
        process::family_cpu_seconds(pid)?,
        process::cpu_seconds(std::process::id())?,
    );
    let clients = (0..connections)
        .map(|_| cluster.connect())
        .collect::<anyhow::Result<Vec<Client>>>()?;

    let start = Instant::now();
    let sent = AtomicU64::new(0);
    let results: Vec<anyhow::Result<(Latencies, Client)>> = thread::scope(|scope| {
        let threads: Vec<_> = clients
            .into_iter()
            .enumerate()
            .map(|(number, client)| {
                let own = (number % batches.len()..batches.len()).step_by(connections);
                let batches: Vec<Template> = own.map(|at| batches[at].clone()).collect();
                let sent = &sent;
                scope.spawn(move || send(method, client, batches, sent, start + length))
            })
            .collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|result| result.unwrap_or_else(|_| bail!("a sender panicked")))
            .collect()
    });
    let elapsed = start.elapsed();
    let mut latencies = Latencies::default();
    let mut kept = Vec::new();
    for result in results {
        let (some, client) = result?;
        latencies.merge(some);
        // Open until the processor time is read: a server process that has ended is not seen any more.
        kept.push(client);
    }
    let cpu = (
        process::family_cpu_seconds(pid)? - cpu_before.0,
        process::cpu_seconds(std::process::id())? - cpu_before.1,
    );
    let rows = (latencies.count() * records_each) as u64;
    let counted: i64 = client
        .query_one("SELECT count(*) FROM scheduled_task_executions", &[])?
        .get(0);
    ensure!(
        counted.unsigned_abs() == rows,
        "{rows} rows were committed, but PostgreSQL counts {counted}"
    );
    let log_after: i64 = client.query_one(position, &[])?.get(0);
    let size: i64 = client
        .query_one("SELECT pg_total_relation_size('scheduled_task_executions')", &[])?
        .get(0);
    let row_bytes = size as f64 / rows as f64;
    Ok(Figures {
        rows,
        elapsed,
        latencies,
        cpu,
        row_bytes,
        log_bytes: (log_after - log_before) as f64 / rows as f64,
    })
}

fn send(
    method: Method,
    mut client: Client,
    mut batches: Vec<Template>,
    sent: &AtomicU64,
    end: Instant,
) -> anyhow::Result<(Latencies, Client)> {
    let copy = format!("COPY scheduled_task_executions ({COLUMNS}) FROM STDIN");
    let mut latencies = Latencies::default();
    let kinds = batches.len();
    while Instant::now() < end {
        let number = sent.fetch_add(1, Ordering::Relaxed);
        let batch = &mut batches[number as usize % kinds];
        let records = batch.records() as u64;
        let text = batch.numbered(number * records);
        let begun = Instant::now();
        match method {
            Method::Copy => {
                let mut writer = client.copy_in(&copy)?;
                std::io::Write::write_all(&mut writer, text)?;
                ensure!(writer.finish()? == records, "not all rows were copied");
            }
            Method::Insert => client.batch_execute(std::str::from_utf8(text)?)?,
        }
        latencies.record(begun.elapsed());
    }
    Ok((latencies, client))
}

fn batch(method: Method, records: &[Record]) -> anyhow::Result<Template> {
    let rows: Vec<[Option<String>; 10]> = records.iter().map(row).collect::<anyhow::Result<_>>()?;
    let text = match method {
        Method::Copy => rows
            .iter()
            .map(|row| row.iter().map(copied).collect::<Vec<_>>().join("\t") + "\n")
            .collect(),
        Method::Insert => {
            let tuples: Vec<String> = rows
                .iter()
                .map(|row| format!("({})", row.iter().map(quoted).collect::<Vec<_>>().join(",")))
                .collect();
            format!(
                "INSERT INTO scheduled_task_executions ({COLUMNS}) VALUES {} ON CONFLICT DO NOTHING",
                tuples.join(",")
            )
        }
    };
    Ok(Template::new(text.into_bytes()))
}

fn copied(cell: &Option<String>) -> String {
    match cell {
        None => "\\N".into(),
        Some(text) => text
            .replace('\\', "\\\\")
            .replace('\t', "\\t")
            .replace('\n', "\\n")
            .replace('\r', "\\r"),
    }
}

fn quoted(cell: &Option<String>) -> String {
    match cell {
        None => "NULL".into(),
        Some(text) => format!("'{}'", text.replace('\'', "''")),
    }
}

/// A record as a row. What PRD-010 has no column for goes into `metadata`, as it does there.
fn row(record: &Record) -> anyhow::Result<[Option<String>; 10]> {
    let mut json = Vec::new();
    write_json(record, &mut json);
    let mut fields: Map<String, Value> = serde_json::from_slice(&json)?;
    let mut take = |name: &str| {
        fields.remove(name).map(|value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        })
    };
    let _ = (take("type"), take("user_id"));
    let task = take("workflow_id")
        .map(|workflow| (crc32fast::hash(workflow.as_bytes()) as usize % TASKS + 1).to_string());
    let attempt = take("attempt").unwrap_or_else(|| "1".into());
    let head = [
        take("id"),
        task,
        take("status"),
        take("trigger_type"),
        Some(attempt),
    ];
    let tail = [
        take("started_at"),
        take("completed_at"),
        take("duration_ms"),
        take("error_message"),
    ];
    let [id, task, status, trigger, attempt] = head;
    let [started, completed, duration, error] = tail;
    let metadata = json!(fields).to_string();
    Ok([
        id,
        task,
        status,
        trigger,
        attempt,
        started,
        completed,
        duration,
        error,
        Some(metadata),
    ])
}
