//! DuckDB's errors in the words of the store.

use std::time::Duration;

use tacho_store::StoreError;

/// What an error means for the file that it came from.
pub(crate) fn is_fatal(error: &duckdb::Error) -> bool {
    let message = error.to_string();
    message.contains("FATAL") || message.contains("database has been invalidated")
}

/// Whether the file itself is broken, so that reopening it would not help.
pub(crate) fn is_damage(error: &duckdb::Error) -> bool {
    let message = error.to_string();
    [
        "Corrupt database file",
        "does not match stored checksum",
        "Serialization Error",
    ]
    .iter()
    .any(|sign| message.contains(sign))
}

/// Whether it was told to stop.
pub(crate) fn is_interrupt(error: &duckdb::Error) -> bool {
    let message = error.to_string();
    message.contains("INTERRUPT") || message.contains("Interrupted")
}

pub(crate) fn translate(error: &duckdb::Error, timeout: Duration) -> StoreError {
    let message = error.to_string();
    if is_interrupt(error) {
        StoreError::TimedOut(timeout)
    } else if message.contains("Out of Memory") {
        StoreError::OutOfMemory
    } else if is_damage(error) {
        StoreError::Damaged(message)
    } else {
        StoreError::Engine(message)
    }
}
