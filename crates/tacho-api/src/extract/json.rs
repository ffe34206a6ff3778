//! JSON bodies: `application/json` only (a form of a foreign site can't send that), bounded, and refused with the place
//! of the fault.

use axum::body::HttpBody as _;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::body::read_plain;
use crate::AppState;
use crate::boundary::RequestNotes;
use crate::problem::Problem;

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<AppState> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let notes = request.extensions().get::<RequestNotes>().cloned();
        let bytes = read_plain(request, &state.config).await?;
        if let Some(notes) = notes {
            notes.set_body(&bytes);
        }
        parse(&bytes).map(Self)
    }
}

/// A request without a body and without a type of one has none.
impl<T: DeserializeOwned> OptionalFromRequest<AppState> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Option<Self>, Problem> {
        let is_empty = request.body().size_hint().exact() == Some(0);
        if is_empty && request.headers().get(header::CONTENT_TYPE).is_none() {
            return Ok(None);
        }
        <Self as FromRequest<AppState>>::from_request(request, state)
            .await
            .map(Some)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A value from JSON. 400 for what is no JSON, 422 with a pointer for what has another shape.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_value",
                crate::problem::sentence(&inner.to_string()),
            )
            .at(pointer),
            _ => malformed(&inner),
        }
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::bad_request("malformed_json", format!("The body is no JSON: {error}."))
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |mut pointer, segment| {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Unknown => {}
        }
        pointer
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json"))
}

/// The media type of the body, without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Body {
        items: Vec<u8>,
    }

    #[test]
    fn faults_say_where_they_are() {
        let fault = |text: &str| {
            let problem = parse::<Body>(text.as_bytes()).unwrap_err();
            (problem.status.as_u16(), problem.code, problem.pointer)
        };
        assert_eq!(
            fault(r#"{"items":[1,"x"]}"#),
            (422, "invalid_value", Some("/items/1".to_owned()))
        );
        assert_eq!(fault(r#"{"items":[],"a/b":1}"#).2.as_deref(), Some("/a~1b"));
        assert_eq!(fault(r#"{"items":"#), (400, "malformed_json", None));
        assert_eq!(fault(r#"{"items":[]} x"#), (400, "malformed_json", None));
    }
}
