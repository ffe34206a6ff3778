//! API keys of the organization.

use axum::extract::State;
use axum::http::StatusCode;
use tacho_core::{Permission, Role, UserId};
use tacho_metastore::{ApiKeyId, KeyScopes, NewApiKey};

use crate::AppState;
use crate::extract::{Allowed, Json, Path, need};
use crate::problem::{Problem, Result};
use crate::wire::keys::{CreateKeyRequest, CreatedKey, Key, KeyList};

/// The organization's API keys.
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys", responses((status = 200, body = KeyList)))]
pub(crate) async fn list_keys(
    State(state): State<AppState>,
    asker: Allowed<need::ManageKeys>,
) -> Result<Json<KeyList>> {
    let keys = state.metastore.api_keys(asker.organization.id).await?;
    Ok(Json(KeyList {
        keys: keys.into_iter().map(Key::from).collect(),
    }))
}

/// Makes an API key. Its text is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/keys", tag = "keys", request_body = CreateKeyRequest, responses(
    (status = 201, description = "Made; keep the key, it is shown this once", body = CreatedKey),
))]
pub(crate) async fn create_key(
    State(state): State<AppState>,
    asker: Allowed<need::ManageKeys>,
    Json(request): Json<CreateKeyRequest>,
) -> Result<(StatusCode, Json<CreatedKey>)> {
    let scopes = KeyScopes::new(request.scopes.into_iter().map(Into::into))?;
    let user_id = match &request.user_id {
        Some(text) => Some(text.parse::<UserId>().map_err(|_| no_such_user())?),
        None => None,
    };
    if let Some(id) = user_id {
        let user = state.metastore.user(id).await.map_err(|_| no_such_user())?;
        if user.organization_id != asker.organization.id {
            return Err(no_such_user());
        }
        if user.role == Role::Owner && !asker.permissions.contains(&Permission::ManageOrganization) {
            return Err(Problem::forbidden(
                "Only an owner may make a key that acts as an owner.",
            ));
        }
    }
    let new = NewApiKey {
        name: request.name,
        scopes,
        user_id,
    };
    let (key, text) = state
        .metastore
        .create_api_key(asker.organization.id, new, state.clock.now())
        .await?;
    Ok((StatusCode::CREATED, Json(CreatedKey::new(key, text.expose()))))
}

/// Revokes an API key, at once.
#[utoipa::path(delete, path = "/api/v1/keys/{id}", tag = "keys",
    params(("id" = String, Path, description = "The key's id")),
    responses((status = 204, description = "Revoked")))]
pub(crate) async fn delete_key(
    State(state): State<AppState>,
    asker: Allowed<need::ManageKeys>,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode> {
    state
        .metastore
        .revoke_api_key(asker.organization.id, id, state.clock.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn no_such_user() -> Problem {
    Problem::invalid("/user_id", "There is no such user in your organization.")
}
