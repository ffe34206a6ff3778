//! Copies of the file, for backups: made while others use it, and looked into without changing them.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use tacho_core::OrganizationId;

use crate::metastore::{BUSY_TIMEOUT, MIGRATOR, create_private};
use crate::{Error, Metastore, Result};

/// What is in a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetastoreCopy {
    /// The organizations with their names.
    pub organizations: Vec<(OrganizationId, String)>,
    /// Whether a newer Tacho has written it, which this one cannot open.
    pub is_newer: bool,
}

impl Metastore {
    /// Copies the file at `from`, as it is at one moment, to a file at `to` that is not there or empty and only its owner
    /// may read. Others go on using the file; its schema stays as it is. Not synced.
    pub async fn copy(from: &Path, to: &Path) -> Result<()> {
        create_private(to).map_err(sqlx::Error::Io)?;
        let mut connection = SqliteConnectOptions::new()
            .filename(from)
            .read_only(true)
            .busy_timeout(BUSY_TIMEOUT)
            .connect()
            .await?;
        sqlx::query("VACUUM INTO $1")
            .bind(to.to_string_lossy().into_owned())
            .execute(&mut connection)
            .await?;
        Ok(connection.close().await?)
    }

    /// Checks a copy that nobody writes, and looks into it.
    pub async fn inspect(copy: &Path) -> Result<MetastoreCopy> {
        let mut connection = SqliteConnectOptions::new()
            .filename(copy)
            .read_only(true)
            // Without it SQLite would make files beside it.
            .immutable(true)
            .connect()
            .await?;
        let found = look_into(&mut connection).await;
        connection.close().await?;
        found
    }
}

async fn look_into(connection: &mut SqliteConnection) -> Result<MetastoreCopy> {
    let verdict: String = sqlx::query("PRAGMA quick_check(1)")
        .fetch_one(&mut *connection)
        .await?
        .try_get(0)?;
    if verdict != "ok" {
        return Err(sqlx::Error::Protocol(verdict).into());
    }
    let version: i64 = sqlx::query("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
        .fetch_one(&mut *connection)
        .await?
        .try_get(0)?;
    let known = MIGRATOR.iter().map(|migration| migration.version).max();
    let rows = sqlx::query("SELECT id, name FROM organizations ORDER BY name")
        .fetch_all(&mut *connection)
        .await?;
    let organizations = rows
        .iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            let id = id.parse().map_err(|_| Error::Unreadable {
                column: "organizations.id",
            })?;
            Ok((id, row.try_get("name")?))
        })
        .collect::<Result<_>>()?;
    Ok(MetastoreCopy {
        organizations,
        is_newer: known.is_some_and(|known| version > known),
    })
}
