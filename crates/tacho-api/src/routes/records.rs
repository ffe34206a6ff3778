//! Sending records.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use tacho_ingest::decode::Format;

use crate::AppState;
use crate::extract::{Allowed, Json, media_type, need, read_body};
use crate::problem::{Problem, Result};
use crate::wire::record_schema::RecordsRequest;
use crate::wire::records::{IngestAnswer, begun_run_example, finished_run_example, lines_example};
use tacho_ingest::Submission;

const KEY_BYTES_MAX: usize = 200;

/// Takes in records: a JSON array, one record, or one record a line (NDJSON); plain, gzip or zstd. Every accepted record
/// is on the disk before the answer. One bad record never stops the others.
#[utoipa::path(post, path = "/api/v1/records", tag = "records",
    params(
        ("Idempotency-Key" = Option<String>, Header,
            description = "Gives ids to records that have none, the same ones when the request is sent again"),
        ("X-Tacho-Strict" = Option<bool>, Header,
            description = "With \"true\", unknown fields are an error; otherwise they are kept in metadata"),
        ("Content-Encoding" = Option<String>, Header, description = "gzip or zstd"),
    ),
    request_body(content(
        (RecordsRequest = "application/json", examples(
            ("finished_run" = (summary = "A run that is over, with a step and a cost", value = json!(finished_run_example()))),
            ("begun_run" = (summary = "A run that has just begun", value = json!(begun_run_example()))),
        )),
        (String = "application/x-ndjson", examples(
            ("lines" = (summary = "One record a line", value = json!(lines_example()))),
        )),
    )),
    responses(
        (status = 202, description = "Accepted and durable, but for those listed as rejected", body = IngestAnswer),
        (status = 503, description = "Overloaded: send again after Retry-After", body = crate::wire::problem::Problem,
            content_type = "application/problem+json"),
        (status = 507, description = "The disk is nearly full; nothing was accepted", body = crate::wire::problem::Problem,
            content_type = "application/problem+json"),
    ))]
pub(crate) async fn create_records(
    State(state): State<AppState>,
    asker: Allowed<need::Ingest>,
    request: Request,
) -> Result<(StatusCode, Json<IngestAnswer>)> {
    let format = format(request.headers())?;
    let idempotency_key = idempotency_key(request.headers())?;
    let strict = is_strict(request.headers())?;
    let payload = read_body(request, &state, asker.organization.id).await?;
    let submission = Submission {
        body: payload.bytes.clone(),
        format,
        idempotency_key,
        strict,
        default_type: None,
        source: "http",
        keeps_rejected: true,
    };
    let ack = state
        .ingest
        .submit(asker.organization.id, submission, state.clock.now())
        .await?;
    Ok((StatusCode::ACCEPTED, Json(ack.into())))
}

fn format(headers: &HeaderMap) -> Result<Format> {
    match media_type(headers).map(str::to_ascii_lowercase).as_deref() {
        // `curl -d` calls its body a form unless told otherwise. A form could also come from another site's page, but that
        // has no bearer token, and with a cookie the header against forgery is asked for.
        None | Some("application/json" | "application/x-www-form-urlencoded") => Ok(Format::Json),
        Some(
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines",
        ) => Ok(Format::Ndjson),
        _ => Err(Problem {
            detail: "Send records as application/json, or one a line as application/x-ndjson.".to_owned(),
            ..Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
        }),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str().map(str::trim) {
        Ok(key) if (1..=KEY_BYTES_MAX).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Problem::bad_request(
            "invalid_header",
            format!("The Idempotency-Key must be 1 to {KEY_BYTES_MAX} printable ASCII characters."),
        )),
    }
}

fn is_strict(headers: &HeaderMap) -> Result<bool> {
    match headers
        .get("x-tacho-strict")
        .map(|value| value.as_bytes().to_ascii_lowercase())
    {
        None => Ok(false),
        Some(word) if word == b"true" || word == b"1" => Ok(true),
        Some(word) if word == b"false" || word == b"0" => Ok(false),
        Some(_) => Err(Problem::bad_request(
            "invalid_header",
            "X-Tacho-Strict is either true or false.",
        )),
    }
}
