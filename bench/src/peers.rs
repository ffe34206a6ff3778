//! Other databases with the same rows: each is loaded once and then asked in its own SQL.

mod engine;
mod postgres;
pub mod rows;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use tacho_core::Timestamp;

use crate::history::History;
use engine::Engine;
use postgres::Postgres;
use rows::Tasks;

/// A database with rows.
pub trait Peer {
    /// Takes in the rows of a file. `tasks` is how many tasks there are.
    ///
    /// # Errors
    /// If it does not.
    fn load(&mut self, rows: &Path, tasks: usize) -> anyhow::Result<()>;

    /// Asks. Returns how long it took until all rows were there, and the rows.
    ///
    /// # Errors
    /// If it does not answer.
    fn ask(&mut self, sql: &str) -> anyhow::Result<(Duration, Vec<Vec<Value>>)>;
}

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// PostgreSQL 15, a server reached over a local socket.
    Postgres,
    /// DuckDB over a table of rows, inside Python.
    Duckdb,
    /// The engine of ClickHouse (chdb), inside Python.
    Clickhouse,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 3] = [Kind::Postgres, Kind::Duckdb, Kind::Clickhouse];

    /// How people call it.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Postgres => "PostgreSQL",
            Kind::Duckdb => "DuckDB",
            Kind::Clickhouse => "ClickHouse",
        }
    }

    /// Whether it lives inside Python.
    pub fn needs_python(self) -> bool {
        self != Kind::Postgres
    }

    /// Whether its percentiles are exact, linear between the two values next to them.
    pub fn has_exact_quantiles(self) -> bool {
        self != Kind::Clickhouse
    }

    /// The executions of a user with the column `startedAt` in a range. PRD-010 finds them by way of their tasks, and so does
    /// PostgreSQL; who keeps only this table, as one does in the others, need not.
    pub fn from_where(self, from: Timestamp, to: Timestamp) -> String {
        let table = match self {
            Kind::Postgres => {
                r#"scheduled_task_executions AS e INNER JOIN scheduled_browser_tasks AS t ON e."taskId" = t.id WHERE t."userId" = 1 AND"#
            }
            Kind::Duckdb | Kind::Clickhouse => "scheduled_task_executions AS e WHERE",
        };
        let (from, to) = (self.instant(from), self.instant(to));
        format!(r#"FROM {table} "startedAt" >= {from} AND "startedAt" < {to}"#)
    }

    fn instant(self, instant: Timestamp) -> String {
        match self {
            Kind::Postgres => format!("TIMESTAMP '{instant}'"),
            Kind::Duckdb => format!("make_timestamp({})", instant.as_micros()),
            Kind::Clickhouse => format!("fromUnixTimestamp64Micro({}, 'UTC')", instant.as_micros()),
        }
    }

    /// A percentile of the duration, the way that users of the database take. That of ClickHouse is worked out from a sample.
    pub fn quantile(self, share: f64) -> String {
        match self {
            Kind::Postgres => format!("percentile_cont({share}) WITHIN GROUP (ORDER BY duration)"),
            Kind::Duckdb => format!("quantile_cont(duration, {share})"),
            Kind::Clickhouse => format!("quantile({share})(duration)"),
        }
    }

    fn start(self, directory: &Path, python: Option<&Path>) -> anyhow::Result<Box<dyn Peer>> {
        let python = || python.context("there is no Python for this peer");
        Ok(match self {
            Kind::Postgres => Box::new(Postgres::start(directory)?),
            Kind::Duckdb => Box::new(Engine::duckdb(python()?, directory)?),
            Kind::Clickhouse => Box::new(Engine::clickhouse(python()?, directory)?),
        })
    }
}

/// Where peers keep what they have loaded.
#[derive(Debug)]
pub struct Place {
    /// A folder for all of them, which need not be there.
    pub directory: PathBuf,
    /// An interpreter with duckdb and chdb.
    pub python: Option<PathBuf>,
}

impl Place {
    /// Has the rows of a history loaded wherever they are not yet.
    ///
    /// # Errors
    /// If one fails, or other rows are there.
    pub fn load(&self, kinds: &[Kind], history: &History, tasks: &Tasks) -> anyhow::Result<()> {
        fs::create_dir_all(&self.directory)?;
        let mut missing = Vec::new();
        for kind in kinds {
            match self.loaded(*kind).is_file() {
                true => anyhow::ensure!(
                    History::read(&self.loaded(*kind))? == *history,
                    "{} has other rows; remove {}",
                    kind.label(),
                    self.directory.display()
                ),
                false => missing.push(*kind),
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let file = tempfile::NamedTempFile::new_in(&self.directory)?;
        let count = rows::write(history, tasks, file.path())?;
        for kind in missing {
            eprintln!("  loading {count} rows into {}", kind.label());
            let own = self.folder(kind);
            if own.exists() {
                // Half of a load.
                fs::remove_dir_all(&own)?;
            }
            let mut peer = kind.start(&own, self.python.as_deref())?;
            peer.load(file.path(), tasks.count())?;
            let (_, found) = peer.ask("SELECT count(*) FROM scheduled_task_executions")?;
            let found = found.first().and_then(|row| row.first()).and_then(number);
            anyhow::ensure!(
                found == Some(count as f64),
                "{} counts {found:?} of {count} rows",
                kind.label()
            );
            history.write(&self.loaded(kind))?;
        }
        Ok(())
    }

    /// Starts one that is loaded.
    ///
    /// # Errors
    /// If it does not start.
    pub fn open(&self, kind: Kind) -> anyhow::Result<Box<dyn Peer>> {
        kind.start(&self.folder(kind), self.python.as_deref())
    }

    fn folder(&self, kind: Kind) -> PathBuf {
        self.directory.join(kind.label().to_lowercase())
    }

    /// Says what was loaded, once it was.
    fn loaded(&self, kind: Kind) -> PathBuf {
        self.folder(kind).with_extension("json")
    }
}

/// A number as engines write them: as such, or as text where JSON's numbers have too few digits.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    }
}
