//! Exports.

use serde::{Deserialize, Serialize};
use tacho_core::Timestamp;
use tacho_jobs::exports::{self, ExportStatus, ExportTask};
use tacho_metastore::ExportMaker;
use tacho_query::QueryParams;
use tacho_query::executions::wire::ExecutionExportParams;
use utoipa::ToSchema;

/// As what rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportFormat {
    /// Comma-separated values (RFC 4180) in UTF-8 with a line of names. A text that a spreadsheet would take for a formula
    /// has an apostrophe before it.
    Csv,
    /// An array of objects.
    Json,
    /// An object a line.
    Ndjson,
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportCompression {
    /// Not at all.
    #[default]
    None,
    /// As gzip.
    Gzip,
}

/// What an export holds: the rows of the answer to a question, or executions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportOf {
    /// The rows of the answer to a question, as `POST /api/v1/query` takes it. Beside each measure that is compared stands
    /// how far it is off.
    Query(Box<QueryParams>),
    /// Executions, oldest first, as many as there are.
    Executions(Box<ExecutionExportParams>),
}

/// Asks for an export.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateExportRequest {
    pub(crate) format: ExportFormat,
    #[serde(default)]
    pub(crate) compression: ExportCompression,
    pub(crate) of: ExportOf,
}

impl From<CreateExportRequest> for ExportTask {
    fn from(request: CreateExportRequest) -> Self {
        Self {
            format: match request.format {
                ExportFormat::Csv => exports::ExportFormat::Csv,
                ExportFormat::Json => exports::ExportFormat::Json,
                ExportFormat::Ndjson => exports::ExportFormat::Ndjson,
            },
            compression: match request.compression {
                ExportCompression::None => exports::Compression::None,
                ExportCompression::Gzip => exports::Compression::Gzip,
            },
            of: match request.of {
                ExportOf::Query(params) => exports::ExportOf::Query(params),
                ExportOf::Executions(params) => exports::ExportOf::Executions(params),
            },
        }
    }
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportState {
    /// Waits for its turn: each asker has one running at a time.
    Queued,
    /// Is being written.
    Running,
    /// Its file can be fetched.
    Done,
    /// It could not be written; `error` says why.
    Failed,
    /// It was not wanted any more.
    Cancelled,
    /// Its file was kept long enough and is gone.
    Expired,
}

impl From<tacho_metastore::ExportState> for ExportState {
    fn from(state: tacho_metastore::ExportState) -> Self {
        use tacho_metastore::ExportState as Kept;
        match state {
            Kept::Queued => ExportState::Queued,
            Kept::Running => ExportState::Running,
            Kept::Done => ExportState::Done,
            Kept::Failed => ExportState::Failed,
            Kept::Cancelled => ExportState::Cancelled,
            Kept::Expired => ExportState::Expired,
        }
    }
}

/// Why an export failed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ExportFailure {
    /// A stable word.
    pub(crate) code: String,
    /// A sentence.
    pub(crate) message: String,
}

/// An export.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Export {
    pub(crate) id: String,
    pub(crate) format: ExportFormat,
    pub(crate) compression: ExportCompression,
    pub(crate) of: ExportOf,
    pub(crate) state: ExportState,
    /// If it waits: its place among those of its asker that wait, from 1.
    #[schema(required)]
    pub(crate) position: Option<u32>,
    /// Who asked for it; null if a key did that acts as nobody.
    #[schema(required)]
    pub(crate) user_id: Option<String>,
    /// The key that asked for it, if it acts as nobody.
    #[schema(required)]
    pub(crate) key_id: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub(crate) started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub(crate) finished_at: Option<Timestamp>,
    /// When the file goes.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub(crate) expires_at: Option<Timestamp>,
    /// How many rows it will have; null until they are counted.
    #[schema(required)]
    pub(crate) rows_expected: Option<u64>,
    /// Rows written so far.
    pub(crate) rows_written: u64,
    /// Bytes of its file so far.
    pub(crate) bytes: u64,
    /// Records up to this position of the journal are in it; null until it is done.
    #[schema(required)]
    pub(crate) as_of_lsn: Option<u64>,
    #[schema(required)]
    pub(crate) error: Option<ExportFailure>,
}

impl From<ExportStatus> for Export {
    fn from(status: ExportStatus) -> Self {
        let ExportStatus {
            export,
            task,
            position,
        } = status;
        let (user_id, key_id) = match export.maker {
            ExportMaker::User(id) => (Some(id.to_string()), None),
            ExportMaker::Key(id) => (None, Some(id.to_string())),
        };
        Self {
            id: export.id.to_string(),
            format: match task.format {
                exports::ExportFormat::Csv => ExportFormat::Csv,
                exports::ExportFormat::Json => ExportFormat::Json,
                exports::ExportFormat::Ndjson => ExportFormat::Ndjson,
            },
            compression: match task.compression {
                exports::Compression::None => ExportCompression::None,
                exports::Compression::Gzip => ExportCompression::Gzip,
            },
            of: match task.of {
                exports::ExportOf::Query(params) => ExportOf::Query(params),
                exports::ExportOf::Executions(params) => ExportOf::Executions(params),
            },
            state: export.state.into(),
            position,
            user_id,
            key_id,
            created_at: export.created_at,
            started_at: export.started_at,
            finished_at: export.finished_at,
            expires_at: export.expires_at,
            rows_expected: export.rows_expected,
            rows_written: export.rows_written,
            bytes: export.bytes,
            as_of_lsn: export.as_of_lsn,
            error: export
                .error
                .map(|(code, message)| ExportFailure { code, message }),
        }
    }
}

/// Exports, newest first; the 500 newest.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ExportList {
    pub(crate) exports: Vec<Export>,
}
