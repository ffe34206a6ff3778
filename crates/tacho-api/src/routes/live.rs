//! What changes, pushed to whoever watches. `docs/LIVE.md` has the protocol.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use crate::AppState;
use crate::boundary::RequestNotes;
use crate::extract::{Allowed, ClientAddress, Credential, Query, check_origin, need};
use crate::live::{Channel, Opened, Upgrade, events, last_event, reader, serve_socket};
use crate::problem::{Problem, Result};

/// What to watch.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveParams {
    /// `executions`, `metrics`, `query`, or `workflow:` with an id.
    #[param(example = "metrics")]
    channel: String,
    /// How often metrics and answers are told anew: `1s`, `5s`, `30s` or `1m`; 5s if left out.
    #[param(example = "5s")]
    interval: Option<String>,
    /// For the channel `query`: the question as JSON, as POST /api/v1/query takes it.
    query: Option<String>,
}

/// Watches one channel as Server-Sent Events: first everything, then what changes. With `Last-Event-ID` it goes on after that
/// event if it still can, else with everything.
#[utoipa::path(get, path = "/api/v1/live", tag = "queries", params(LiveParams),
    responses((status = 200, description = "Events, for as long as they are read", body = String,
        content_type = "text/event-stream",
        example = json!("id: 1795341600000000-7\nevent: metrics_update\ndata: {\"type\":\"metrics_update\",\"topic\":\"metrics:5s\",\"seq\":7,\"data\":{\"queued\":0,\"running\":3}}\n\n"))))]
pub(crate) async fn get_live(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    headers: HeaderMap,
    Query(params): Query<LiveParams>,
) -> Result<Response> {
    let credential = credential(&headers, &state)?.ok_or_else(Problem::unauthenticated)?;
    let question = params.query.as_deref().map(serde_json::from_str::<Value>);
    let question = question
        .transpose()
        .map_err(|_| Problem::invalid("/query", "Send the question as JSON."))?;
    let channel = Channel::of(&params.channel, params.interval.as_deref(), question.as_ref())?;
    events(state, (*asker).clone(), credential, channel, last_event(&headers))
}

/// Opens a WebSocket. Who sends no credential with the request has to with the first message.
pub(crate) async fn open_web_socket(
    State(state): State<AppState>,
    address: ClientAddress,
    Extension(notes): Extension<RequestNotes>,
    headers: HeaderMap,
    on_upgrade: Option<Extension<OnUpgrade>>,
) -> Result<Response> {
    let credential = credential(&headers, &state)?;
    if let Some(credential) = &credential {
        notes.set_asker(&reader(&state, credential).await?);
    }
    let upgrade = Upgrade::of(&headers, on_upgrade.map(|Extension(on_upgrade)| on_upgrade));
    let upgrade = upgrade.ok_or_else(|| {
        Problem::new(
            StatusCode::UPGRADE_REQUIRED,
            "no_web_socket",
            "This address is for WebSockets. For Server-Sent Events ask GET /api/v1/live.",
        )
    })?;
    let opened = Opened {
        credential,
        address: address.ip.to_string(),
        request_id: notes.id().to_owned(),
    };
    let bytes_max = state.live.rules().message_bytes_max;
    Ok(upgrade.serve(bytes_max, move |socket| serve_socket(socket, state, opened)))
}

/// What the request carries. A page of another site must not watch with the browser's session.
fn credential(headers: &HeaderMap, state: &AppState) -> Result<Option<Credential>> {
    let credential = Credential::of(headers)?;
    if matches!(credential, Some(Credential::Session(_))) {
        check_origin(headers, &state.config)?;
    }
    Ok(credential)
}
