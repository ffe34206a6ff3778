//! The open file: one connection that writes, several that read, and what they are set to.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};
use tacho_fail::{Point, reach};

use crate::password::Hasher;
use crate::{Error, Result};

pub(crate) static MIGRATOR: Migrator = sqlx::migrate!();

/// How long a statement waits for another process to finish writing.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a caller waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long noting a use may take before it is left out.
const NOTE_TIMEOUT: Duration = Duration::from_millis(500);
const READERS_MAX: u32 = 4;

/// What may be set at opening.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many dead letters one organization keeps, in any state. Default 100,000. Past it, settled ones go first, then
    /// the oldest open ones, which are counted as dropped.
    pub dead_letters_max: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dead_letters_max: 100_000,
        }
    }
}

/// The open metastore. Cloning is cheap; all clones share the connections.
#[derive(Clone, Debug)]
pub struct Metastore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    writer: SqlitePool,
    readers: SqlitePool,
    hasher: Hasher,
    options: Options,
}

impl Metastore {
    /// Opens the file, makes it if it is not there (readable by its owner only), and brings its schema up to date.
    /// Another process may have it open.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, Options::default()).await
    }

    /// [`Metastore::open`] with other bounds.
    pub async fn open_with(path: impl AsRef<Path>, options: Options) -> Result<Self> {
        let path = path.as_ref();
        let _opening = lock_opening(path).await?;
        create_private(path).map_err(sqlx::Error::Io)?;
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: a created key or a dead letter that was answered is there after a power cut too.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(connect.clone())
            .await?;
        MIGRATOR.run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A connection to a file doesn't break; asking it each time is a switch to its thread and back.
            .test_before_acquire(false)
            .connect_with(connect.pragma("query_only", "ON"))
            .await?;
        Ok(Self(Arc::new(Inner {
            writer,
            readers,
            hasher: Hasher::new(),
            options,
        })))
    }

    /// Whether the file answers a read and takes a write lock. For the readiness check.
    pub async fn check(&self) -> Result<()> {
        self.write().await?.rollback().await?;
        sqlx::query("SELECT 1 FROM organizations LIMIT 1")
            .fetch_optional(self.readers())
            .await?;
        Ok(())
    }

    /// Closes all connections and waits until they are closed.
    pub async fn close(&self) {
        self.0.readers.close().await;
        self.0.writer.close().await;
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.0.readers
    }

    /// A transaction that holds the write lock from its start: no other process can change what it reads.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Sqlite>> {
        let transaction = self.0.writer.begin_with("BEGIN IMMEDIATE").await?;
        reach(Point::MetastoreWrite).map_err(sqlx::Error::Io)?;
        Ok(transaction)
    }

    /// Notes a use (of a session or key). Never fails and never takes long: a full disk or a busy file must not keep
    /// anybody from reading.
    pub(crate) async fn note(&self, statement: Query<'_, Sqlite, SqliteArguments>) {
        let write = async {
            let mut transaction = self.write().await?;
            statement.execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok::<_, crate::Error>(())
        };
        let _ = tokio::time::timeout(NOTE_TIMEOUT, write).await;
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }
}

/// The connection that statements inside a transaction run on.
pub(crate) type Connection = SqliteConnection;

/// Waits until no other process is opening the file. Neither the switch to WAL nor the migrations wait for each other:
/// of two that open a new file at once, one would fail. The lock lies in a file of its own, because closing the database
/// file here would drop the locks that SQLite holds on it in this process. It ends when the answer is dropped.
async fn lock_opening(path: &Path) -> Result<File> {
    let mut path = path.as_os_str().to_owned();
    path.push(".lock");
    let lock = move || {
        let file = File::create(path)?;
        file.lock()?;
        std::io::Result::Ok(file)
    };
    let locked = tokio::task::spawn_blocking(lock)
        .await
        .map_err(|error| Error::Background(error.to_string()))?;
    Ok(locked.map_err(sqlx::Error::Io)?)
}

/// Makes an empty file that only its owner may read; SQLite gives its side files the same mode.
pub(crate) fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
