//! Records that were refused: to be read, mended, sent again or discarded.

use axum::extract::State;
use axum::http::StatusCode;
use tacho_core::record::RecordType;
use tacho_ingest::Submission;
use tacho_ingest::decode::{DecodeOptions, Format, decode};
use tacho_metastore::{DeadLetter, DeadLetterId, DeadLetterState};

use crate::AppState;
use crate::extract::{Allowed, Json, Path, Query, need};
use crate::problem::{Problem, Result};
use crate::wire::dead_letters::{
    DeadLetterDetail, DeadLetterList, DeadLetterListParams, MendAnswer, MendRequest, RecordError,
    ReplayAnswer, ReplayRequest,
};

const LIMIT_DEFAULT: u32 = 50;

/// Records that were refused, newest first.
#[utoipa::path(get, path = "/api/v1/dead-letters", tag = "dead letters", params(DeadLetterListParams),
    responses((status = 200, body = DeadLetterList)))]
pub(crate) async fn list_dead_letters(
    State(state): State<AppState>,
    asker: Allowed<need::MendRecords>,
    Query(params): Query<DeadLetterListParams>,
) -> Result<Json<DeadLetterList>> {
    let cursor = match &params.cursor {
        Some(text) => Some(text.parse::<DeadLetterId>().map_err(|_| {
            Problem::bad_request(
                "invalid_parameter",
                "The cursor is none that was answered. Begin at the first page.",
            )
        })?),
        None => None,
    };
    let limit = params.limit.unwrap_or(LIMIT_DEFAULT);
    let letters =
        state
            .metastore
            .dead_letters(asker.organization.id, params.state.map(Into::into), limit, cursor);
    let page = letters.await?;
    Ok(Json(DeadLetterList {
        dead_letters: page.letters.into_iter().map(Into::into).collect(),
        next_cursor: page.next_cursor.map(|id| id.to_string()),
        total: page.total,
    }))
}

/// One refused record with its text.
#[utoipa::path(get, path = "/api/v1/dead-letters/{id}", tag = "dead letters",
    params(("id" = String, Path, description = "The dead letter's id")),
    responses((status = 200, body = DeadLetterDetail)))]
pub(crate) async fn get_dead_letter(
    State(state): State<AppState>,
    asker: Allowed<need::MendRecords>,
    Path(id): Path<DeadLetterId>,
) -> Result<Json<DeadLetterDetail>> {
    Ok(Json(
        state
            .metastore
            .dead_letter(asker.organization.id, id)
            .await?
            .into(),
    ))
}

/// Gives a refused record another text and says whether it would be accepted. It stays open.
#[utoipa::path(put, path = "/api/v1/dead-letters/{id}", tag = "dead letters", request_body = MendRequest,
    params(("id" = String, Path, description = "The dead letter's id")),
    responses((status = 200, description = "Kept, valid or not", body = MendAnswer)))]
pub(crate) async fn mend_dead_letter(
    State(state): State<AppState>,
    asker: Allowed<need::MendRecords>,
    Path(id): Path<DeadLetterId>,
    Json(request): Json<MendRequest>,
) -> Result<Json<MendAnswer>> {
    let letter = state
        .metastore
        .mend_dead_letter(asker.organization.id, id, &request.payload)
        .await?;
    let errors = faults(&state, &letter);
    Ok(Json(MendAnswer {
        valid: errors.is_empty(),
        errors,
    }))
}

/// Sends a refused record again, with another text if one is given.
#[utoipa::path(post, path = "/api/v1/dead-letters/{id}/replay", tag = "dead letters",
    request_body = Option<ReplayRequest>,
    params(("id" = String, Path, description = "The dead letter's id")),
    responses((status = 200, description = "Accepted and durable", body = ReplayAnswer)))]
pub(crate) async fn replay_dead_letter(
    State(state): State<AppState>,
    asker: Allowed<need::MendRecords>,
    Path(id): Path<DeadLetterId>,
    request: Option<Json<ReplayRequest>>,
) -> Result<Json<ReplayAnswer>> {
    let organization = asker.organization.id;
    let letter = match request.and_then(|Json(request)| request.payload) {
        Some(payload) => {
            state
                .metastore
                .mend_dead_letter(organization, id, &payload)
                .await?
        }
        None => state.metastore.dead_letter(organization, id).await?,
    };
    if letter.summary.state != DeadLetterState::Open {
        return Err(tacho_metastore::Error::Settled.into());
    }
    // Looked at before it is sent: what is refused there would become another dead letter.
    if let Some(fault) = faults(&state, &letter).into_iter().next() {
        return Err(refused(fault));
    }
    let submission = Submission {
        default_type: record_type(&letter),
        body: letter.payload.into(),
        format: Format::Json,
        idempotency_key: Some(idempotency_key(id)),
        strict: false,
        source: "replay",
        keeps_rejected: false,
    };
    let ack = state
        .ingest
        .submit(organization, submission, state.clock.now())
        .await?;
    if let Some(rejection) = ack.rejected.into_iter().next() {
        return Err(refused(rejection.into()));
    }
    state
        .metastore
        .settle_dead_letter(organization, id, DeadLetterState::Replayed)
        .await?;
    Ok(Json(ReplayAnswer {
        accepted: ack.accepted,
    }))
}

/// Decides against a refused record.
#[utoipa::path(delete, path = "/api/v1/dead-letters/{id}", tag = "dead letters",
    params(("id" = String, Path, description = "The dead letter's id")),
    responses((status = 204, description = "Discarded")))]
pub(crate) async fn discard_dead_letter(
    State(state): State<AppState>,
    asker: Allowed<need::MendRecords>,
    Path(id): Path<DeadLetterId>,
) -> Result<StatusCode> {
    state
        .metastore
        .settle_dead_letter(asker.organization.id, id, DeadLetterState::Discarded)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is wrong with the record, read as a replay would read it.
fn faults(state: &AppState, letter: &DeadLetter) -> Vec<RecordError> {
    let key = idempotency_key(letter.summary.id);
    let options = DecodeOptions {
        idempotency_key: Some(&key),
        default_type: record_type(letter),
        ..DecodeOptions::new(state.clock.now())
    };
    let not_json = |message: String| {
        vec![RecordError {
            code: "not_json".to_owned(),
            message,
            pointer: None,
        }]
    };
    match decode(Format::Json, letter.payload.as_bytes(), &options) {
        Ok(decoded) if decoded.records.is_empty() && decoded.rejected.is_empty() => {
            not_json("There is no record in it; send one.".to_owned())
        }
        Ok(decoded) => decoded.rejected.into_iter().map(RecordError::from).collect(),
        Err(malformed) => not_json(malformed.to_string()),
    }
}

/// The type that it had when it was refused, for a record that does not say.
fn record_type(letter: &DeadLetter) -> Option<RecordType> {
    letter
        .summary
        .record_type
        .as_deref()
        .and_then(RecordType::from_word)
}

/// The same each time, so that replaying twice at once counts once.
fn idempotency_key(id: DeadLetterId) -> String {
    format!("dead-letter-{id}")
}

fn refused(fault: RecordError) -> Problem {
    let problem = Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "record_rejected",
        format!("{} ({})", crate::problem::sentence(&fault.message), fault.code),
    );
    match fault.pointer {
        Some(pointer) => problem.at(format!("/payload{pointer}")),
        None => problem.at("/payload"),
    }
}
