//! The first organization and its owner, by the one-time link that the server prints. Open: there is nobody yet.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret as _;
use tacho_core::Role;
use tacho_metastore::{NewOrganization, NewUser};

use super::session::signed_in;
use crate::AppState;
use crate::extract::{Json, check_origin};
use crate::problem::Result;
use crate::wire::session::{Session, SetupRequest, SetupState};

/// Whether the first organization has still to be made.
#[utoipa::path(get, path = "/api/v1/setup", tag = "session", security(()), responses((status = 200, body = SetupState)))]
pub(crate) async fn get_setup(State(state): State<AppState>) -> Result<Json<SetupState>> {
    Ok(Json(SetupState {
        needed: !state.metastore.has_users().await?,
    }))
}

/// Makes the first organization and its owner, and signs the owner in.
#[utoipa::path(post, path = "/api/v1/setup", tag = "session", security(()), request_body = SetupRequest, responses(
    (status = 201, description = "Made; the answer carries the session cookie", body = Session),
))]
pub(crate) async fn create_setup(
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(request): Json<SetupRequest>,
) -> Result<Response> {
    check_origin(&headers, &state.config)?;
    let organization = NewOrganization {
        name: request.organization,
        timezone: request.timezone.unwrap_or_else(|| "UTC".to_owned()),
    };
    let owner = NewUser {
        email: request.email,
        name: None,
        role: Role::Owner,
        password: request.password,
        timezone: None,
        external_id: None,
    };
    let token = request.token.expose_secret();
    let person = state
        .metastore
        .complete_setup(token, organization, owner, state.clock.now())
        .await?;
    let (cookie, session) = signed_in(&state, &headers, person).await?;
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(session)).into_response())
}
