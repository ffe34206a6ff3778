//! Errors as tRPC has them.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::analytics::Issue;
use crate::problem::Problem;

/// An error of a call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TrpcError {
    /// What went wrong. For a faulty input: the list of faults as JSON.
    #[schema(example = "Task not found or unauthorized")]
    message: String,
    /// JSON-RPC's number for it.
    #[schema(example = -32004)]
    code: i32,
    /// More about it.
    data: TrpcErrorData,
}

/// An error's envelope, or those of a batch.
#[derive(ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
pub(crate) enum TrpcErrorBody {
    /// The error of a single call.
    One {
        /// The error; in superjson's envelope if the input was in one.
        error: Value,
    },
    /// One for each call of a batch.
    Batch(Vec<Value>),
}

/// More about an error.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrpcErrorData {
    /// tRPC's word for it.
    #[schema(example = "NOT_FOUND")]
    code: &'static str,
    /// The status of a single call's answer.
    #[schema(example = 404)]
    http_status: u16,
    /// The procedure.
    #[schema(example = "analytics.getTaskMetrics")]
    path: Option<String>,
    /// The request's id.
    request_id: String,
}

impl TrpcError {
    pub(crate) fn of_problem(problem: &Problem, path: Option<&str>, request_id: &str) -> Self {
        Self::new(problem.status, problem.detail.clone(), path, request_id)
    }

    /// A faulty input: the faults as a list in JSON, as the document's validators tell them.
    pub(super) fn of_issues(issues: &[Issue], path: &str, request_id: &str) -> Self {
        let message = serde_json::to_string_pretty(issues).unwrap_or_default();
        Self::new(StatusCode::BAD_REQUEST, message, Some(path), request_id)
    }

    pub(super) fn unknown_procedure(path: &str, request_id: &str) -> Self {
        let known: String = path.chars().take(100).collect();
        let message = format!("No procedure found on path \"{known}\"");
        Self::new(StatusCode::NOT_FOUND, message, Some(&known), request_id)
    }

    pub(super) fn malformed(message: &str, path: Option<&str>, request_id: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message.to_owned(), path, request_id)
    }

    fn new(status: StatusCode, message: String, path: Option<&str>, request_id: &str) -> Self {
        // Numbers and words of tRPC 11; several words share the number of an internal error.
        let (code, word) = match status.as_u16() {
            400 => (-32600, "BAD_REQUEST"),
            401 => (-32001, "UNAUTHORIZED"),
            403 => (-32003, "FORBIDDEN"),
            404 => (-32004, "NOT_FOUND"),
            408 => (-32008, "TIMEOUT"),
            413 => (-32013, "PAYLOAD_TOO_LARGE"),
            422 => (-32022, "UNPROCESSABLE_CONTENT"),
            429 => (-32029, "TOO_MANY_REQUESTS"),
            503 => (-32603, "SERVICE_UNAVAILABLE"),
            504 => (-32603, "GATEWAY_TIMEOUT"),
            _ => (-32603, "INTERNAL_SERVER_ERROR"),
        };
        Self {
            message,
            code,
            data: TrpcErrorData {
                code: word,
                http_status: status.as_u16(),
                path: path.map(str::to_owned),
                request_id: request_id.to_owned(),
            },
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.data.http_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(super) fn into_json(self) -> Value {
        json!(self)
    }
}
