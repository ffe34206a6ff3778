//! API keys.

use serde::{Deserialize, Serialize};
use tacho_core::Timestamp;
use tacho_metastore::ApiKey;
use utoipa::ToSchema;

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyScope {
    /// Sending records.
    Ingest,
    /// Asking queries.
    Read,
    /// People, keys, dead letters and the System page.
    Admin,
}

impl From<tacho_metastore::KeyScope> for KeyScope {
    fn from(scope: tacho_metastore::KeyScope) -> Self {
        match scope {
            tacho_metastore::KeyScope::Ingest => KeyScope::Ingest,
            tacho_metastore::KeyScope::Read => KeyScope::Read,
            tacho_metastore::KeyScope::Admin => KeyScope::Admin,
        }
    }
}

impl From<KeyScope> for tacho_metastore::KeyScope {
    fn from(scope: KeyScope) -> Self {
        match scope {
            KeyScope::Ingest => tacho_metastore::KeyScope::Ingest,
            KeyScope::Read => tacho_metastore::KeyScope::Read,
            KeyScope::Admin => tacho_metastore::KeyScope::Admin,
        }
    }
}

/// A key, without its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Key {
    pub(crate) id: String,
    /// What it is for.
    pub(crate) name: String,
    /// Its first characters, to tell keys apart.
    #[schema(example = "tacho_Zk3vQ9")]
    pub(crate) prefix: String,
    pub(crate) scopes: Vec<KeyScope>,
    /// The user it acts as; the whole organization if none.
    #[schema(required)]
    pub(crate) user_id: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub(crate) last_used_at: Option<Timestamp>,
}

impl From<ApiKey> for Key {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            prefix: key.prefix,
            scopes: key
                .scopes
                .as_slice()
                .iter()
                .map(|scope| (*scope).into())
                .collect(),
            user_id: key.user_id.map(|id| id.to_string()),
            created_at: key.created_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// The keys of the organization that are not revoked, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct KeyList {
    pub(crate) keys: Vec<Key>,
}

/// Makes a key.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateKeyRequest {
    /// What it is for.
    #[schema(example = "nightly import")]
    pub(crate) name: String,
    #[schema(min_items = 1, example = json!(["ingest"]))]
    pub(crate) scopes: Vec<KeyScope>,
    /// The user it acts as; the whole organization if none.
    pub(crate) user_id: Option<String>,
}

/// A key just made. Its text is never shown again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CreatedKey {
    pub(crate) id: String,
    /// What it is for.
    pub(crate) name: String,
    /// Its first characters, to tell keys apart.
    pub(crate) prefix: String,
    pub(crate) scopes: Vec<KeyScope>,
    /// The user it acts as; the whole organization if none.
    #[schema(required)]
    pub(crate) user_id: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    /// Always null: it was just made.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub(crate) last_used_at: Option<Timestamp>,
    /// The key's text. Keep it: it is shown this once.
    #[schema(example = "tacho_Zk3vQ9…")]
    pub(crate) key: String,
}

impl CreatedKey {
    pub(crate) fn new(key: ApiKey, text: &str) -> Self {
        let Key {
            id,
            name,
            prefix,
            scopes,
            user_id,
            created_at,
            last_used_at,
        } = key.into();
        Self {
            id,
            name,
            prefix,
            scopes,
            user_id,
            created_at,
            last_used_at,
            key: text.to_owned(),
        }
    }
}
