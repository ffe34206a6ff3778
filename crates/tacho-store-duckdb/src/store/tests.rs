//! Files as they were left: by other versions, cut short, being opened.

use super::*;

fn store_in(directory: &Path) -> DuckDbStore {
    DuckDbStore::open(DuckDbConfig {
        directory: directory.to_owned(),
        memory_bytes: 1 << 28,
        threads: 1,
        open_files_max: 2,
        cells_after: DuckDbConfig::CELLS_AFTER,
        tidy_min: DuckDbConfig::TIDY_MIN,
        quarter_hours_days: 0,
        compact_cells_min: DuckDbConfig::COMPACT_CELLS_MIN,
        checkpoint_bytes: DuckDbConfig::CHECKPOINT_BYTES,
    })
    .unwrap()
}

/// A file whose rows were derived by other rules is refused untouched, and set aside for one that is made again; what it
/// holds is still in it.
#[test]
fn a_file_of_other_rules_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let organization = OrganizationId::from_bytes([1; 16]);
    let path = store_in(directory.path()).path(organization);
    let change = Change {
        applied_lsn: 7,
        ..Change::default()
    };
    store_in(directory.path())
        .apply(organization, &change, Timestamp::MIN)
        .unwrap();
    // As the first release has left it: without the columns, and of the format 1.
    let older = Connection::open(&path).unwrap();
    let script = "ALTER TABLE execution DROP COLUMN error_fingerprint; \
                  ALTER TABLE execution DROP COLUMN error_pattern; \
                  ALTER TABLE cost DROP COLUMN execution_status; UPDATE tacho_meta SET format = 1;";
    older.execute_batch(script).unwrap();
    drop(older);
    let store = store_in(directory.path());
    let refused = store.applied_lsn(organization);
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    let aside = store.set_aside(organization).unwrap().unwrap();
    assert_eq!(store.applied_lsn(organization).unwrap(), 0);
    let kept = Connection::open(aside).unwrap();
    let meta = |sql: &str| kept.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(meta("SELECT applied_lsn::BIGINT FROM tacho_meta"), 7);
    let columns =
        "SELECT count(*) FROM duckdb_columns() WHERE column_name LIKE 'error_%' AND table_name = 'execution'";
    assert_eq!(meta(columns), 2);
}

/// Wherever the file ends, before it is opened or while it is open, it is found to be damaged and can be set aside.
#[test]
fn a_file_cut_short_anywhere_is_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let organization = OrganizationId::from_bytes([1; 16]);
    let whole = directory.path().join("whole");
    let store = store_in(directory.path());
    let path = store.path(organization);
    store
        .apply(organization, &Change::default(), Timestamp::MIN)
        .unwrap();
    drop(store);
    let filling = Connection::open(&path).unwrap();
    let script = "CREATE TABLE filling AS SELECT hash(range) AS number FROM range(300000); CHECKPOINT;";
    filling.execute_batch(script).unwrap();
    let sum = Statement {
        sql: "SELECT sum(number)::VARCHAR FROM filling".to_owned(),
        ..Statement::default()
    };
    let right: String = filling.query_row(&sum.sql, [], |row| row.get(0)).unwrap();
    let right = vec![vec![tacho_store::Scalar::Text(right)]];
    drop(filling);
    std::fs::rename(&path, &whole).unwrap();
    let length = std::fs::metadata(&whole).unwrap().len();
    let mut found = 0;
    for cut in (1..40)
        .map(|part| length * part / 40)
        .chain([length - 9_836, length - 1])
    {
        for is_open in [false, true] {
            std::fs::copy(&whole, &path).unwrap();
            let store = store_in(directory.path());
            if is_open {
                store.applied_lsn(organization).unwrap();
            }
            let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(cut).unwrap();
            let read = store.read(organization, std::slice::from_ref(&sum), Duration::from_secs(30));
            match read {
                Err(StoreError::Damaged(_)) => found += 1,
                // What is cut off is not of this table.
                Ok(read) if is_open => assert_eq!(read.results[0].rows, right),
                other => panic!("cut to {cut} of {length} bytes, open: {is_open}: {other:?}"),
            }
            if let Some(aside) = store.set_aside(organization).unwrap() {
                std::fs::remove_file(aside).unwrap();
            }
            assert_eq!(store.applied_lsn(organization).unwrap(), 0);
        }
    }
    assert!(found > 41 + 10, "{found} of 82");
}

/// Opening takes long if rollups have to be made anew: whoever asks meanwhile is told so.
#[test]
fn a_question_waits_a_little_for_a_file_that_is_being_opened() {
    let directory = tempfile::tempdir().unwrap();
    let store = store_in(directory.path());
    let [opening, other] = [1, 2].map(|number| OrganizationId::from_bytes([number; 16]));
    let read = |organization| store.read(organization, &[], Duration::from_secs(30)).map(|_| ());
    let slot = store.slot(opening);
    let held = slot.file.lock().unwrap();
    assert!(matches!(
        read(opening),
        Err(StoreError::Unavailable("being opened"))
    ));
    read(other).unwrap();
    drop(held);
    read(opening).unwrap();
}
