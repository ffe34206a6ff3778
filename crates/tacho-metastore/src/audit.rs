//! The audit log: who asked for which data, when, from where, and how it ended.
//!
//! Pages ask the same again and again, so the same question by the same asker from the same address, with the same scope
//! and status, is one entry for an hour, with the number of requests. Entries are only ever added, counted up and, when
//! they are too old or too many, removed.

mod write;

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};
use tacho_core::{OrganizationId, Timestamp, UserId};
use uuid::Uuid;

use crate::{ApiKeyId, Metastore, Result, column, id};

/// For how long the same question counts for the same entry, from its first request on.
pub const AUDIT_ENTRY_SPAN: Duration = Duration::from_secs(3600);
/// The most bytes of a question that are kept.
pub const QUESTION_BYTES_MAX: usize = 4096;
const PAGE_MAX: u32 = 1000;

id::uuid_id! {
    /// An audit entry's id. Sorts by the time of its first request.
    AuditEntryId
}

/// A question as it is kept: cut, with a digest of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditQuestion {
    text: String,
    digest: [u8; 32],
}

impl AuditQuestion {
    /// Of a question's text, of which [`QUESTION_BYTES_MAX`] bytes are kept.
    pub fn new(text: &str) -> Self {
        Self {
            text: text[..text.floor_char_boundary(QUESTION_BYTES_MAX)].to_owned(),
            digest: Sha256::digest(text).into(),
        }
    }
}

/// A request for data.
#[derive(Clone, Debug)]
pub struct DataAccess {
    /// Whose data.
    pub organization: OrganizationId,
    /// The user and the user's name now; none for a key that acts as nobody.
    pub user: Option<(UserId, String)>,
    /// The key and its name now; none for a person in a browser.
    pub key: Option<(ApiKeyId, String)>,
    /// What was done: the method and the route.
    pub operation: String,
    /// What was asked.
    pub question: AuditQuestion,
    /// "all" or "owned": which rows the asker may see.
    pub scope: &'static str,
    /// The client's address.
    pub address: String,
    /// The status of the answer.
    pub status: u16,
    /// The request's id.
    pub request_id: String,
    /// When it was asked.
    pub at: Timestamp,
}

impl DataAccess {
    /// The same for requests that one entry counts.
    fn digest(&self) -> String {
        let mut digest = Sha256::new();
        let (user, key) = (
            self.user.as_ref().map(|(id, _)| id.to_string()),
            self.key.as_ref().map(|(id, _)| id.to_string()),
        );
        for part in [
            user.as_deref().unwrap_or_default(),
            key.as_deref().unwrap_or_default(),
            &self.operation,
            self.scope,
            &self.address,
        ] {
            digest.update(part);
            digest.update([0]);
        }
        digest.update(self.question.digest);
        digest.update(self.status.to_be_bytes());
        Uuid::from_slice(&digest.finalize()[..16])
            .unwrap_or_default()
            .simple()
            .to_string()
    }
}

/// What is known of requests that were the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// The first request.
    pub first_at: Timestamp,
    /// The last request; less than [`AUDIT_ENTRY_SPAN`] after the first.
    pub last_at: Timestamp,
    /// How many requests.
    pub requests: u64,
    /// The user's id.
    pub user_id: Option<UserId>,
    /// The user's name at that time.
    pub user_name: Option<String>,
    /// The key's id.
    pub key_id: Option<ApiKeyId>,
    /// The key's name at that time.
    pub key_name: Option<String>,
    /// The method and the route.
    pub operation: String,
    /// What was asked; its first [`QUESTION_BYTES_MAX`] bytes.
    pub question: String,
    /// "all" or "owned".
    pub scope: String,
    /// The client's address.
    pub address: String,
    /// The status of the answers.
    pub status: u16,
    /// The id of the first request.
    pub request_id: String,
}

/// Which entries. What is `None` leaves none out.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Those with a request at this instant or later.
    pub from: Option<Timestamp>,
    /// Those with a request before this instant.
    pub to: Option<Timestamp>,
    /// Those of that user.
    pub user_id: Option<UserId>,
    /// Those of that operation.
    pub operation: Option<String>,
    /// Those that have this text, in any case, in question, names, address or request id.
    pub search: Option<String>,
}

