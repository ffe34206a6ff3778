//! PostgreSQL with the tables of PRD-010 (section 7.2.3).

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use postgres::{Client, SimpleQueryMessage};
use serde_json::Value;

use super::Peer;
use super::rows::COLUMNS;
use crate::cluster::Cluster;

/// Beside those of every [`Cluster`]: room to sort and to hash, what an SSD and the machine's cache let the planner expect,
/// and as many helpers for a question as PostgreSQL takes by default.
const SETTINGS: [&str; 5] = [
    "work_mem=64MB",
    "maintenance_work_mem=512MB",
    "effective_cache_size=4GB",
    "random_page_cost=1.1",
    "max_parallel_workers_per_gather=2",
];

/// The tables that the questions read, all tasks being of one user, the organization.
const TABLES: &str = r#"
CREATE TABLE scheduled_browser_tasks (
    id INT PRIMARY KEY, "userId" INT NOT NULL, status VARCHAR(32) NOT NULL, "lastRun" TIMESTAMP, "lastRunStatus" VARCHAR(32),
    "nextRun" TIMESTAMP, "executionCount" INT NOT NULL DEFAULT 0, "successCount" INT NOT NULL DEFAULT 0,
    "failureCount" INT NOT NULL DEFAULT 0, "averageDuration" INT);
CREATE TABLE scheduled_task_executions (
    id BIGINT NOT NULL, "taskId" INT NOT NULL, status VARCHAR(32) NOT NULL,
    "triggerType" VARCHAR(32), "attemptNumber" INT NOT NULL, "startedAt" TIMESTAMP, "completedAt" TIMESTAMP, duration INT,
    "costMicros" BIGINT, error TEXT, metadata JSONB);
"#;

/// PRD-010 asks for "proper indexes" without naming them: those of its keys, and one for each thing by which its questions
/// look for executions.
const INDEXES: &str = r#"
ALTER TABLE scheduled_task_executions ADD PRIMARY KEY (id);
ALTER TABLE scheduled_task_executions ADD FOREIGN KEY ("taskId") REFERENCES scheduled_browser_tasks (id);
CREATE INDEX ON scheduled_browser_tasks ("userId");
CREATE INDEX ON scheduled_task_executions ("taskId", "startedAt");
CREATE INDEX ON scheduled_task_executions ("startedAt");
CREATE INDEX ON scheduled_task_executions (status);
"#;

pub(super) struct Postgres {
    /// Dropped before the cluster.
    client: Client,
    _cluster: Cluster,
}

impl Postgres {
    pub(super) fn start(directory: &Path) -> anyhow::Result<Self> {
        let cluster = Cluster::start(directory, &SETTINGS)?;
        Ok(Self {
            client: cluster.connect()?,
            _cluster: cluster,
        })
    }
}

impl Peer for Postgres {
    fn load(&mut self, rows: &Path, tasks: usize) -> anyhow::Result<()> {
        self.client.batch_execute(TABLES)?;
        self.client.batch_execute(&format!(
            r#"INSERT INTO scheduled_browser_tasks (id, "userId", status) SELECT n, 1, 'active' FROM generate_series(1, {tasks}) n"#
        ))?;
        let columns = COLUMNS.map(|column| format!("\"{column}\"")).join(", ");
        let copying = format!("COPY scheduled_task_executions ({columns}) FROM STDIN");
        let mut writer = self.client.copy_in(&copying)?;
        io::copy(
            &mut io::BufReader::with_capacity(1 << 16, File::open(rows)?),
            &mut writer,
        )?;
        writer.finish()?;
        self.client.batch_execute(INDEXES)?;
        for table in ["scheduled_browser_tasks", "scheduled_task_executions"] {
            self.client
                .batch_execute(&format!("VACUUM (FREEZE, ANALYZE) {table}"))?;
        }
        Ok(self.client.batch_execute("CHECKPOINT")?)
    }

    fn ask(&mut self, sql: &str) -> anyhow::Result<(Duration, Vec<Vec<Value>>)> {
        let started = Instant::now();
        let messages = self.client.simple_query(sql).with_context(|| sql.to_owned())?;
        let took = started.elapsed();
        let mut rows = Vec::new();
        for message in messages {
            if let SimpleQueryMessage::Row(row) = message {
                let cells = (0..row.len()).map(|at| row.get(at).map_or(Value::Null, Value::from));
                rows.push(cells.collect());
            }
        }
        ensure!(!rows.is_empty(), "no rows: {sql}");
        Ok((took, rows))
    }
}
