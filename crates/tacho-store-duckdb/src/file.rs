//! One organization's file: a writer, a pool of readers, and what they may use.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use duckdb::{Config, Connection};
use jiff::tz::TimeZone;
use tacho_store::StoreError;

use crate::schema;
use crate::store::DuckDbConfig;

/// Idle reader connections that are kept.
const IDLE_READERS_MAX: usize = 8;
/// What DuckDB says when a file does not open for a reason that lies outside the file.
const NOT_DAMAGE: [&str; 6] = [
    "Could not set lock",
    "Permission denied",
    "No space left",
    "Too many open files",
    "Out of Memory",
    "Cannot allocate memory",
];

/// An open file. DuckDB closes it when the last connection is dropped.
pub(crate) struct File {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
    /// For what must not wait for the writer.
    root: Mutex<Connection>,
    /// Its share of the memory.
    memory_bytes: AtomicU64,
    /// Dropped last: while it lives, DuckDB has the file open.
    alive: Arc<()>,
}

impl File {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it is there but does not open as a store of ours.
    pub(crate) fn open(
        path: &Path,
        config: &DuckDbConfig,
        memory_bytes: u64,
        zone: &TimeZone,
    ) -> Result<Self, StoreError> {
        let damaged = |error: duckdb::Error| StoreError::Damaged(error.to_string());
        let engine = |error: duckdb::Error| StoreError::Engine(error.to_string());
        let settings = Config::default()
            .with("autoinstall_known_extensions", "false")
            .and_then(|c| c.with("autoload_known_extensions", "false"))
            .and_then(|c| c.with("enable_external_access", "false"))
            .and_then(|c| c.with("checkpoint_threshold", format!("{}B", config.checkpoint_bytes)))
            .and_then(|c| c.with("preserve_insertion_order", "true"))
            .and_then(|c| c.max_memory(&format!("{memory_bytes}B")))
            .and_then(|c| c.threads(i64::try_from(config.threads).unwrap_or(1)))
            .map_err(engine)?;
        let writer = Connection::open_with_flags(path, settings).map_err(|error| {
            let message = error.to_string();
            // Nothing that a rebuild would mend.
            let is_elsewhere = NOT_DAMAGE.iter().any(|reason| message.contains(reason));
            if is_elsewhere {
                StoreError::Engine(message)
            } else {
                StoreError::Damaged(message)
            }
        })?;
        schema::prepare(&writer, zone).map_err(damaged)?;
        if !schema::format_is_known(&writer).map_err(damaged)? {
            return Err(StoreError::Damaged("it was written by another version".into()));
        }
        let root = Mutex::new(writer.try_clone().map_err(engine)?);
        let (writer, idle_readers, alive) = (Mutex::new(writer), Mutex::default(), Arc::default());
        Ok(Self {
            path: path.to_owned(),
            writer,
            idle_readers,
            root,
            memory_bytes: AtomicU64::new(memory_bytes),
            alive,
        })
    }

    /// Lives as long as DuckDB has the file open.
    pub(crate) fn alive(&self) -> Weak<()> {
        Arc::downgrade(&self.alive)
    }

    /// Gives it another share of the memory.
    pub(crate) fn set_memory(&self, bytes: u64) {
        let root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        self.memory_bytes.store(bytes, Ordering::Release);
        // Fails while the file holds more than its new share; it shrinks when the next file opens or closes.
        let _ = root.execute_batch(&format!("SET memory_limit = '{bytes}B'"));
    }

    /// Bytes of the file's blocks that DuckDB keeps in memory.
    pub(crate) fn cached_bytes(&self) -> Result<u64, duckdb::Error> {
        let root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        memory_use(&root).map(|(_, cached)| cached)
    }

    /// Lets go of blocks of the file, the least recently used first, until about so many bytes are kept.
    pub(crate) fn trim_cache(&self, kept_bytes: u64) -> Result<(), duckdb::Error> {
        let root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        let (used, cached) = memory_use(&root)?;
        if cached <= kept_bytes {
            return Ok(());
        }
        // DuckDB lets go of blocks only to get below its limit. Whoever needs memory in between finds blocks to let go of,
        // too. It fails if more is in use by now; then another time.
        let below = used - cached.min(used) + kept_bytes;
        let _ = root.execute_batch(&format!("SET memory_limit = '{below}B'"));
        let bytes = self.memory_bytes.load(Ordering::Acquire);
        root.execute_batch(&format!("SET memory_limit = '{bytes}B'"))
    }

    /// The connection that writes. One at a time.
    pub(crate) fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection of one's own that reads beside the writer.
    pub(crate) fn reader(&self) -> Result<Connection, duckdb::Error> {
        let idle = self
            .idle_readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match idle {
            Some(reader) => Ok(reader),
            None => self
                .root
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .try_clone(),
        }
    }

    /// Gives a reader back for the next query.
    pub(crate) fn give_back(&self, reader: Connection) {
        let mut idle = self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_READERS_MAX {
            idle.push(reader);
        }
    }

    /// Bytes of the file and its write-ahead log.
    pub(crate) fn bytes(&self) -> u64 {
        let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        size(&self.path) + size(&wal_path(&self.path))
    }
}

/// Bytes that DuckDB uses, and those among them that hold blocks of the file.
fn memory_use(connection: &Connection) -> Result<(u64, u64), duckdb::Error> {
    let sql = "SELECT coalesce(sum(memory_usage_bytes), 0)::UBIGINT,
                      coalesce(sum(memory_usage_bytes) FILTER (tag = 'BASE_TABLE'), 0)::UBIGINT FROM duckdb_memory()";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Does something in a transaction: all of it, or nothing if it fails.
pub(crate) fn in_transaction(
    connection: &Connection,
    run: impl FnOnce() -> Result<(), duckdb::Error>,
) -> Result<(), duckdb::Error> {
    connection.execute_batch("BEGIN TRANSACTION")?;
    match run() {
        Ok(()) => connection.execute_batch("COMMIT"),
        Err(error) => {
            // The first error says more than a failing rollback would.
            let _ = connection.execute_batch("ROLLBACK");
            Err(error)
        }
    }
}

/// The write-ahead log that DuckDB keeps beside a file.
pub(crate) fn wal_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".wal");
    name.into()
}
