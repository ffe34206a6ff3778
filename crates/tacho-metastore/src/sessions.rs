//! Browser sessions: an opaque token in a cookie, its hash here. A session ends 30 days after signing in, or when it was
//! not used for 7, or when its user is shut out or gets another password.

use std::time::Duration;

use tacho_core::{Timestamp, UserId};

use crate::column::{self, Joined};
use crate::metastore::Connection;
use crate::organizations::{self, organization_columns};
use crate::token::{self, Token};
use crate::users::{self, user_columns};
use crate::{Metastore, Organization, Result, User};

/// How long a session lasts at most.
pub const SESSION_LIFE_MAX: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a session lasts without being used.
pub const SESSION_IDLE_MAX: Duration = Duration::from_secs(7 * 24 * 3600);
/// The last use is written at most this often.
const SEEN_EVERY_MICROS: i64 = 60_000_000;

/// Who a session or a key's user is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The user; active.
    pub user: User,
    /// The user's organization.
    pub organization: Organization,
}

impl Metastore {
    /// Begins a session of a user. Ended sessions are swept on the way.
    pub async fn create_session(&self, user: UserId, now: Timestamp) -> Result<Token> {
        let token = Token::generate("")?;
        let mut transaction = self.write().await?;
        sqlx::query("DELETE FROM sessions WHERE created_at <= $1 OR last_seen_at <= $2")
            .bind(oldest_start(now))
            .bind(oldest_use(now))
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at) VALUES ($1, $2, $3, $3)",
        )
        .bind(token.hash())
        .bind(user.to_string())
        .bind(now.as_micros())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// Whose session that token is, if it is one and has not ended. Using it keeps it from falling idle.
    pub async fn session(&self, token: &str, now: Timestamp) -> Result<Option<SignedIn>> {
        let hash = token::hash(token);
        let row = sqlx::query(concat!(
            "SELECT ",
            user_columns!(),
            ", ",
            organization_columns!(),
            ", sessions.last_seen_at
             FROM sessions JOIN users ON users.id = sessions.user_id
                           JOIN organizations ON organizations.id = users.organization_id
             WHERE token_hash = $1 AND sessions.created_at > $2 AND last_seen_at > $3 AND is_active = 1",
        ))
        .bind(&hash)
        .bind(oldest_start(now))
        .bind(oldest_use(now))
        .fetch_optional(self.readers())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let joined = |table| Joined { row: &row, table };
        let signed_in = SignedIn {
            user: users::read(&joined("users"))?,
            organization: organizations::read(&joined("organizations"))?,
        };
        if now.micros_since(column::time(&row, "last_seen_at")?) >= SEEN_EVERY_MICROS {
            let seen = "UPDATE sessions SET last_seen_at = $1 WHERE token_hash = $2 AND last_seen_at <= $3";
            self.note(
                sqlx::query(seen)
                    .bind(now.as_micros())
                    .bind(&hash)
                    .bind(now.as_micros() - SEEN_EVERY_MICROS),
            )
            .await;
        }
        Ok(Some(signed_in))
    }

    /// Ends a session. Ending one that is not there is no error.
    pub async fn delete_session(&self, token: &str) -> Result<()> {
        let mut transaction = self.write().await?;
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(token::hash(token))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Ends every session of a user.
    pub async fn delete_sessions_of(&self, user: UserId) -> Result<()> {
        let mut transaction = self.write().await?;
        delete_all_of(&mut transaction, user).await?;
        transaction.commit().await?;
        Ok(())
    }
}

pub(crate) async fn delete_all_of(connection: &mut Connection, user: UserId) -> Result<()> {
    sqlx::query("DELETE FROM sessions WHERE user_id = $1")
        .bind(user.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

fn oldest_start(now: Timestamp) -> i64 {
    now.as_micros() - micros(SESSION_LIFE_MAX)
}

fn oldest_use(now: Timestamp) -> i64 {
    now.as_micros() - micros(SESSION_IDLE_MAX)
}

/// A duration in microseconds, saturating.
pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
