//! Signing in, setting up, and what a page needs to know of who is signed in.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tacho_core::Permission;
use utoipa::ToSchema;

use super::users::Role;
use crate::auth::Asker;

/// Whether the first organization has still to be made.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(example = json!({ "needed": false }))]
pub(crate) struct SetupState {
    /// True as long as there is no user.
    pub(crate) needed: bool,
}

/// Makes the first organization and its owner.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetupRequest {
    /// The token of the one-time link that the server prints when it starts.
    #[schema(value_type = String)]
    pub(crate) token: SecretString,
    /// The organization's name.
    #[schema(example = "Acme")]
    pub(crate) organization: String,
    /// The owner's e-mail address.
    #[schema(example = "ada@example.com")]
    pub(crate) email: String,
    /// At least 12 characters.
    #[schema(value_type = String, format = Password, min_length = 12)]
    pub(crate) password: SecretString,
    /// The IANA time zone in which the organization's days begin; UTC if none.
    #[schema(example = "Europe/Berlin")]
    pub(crate) timezone: Option<String>,
}

/// Signs in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInRequest {
    /// The e-mail address, in any case.
    #[schema(example = "ada@example.com")]
    pub(crate) email: String,
    /// The password.
    #[schema(value_type = String, format = Password)]
    pub(crate) password: SecretString,
}

/// Who is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    pub(crate) user: SessionUser,
    pub(crate) organization: SessionOrganization,
    /// What the user may do, beyond asking within the own scope.
    #[schema(value_type = Vec<String>, example = json!(["see_all", "manage_keys", "see_system"]))]
    pub(crate) permissions: Vec<Permission>,
    /// The server's version.
    #[schema(value_type = String, example = "0.1.0")]
    pub(crate) version: &'static str,
}

/// The user who is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SessionUser {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    /// The IANA zone in which times are shown: the user's own, else the organization's.
    pub(crate) timezone: String,
}

/// The organization of who is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SessionOrganization {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The IANA zone in which its days begin.
    pub(crate) timezone: String,
}

impl Session {
    /// Of an asker that is a person or acts as one; none otherwise.
    pub(crate) fn of(asker: &Asker) -> Option<Self> {
        let user = asker.user.as_ref()?;
        let organization = &asker.organization;
        Some(Self {
            user: SessionUser {
                id: user.id.to_string(),
                email: user.email.clone(),
                name: user.name.clone(),
                role: user.role.into(),
                timezone: user
                    .timezone
                    .clone()
                    .unwrap_or_else(|| organization.timezone.clone()),
            },
            organization: SessionOrganization {
                id: organization.id.to_string(),
                name: organization.name.clone(),
                timezone: organization.timezone.clone(),
            },
            permissions: asker.permissions.clone(),
            version: env!("CARGO_PKG_VERSION"),
        })
    }
}
