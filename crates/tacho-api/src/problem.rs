//! Errors on the wire: RFC 9457 problems. The one place where errors of other crates become answers.
//!
//! A route answers `Err(Problem)`. The boundary adds the request's id, writes the body and logs once; a problem's cause
//! is logged and never sent.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// When to send again what was refused because somebody has to see to the server first.
const REPAIR_TIME: Duration = Duration::from_secs(30);

/// When to ask again where a store does not answer.
const STORE_RETRY: Duration = Duration::from_secs(5);
const ASK_LESS: &str = "Ask for a shorter range, fewer groups or a coarser granularity.";
const NOTHING_LOST: &str =
    "Nothing is lost: the journal has everything. Ask again later; the System page says more.";

/// What went wrong and what to do about it.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// A stable word.
    pub(crate) code: &'static str,
    /// A sentence that says what to do.
    pub(crate) detail: String,
    /// JSON pointer to the field at fault.
    pub(crate) pointer: Option<String>,
    /// When to try again.
    pub(crate) retry_after: Option<Duration>,
    /// What happened inside; for the log only.
    pub(crate) cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// Result of a route.
pub(crate) type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            pointer: None,
            retry_after: None,
            cause: None,
        }
    }

    /// 400: the request can't be read.
    pub(crate) fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 401: nobody is signed in.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign in, or send an API key as \"Authorization: Bearer tacho_…\".",
        )
    }

    /// 403: somebody is signed in who may not do this.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404: nothing is there, or nothing that the asker may see.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("There is no such {what}. Check the address."),
        )
    }

    /// 422: a field's value breaks a rule.
    pub(crate) fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_value", detail).at(pointer)
    }

    /// 500: a fault of ours.
    pub(crate) fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Tacho failed. Try again; if it stays, look for the request id in the server's log.",
        )
        .because(cause)
    }

    /// 503: too much at once.
    pub(crate) fn overloaded(retry_after: Duration) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "Tacho has more to do than it can hold. Send the request again later.",
        )
        .retry_after(retry_after)
    }

    /// With the field at fault, which lies in another.
    pub(crate) fn within(mut self, outer: &str) -> Self {
        let inner = self.pointer.take().unwrap_or_default();
        self.pointer = Some(format!("{outer}{inner}"));
        self
    }

    /// With the field at fault.
    pub(crate) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// With a time to wait.
    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// With what happened inside.
    pub(crate) fn because(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// What a bare status means, where a layer answered without a problem.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::NOT_FOUND => (
                "not_found",
                "There is nothing at this address. Check it; /docs lists the API.",
            ),
            StatusCode::METHOD_NOT_ALLOWED => (
                "method_not_allowed",
                "This address does not take this method. The Allow header lists those it takes.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "The body is too large. Send less at once."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("unsupported_media_type", "Send the body as application/json.")
            }
            StatusCode::REQUEST_TIMEOUT => ("timeout", "The request took too long to arrive. Send it again."),
            status if status.is_server_error() => (
                "internal",
                "Tacho failed. Try again; if it stays, look for the request id in the server's log.",
            ),
            _ => (
                "bad_request",
                "The request can't be read. Check its address, headers and body.",
            ),
        };
        Self::new(status, code, detail)
    }

    /// What happened inside, in one line.
    pub(crate) fn cause_text(&self) -> Option<String> {
        self.cause.as_deref().map(|cause| chain(cause))
    }

    /// The body, as sent.
    pub(crate) fn body(&self, request_id: &str) -> crate::wire::problem::Problem {
        crate::wire::problem::Problem {
            kind: format!("https://tacho.dev/problems/{}", self.code),
            title: title(self.code, self.status),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail.clone(),
            request_id: request_id.to_owned(),
            pointer: self.pointer.clone(),
        }
    }
}

/// The code as a heading: "sign_in_failed" is "Sign in failed".
fn title(code: &str, status: StatusCode) -> String {
    let mut words = code.replace('_', " ");
    match words.get_mut(..1) {
        Some(first) => first.make_ascii_uppercase(),
        None => return status.canonical_reason().unwrap_or("Error").to_owned(),
    }
    words
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl IntoResponse for Problem {
    /// An answer without a body, which the boundary writes.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(wait) = self.retry_after {
            add_retry_after(&mut response, wait);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Says when to ask again, in whole seconds.
pub(crate) fn add_retry_after(response: &mut Response, wait: Duration) {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
}

impl From<tacho_metastore::Error> for Problem {
    fn from(error: tacho_metastore::Error) -> Self {
        use tacho_metastore::Error;
        let status_and_code = match &error {
            Error::NotFound(what) => return Problem::not_found(what),
            Error::Invalid { field, message } => {
                let code = if *field == "password" {
                    "password_too_short"
                } else {
                    "invalid_value"
                };
                return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, sentence(message))
                    .at(format!("/{field}"));
            }
            Error::Taken { what } => {
                return Problem::new(StatusCode::CONFLICT, "taken", sentence(&error.to_string()))
                    .at(format!("/{what}"));
            }
            Error::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many"),
            Error::LastOwner => (StatusCode::CONFLICT, "last_owner"),
            Error::SetupLinkInvalid => (StatusCode::GONE, "setup_link_invalid"),
            Error::AlreadySetUp => (StatusCode::CONFLICT, "already_set_up"),
            Error::Settled => (StatusCode::CONFLICT, "dead_letter_settled"),
            Error::Database(_) => {
                return Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "metastore_unavailable",
                    "The file of people and configuration does not answer. Try again; /readyz says more.",
                )
                .retry_after(Duration::from_secs(1))
                .because(error);
            }
            Error::Migration(_) | Error::Unreadable { .. } | Error::Background(_) => {
                return Problem::internal(error);
            }
        };
        let (status, code) = status_and_code;
        Problem::new(status, code, sentence(&error.to_string()))
    }
}

