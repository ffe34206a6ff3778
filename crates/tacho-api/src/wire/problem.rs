//! Problems (RFC 9457).

use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was refused and what to do about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// The kind of problem as a URI.
    #[serde(rename = "type")]
    #[schema(example = "https://tacho.dev/problems/invalid_value")]
    pub(crate) kind: String,
    /// The kind of problem in words.
    #[schema(example = "Invalid value")]
    pub(crate) title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub(crate) status: u16,
    /// The kind of problem as a stable word.
    #[schema(example = "invalid_value")]
    pub(crate) code: String,
    /// What to do about it.
    #[schema(example = "Give an IANA time zone such as Europe/Berlin or UTC.")]
    pub(crate) detail: String,
    /// The id under which the server logged the request.
    #[schema(example = "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071")]
    pub(crate) request_id: String,
    /// JSON pointer to the field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/timezone")]
    pub(crate) pointer: Option<String>,
}
