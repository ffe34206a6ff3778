//! How the user wants pages to be.

use axum::extract::State;
use tacho_core::UserId;

use crate::AppState;
use crate::auth::Asker;
use crate::extract::{Allowed, Json, need};
use crate::problem::{Problem, Result};
use crate::wire::preferences::{Preferences, SetPreferencesRequest};

/// The user's preferences; defaults where nothing was chosen.
#[utoipa::path(get, path = "/api/v1/preferences", tag = "settings", responses((status = 200, body = Preferences)))]
pub(crate) async fn get_preferences(
    State(state): State<AppState>,
    asker: Allowed<need::Person>,
) -> Result<Json<Preferences>> {
    let chosen = state.metastore.preferences(person(&asker)?).await?;
    Ok(Json(chosen.into()))
}

/// Replaces the user's preferences, the user's time zone among them.
#[utoipa::path(put, path = "/api/v1/preferences", tag = "settings", request_body = SetPreferencesRequest,
    responses((status = 200, description = "Replaced", body = Preferences)))]
pub(crate) async fn update_preferences(
    State(state): State<AppState>,
    asker: Allowed<need::Person>,
    Json(request): Json<SetPreferencesRequest>,
) -> Result<Json<Preferences>> {
    let user = person(&asker)?;
    let chosen = state
        .metastore
        .set_preferences(user, request.checked()?, state.clock.now())
        .await?;
    Ok(Json(chosen.into()))
}

/// The person that the grant is of.
fn person(asker: &Asker) -> Result<UserId> {
    let user = asker.user.as_ref();
    user.map(|user| user.id).ok_or_else(|| Problem::not_found("user"))
}
