//! API keys: how programs sign in. A key belongs to one organization, has scopes, and may act as one user.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use tacho_core::{OrganizationId, Timestamp, UserId};

use crate::column::{self, Joined};
use crate::organizations::{self, name, organization_columns};
use crate::token::{self, Token};
use crate::users::{self, user_columns};
use crate::{Error, Metastore, Organization, Result, User, id};

const KEY_PREFIX: &str = "tacho_";
/// Characters of a key that are kept to tell keys apart: the fixed prefix and six more of 43.
const SHOWN_CHARS: usize = KEY_PREFIX.len() + 6;
/// The last use is written at most this often.
const USED_EVERY_MICROS: i64 = 60_000_000;

id::uuid_id! {
    /// An API key's id; not the key itself.
    ApiKeyId
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    /// Sending records.
    Ingest,
    /// Asking queries.
    Read,
    /// People, keys, dead letters and the System page.
    Admin,
}

impl KeyScope {
    /// Every scope.
    pub const ALL: [KeyScope; 3] = [KeyScope::Ingest, KeyScope::Read, KeyScope::Admin];

    /// The scope's word, as stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            KeyScope::Ingest => "ingest",
            KeyScope::Read => "read",
            KeyScope::Admin => "admin",
        }
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyScope {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        KeyScope::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| {
                Error::invalid(
                    "scopes",
                    format!("\"{text}\" is no scope; choose ingest, read or admin"),
                )
            })
    }
}

/// The scopes of one key: at least one, each once, in the order of [`KeyScope::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct KeyScopes(Vec<KeyScope>);

impl KeyScopes {
    /// From any list. Errors: `Invalid` if it is empty.
    pub fn new(scopes: impl IntoIterator<Item = KeyScope>) -> Result<Self> {
        let mut scopes: Vec<_> = scopes.into_iter().collect();
        scopes.sort();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(Error::invalid(
                "scopes",
                "give at least one scope: ingest, read or admin",
            ));
        }
        Ok(Self(scopes))
    }

    /// Whether the scope is among them.
    pub fn has(&self, scope: KeyScope) -> bool {
        self.0.contains(&scope)
    }

    /// The scopes.
    pub fn as_slice(&self) -> &[KeyScope] {
        &self.0
    }
}

impl fmt::Display for KeyScopes {
    /// Comma-separated: `ingest,read`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.iter().map(|scope| scope.as_str()).collect();
        f.write_str(&words.join(","))
    }
}

impl FromStr for KeyScopes {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let scopes = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(KeyScope::from_str);
        KeyScopes::new(scopes.collect::<Result<Vec<_>>>()?)
    }
}

/// A key as it is kept: everything but its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The organization whose records it sends and reads.
    pub organization_id: OrganizationId,
    /// The user it acts as; the whole organization if none.
    pub user_id: Option<UserId>,
    /// What it is for, in its maker's words.
    pub name: String,
    /// Its first characters, to tell keys apart.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: KeyScopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What it takes to make a key.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What it is for; 1 to 200 characters.
    pub name: String,
    /// What it may be used for.
    pub scopes: KeyScopes,
    /// The user it acts as; of the same organization.
    pub user_id: Option<UserId>,
}

/// Who a key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOwner {
    /// The key.
    pub key: ApiKey,
    /// Its organization.
    pub organization: Organization,
    /// The user it acts as, if any; active.
    pub user: Option<User>,
}

