//! Detections: what went wrong while it ran, from when on, and until when.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite};
use tacho_core::{OrganizationId, Timestamp};

use crate::metastore::Connection;
use crate::{Metastore, Result, column, id};

/// Detections that one page holds at most.
pub const DETECTIONS_PAGE_MAX: u32 = 500;
/// Detections that one transaction removes at most.
const REMOVED_AT_ONCE_MAX: i64 = 10_000;

id::uuid_id! {
    /// A detection's id. Sorts by the time at which it was found.
    DetectionId
}

/// Something that was found, to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDetection {
    /// What kind of thing: a stable word.
    pub kind: String,
    /// The workflow that it is about, if the execution names one.
    pub workflow_id: Option<String>,
    /// What that is called now.
    pub workflow_name: Option<String>,
    /// For whom the execution runs. Without a workflow it tells who may see the detection.
    pub user_id: Option<String>,
    /// The execution and its try, if it is about one.
    pub execution: Option<(String, u32)>,
    /// Since when it is so.
    pub since: Timestamp,
    /// When it was found.
    pub detected_at: Timestamp,
    /// What was measured, in the unit of its kind.
    pub measured: f64,
    /// What would still have been in order, in the same unit.
    pub limit: f64,
    /// Why, in words.
    pub reason: String,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// Its id.
    pub id: DetectionId,
    /// What was found.
    pub found: NewDetection,
    /// When it was over; `None` while it is open.
    pub ended_at: Option<Timestamp>,
}

/// Whose detections somebody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DetectionsOf {
    /// All of the organization.
    Everybody,
    /// Those of these workflows, and those without a workflow of these users.
    Owner {
        /// The workflows that are owned now.
        workflow_ids: Vec<String>,
        /// The names by which records refer to the owner.
        user_ids: Vec<String>,
    },
}

/// Which detections. What is `None` leaves none out.
#[derive(Clone, Debug, Default)]
pub struct DetectionFilter {
    /// Those of that kind.
    pub kind: Option<String>,
    /// Those of that workflow.
    pub workflow_id: Option<String>,
    /// Only those that are open.
    pub is_open: bool,
    /// Those that were open at this instant or later.
    pub from: Option<Timestamp>,
    /// Those that were found before this instant.
    pub to: Option<Timestamp>,
}

/// One page of detections, those found last first.
#[derive(Clone, Debug)]
pub struct DetectionPage {
    /// The detections.
    pub detections: Vec<Detection>,
    /// Where the next page begins; none on the last.
    pub next_cursor: Option<DetectionId>,
}

impl Metastore {
    /// Keeps what was found, and notes which of those that were open are over; all or nothing. What is over already stays as
    /// it is. Answers what was found, with its ids, in its order.
    pub async fn record_detections(
        &self,
        organization: OrganizationId,
        found: Vec<NewDetection>,
        ended: &[(DetectionId, Timestamp)],
    ) -> Result<Vec<Detection>> {
        if found.is_empty() && ended.is_empty() {
            return Ok(Vec::new());
        }
        let mut transaction = self.write().await?;
        for (id, ended_at) in ended {
            sqlx::query(
                "UPDATE detections SET ended_at = $1 WHERE id = $2 AND organization_id = $3 AND ended_at IS NULL",
            )
            .bind(ended_at.as_micros())
            .bind(id.to_string())
            .bind(organization.to_string())
            .execute(&mut *transaction)
            .await?;
        }
        let mut kept = Vec::with_capacity(found.len());
        for found in found {
            let detection = Detection {
                id: DetectionId(id::new_id(found.detected_at)),
                found,
                ended_at: None,
            };
            insert(&mut transaction, organization, &detection).await?;
            kept.push(detection);
        }
        transaction.commit().await?;
        Ok(kept)
    }

