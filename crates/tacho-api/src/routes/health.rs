//! Whether the process runs and its parts work. Open: a load balancer has no key.

use axum::extract::State;
use axum::http::StatusCode;

use crate::AppState;
use crate::extract::Json;
use crate::wire::health::{Health, Ready, ReadyStatus};

/// Whether the process runs.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn get_health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether every part works, and which does not.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses(
    (status = 200, description = "Every part works", body = Ready),
    (status = 503, description = "A part does not work", body = Ready),
))]
pub(crate) async fn get_readiness(State(state): State<AppState>) -> (StatusCode, Json<Ready>) {
    let parts = state.readiness.parts(&state).await;
    let is_ready = parts.iter().all(|part| part.ok);
    let (code, status) = if is_ready {
        (StatusCode::OK, ReadyStatus::Ready)
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, ReadyStatus::Degraded)
    };
    (code, Json(Ready { status, parts }))
}
