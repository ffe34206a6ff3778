//! The calls of a request, and their answers.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;

use super::TrpcError;
use super::superjson::{unwrap, wrap};
use crate::analytics::Call;
use crate::problem::Problem;

/// Calls that one request may have.
pub(crate) const CALLS_MAX: usize = 20;

/// What stands behind the `?`.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallParams {
    /// `1` if several procedures are called.
    batch: Option<String>,
    /// The input as JSON; of a batch, an object with the inputs by the places of their procedures.
    #[param(example = "{\"period\":\"week\"}")]
    input: Option<String>,
}

/// A call as it was asked for.
pub(crate) struct Asked {
    /// The procedure, such as `analytics.getUsageStats`.
    pub(crate) path: String,
    /// Its input, out of its envelope.
    pub(crate) input: Option<Value>,
    is_wrapped: bool,
}

/// The answers to the calls of a request.
pub(crate) struct Answered {
    is_batch: bool,
    items: Vec<(StatusCode, Value)>,
    retry_after: Option<std::time::Duration>,
}

impl CallParams {
    /// The calls to the procedures, whose names are separated by commas in a batch.
    pub(crate) fn calls(self, procedures: &str, request_id: &str) -> Result<Vec<Asked>, Answered> {
        let is_batch = self.is_batch();
        let refuse =
            |message: &str| Answered::refusal(is_batch, TrpcError::malformed(message, None, request_id));
        let input = match self
            .input
            .as_deref()
            .map(serde_json::from_str::<Value>)
            .transpose()
        {
            Ok(input) => input,
            Err(_) => return Err(refuse("The input is no JSON")),
        };
        let asked = |path: &str, input: Option<Value>| {
            let unwrapped = unwrap(input);
            Asked {
                path: path.to_owned(),
                input: unwrapped.input,
                is_wrapped: unwrapped.is_wrapped,
            }
        };
        if !is_batch {
            return Ok(vec![asked(procedures, input)]);
        }
        let mut inputs = match input {
            None => Map::new(),
            Some(Value::Object(inputs)) => inputs,
            Some(_) => return Err(refuse("The input of a batch is an object")),
        };
        let calls = procedures.split(',').enumerate();
        Ok(calls
            .map(|(at, path)| asked(path, inputs.remove(&at.to_string())))
            .collect())
    }

    /// Whether several procedures are called.
    pub(crate) fn is_batch(&self) -> bool {
        self.batch.as_deref() == Some("1")
    }
}

impl Answered {
    /// An answer without a result.
    pub(crate) fn refusal(is_batch: bool, error: TrpcError) -> Self {
        let mut answered = Self::new(is_batch);
        answered.push_error(error, false);
        answered
    }

    /// The same refusal for each call, in the envelope that it came in: a client looks for the error of each in its place.
    pub(crate) fn refused(is_batch: bool, calls: &[Asked], problem: &Problem, request_id: &str) -> Self {
        let mut answered = Self::new(is_batch);
        for asked in calls {
            answered.push(asked, Call::Refused(problem.clone()), request_id);
        }
        answered
    }

    /// No answers yet.
    pub(crate) fn new(is_batch: bool) -> Self {
        Self {
            is_batch,
            items: Vec::new(),
            retry_after: None,
        }
    }

    /// Adds what came of the next call.
    pub(crate) fn push(&mut self, asked: &Asked, call: Call, request_id: &str) {
        let error = match call {
            Call::Answered(value, dates) => {
                let data = if asked.is_wrapped {
                    wrap(value, dates)
                } else {
                    value
                };
                self.items
                    .push((StatusCode::OK, json!({ "result": { "data": data } })));
                return;
            }
            Call::Invalid(issues) => TrpcError::of_issues(&issues, &asked.path, request_id),
            Call::Unknown => TrpcError::unknown_procedure(&asked.path, request_id),
            Call::Refused(problem) => {
                if problem.status.is_server_error() {
                    tracing::error!(
                        request_id,
                        code = problem.code,
                        cause = problem.cause_text(),
                        procedure = asked.path,
                        "procedure"
                    );
                }
                self.retry_after = self.retry_after.max(problem.retry_after);
                TrpcError::of_problem(&problem, Some(&asked.path), request_id)
            }
        };
        self.push_error(error, asked.is_wrapped);
    }

    fn push_error(&mut self, error: TrpcError, is_wrapped: bool) {
        let status = error.status();
        let error = error.into_json();
        let error = if is_wrapped { wrap(error, &[]) } else { error };
        self.items.push((status, json!({ "error": error })));
    }
}

impl IntoResponse for Answered {
    fn into_response(mut self) -> Response {
        let first = self.items.first().map_or(StatusCode::OK, |(status, _)| *status);
        let status = match self.items.iter().all(|(status, _)| *status == first) {
            true => first,
            false => StatusCode::MULTI_STATUS,
        };
        let body = match self.is_batch {
            true => Value::Array(self.items.into_iter().map(|(_, item)| item).collect()),
            false => self.items.pop().map(|(_, item)| item).unwrap_or_default(),
        };
        let mut response = (status, Json(body)).into_response();
        if let Some(wait) = self.retry_after {
            crate::problem::add_retry_after(&mut response, wait);
        }
        response
    }
}