    /// Those of an organization that are open, the last one first.
    pub async fn open_detections(&self, organization: OrganizationId) -> Result<Vec<Detection>> {
        sqlx::query(
            "SELECT * FROM detections WHERE organization_id = $1 AND ended_at IS NULL ORDER BY id DESC",
        )
        .bind(organization.to_string())
        .fetch_all(self.readers())
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// One page, those found last first. `limit` is cut to 1..=500.
    pub async fn detections(
        &self,
        organization: OrganizationId,
        seen: &DetectionsOf,
        filter: &DetectionFilter,
        limit: u32,
        cursor: Option<DetectionId>,
    ) -> Result<DetectionPage> {
        let limit = limit.clamp(1, DETECTIONS_PAGE_MAX);
        let mut query = page_query(organization, seen, filter, limit, cursor);
        let rows = query.build().fetch_all(self.readers()).await?;
        let mut detections = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        let has_more = detections.len() > limit as usize;
        detections.truncate(limit as usize);
        let next_cursor = detections.last().filter(|_| has_more).map(|last| last.id);
        Ok(DetectionPage {
            detections,
            next_cursor,
        })
    }

    /// Ends all that are open, of every organization: nobody looks any more whether they are over.
    pub async fn end_all_detections(&self, now: Timestamp) -> Result<()> {
        let mut transaction = self.write().await?;
        sqlx::query("UPDATE detections SET ended_at = $1 WHERE ended_at IS NULL")
            .bind(now.as_micros())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes those that were over before that, of every organization, at most 10,000. Answers how many.
    pub async fn remove_detections_ended_before(&self, before: Timestamp) -> Result<u64> {
        let mut transaction = self.write().await?;
        let removed = sqlx::query(
            "DELETE FROM detections WHERE id IN (SELECT id FROM detections WHERE ended_at < $1 LIMIT $2)",
        )
        .bind(before.as_micros())
        .bind(REMOVED_AT_ONCE_MAX)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(removed.rows_affected())
    }
}

async fn insert(
    connection: &mut Connection,
    organization: OrganizationId,
    detection: &Detection,
) -> Result<()> {
    let found = &detection.found;
    sqlx::query(
        "INSERT INTO detections (id, organization_id, kind, workflow_id, workflow_name, user_id, execution_id, attempt,
                                 since, detected_at, measured, bound, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(detection.id.to_string())
    .bind(organization.to_string())
    .bind(&found.kind)
    .bind(&found.workflow_id)
    .bind(&found.workflow_name)
    .bind(&found.user_id)
    .bind(found.execution.as_ref().map(|(id, _)| id))
    .bind(found.execution.as_ref().map(|(_, attempt)| i64::from(*attempt)))
    .bind(found.since.as_micros())
    .bind(found.detected_at.as_micros())
    .bind(found.measured)
    .bind(found.limit)
    .bind(&found.reason)
    .execute(connection)
    .await?;
    Ok(())
}

fn page_query(
    organization: OrganizationId,
    seen: &DetectionsOf,
    filter: &DetectionFilter,
    limit: u32,
    cursor: Option<DetectionId>,
) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT * FROM detections WHERE organization_id = ");
    query.push_bind(organization.to_string());
    if let DetectionsOf::Owner {
        workflow_ids,
        user_ids,
    } = seen
    {
        // As one parameter each: of the others there may be only so many.
        query.push(" AND CASE WHEN workflow_id IS NULL THEN user_id IN (SELECT value FROM json_each(");
        query.push_bind(json_list(user_ids));
        query.push(")) ELSE workflow_id IN (SELECT value FROM json_each(");
        query.push_bind(json_list(workflow_ids));
        query.push(")) END");
    }
    if let Some(cursor) = cursor {
        query.push(" AND id < ").push_bind(cursor.to_string());
    }
    if filter.is_open {
        query.push(" AND ended_at IS NULL");
    }
    if let Some(kind) = &filter.kind {
        query.push(" AND kind = ").push_bind(kind.clone());
    }
    if let Some(workflow) = &filter.workflow_id {
        query.push(" AND workflow_id = ").push_bind(workflow.clone());
    }
    if let Some(from) = filter.from {
        query.push(" AND coalesce(ended_at > ");
        query.push_bind(from.as_micros()).push(", TRUE)");
    }
    if let Some(to) = filter.to {
        query.push(" AND detected_at < ").push_bind(to.as_micros());
    }
    query.push(" ORDER BY id DESC LIMIT ");
    query.push_bind(i64::from(limit) + 1);
    query
}

fn json_list(texts: &[String]) -> String {
    serde_json::Value::from(texts).to_string()
}

fn read(row: &SqliteRow) -> Result<Detection> {
    let attempt: Option<i64> = row.try_get("attempt")?;
    let attempt = attempt.and_then(|attempt| u32::try_from(attempt).ok());
    Ok(Detection {
        id: column::parsed(row, "id")?,
        found: NewDetection {
            kind: column::text(row, "kind")?,
            workflow_id: column::text_or_null(row, "workflow_id")?,
            workflow_name: column::text_or_null(row, "workflow_name")?,
            user_id: column::text_or_null(row, "user_id")?,
            execution: column::text_or_null(row, "execution_id")?.zip(attempt),
            since: column::time(row, "since")?,
            detected_at: column::time(row, "detected_at")?,
            measured: row.try_get("measured")?,
            limit: row.try_get("bound")?,
            reason: column::text(row, "reason")?,
        },
        ended_at: column::time_or_null(row, "ended_at")?,
    })
}
