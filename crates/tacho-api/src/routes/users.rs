//! People of the organization. Making somebody an owner, and changing one, is left to owners.

use axum::extract::State;
use axum::http::StatusCode;
use tacho_core::{Permission, Role, UserId};
use tacho_metastore::{NewUser, UserChange};

use crate::AppState;
use crate::auth::Asker;
use crate::extract::{Allowed, Json, Path, need};
use crate::problem::{Problem, Result};
use crate::wire::users::{CreateUserRequest, UpdateUserRequest, User, UserList};

/// The organization's users.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", responses((status = 200, body = UserList)))]
pub(crate) async fn list_users(
    State(state): State<AppState>,
    asker: Allowed<need::ManagePeople>,
) -> Result<Json<UserList>> {
    let users = state.metastore.users(asker.organization.id).await?;
    Ok(Json(UserList {
        users: users.into_iter().map(User::from).collect(),
    }))
}

/// Makes a user.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = CreateUserRequest, responses(
    (status = 201, description = "Made", body = User),
))]
pub(crate) async fn create_user(
    State(state): State<AppState>,
    asker: Allowed<need::ManagePeople>,
    Json(request): Json<CreateUserRequest>,
) -> Result<(StatusCode, Json<User>)> {
    let role = request.role.into();
    if role == Role::Owner {
        require_owner(&asker)?;
    }
    let new = NewUser {
        email: request.email,
        name: request.name,
        role,
        password: request.password,
        timezone: None,
        external_id: None,
    };
    let user = state
        .metastore
        .create_user(asker.organization.id, new, state.clock.now())
        .await?;
    Ok((StatusCode::CREATED, Json(user.into())))
}

/// Changes a user's role or name, or shuts the user out or in.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "users", request_body = UpdateUserRequest,
    params(("id" = String, Path, description = "The user's id")),
    responses((status = 200, body = User)))]
pub(crate) async fn update_user(
    State(state): State<AppState>,
    asker: Allowed<need::ManagePeople>,
    Path(id): Path<UserId>,
    Json(request): Json<UpdateUserRequest>,
) -> Result<Json<User>> {
    let user = state.metastore.user(id).await?;
    if user.organization_id != asker.organization.id {
        return Err(Problem::not_found("user"));
    }
    let role = request.role.map(Role::from);
    if user.role == Role::Owner || role == Some(Role::Owner) {
        require_owner(&asker)?;
    }
    let change = UserChange {
        role,
        name: request.name,
        is_active: request.is_active,
        ..UserChange::default()
    };
    Ok(Json(
        state
            .metastore
            .change_user(asker.organization.id, id, change)
            .await?
            .into(),
    ))
}

fn require_owner(asker: &Asker) -> Result<()> {
    if asker.permissions.contains(&Permission::ManageOrganization) {
        return Ok(());
    }
    Err(Problem::forbidden(
        "Only an owner may make somebody an owner or change one.",
    ))
}
