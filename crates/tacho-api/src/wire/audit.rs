//! The audit log.

use serde::{Deserialize, Serialize};
use tacho_core::Timestamp;
use tacho_report::neutralised;
use utoipa::{IntoParams, ToSchema};

/// Requests for data that were the same, within an hour.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    pub(crate) id: String,
    /// The first request.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) first_at: Timestamp,
    /// The last request, less than an hour after the first.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) last_at: Timestamp,
    /// How many requests.
    pub(crate) requests: u64,
    /// The user; none for a key that acts as nobody.
    #[schema(required)]
    pub(crate) user_id: Option<String>,
    /// The user's name at that time.
    #[schema(required)]
    pub(crate) user_name: Option<String>,
    /// The key; none for a person in a browser.
    #[schema(required)]
    pub(crate) key_id: Option<String>,
    /// The key's name at that time.
    #[schema(required)]
    pub(crate) key_name: Option<String>,
    /// The method and the route.
    #[schema(example = "POST /api/v1/query")]
    pub(crate) operation: String,
    /// What was asked: the body as JSON, or the path with its parameters; the first 4096 bytes.
    #[schema(example = r#"{"measures":["count"],"source":"executions","time":{"period":"week"}}"#)]
    pub(crate) question: String,
    /// "all", or "owned" for somebody who sees owned workflows and own activity only.
    #[schema(example = "all")]
    pub(crate) scope: String,
    /// The client's address.
    #[schema(example = "192.0.2.1")]
    pub(crate) address: String,
    /// The status of the answers.
    #[schema(example = 200)]
    pub(crate) status: u16,
    /// The id of the first request.
    pub(crate) request_id: String,
}

impl From<tacho_metastore::AuditEntry> for AuditEntry {
    fn from(entry: tacho_metastore::AuditEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            first_at: entry.first_at,
            last_at: entry.last_at,
            requests: entry.requests,
            user_id: entry.user_id.map(|id| id.to_string()),
            user_name: entry.user_name,
            key_id: entry.key_id.map(|id| id.to_string()),
            key_name: entry.key_name,
            operation: entry.operation,
            question: entry.question,
            scope: entry.scope,
            address: entry.address,
            status: entry.status,
            request_id: entry.request_id,
        }
    }
}

/// A page of the audit log, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AuditLog {
    pub(crate) entries: Vec<AuditEntry>,
    /// Send it as `cursor` to get the next page; null on the last.
    #[schema(required)]
    pub(crate) next_cursor: Option<String>,
}

/// Which part of the audit log.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditParams {
    /// Entries with a request at this time or later.
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) from: Option<Timestamp>,
    /// Entries with a request before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) to: Option<Timestamp>,
    /// Entries of that user.
    pub(crate) user_id: Option<String>,
    /// Entries of that method and route, such as "POST /api/v1/query".
    pub(crate) operation: Option<String>,
    /// Entries that have this text in question, names, address or request id.
    pub(crate) search: Option<String>,
    /// Entries of one page, 1 to 1000; 100 if left out. Without effect on the export.
    #[param(minimum = 1, maximum = 1000)]
    pub(crate) limit: Option<u32>,
    /// Where the page begins: `next_cursor` of the one before. Without effect on the export.
    pub(crate) cursor: Option<String>,
}

/// The columns of the export.
const COLUMNS: [&str; 13] = [
    "first_at",
    "last_at",
    "requests",
    "user_id",
    "user_name",
    "key_id",
    "key_name",
    "operation",
    "question",
    "scope",
    "address",
    "status",
    "request_id",
];

/// Entries as lines of CSV (RFC 4180), with a line of names first if wanted.
pub(crate) fn csv_lines(entries: Vec<AuditEntry>, with_names: bool) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    if with_names {
        writer.write_record(COLUMNS)?;
    }
    for entry in entries {
        let cells = [
            entry.first_at.to_string(),
            entry.last_at.to_string(),
            entry.requests.to_string(),
            entry.user_id.unwrap_or_default(),
            entry.user_name.unwrap_or_default(),
            entry.key_id.unwrap_or_default(),
            entry.key_name.unwrap_or_default(),
            entry.operation,
            entry.question,
            entry.scope,
            entry.address,
            entry.status.to_string(),
            entry.request_id,
        ];
        writer.write_record(cells.iter().map(|cell| neutralised(cell).into_owned()))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}
