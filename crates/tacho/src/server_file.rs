//! How other commands find the server that uses a data directory.
//!
//! The server holds the lock on `lock` and writes its address to `server.json`. A command that needs journal or store asks
//! the server when there is one, with an API key of its own that it makes for the occasion and takes away again.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use tacho_core::OrganizationId;
use tacho_metastore::{KeyScope, KeyScopes, Metastore, NewApiKey};

use crate::data_dir::{DataDir, write_private};
use crate::parts::now;

/// What the server writes down about itself.
#[derive(Serialize, Deserialize)]
struct ServerFile {
    url: String,
}

/// Writes down how to reach the server that listens there.
pub(crate) fn announce(data: &DataDir, address: SocketAddr) -> anyhow::Result<()> {
    let reachable = match address.ip() {
        ip if ip.is_unspecified() && ip.is_ipv4() => SocketAddr::new([127, 0, 0, 1].into(), address.port()),
        ip if ip.is_unspecified() => SocketAddr::new([0u16, 0, 0, 0, 0, 0, 0, 1].into(), address.port()),
        _ => address,
    };
    let file = ServerFile {
        url: format!("http://{reachable}"),
    };
    write_private(&data.server_file(), &serde_json::to_vec(&file)?)
        .context("could not write down the server's address")
}

/// Takes back what [`announce`] wrote.
pub(crate) fn withdraw(data: &DataDir) {
    // A stale file does no harm: whether a server runs is told by the lock.
    let _ = std::fs::remove_file(data.server_file());
}

/// The address of the server that uses the data directory, if one does.
pub(crate) fn running_server(data: &DataDir) -> anyhow::Result<Option<String>> {
    let Ok(lock) = File::open(data.0.join("lock")) else {
        return Ok(None);
    };
    match lock.try_lock() {
        Ok(()) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).context("could not see whether a server is running"),
        Err(TryLockError::WouldBlock) => {
            let Ok(text) = std::fs::read(data.server_file()) else {
                bail!(
                    "another Tacho command is using {}; wait for it to end",
                    data.0.display()
                );
            };
            let file: ServerFile =
                serde_json::from_slice(&text).context("the server's address cannot be read")?;
            Ok(Some(file.url))
        }
    }
}

/// An API key for the time of one command.
pub(crate) struct TemporaryKey {
    metastore: Metastore,
    organization: OrganizationId,
    id: tacho_metastore::ApiKeyId,
    /// What to send as bearer token.
    pub(crate) text: String,
}

impl TemporaryKey {
    /// Makes one.
    pub(crate) async fn create(
        metastore: &Metastore,
        organization: OrganizationId,
        scope: KeyScope,
        purpose: &str,
    ) -> anyhow::Result<Self> {
        let new = NewApiKey {
            name: purpose.to_owned(),
            scopes: KeyScopes::new([scope])?,
            user_id: None,
        };
        let (key, token) = metastore.create_api_key(organization, new, now()).await?;
        Ok(Self {
            metastore: metastore.clone(),
            organization,
            id: key.id,
            text: token.expose().to_owned(),
        })
    }

    /// Takes it away again.
    pub(crate) async fn revoke(self) -> anyhow::Result<()> {
        self.metastore
            .revoke_api_key(self.organization, self.id, now())
            .await
            .map(drop)
            .context("could not revoke the temporary key")
    }
}
