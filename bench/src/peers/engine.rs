//! Engines inside a process of Python (`bench/engines.py`): DuckDB, and ClickHouse as chdb has it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::Peer;

const PROGRAM: &str = include_str!("../../engines.py");

/// The rows as they come, with the types that a user of DuckDB takes.
const DUCKDB: &str = r#"CREATE TABLE scheduled_task_executions AS SELECT * FROM read_csv('ROWS', delim = '\t', header = false,
    columns = {'id': 'BIGINT', 'taskId': 'INTEGER', 'status': 'VARCHAR', 'triggerType': 'VARCHAR', 'attemptNumber': 'INTEGER',
               'startedAt': 'TIMESTAMP', 'completedAt': 'TIMESTAMP', 'duration': 'INTEGER', 'costMicros': 'BIGINT'})"#;

const CLICKHOUSE_COLUMNS: &str = r#"id UInt64, "taskId" UInt32, status LowCardinality(String),
    "triggerType" LowCardinality(String), "attemptNumber" UInt32, "startedAt" DateTime64(6, 'UTC'),
    "completedAt" DateTime64(6, 'UTC'), duration UInt32, "costMicros" Int64"#;

/// An engine with what it takes to load it.
pub(super) struct Engine {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Statements, in which `ROWS` stands for the path of the rows.
    loading: Vec<String>,
}

impl Engine {
    pub(super) fn duckdb(python: &Path, directory: &Path) -> anyhow::Result<Self> {
        Self::start(
            python,
            "duckdb",
            directory,
            vec![DUCKDB.to_owned(), "CHECKPOINT".to_owned()],
        )
    }

    /// A `MergeTree` in parts of a month, each ordered by task and start. Of five ways to lay the table out (`startedAt` or
    /// `taskId, startedAt`, each with and without parts of a month, and day and task) this one answered ten million rows
    /// fastest over all questions: a fifth faster than the same parts ordered by `startedAt`, and more than twice as fast as
    /// `taskId, startedAt` without parts.
    pub(super) fn clickhouse(python: &Path, directory: &Path) -> anyhow::Result<Self> {
        let table = "scheduled_task_executions";
        let types = CLICKHOUSE_COLUMNS.replace('\'', "''");
        Self::start(
            python,
            "clickhouse",
            directory,
            vec![
                format!(
                    r#"CREATE TABLE {table} ({CLICKHOUSE_COLUMNS}) ENGINE = MergeTree
                    PARTITION BY toYYYYMM("startedAt") ORDER BY ("taskId", "startedAt")"#
                ),
                format!(
                    "INSERT INTO {table} SELECT * FROM file('ROWS', 'TSV', '{types}') \
                     SETTINGS date_time_input_format = 'best_effort'"
                ),
                format!("OPTIMIZE TABLE {table} FINAL"),
            ],
        )
    }

    fn start(python: &Path, name: &str, directory: &Path, loading: Vec<String>) -> anyhow::Result<Self> {
        fs::create_dir_all(directory)?;
        let mut child = Command::new(python)
            .args(["-c", PROGRAM, name])
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start {}", python.display()))?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take());
        Ok(Self {
            child,
            questions: questions.context("no pipe to the engine")?,
            answers: BufReader::new(answers.context("no pipe from the engine")?),
            loading,
        })
    }
}

impl Peer for Engine {
    fn load(&mut self, rows: &Path, _tasks: usize) -> anyhow::Result<()> {
        let path = rows.canonicalize()?;
        for statement in self.loading.clone() {
            self.ask(&statement.replace("ROWS", &path.display().to_string()))?;
        }
        Ok(())
    }

    fn ask(&mut self, sql: &str) -> anyhow::Result<(Duration, Vec<Vec<Value>>)> {
        writeln!(self.questions, "{}", json!({"sql": sql}))?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("the engine ended with {}: {sql}", self.child.wait()?);
        }
        let mut answer: Value = serde_json::from_str(&line)?;
        if let Some(error) = answer["error"].as_str() {
            bail!("{error}: {sql}");
        }
        let seconds = answer["ms"].as_f64().context("no time in the answer")? / 1e3;
        let rows = serde_json::from_value(answer["rows"].take())?;
        Ok((Duration::from_secs_f64(seconds), rows))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Only files that are not written to any more lie open.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
