//! The outermost layer: gives the request its id, times it, turns every refusal into a problem with a body, puts
//! requests for data into the audit log, and writes one event about it all.

use std::any::Any;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument as _;
use uuid::Uuid;

use super::RequestNotes;
use super::access::Answered;
use crate::problem::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_BYTES_MAX: usize = 64;

/// Routes that the web application and monitoring ask all the time.
const POLLED_ROUTES: [&str; 4] = ["/api/v1/system", "/healthz", "/readyz", "/metrics"];

/// Surrounds a request.
pub(crate) async fn surround(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(&request);
    let notes = RequestNotes::new(&id);
    request.extensions_mut().insert(notes.clone());
    let method = request.method().clone();
    let uri = request.uri().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|matched| matched.as_str().to_owned());

    let span = tracing::info_span!(target: "tacho::request", "request", request_id = %id);
    let mut response = next.run(request).instrument(span).await;
    let route = route.as_deref().unwrap_or("other");
    if let Some(access) = notes.access() {
        let answered = Answered {
            method: &method,
            route,
            uri: &uri,
            status: response.status().as_u16(),
            request_id: &id,
        };
        if let Err(unavailable) = access.record(answered).await {
            response = Problem::from(unavailable).into_response();
        }
    }
    let problem = take_problem(&mut response);
    if let Some(problem) = &problem {
        response = with_body(response, problem, &id, &method);
    }
    if let Ok(value) = HeaderValue::try_from(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if let Some(standing) = notes.standing() {
        standing.write(response.headers_mut());
    }

    let elapsed = began.elapsed();
    let status = response.status();
    count(&method, route, status, elapsed.as_secs_f64());
    let asker = notes.asker();
    let event = Event {
        id: &id,
        method: &method,
        path: uri.path(),
        route,
        status: status.as_u16(),
        elapsed_ms: elapsed.as_secs_f64() * 1000.0,
        organization: asker.map(|asker| asker.organization.as_str()),
        user: asker.and_then(|asker| asker.user.as_deref()),
        key: asker.and_then(|asker| asker.key.as_deref()),
        problem: problem.as_ref(),
    };
    event.write();
    response
}

/// What a panic in a route answers.
pub(crate) fn on_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Problem::internal(Panicked(message.to_owned())).into_response()
}

#[derive(Debug, thiserror::Error)]
#[error("panicked: {0}")]
struct Panicked(String);

/// The sender's id if it is harmless, else a new one.
fn request_id(request: &Request) -> String {
    let harmless = |id: &&str| {
        (1..=REQUEST_ID_BYTES_MAX).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    let sent = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(harmless);
    sent.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// The problem that the answer is, also where a layer of the web framework refused with a bare status.
fn take_problem(response: &mut Response) -> Option<Problem> {
    let status = response.status();
    let given = response.extensions_mut().remove::<Problem>();
    if given.is_some() {
        return given;
    }
    let is_refusal = status.is_client_error() || status.is_server_error();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    (is_refusal && !is_json).then(|| Problem::of_status(status))
}

fn with_body(response: Response, problem: &Problem, id: &str, method: &Method) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if method == Method::HEAD {
        return Response::from_parts(parts, axum::body::Body::empty());
    }
    let body = serde_json::to_vec(&problem.body(id)).unwrap_or_default();
    Response::from_parts(parts, body.into())
}

fn count(method: &Method, route: &str, status: StatusCode, seconds: f64) {
    let method = match *method {
        Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::HEAD => {
            method.to_string()
        }
        _ => "other".to_owned(),
    };
    let labels = [
        ("method", method),
        ("route", route.to_owned()),
        ("status", status.as_str().to_owned()),
    ];
    metrics::counter!("tacho_http_requests_total", &labels).increment(1);
    metrics::histogram!("tacho_http_request_seconds", &labels).record(seconds);
}

/// The wide event.
struct Event<'a> {
    id: &'a str,
    method: &'a Method,
    path: &'a str,
    route: &'a str,
    status: u16,
    elapsed_ms: f64,
    organization: Option<&'a str>,
    user: Option<&'a str>,
    key: Option<&'a str>,
    problem: Option<&'a Problem>,
}

impl Event<'_> {
    /// Faults of ours are errors, everything else is information: a refused request is nothing to wake up for. What is
    /// asked all the time and went well is for debugging.
    fn write(&self) {
        let code = self.problem.map(|problem| problem.code);
        let cause = self.problem.and_then(Problem::cause_text);
        macro_rules! event {
            ($level:expr) => {
                tracing::event!(
                    target: "tacho::request",
                    $level,
                    request_id = self.id,
                    method = %self.method,
                    path = self.path,
                    route = self.route,
                    status = self.status,
                    elapsed_ms = self.elapsed_ms,
                    organization = self.organization,
                    user = self.user,
                    key = self.key,
                    code,
                    cause,
                    "request"
                )
            };
        }
        if self.status >= 500 {
            event!(tracing::Level::ERROR)
        } else if self.status < 400 && POLLED_ROUTES.contains(&self.route) {
            event!(tracing::Level::DEBUG)
        } else {
            event!(tracing::Level::INFO)
        }
    }
}
