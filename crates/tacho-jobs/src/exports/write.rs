//! Writing one export, from whose rows it may hold to the name of its file.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::tz::TimeZone;
use tacho_core::{Scope, Timestamp};
use tacho_fail::{Point, reach};
use tacho_metastore::{Export, ExportMaker};
use tacho_query::executions::{ExecutionExportQuery, ExportKind};
use tacho_query::{Answer, QueryParams};
use tacho_report::{Cell, TableWriter};
use tacho_store::{EngineError, QueryContext, ScalarRef, StoreError};

use super::answer::write_answer;
use super::output::{Output, Refusal, Room};
use super::{Compression, ExportOf, ExportTask, Inner, Running};

/// How long one export may be written. The store tidies up what is written beside only when it is over.
const TIME_MAX: Duration = Duration::from_secs(3600);
/// The code of a failure that is over when the store has come up to the journal.
pub(super) const STORE_UNAVAILABLE: &str = "store_unavailable";

/// What was written.
pub(super) struct Written {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) as_of_lsn: u64,
}

/// Why nothing was.
#[derive(Debug)]
pub(super) enum Unwritten {
    /// It was told to stop.
    Stopped,
    /// It could not be; a stable word and a sentence.
    Failed(&'static str, String),
}

fn failed(code: &'static str, message: impl Into<String>) -> Unwritten {
    Unwritten::Failed(code, message.into())
}

/// A fault of ours, or of the machine: the log has it, its asker a sentence.
fn internal(error: &(dyn std::error::Error + 'static)) -> Unwritten {
    tracing::error!(%error, "an export failed");
    failed("internal", "Tacho failed. Try again; the server's log says more.")
}

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Self {
        let refusal = error.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>());
        match (refusal, error.kind()) {
            (Some(refusal @ Refusal::TooManyBytes), _) => failed("too_large", sentence(&refusal.to_string())),
            (Some(Refusal::DiskFull), _) | (_, io::ErrorKind::StorageFull) => {
                failed("disk_full", "The server's disk is nearly full. Try again later.")
            }
            _ => internal(&error),
        }
    }
}

impl From<EngineError> for Unwritten {
    fn from(error: EngineError) -> Self {
        match &error {
            EngineError::Query(error) => failed(error.code(), sentence(&error.to_string())),
            EngineError::AnswerTooLarge { .. } => failed("query_too_large", sentence(&error.to_string())),
            EngineError::Overloaded { .. } => failed("overloaded", sentence(&error.to_string())),
            EngineError::Store(store) => match &**store {
                StoreError::Stopped => Unwritten::Stopped,
                StoreError::TimedOut(_) => failed("query_timed_out", sentence(&store.to_string())),
                StoreError::OutOfMemory => failed("query_too_large", sentence(&store.to_string())),
                StoreError::Unavailable(_) => failed(
                    STORE_UNAVAILABLE,
                    format!("{} Try again later.", sentence(&store.to_string())),
                ),
                StoreError::Damaged(_) | StoreError::Engine(_) => internal(store),
            },
            EngineError::TooManyQueries(_) | EngineError::Shape(_) | EngineError::Lost => internal(&error),
        }
    }
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), characters.as_str())
}

/// Whose rows it may hold, and on whose calendar days are counted. Worked out when the export is written: what its asker may
/// see may have changed since it was asked for.
struct Asker {
    scope: Scope,
    zone: TimeZone,
}

impl Inner {
    async fn asker(&self, export: &Export) -> Result<Asker, Unwritten> {
        let gone = || failed("not_allowed", "Who asked for it may not read any more.");
        let metastore = &self.metastore;
        let known = |error: tacho_metastore::Error| match error {
            tacho_metastore::Error::NotFound(_) => gone(),
            error => internal(&error),
        };
        let organization = metastore
            .organization(export.organization_id)
            .await
            .map_err(known)?;
        match export.maker {
            ExportMaker::User(id) => {
                let user = metastore.user(id).await.map_err(known)?;
                match user.is_active && user.organization_id == organization.id {
                    true => Ok(Asker {
                        scope: user.scope(),
                        zone: organization.zone_for(Some(&user)),
                    }),
                    false => Err(gone()),
                }
            }
            ExportMaker::Key(id) => {
                let keys = metastore.api_keys(organization.id).await.map_err(known)?;
                match keys.iter().any(|key| key.id == id && key.user_id.is_none()) {
                    true => Ok(Asker {
                        scope: Scope::all(organization.id),
                        zone: organization.zone_for(None),
                    }),
                    false => Err(gone()),
                }
            }
        }
    }

