//! Who asked for which data.

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tacho_core::{OrganizationId, UserId};
use tacho_metastore::{AuditEntryId, AuditFilter, AuditPage};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::AppState;
use crate::audit::AuditUnavailable;
use crate::extract::{Allowed, Json, Query, need};
use crate::problem::{Problem, Result};
use crate::wire::audit::{AuditEntry, AuditLog, AuditParams, csv_lines};

const LIMIT_DEFAULT: u32 = 100;
const LIMIT_MAX: u32 = 1000;
/// Bytes of a text to filter by.
const TEXT_BYTES_MAX: usize = 1024;
/// Pages of an export that wait for a slow client.
const PAGES_AHEAD: usize = 2;

/// Who asked for which data, newest first. The same question by the same asker from the same address is one entry for an
/// hour, with the number of requests. Everything that was answered before this request is there.
#[utoipa::path(get, path = "/api/v1/audit", tag = "settings", params(AuditParams),
    responses((status = 200, body = AuditLog)))]
pub(crate) async fn list_audit_entries(
    State(state): State<AppState>,
    asker: Allowed<need::SeeAudit>,
    Query(params): Query<AuditParams>,
) -> Result<Json<AuditLog>> {
    let filter = filter(&params)?;
    let limit = params.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(invalid(format!("\"limit\" is from 1 to {LIMIT_MAX}.")));
    }
    let cursor = match &params.cursor {
        Some(text) => Some(text.parse::<AuditEntryId>().map_err(|_| {
            invalid("The cursor is none that was answered. Begin at the first page.".to_owned())
        })?),
        None => None,
    };
    state.audit.flush().await?;
    let page = state
        .metastore
        .audit_page(asker.organization.id, &filter, limit, cursor)
        .await?;
    Ok(Json(AuditLog {
        entries: page.entries.into_iter().map(AuditEntry::from).collect(),
        next_cursor: page.next_cursor.map(|id| id.to_string()),
    }))
}

/// The audit log as CSV, newest first. Cells that a spreadsheet would take for a formula begin with an apostrophe.
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "settings", params(AuditParams), responses(
    (status = 200, description = "The entries, with a line of names first", body = String, content_type = "text/csv",
        example = json!("first_at,last_at,requests,user_name\r\n2026-11-22T09:30:00Z,2026-11-22T10:20:00Z,12,Ada\r\n")),
))]
pub(crate) async fn get_audit_export(
    State(state): State<AppState>,
    asker: Allowed<need::SeeAudit>,
    Query(params): Query<AuditParams>,
) -> Result<Response> {
    let filter = filter(&params)?;
    state.audit.flush().await?;
    let organization = asker.organization.id;
    let first = state
        .metastore
        .audit_page(organization, &filter, LIMIT_MAX, None)
        .await?;
    let (pages, body) = mpsc::channel(PAGES_AHEAD);
    tokio::spawn(async move {
        if let Err(error) = send_pages(&state, organization, &filter, first, &pages).await {
            tracing::error!(%error, "an export of the audit log broke off");
            let _ = pages.send(Err(error)).await;
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, Body::from_stream(ReceiverStream::new(body))).into_response())
}

type ExportError = Box<dyn std::error::Error + Send + Sync>;

/// Sends page after page until the last, or until the client is gone.
async fn send_pages(
    state: &AppState,
    organization: OrganizationId,
    filter: &AuditFilter,
    first: AuditPage,
    pages: &mpsc::Sender<std::result::Result<Bytes, ExportError>>,
) -> std::result::Result<(), ExportError> {
    let (mut page, mut is_first) = (first, true);
    loop {
        let entries = page.entries.into_iter().map(AuditEntry::from).collect();
        let lines = csv_lines(entries, is_first)?;
        if pages.send(Ok(lines.into())).await.is_err() {
            return Ok(());
        }
        let Some(cursor) = page.next_cursor else {
            return Ok(());
        };
        page = state
            .metastore
            .audit_page(organization, filter, LIMIT_MAX, Some(cursor))
            .await?;
        is_first = false;
    }
}

fn filter(params: &AuditParams) -> Result<AuditFilter> {
    let user_id = match &params.user_id {
        Some(text) => Some(
            text.parse::<UserId>()
                .map_err(|_| invalid("\"user_id\" is the id of a user.".to_owned()))?,
        ),
        None => None,
    };
    Ok(AuditFilter {
        from: params.from,
        to: params.to,
        user_id,
        operation: text("operation", &params.operation)?,
        search: text("search", &params.search)?,
    })
}

/// A text to filter by, if there is one.
fn text(name: &str, text: &Option<String>) -> Result<Option<String>> {
    let given = text.clone().filter(|text| !text.is_empty());
    match given {
        Some(text) if text.len() > TEXT_BYTES_MAX => Err(invalid(format!(
            "\"{name}\" may have {TEXT_BYTES_MAX} bytes; this one has {}.",
            text.len()
        ))),
        given => Ok(given),
    }
}

fn invalid(detail: String) -> Problem {
    Problem::bad_request("invalid_parameter", detail)
}

impl From<AuditUnavailable> for Problem {
    fn from(error: AuditUnavailable) -> Self {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "audit_unavailable",
            "Nothing is answered that cannot be put into the audit log. Try again; /readyz says more.",
        )
        .retry_after(std::time::Duration::from_secs(5))
        .because(error)
    }
}