/// One page of entries, newest first.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins; none on the last.
    pub next_cursor: Option<AuditEntryId>,
}

impl Metastore {
    /// One page, newest first. `limit` is cut to 1..=1000.
    pub async fn audit_page(
        &self,
        organization: OrganizationId,
        filter: &AuditFilter,
        limit: u32,
        cursor: Option<AuditEntryId>,
    ) -> Result<AuditPage> {
        let limit = limit.clamp(1, PAGE_MAX);
        let mut query = page_query(organization, filter, limit, cursor);
        let rows = query.build().fetch_all(self.readers()).await?;
        let mut entries = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        let has_more = entries.len() > limit as usize;
        entries.truncate(limit as usize);
        let next_cursor = entries.last().filter(|_| has_more).map(|entry| entry.id);
        Ok(AuditPage { entries, next_cursor })
    }
}

fn page_query(
    organization: OrganizationId,
    filter: &AuditFilter,
    limit: u32,
    cursor: Option<AuditEntryId>,
) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT * FROM audit_entries WHERE organization_id = ");
    query.push_bind(organization.to_string());
    if let Some(cursor) = cursor {
        query.push(" AND id < ").push_bind(cursor.to_string());
    }
    if let Some(from) = filter.from {
        // The first comparison finds the place in the index, the second is the rule.
        let earliest = from.plus_micros(-span_micros());
        query.push(" AND id >= ").push_bind(first_id_at(earliest));
        query.push(" AND last_at >= ").push_bind(from.as_micros());
    }
    if let Some(to) = filter.to {
        let after = to.plus_micros(1000);
        query.push(" AND id < ").push_bind(first_id_at(after));
        query.push(" AND first_at < ").push_bind(to.as_micros());
    }
    if let Some(user) = filter.user_id {
        query.push(" AND user_id = ").push_bind(user.to_string());
    }
    if let Some(operation) = &filter.operation {
        query.push(" AND operation = ").push_bind(operation.clone());
    }
    if let Some(search) = &filter.search {
        let pattern = like_pattern(search);
        query.push(" AND (");
        for (place, column) in ["question", "user_name", "key_name", "address", "request_id"]
            .into_iter()
            .enumerate()
        {
            let or = if place > 0 { " OR " } else { "" };
            query.push(format!("{or}LOWER({column}) LIKE "));
            query.push_bind(pattern.clone());
            query.push(" ESCAPE '\\'");
        }
        query.push(")");
    }
    query.push(" ORDER BY id DESC LIMIT ");
    query.push_bind(i64::from(limit) + 1);
    query
}

fn like_pattern(text: &str) -> String {
    let escaped = text.to_lowercase().replace('\\', "\\\\");
    format!("%{}%", escaped.replace('%', "\\%").replace('_', "\\_"))
}

/// The least id that an entry of that instant, to the millisecond, may have.
fn first_id_at(instant: Timestamp) -> String {
    let millis = instant.as_micros().max(0).unsigned_abs() / 1000;
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10])
        .into_uuid()
        .to_string()
}

fn span_micros() -> i64 {
    i64::try_from(AUDIT_ENTRY_SPAN.as_micros()).unwrap_or(i64::MAX)
}

fn read(row: &SqliteRow) -> Result<AuditEntry> {
    Ok(AuditEntry {
        id: column::parsed(row, "id")?,
        first_at: column::time(row, "first_at")?,
        last_at: column::time(row, "last_at")?,
        requests: column::count(row, "requests")?,
        user_id: column::parsed_or_null(row, "user_id")?,
        user_name: column::text_or_null(row, "user_name")?,
        key_id: column::parsed_or_null(row, "key_id")?,
        key_name: column::text_or_null(row, "key_name")?,
        operation: column::text(row, "operation")?,
        question: column::text(row, "question")?,
        scope: column::text(row, "scope")?,
        address: column::text(row, "address")?,
        status: u16::try_from(column::count(row, "status")?)
            .map_err(|_| crate::Error::Unreadable { column: "status" })?,
        request_id: column::text(row, "request_id")?,
    })
}
