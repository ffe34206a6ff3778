//! Exports that were asked for: what is wanted, who wants it, and what became of it. The files themselves lie elsewhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use tacho_core::{OrganizationId, Timestamp, UserId};

use crate::metastore::Connection;
use crate::{ApiKeyId, Error, Metastore, Result, column, id};

/// Exports that one asker may have waiting or running.
pub const EXPORTS_WAITING_MAX: u32 = 20;
/// Exports of one asker that are remembered once they have ended. Those with a file count, too, and are the last to go.
pub const EXPORTS_REMEMBERED_MAX: u32 = 100;
/// The most bytes of a task.
pub const EXPORT_TASK_BYTES_MAX: usize = 64 * 1024;
/// Exports that one list holds.
const LIST_MAX: u32 = 500;
const MESSAGE_BYTES_MAX: usize = 2000;

id::uuid_id! {
    /// An export's id. Sorts by the time at which it was asked for.
    ExportId
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// Waits for its turn.
    Queued,
    /// Is being written.
    Running,
    /// Its file is there.
    Done,
    /// It could not be written.
    Failed,
    /// Its asker did not want it any more.
    Cancelled,
    /// Its file was kept long enough and is gone.
    Expired,
}

impl ExportState {
    /// Every state.
    pub const ALL: [ExportState; 6] = [
        ExportState::Queued,
        ExportState::Running,
        ExportState::Done,
        ExportState::Failed,
        ExportState::Cancelled,
        ExportState::Expired,
    ];

    /// The state's word, as stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            ExportState::Queued => "queued",
            ExportState::Running => "running",
            ExportState::Done => "done",
            ExportState::Failed => "failed",
            ExportState::Cancelled => "cancelled",
            ExportState::Expired => "expired",
        }
    }

    /// Whether it waits or runs.
    pub const fn is_under_way(self) -> bool {
        matches!(self, ExportState::Queued | ExportState::Running)
    }
}

impl fmt::Display for ExportState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ExportState {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        ExportState::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::invalid("state", format!("\"{text}\" is no state of an export")))
    }
}

/// Who asked for an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportMaker {
    /// A person, or a key that acts as one.
    User(UserId),
    /// A key that acts as nobody.
    Key(ApiKeyId),
}

impl ExportMaker {
    fn user(self) -> Option<String> {
        match self {
            ExportMaker::User(id) => Some(id.to_string()),
            ExportMaker::Key(_) => None,
        }
    }

    fn key(self) -> Option<String> {
        match self {
            ExportMaker::User(_) => None,
            ExportMaker::Key(id) => Some(id.to_string()),
        }
    }
}

/// An export as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Its id.
    pub id: ExportId,
    /// The organization whose rows it holds.
    pub organization_id: OrganizationId,
    /// Who asked for it.
    pub maker: ExportMaker,
    /// What to export and how, as JSON.
    pub task: String,
    /// How far it is.
    pub state: ExportState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it began to be written, the last time.
    pub started_at: Option<Timestamp>,
    /// When it was done, failed or was cancelled.
    pub finished_at: Option<Timestamp>,
    /// When its file goes, or went.
    pub expires_at: Option<Timestamp>,
    /// How many rows it will have, once they were counted.
    pub rows_expected: Option<u64>,
    /// Rows in its file.
    pub rows_written: u64,
    /// Bytes of its file.
    pub bytes: u64,
    /// The position in the journal that its rows are as of.
    pub as_of_lsn: Option<u64>,
    /// Why it failed: a stable word and a sentence.
    pub error: Option<(String, String)>,
}

/// How an export ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportOutcome {
    /// With a file.
    Done {
        /// Its rows.
        rows: u64,
        /// Its bytes.
        bytes: u64,
        /// The position in the journal that they are as of.
        as_of_lsn: u64,
        /// When the file goes.
        expires_at: Timestamp,
    },
    /// Without.
    Failed {
        /// Why: a stable word.
        code: &'static str,
        /// Why, as a sentence.
        message: String,
    },
}