impl Metastore {
    /// Makes a key; its text is answered here and never again. Errors: `NotFound` (organization, user), `Invalid`.
    pub async fn create_api_key(
        &self,
        organization: OrganizationId,
        new: NewApiKey,
        now: Timestamp,
    ) -> Result<(ApiKey, Token)> {
        self.organization(organization).await?;
        if let Some(user) = new.user_id
            && self.user(user).await?.organization_id != organization
        {
            return Err(Error::NotFound("user"));
        }
        let token = Token::generate(KEY_PREFIX)?;
        let key = ApiKey {
            id: ApiKeyId(id::new_id(now)),
            organization_id: organization,
            user_id: new.user_id,
            name: name("name", &new.name)?,
            prefix: token.expose().chars().take(SHOWN_CHARS).collect(),
            scopes: new.scopes,
            created_at: now,
            last_used_at: None,
        };
        let mut transaction = self.write().await?;
        sqlx::query(
            "INSERT INTO api_keys (id, organization_id, user_id, name, prefix, key_hash, scopes, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(key.id.to_string())
        .bind(organization.to_string())
        .bind(key.user_id.map(|id| id.to_string()))
        .bind(&key.name)
        .bind(&key.prefix)
        .bind(token.hash())
        .bind(key.scopes.to_string())
        .bind(now.as_micros())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok((key, token))
    }

    /// The organization's keys that are not revoked, oldest first.
    pub async fn api_keys(&self, organization: OrganizationId) -> Result<Vec<ApiKey>> {
        sqlx::query("SELECT * FROM api_keys WHERE organization_id = $1 AND revoked_at IS NULL ORDER BY id")
            .bind(organization.to_string())
            .fetch_all(self.readers())
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// Makes a key of that organization stop working, at once. Errors: `NotFound`, also if it is revoked already.
    pub async fn revoke_api_key(
        &self,
        organization: OrganizationId,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<()> {
        let mut transaction = self.write().await?;
        let changed = sqlx::query(
            "UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND organization_id = $3 AND revoked_at IS NULL",
        )
        .bind(now.as_micros())
        .bind(id.to_string())
        .bind(organization.to_string())
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(Error::NotFound("API key"));
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Who the key stands for, if it is one, is not revoked, and its user (if it acts as one) is active. Its use is
    /// noted, at most once a minute.
    pub async fn key_owner(&self, text: &str, now: Timestamp) -> Result<Option<KeyOwner>> {
        if !text.starts_with(KEY_PREFIX) {
            return Ok(None);
        }
        let row = sqlx::query(concat!(
            "SELECT api_keys.*, ",
            user_columns!(),
            ", ",
            organization_columns!(),
            "
             FROM api_keys JOIN organizations ON organizations.id = api_keys.organization_id
                           LEFT JOIN users ON users.id = api_keys.user_id
             WHERE key_hash = $1 AND revoked_at IS NULL AND (users.id IS NULL OR users.is_active = 1)",
        ))
        .bind(token::hash(text))
        .fetch_optional(self.readers())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let joined = |table| Joined { row: &row, table };
        let mut key = read(&row)?;
        let user = key.user_id.map(|_| users::read(&joined("users"))).transpose()?;
        let organization = organizations::read(&joined("organizations"))?;
        if key
            .last_used_at
            .is_none_or(|last| now.micros_since(last) >= USED_EVERY_MICROS)
        {
            let used = "UPDATE api_keys SET last_used_at = $1
                        WHERE id = $2 AND (last_used_at IS NULL OR last_used_at <= $3)";
            self.note(
                sqlx::query(used)
                    .bind(now.as_micros())
                    .bind(key.id.to_string())
                    .bind(now.as_micros() - USED_EVERY_MICROS),
            )
            .await;
            key.last_used_at = Some(now);
        }
        Ok(Some(KeyOwner {
            key,
            organization,
            user,
        }))
    }
}

fn read(row: &SqliteRow) -> Result<ApiKey> {
    Ok(ApiKey {
        id: column::parsed(row, "id")?,
        organization_id: column::parsed(row, "organization_id")?,
        user_id: column::parsed_or_null(row, "user_id")?,
        name: column::text(row, "name")?,
        prefix: column::text(row, "prefix")?,
        scopes: column::parsed(row, "scopes")?,
        created_at: column::time(row, "created_at")?,
        last_used_at: column::time_or_null(row, "last_used_at")?,
    })
}
