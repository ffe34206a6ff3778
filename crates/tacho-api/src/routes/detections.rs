//! What goes wrong while it runs.

use axum::extract::State;
use tacho_analysis::detection::Kind;
use tacho_core::Timestamp;
use tacho_core::record::schema::ID_BYTES_MAX;
use tacho_core::scope::Rows;
use tacho_metastore::{DETECTIONS_PAGE_MAX, DetectionFilter, DetectionId, DetectionsOf};

use crate::AppState;
use crate::auth::Asker;
use crate::extract::{Allowed, Json, Query, need};
use crate::problem::{Problem, Result};
use crate::wire::detections::{Detection, DetectionPage, DetectionParams, DetectionState};

const LIMIT_DEFAULT: u32 = 100;

/// What was found to be wrong while it ran: executions that hang or are silent, schedules that did not come, failures in a
/// row, queues that grow; the last that was found first. What has been over for a year is not kept.
#[utoipa::path(get, path = "/api/v1/detections", tag = "queries", params(DetectionParams),
    responses((status = 200, body = DetectionPage)))]
pub(crate) async fn list_detections(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    Query(params): Query<DetectionParams>,
) -> Result<Json<DetectionPage>> {
    let now = state.clock.now();
    let filter = filter(&params)?;
    let limit = params.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=DETECTIONS_PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid(
            "/limit",
            format!("\"limit\" is from 1 to {DETECTIONS_PAGE_MAX}."),
        ));
    }
    let cursor = params.cursor.as_deref().map(str::parse::<DetectionId>);
    let cursor = cursor.transpose().map_err(|_| {
        Problem::invalid(
            "/cursor",
            "The cursor is none that was answered. Begin at the first page.",
        )
    })?;
    let seen = seen_by(&state, &asker, now).await?;
    let page = state
        .metastore
        .detections(asker.organization.id, &seen, &filter, limit, cursor)
        .await?;
    Ok(Json(DetectionPage {
        detections: page.detections.into_iter().map(Detection::from).collect(),
        next_cursor: page.next_cursor.map(|id| id.to_string()),
        as_of: now,
    }))
}

fn filter(params: &DetectionParams) -> Result<DetectionFilter> {
    let workflow_id = params.workflow_id.clone().filter(|id| !id.is_empty());
    if workflow_id.as_ref().is_some_and(|id| id.len() > ID_BYTES_MAX) {
        return Err(Problem::invalid(
            "/workflow_id",
            format!("An id has at most {ID_BYTES_MAX} bytes."),
        ));
    }
    Ok(DetectionFilter {
        kind: params.kind.map(|kind| Kind::from(kind).as_str().to_owned()),
        workflow_id,
        is_open: params.state.unwrap_or_default() == DetectionState::Open,
        from: params.from,
        to: params.to,
    })
}

/// Whose detections the asker may see: as of rows, those of workflows owned now, and own ones without a workflow.
async fn seen_by(state: &AppState, asker: &Asker, now: Timestamp) -> Result<DetectionsOf> {
    let Rows::Owned { subjects } = asker.scope().rows() else {
        return Ok(DetectionsOf::Everybody);
    };
    let owned = state.engine.declared_workflows(asker.scope(), now).await?;
    Ok(DetectionsOf::Owner {
        workflow_ids: owned.into_iter().map(|workflow| workflow.id).collect(),
        user_ids: subjects.clone(),
    })
}