impl Metastore {
    /// Remembers what is asked for; it waits. Of the asker's exports that ended long ago the oldest are forgotten. Errors:
    /// `TooMany` if [`EXPORTS_WAITING_MAX`] of the asker wait or run, `Invalid` (a task above [`EXPORT_TASK_BYTES_MAX`]).
    pub async fn create_export(
        &self,
        organization: OrganizationId,
        maker: ExportMaker,
        task: &str,
        now: Timestamp,
    ) -> Result<Export> {
        if task.len() > EXPORT_TASK_BYTES_MAX {
            let message = format!("an export may be described by {EXPORT_TASK_BYTES_MAX} bytes");
            return Err(Error::invalid("of", message));
        }
        let export = Export {
            id: ExportId(id::new_id(now)),
            organization_id: organization,
            maker,
            task: task.to_owned(),
            state: ExportState::Queued,
            created_at: now,
            started_at: None,
            finished_at: None,
            expires_at: None,
            rows_expected: None,
            rows_written: 0,
            bytes: 0,
            as_of_lsn: None,
            error: None,
        };
        let mut transaction = self.write().await?;
        let waiting = count_under_way(&mut transaction, organization, maker).await?;
        if waiting >= u64::from(EXPORTS_WAITING_MAX) {
            return Err(Error::TooMany {
                what: "exports",
                max: EXPORTS_WAITING_MAX,
            });
        }
        forget_oldest(&mut transaction, organization, maker).await?;
        sqlx::query(
            "INSERT INTO exports (id, organization_id, user_id, key_id, task, state, created_at, rows_written, bytes)
             VALUES ($1, $2, $3, $4, $5, 'queued', $6, 0, 0)",
        )
        .bind(export.id.to_string())
        .bind(organization.to_string())
        .bind(maker.user())
        .bind(maker.key())
        .bind(task)
        .bind(now.as_micros())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(export)
    }