    /// Writes the export's file. Nothing is left of it if it cannot be, or is told to stop.
    pub(super) async fn write(
        self: &Arc<Self>,
        export: &Export,
        running: &Arc<Running>,
    ) -> Result<Written, Unwritten> {
        let asker = self.asker(export).await?;
        let task = ExportTask::from_text(&export.task).map_err(|error| internal(&error))?;
        // Relative ranges end when the export was asked for, however long it waited.
        let asked_at = export.created_at;
        let answer = match &task.of {
            ExportOf::Query(params) => {
                let params = QueryParams {
                    explain: false,
                    ..QueryParams::clone(params)
                };
                let context = QueryContext::new(&asker.scope, &asker.zone, asked_at);
                Some(self.engine.answer_one(context, params).await?)
            }
            ExportOf::Executions(_) => None,
        };
        let part = self.files.part(export.organization_id, export.id)?;
        let whole = self
            .files
            .path(export.organization_id, export.id, &task.extension());
        let mut writing = {
            let (inner, running, part) = (self.clone(), running.clone(), part.clone());
            tokio::task::spawn_blocking(move || {
                let written = match (&task.of, answer) {
                    (ExportOf::Query(_), Some(answer)) => inner.write_answer(&task, &answer, &running, &part),
                    (ExportOf::Executions(params), _) => {
                        let query = ExecutionExportQuery::validate(params, asked_at, &asker.zone)
                            .map_err(EngineError::from);
                        query.map_err(Unwritten::from).and_then(|query| {
                            inner.write_executions(&task, &asker.scope, query, &running, &part)
                        })
                    }
                    (ExportOf::Query(_), None) => Err(Unwritten::Stopped),
                };
                match written {
                    Ok(written) => {
                        reach(Point::ExportPublish)?;
                        Ok(fs::rename(&part, &whole).map(|()| written)?)
                    }
                    Err(unwritten) => {
                        let _ = fs::remove_file(&part);
                        Err(unwritten)
                    }
                }
            })
        };
        let done = match tokio::time::timeout(TIME_MAX, &mut writing).await {
            Ok(done) => done,
            Err(_) => {
                running.stop.stop();
                let _ = writing.await;
                return Err(failed(
                    "took_too_long",
                    "It took longer than an export may. Export less.",
                ));
            }
        };
        done.unwrap_or_else(|error| Err(internal(&error)))
    }

    fn output(&self, path: &Path, compression: Compression, running: &Arc<Running>) -> io::Result<Output> {
        let room = Room {
            directory: self.files.directory().to_owned(),
            bytes_max: self.config.bytes_max.saturating_sub(self.files.bytes()?),
            reserve_bytes: self.config.disk_reserve_bytes,
        };
        let file = create_private(path)?;
        reach(Point::ExportWrite)?;
        Output::new(file, compression, room, running.clone())
    }

    fn write_answer(
        &self,
        task: &ExportTask,
        answer: &Answer,
        running: &Arc<Running>,
        part: &Path,
    ) -> Result<Written, Unwritten> {
        let rows = answer.rows.len() as u64;
        running.rows_expected.store(rows, Ordering::Release);
        let output = self.output(part, task.compression, running)?;
        let bytes = write_answer(answer, task.format, output)?.finish()?;
        running.rows_written.store(rows, Ordering::Release);
        match running.stop.is_stopped() {
            true => Err(Unwritten::Stopped),
            false => Ok(Written {
                rows,
                bytes,
                as_of_lsn: answer.meta.as_of_lsn,
            }),
        }
    }

    fn write_executions(
        &self,
        task: &ExportTask,
        scope: &Scope,
        query: ExecutionExportQuery,
        running: &Arc<Running>,
        part: &Path,
    ) -> Result<Written, Unwritten> {
        let names: Vec<&str> = query.columns().iter().map(|column| column.name).collect();
        let kinds: Vec<ExportKind> = query.columns().iter().map(|column| column.kind).collect();
        let output = self.output(part, task.compression, running)?;
        let mut table = TableWriter::new(task.format.table(), &names, output)?;
        let (mut rows, mut as_of_lsn) = (0, 0);
        let mut unwritable = None;
        let flow = self.engine.export_executions(
            scope,
            query,
            &running.stop,
            &mut |extent| {
                as_of_lsn = extent.as_of_lsn;
                running.rows_expected.store(extent.rows, Ordering::Release);
            },
            &mut |values| {
                let cells = kinds.iter().zip(values).map(|(kind, value)| cell(*kind, *value));
                match table.row(&cells.collect::<Vec<_>>()) {
                    Ok(()) => {
                        rows += 1;
                        running.rows_written.store(rows, Ordering::Release);
                        ControlFlow::Continue(())
                    }
                    Err(error) => {
                        unwritable = Some(error);
                        ControlFlow::Break(())
                    }
                }
            },
        );
        if let Some(error) = unwritable {
            return Err(error.into());
        }
        let _ = flow?;
        let bytes = table.finish()?.finish()?;
        Ok(Written {
            rows,
            bytes,
            as_of_lsn,
        })
    }
}

fn cell(kind: ExportKind, value: ScalarRef<'_>) -> Cell<'_> {
    match (kind, value) {
        (_, ScalarRef::Null) => Cell::Null,
        (ExportKind::Json, ScalarRef::Text(text)) => Cell::Json(text),
        (ExportKind::Parts(parts), ScalarRef::Int(value)) => Cell::Float(value as f64 / f64::from(parts)),
        (ExportKind::Float, ScalarRef::Int(value)) => Cell::Float(value as f64),
        (_, ScalarRef::Text(text)) => Cell::Text(text),
        (_, ScalarRef::Int(value)) => Cell::Int(value),
        (_, ScalarRef::Float(value)) => Cell::Float(value),
        (_, ScalarRef::Bool(value)) => Cell::Bool(value),
        (_, ScalarRef::Time(time)) => Cell::Time(time),
    }
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// When a file that is done now goes.
pub(super) fn expiry(now: Timestamp, keep: Duration) -> Timestamp {
    now.plus_micros(i64::try_from(keep.as_micros()).unwrap_or(i64::MAX))
}