impl From<tacho_query::QueryError> for Problem {
    fn from(error: tacho_query::QueryError) -> Self {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            error.code(),
            sentence(&error.to_string()),
        )
        .at(error.pointer())
    }
}

impl From<tacho_ingest::SubmitError> for Problem {
    fn from(error: tacho_ingest::SubmitError) -> Self {
        use tacho_ingest::SubmitError;
        match &error {
            SubmitError::Malformed(malformed) => Problem::bad_request("malformed_body", sentence(&malformed.to_string())),
            SubmitError::Overloaded { retry_after, .. } => Problem {
                detail: sentence(&error.to_string()),
                ..Problem::overloaded(*retry_after)
            },
            SubmitError::DiskFull => {
                Problem::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", sentence(&error.to_string()))
                    .retry_after(REPAIR_TIME)
            }
            SubmitError::JournalFailed(_) => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "journal_failed",
                "The journal has failed and accepts nothing until Tacho is restarted. Keep the records and send them again.",
            )
            .retry_after(REPAIR_TIME)
            .because(error),
        }
    }
}

impl From<tacho_store::EngineError> for Problem {
    fn from(error: tacho_store::EngineError) -> Self {
        use tacho_store::EngineError;
        match error {
            EngineError::Query(error) => error.into(),
            EngineError::TooManyQueries(_) => Problem::invalid("/queries", sentence(&error.to_string())),
            EngineError::AnswerTooLarge { .. } => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "answer_too_large",
                format!(
                    "{} Ask for fewer groups, measures or questions at once, or a coarser granularity.",
                    sentence(&error.to_string())
                ),
            ),
            EngineError::Overloaded { retry_after } => Problem {
                detail: sentence(&error.to_string()),
                ..Problem::overloaded(retry_after)
            },
            EngineError::Store(error) => of_store(error),
            EngineError::Shape(_) | EngineError::Lost => Problem::internal(error),
        }
    }
}

impl From<tacho_jobs::exports::ExportsError> for Problem {
    fn from(error: tacho_jobs::exports::ExportsError) -> Self {
        use tacho_jobs::exports::ExportsError;
        use tacho_metastore::ExportState;
        let no_file = |status, code| Problem::new(status, code, sentence(&error.to_string()));
        match error {
            ExportsError::NotFound => Problem::not_found("export"),
            ExportsError::NoFile(ExportState::Expired) => no_file(StatusCode::GONE, "export_expired"),
            ExportsError::NoFile(_) => no_file(StatusCode::CONFLICT, "export_not_done"),
            ExportsError::Metastore(error) => error.into(),
            ExportsError::Folder(_) | ExportsError::Task(_) | ExportsError::Lost => Problem::internal(error),
        }
    }
}

impl From<tacho_store::StoreError> for Problem {
    fn from(error: tacho_store::StoreError) -> Self {
        of_store(Arc::new(error))
    }
}

fn of_store(error: Arc<tacho_store::StoreError>) -> Problem {
    use tacho_store::StoreError;
    let unavailable = |detail: String| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", detail).retry_after(STORE_RETRY)
    };
    let text = sentence(&error.to_string());
    let problem = match &*error {
        StoreError::TimedOut(_) => Problem::new(
            StatusCode::GATEWAY_TIMEOUT,
            "query_timed_out",
            format!("{text} {ASK_LESS}"),
        ),
        StoreError::OutOfMemory => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "query_too_large",
            format!("{text} {ASK_LESS}"),
        ),
        StoreError::Unavailable(_) => unavailable(format!("{text} {NOTHING_LOST}")),
        StoreError::Damaged(_) | StoreError::Engine(_) | StoreError::Stopped => {
            unavailable(format!("The store failed. {NOTHING_LOST}"))
        }
    };
    Problem {
        cause: Some(error),
        ..problem
    }
}

/// With a capital and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{stop}", first.to_uppercase(), characters.as_str())
}

/// An error and what caused it, in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_its_own_title() {
        assert_eq!(
            title("sign_in_failed", StatusCode::UNAUTHORIZED),
            "Sign in failed"
        );
        assert_eq!(
            sentence("name taken; choose another"),
            "Name taken; choose another."
        );
    }

    #[test]
    fn waiting_is_rounded_up_to_a_second() {
        let response = Problem::overloaded(Duration::from_millis(1200)).into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
    }
}
