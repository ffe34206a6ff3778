//! Figures of the process for Prometheus.

use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::extract::{Allowed, ClientAddress, need};
use crate::problem::{Problem, Result};
use crate::{AppState, figures};

/// Figures of the process in Prometheus' text format. From the machine itself without a key, from elsewhere with one of
/// scope admin.
#[utoipa::path(get, path = "/metrics", tag = "health", responses(
    (status = 200, description = "Prometheus text format", body = String, content_type = "text/plain",
        example = json!("tacho_journal_position 48120\n")),
))]
pub(crate) async fn get_metrics(State(state): State<AppState>, request: Request) -> Result<Response> {
    let (mut parts, _) = request.into_parts();
    let Ok(address) = ClientAddress::from_request_parts(&mut parts, &state).await;
    if !address.is_loopback {
        Allowed::<need::SeeSystem>::from_request_parts(&mut parts, &state).await?;
    }
    let handle = state.metrics.clone().ok_or_else(|| Problem::not_found("thing"))?;
    let rendering = tokio::task::spawn_blocking(move || {
        figures::read(&state);
        handle.render()
    });
    let text = rendering.await.map_err(Problem::internal)?;
    let text_format = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((text_format, text).into_response())
}
