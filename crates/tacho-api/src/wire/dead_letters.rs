//! Records that were refused.

use serde::{Deserialize, Serialize};
use tacho_core::Timestamp;
use tacho_ingest::Rejection;
use tacho_metastore::DeadLetterSummary;
use utoipa::{IntoParams, ToSchema};

/// What became of a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeadLetterState {
    /// Waits to be mended, replayed or discarded.
    Open,
    /// Its record was accepted later.
    Replayed,
    /// Somebody decided against it.
    Discarded,
}

impl From<tacho_metastore::DeadLetterState> for DeadLetterState {
    fn from(state: tacho_metastore::DeadLetterState) -> Self {
        match state {
            tacho_metastore::DeadLetterState::Open => DeadLetterState::Open,
            tacho_metastore::DeadLetterState::Replayed => DeadLetterState::Replayed,
            tacho_metastore::DeadLetterState::Discarded => DeadLetterState::Discarded,
        }
    }
}

impl From<DeadLetterState> for tacho_metastore::DeadLetterState {
    fn from(state: DeadLetterState) -> Self {
        match state {
            DeadLetterState::Open => tacho_metastore::DeadLetterState::Open,
            DeadLetterState::Replayed => tacho_metastore::DeadLetterState::Replayed,
            DeadLetterState::Discarded => tacho_metastore::DeadLetterState::Discarded,
        }
    }
}

/// Which dead letters to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeadLetterListParams {
    /// In this state; in any if left out.
    #[param(inline)]
    pub(crate) state: Option<DeadLetterState>,
    /// Letters on a page, 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
}

/// A dead letter, without the record itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetter {
    pub(crate) id: String,
    /// When the record arrived.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) received_at: Timestamp,
    /// Why it was refused: a stable word.
    pub(crate) code: String,
    /// Why and what to do.
    pub(crate) message: String,
    /// JSON pointer to the field at fault.
    #[schema(required)]
    pub(crate) pointer: Option<String>,
    /// The record's type, if it could be told.
    #[schema(required)]
    pub(crate) record_type: Option<String>,
    /// How it came.
    #[schema(example = "http")]
    pub(crate) source: String,
    pub(crate) state: DeadLetterState,
    /// Bytes of the record's text.
    pub(crate) payload_bytes: u64,
    /// Whether only the beginning of the text was kept.
    pub(crate) is_truncated: bool,
}

impl From<DeadLetterSummary> for DeadLetter {
    fn from(letter: DeadLetterSummary) -> Self {
        Self {
            id: letter.id.to_string(),
            received_at: letter.received_at,
            code: letter.code,
            message: letter.message,
            pointer: letter.pointer,
            record_type: letter.record_type,
            source: letter.source,
            state: letter.state.into(),
            payload_bytes: letter.payload_bytes,
            is_truncated: letter.is_truncated,
        }
    }
}

/// A page of dead letters, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterList {
    pub(crate) dead_letters: Vec<DeadLetter>,
    /// Ask with it for the next page; null on the last.
    #[schema(required)]
    pub(crate) next_cursor: Option<String>,
    /// How many there are on all pages.
    pub(crate) total: u64,
}

/// A dead letter with the record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterDetail {
    #[serde(flatten)]
    pub(crate) letter: DeadLetter,
    /// The record's text as it arrived, or as it was mended.
    pub(crate) payload: String,
}

impl From<tacho_metastore::DeadLetter> for DeadLetterDetail {
    fn from(letter: tacho_metastore::DeadLetter) -> Self {
        Self {
            letter: letter.summary.into(),
            payload: letter.payload,
        }
    }
}

/// Another text for a dead letter.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MendRequest {
    /// The record as JSON text.
    #[schema(
        example = "{\"type\":\"execution\",\"id\":\"run-1041\",\"workflow_id\":\"invoices\",\"status\":\"success\"}"
    )]
    pub(crate) payload: String,
}

/// Whether the mended record would be accepted. It is kept either way.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "valid": false,
    "errors": [{ "code": "invalid_value", "message": "Unknown status \"exploded\".", "pointer": "/status" }]
}))]
pub(crate) struct MendAnswer {
    pub(crate) valid: bool,
    /// What is still wrong with it.
    pub(crate) errors: Vec<RecordError>,
}

/// What is wrong with a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RecordError {
    /// A stable word.
    pub(crate) code: String,
    /// What to do.
    pub(crate) message: String,
    /// JSON pointer to the field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) pointer: Option<String>,
}

impl From<Rejection> for RecordError {
    fn from(rejection: Rejection) -> Self {
        Self {
            code: rejection.code.to_string(),
            message: rejection.message,
            pointer: rejection.pointer,
        }
    }
}

/// Sends a dead letter's record again.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "payload": "{\"type\":\"execution\",\"id\":\"run-1\",\"status\":\"failed\"}" }))]
pub(crate) struct ReplayRequest {
    /// Another text for it; the kept one if absent.
    pub(crate) payload: Option<String>,
}

/// The record was accepted.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct ReplayAnswer {
    /// Records accepted: 1, or more where one wire object gives several.
    #[schema(example = 1)]
    pub(crate) accepted: u32,
}