    /// Exports of an organization, or those of one asker in it, newest first; the 500 newest.
    pub async fn exports(
        &self,
        organization: OrganizationId,
        maker: Option<ExportMaker>,
    ) -> Result<Vec<Export>> {
        sqlx::query(
            "SELECT * FROM exports WHERE organization_id = $1
               AND ($2 = 1 OR (user_id IS NOT DISTINCT FROM $3 AND key_id IS NOT DISTINCT FROM $4)) ORDER BY id DESC LIMIT $5",
        )
        .bind(organization.to_string())
        .bind(i64::from(maker.is_none()))
        .bind(maker.and_then(ExportMaker::user))
        .bind(maker.and_then(ExportMaker::key))
        .bind(LIST_MAX)
        .fetch_all(self.readers())
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// One of that organization. Errors: `NotFound`.
    pub async fn export(&self, organization: OrganizationId, id: ExportId) -> Result<Export> {
        let row = sqlx::query("SELECT * FROM exports WHERE id = $1 AND organization_id = $2")
            .bind(id.to_string())
            .bind(organization.to_string())
            .fetch_optional(self.readers())
            .await?
            .ok_or(Error::NotFound("export"))?;
        read(&row)
    }

    /// Every export in that state, of all organizations, oldest first.
    pub async fn exports_in(&self, state: ExportState) -> Result<Vec<Export>> {
        sqlx::query("SELECT * FROM exports WHERE state = $1 ORDER BY id")
            .bind(state.as_str())
            .fetch_all(self.readers())
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// Has those that were running wait again, in their old places. For the start of the process that runs them.
    pub async fn requeue_exports(&self) -> Result<()> {
        let mut transaction = self.write().await?;
        sqlx::query(
            "UPDATE exports SET state = 'queued', started_at = NULL, rows_expected = NULL WHERE state = 'running'",
        )
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Begins one that waits. Answers whether it still waited.
    pub async fn start_export(&self, id: ExportId, now: Timestamp) -> Result<bool> {
        let statement =
            "UPDATE exports SET state = 'running', started_at = $1 WHERE id = $2 AND state = 'queued'";
        self.change(sqlx::query(statement).bind(now.as_micros()).bind(id.to_string()))
            .await
    }

    /// Ends one that runs. Answers whether it still ran: if not, it was cancelled, and its file is nobody's.
    pub async fn finish_export(&self, id: ExportId, outcome: &ExportOutcome, now: Timestamp) -> Result<bool> {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let statement = match outcome {
            ExportOutcome::Done {
                rows,
                bytes,
                as_of_lsn,
                expires_at,
            } => sqlx::query(
                "UPDATE exports SET state = 'done', finished_at = $1, rows_expected = $3, rows_written = $3, bytes = $4,
                        as_of_lsn = $5, expires_at = $6 WHERE id = $2 AND state = 'running'",
            )
            .bind(now.as_micros())
            .bind(id.to_string())
            .bind(number(*rows))
            .bind(number(*bytes))
            .bind(number(*as_of_lsn))
            .bind(expires_at.as_micros()),
            ExportOutcome::Failed { code, message } => sqlx::query(
                "UPDATE exports SET state = 'failed', finished_at = $1, error_code = $3, error_message = $4
                 WHERE id = $2 AND state = 'running'",
            )
            .bind(now.as_micros())
            .bind(id.to_string())
            .bind(*code)
            .bind(&message[..message.floor_char_boundary(MESSAGE_BYTES_MAX)]),
        };
        self.change(statement).await
    }

    /// Cancels one that waits or runs. Answers whether it did.
    pub async fn cancel_export(&self, id: ExportId, now: Timestamp) -> Result<bool> {
        let statement = "UPDATE exports SET state = 'cancelled', finished_at = $1
                         WHERE id = $2 AND state IN ('queued', 'running')";
        self.change(sqlx::query(statement).bind(now.as_micros()).bind(id.to_string()))
            .await
    }

    /// Says of those whose files were kept long enough that they have expired. Answers whether there were such: their files
    /// have to go.
    pub async fn expire_exports(&self, now: Timestamp) -> Result<bool> {
        self.change(
            sqlx::query("UPDATE exports SET state = 'expired' WHERE state = 'done' AND expires_at <= $1")
                .bind(now.as_micros()),
        )
        .await
    }

    /// Forgets one that has ended. Answers whether there was one.
    pub async fn delete_export(&self, id: ExportId) -> Result<bool> {
        let statement = "DELETE FROM exports WHERE id = $1 AND state NOT IN ('queued', 'running')";
        self.change(sqlx::query(statement).bind(id.to_string())).await
    }

    async fn change(
        &self,
        statement: sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
    ) -> Result<bool> {
        let mut transaction = self.write().await?;
        let changed = statement.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }
}

async fn count_under_way(
    connection: &mut Connection,
    organization: OrganizationId,
    maker: ExportMaker,
) -> Result<u64> {
    let row = sqlx::query(
        "SELECT count(*) AS waiting FROM exports
         WHERE organization_id = $1 AND user_id IS NOT DISTINCT FROM $2 AND key_id IS NOT DISTINCT FROM $3 AND state IN ('queued', 'running')",
    )
    .bind(organization.to_string())
    .bind(maker.user())
    .bind(maker.key())
    .fetch_one(connection)
    .await?;
    column::count(&row, "waiting")
}

/// Keeps as many as may be remembered beside one more. Those with a file stay: it would be nobody's.
async fn forget_oldest(
    connection: &mut Connection,
    organization: OrganizationId,
    maker: ExportMaker,
) -> Result<()> {
    sqlx::query(
        "DELETE FROM exports WHERE state IN ('failed', 'cancelled', 'expired') AND id IN (
           SELECT id FROM exports WHERE organization_id = $1 AND user_id IS NOT DISTINCT FROM $2 AND key_id IS NOT DISTINCT FROM $3
             AND state NOT IN ('queued', 'running') ORDER BY state = 'done' DESC, id DESC LIMIT 1000000 OFFSET $4)",
    )
    .bind(organization.to_string())
    .bind(maker.user())
    .bind(maker.key())
    .bind(EXPORTS_REMEMBERED_MAX - 1)
    .execute(connection)
    .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<Export> {
    let count_or_null = |name: &'static str| -> Result<Option<u64>> {
        let count: Option<i64> = sqlx::Row::try_get(row, name)?;
        count
            .map(|count| u64::try_from(count).map_err(|_| Error::Unreadable { column: name }))
            .transpose()
    };
    let maker = match (
        column::parsed_or_null(row, "user_id")?,
        column::parsed_or_null(row, "key_id")?,
    ) {
        (Some(user), None) => ExportMaker::User(user),
        (None, Some(key)) => ExportMaker::Key(key),
        _ => return Err(Error::Unreadable { column: "user_id" }),
    };
    Ok(Export {
        id: column::parsed(row, "id")?,
        organization_id: column::parsed(row, "organization_id")?,
        maker,
        task: column::text(row, "task")?,
        state: column::parsed(row, "state")?,
        created_at: column::time(row, "created_at")?,
        started_at: column::time_or_null(row, "started_at")?,
        finished_at: column::time_or_null(row, "finished_at")?,
        expires_at: column::time_or_null(row, "expires_at")?,
        rows_expected: count_or_null("rows_expected")?,
        rows_written: column::count(row, "rows_written")?,
        bytes: column::count(row, "bytes")?,
        as_of_lsn: count_or_null("as_of_lsn")?,
        error: column::text_or_null(row, "error_code")?.zip(column::text_or_null(row, "error_message")?),
    })
}
