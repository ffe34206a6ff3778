//! DuckDB's errors in the words of the store.

use std::time::Duration;

use tacho_store::StoreError;

/// What an error means for the file that it came from.
pub(crate) fn is_fatal(error: &duckdb::Error) -> bool {
    let message = error.to_string();
    message.contains("FATAL") || message.contains("database has been invalidated")
}

/// Whether the file itself is broken, so that reopening it would not help. Only what DuckDB says of its files and of itself
/// counts: errors of other kinds may quote what somebody asked for.
pub(crate) fn is_damage(error: &duckdb::Error) -> bool {
    const KINDS: [&str; 6] = [
        "IO Error",
        "Serialization Error",
        "INTERNAL Error",
        "Internal Error",
        "FATAL Error",
        "TransactionContext Error",
    ];
    const SIGNS: [&str; 5] = [
        "Serialization Error",
        "does not match stored checksum",
        // The file ends where it should go on.
        "Could not read enough bytes",
        "orrupted",
        "orrupt database file",
    ];
    let message = error.to_string();
    KINDS.iter().any(|kind| message.starts_with(kind)) && SIGNS.iter().any(|sign| message.contains(sign))
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

#[cfg(test)]
mod tests {
    #[test]
    fn nobody_damages_a_store_by_asking_for_it() {
        let is_damage = |message: &str| {
            let code = duckdb::ffi::Error::new(duckdb::ffi::DuckDBError);
            super::is_damage(&duckdb::Error::DuckDBFailure(code, Some(message.to_owned())))
        };
        assert!(is_damage(
            "IO Error: Could not read enough bytes from file \"x.duckdb\": attempted to read 9 bytes"
        ));
        assert!(is_damage(
            "IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2"
        ));
        assert!(is_damage(
            "INTERNAL Error: Corrupted RLE segment: rle_count_offset exceeds the block size"
        ));
        assert!(!is_damage(
            "Invalid Input Error: missing ]: [Corrupt database file"
        ));
        assert!(!is_damage(
            "Conversion Error: Could not convert string 'Serialization Error' to INT64"
        ));
        assert!(!is_damage(
            "IO Error: Could not write file \"x.duckdb\": No space left on device"
        ));
    }
}
