//! Health and readiness.

use serde::Serialize;
use utoipa::ToSchema;

/// The process runs.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always "ok".
    #[schema(value_type = String, example = "ok")]
    pub(crate) status: &'static str,
}

/// Whether requests can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReadyStatus {
    /// Every part works.
    Ready,
    /// A part does not; the list says which.
    Degraded,
}

/// How the parts are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Ready {
    pub(crate) status: ReadyStatus,
    pub(crate) parts: Vec<ReadyPart>,
}

/// How one part is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ReadyPart {
    /// "journal", "metastore", "store" or "queries".
    #[schema(value_type = String, example = "metastore")]
    pub(crate) name: &'static str,
    /// Whether it works.
    pub(crate) ok: bool,
    /// What is wrong with it.
    #[schema(required)]
    pub(crate) detail: Option<String>,
}
