//! People.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tacho_core::Timestamp;
use utoipa::ToSchema;

/// What a user is in the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Owner,
    Admin,
    Manager,
    Member,
    Viewer,
}

impl From<tacho_core::Role> for Role {
    fn from(role: tacho_core::Role) -> Self {
        match role {
            tacho_core::Role::Owner => Role::Owner,
            tacho_core::Role::Admin => Role::Admin,
            tacho_core::Role::Manager => Role::Manager,
            tacho_core::Role::Member => Role::Member,
            tacho_core::Role::Viewer => Role::Viewer,
        }
    }
}

impl From<Role> for tacho_core::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => tacho_core::Role::Owner,
            Role::Admin => tacho_core::Role::Admin,
            Role::Manager => tacho_core::Role::Manager,
            Role::Member => tacho_core::Role::Member,
            Role::Viewer => tacho_core::Role::Viewer,
        }
    }
}

/// A person who can sign in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071", "email": "ada@example.com", "name": "Ada", "role": "admin",
    "is_active": true, "created_at": "2026-11-01T08:00:00Z", "last_sign_in_at": "2026-11-22T07:55:10Z"
}))]
pub(crate) struct User {
    pub(crate) id: String,
    /// In lower case.
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    /// Whether the user may sign in.
    pub(crate) is_active: bool,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When the user last signed in with a password.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub(crate) last_sign_in_at: Option<Timestamp>,
}

impl From<tacho_metastore::User> for User {
    fn from(user: tacho_metastore::User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email,
            name: user.name,
            role: user.role.into(),
            is_active: user.is_active,
            created_at: user.created_at,
            last_sign_in_at: user.last_sign_in_at,
        }
    }
}

/// The users of the organization, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct UserList {
    pub(crate) users: Vec<User>,
}

/// Makes a user.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateUserRequest {
    #[schema(example = "grace@example.com")]
    pub(crate) email: String,
    pub(crate) role: Role,
    /// At least 12 characters.
    #[schema(value_type = String, format = Password, min_length = 12)]
    pub(crate) password: SecretString,
    /// The part of the address before the @ if none.
    pub(crate) name: Option<String>,
}

/// Changes a user. What is absent or null stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "role": "manager" }))]
pub(crate) struct UpdateUserRequest {
    pub(crate) role: Option<Role>,
    pub(crate) name: Option<String>,
    /// False ends the user's sessions and stops keys that act as this user.
    pub(crate) is_active: Option<bool>,
}
