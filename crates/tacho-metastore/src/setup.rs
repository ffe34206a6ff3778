//! The first-run set-up link: a one-time token that makes the first organization and its owner. It exists only while
//! nobody can sign in, so it can't be used to take over an instance.

use std::time::Duration;

use tacho_core::{Role, Timestamp};

use crate::sessions::micros;
use crate::token::{self, Token};
use crate::{Error, Metastore, NewOrganization, NewUser, Result, SignedIn, organizations, users};

/// How long a set-up link works.
pub const SETUP_LINK_LIFE: Duration = Duration::from_secs(24 * 3600);

impl Metastore {
    /// A new set-up token, while there is no user; none afterwards. Earlier tokens stop working: only their hashes were
    /// kept, so the server prints a new one at each start.
    pub async fn issue_setup_token(&self, now: Timestamp) -> Result<Option<Token>> {
        let mut transaction = self.write().await?;
        if sqlx::query("SELECT 1 FROM users LIMIT 1")
            .fetch_optional(&mut *transaction)
            .await?
            .is_some()
        {
            return Ok(None);
        }
        let token = Token::generate("")?;
        sqlx::query("DELETE FROM setup_tokens")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO setup_tokens (token_hash, expires_at) VALUES ($1, $2)")
            .bind(token.hash())
            .bind(now.as_micros() + micros(SETUP_LINK_LIFE))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(token))
    }

    /// Makes the first organization and its owner, and uses the token up; all or nothing. The owner's role in `owner` is
    /// ignored. Errors: `AlreadySetUp`, `SetupLinkInvalid`, `Invalid`, `Taken`.
    pub async fn complete_setup(
        &self,
        token: &str,
        organization: NewOrganization,
        owner: NewUser,
        now: Timestamp,
    ) -> Result<SignedIn> {
        // Before the costly hash: the route is open to everybody.
        let token_hash = token::hash(token);
        if self.has_users().await? {
            return Err(Error::AlreadySetUp);
        }
        sqlx::query("SELECT 1 FROM setup_tokens WHERE token_hash = $1 AND expires_at > $2")
            .bind(&token_hash)
            .bind(now.as_micros())
            .fetch_optional(self.readers())
            .await?
            .ok_or(Error::SetupLinkInvalid)?;
        let password_hash = self.hasher().hash(&owner.password).await?;

        let mut transaction = self.write().await?;
        if sqlx::query("SELECT 1 FROM users LIMIT 1")
            .fetch_optional(&mut *transaction)
            .await?
            .is_some()
        {
            return Err(Error::AlreadySetUp);
        }
        let used = sqlx::query("DELETE FROM setup_tokens WHERE token_hash = $1 AND expires_at > $2")
            .bind(&token_hash)
            .bind(now.as_micros())
            .execute(&mut *transaction)
            .await?;
        if used.rows_affected() == 0 {
            return Err(Error::SetupLinkInvalid);
        }
        let organization = organizations::insert(&mut transaction, organization, now)
            .await
            .map_err(as_organization)?;
        let owner = NewUser {
            role: Role::Owner,
            ..owner
        };
        let user = users::insert(&mut transaction, organization.id, owner, password_hash, now).await?;
        transaction.commit().await?;
        Ok(SignedIn { user, organization })
    }
}

/// In a set-up request the organization's name is the field `organization`.
fn as_organization(error: Error) -> Error {
    match error {
        Error::Invalid {
            field: "name",
            message,
        } => Error::Invalid {
            field: "organization",
            message,
        },
        Error::Taken { what: "name" } => Error::Taken { what: "organization" },
        other => other,
    }
}
