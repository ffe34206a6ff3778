//! Whether the process runs and its parts work. Open: a load balancer has no key.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;

use crate::AppState;
use crate::extract::Json;
use crate::wire::health::{Health, Ready, ReadyPart, ReadyStatus};

const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

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
    let parts = vec![metastore(&state).await];
    let is_ready = parts.iter().all(|part| part.ok);
    let (code, status) = if is_ready {
        (StatusCode::OK, ReadyStatus::Ready)
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, ReadyStatus::Degraded)
    };
    (code, Json(Ready { status, parts }))
}

async fn metastore(state: &AppState) -> ReadyPart {
    let detail = match tokio::time::timeout(CHECK_TIMEOUT, state.metastore.check()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("the metastore takes too long to answer".to_owned()),
    };
    ReadyPart {
        name: "metastore",
        ok: detail.is_none(),
        detail,
    }
}
