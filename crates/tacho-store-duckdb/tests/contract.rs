//! The contract of a store, held by DuckDB files.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::sync::Arc;

use tacho_store::{Store, contract};
use tacho_store_duckdb::{DuckDbConfig, DuckDbStore};

fn open(directory: &Path) -> Arc<dyn Store> {
    let config = DuckDbConfig {
        directory: directory.into(),
        memory_bytes: 1 << 30,
        threads: 2,
        open_files_max: 3,
        cells_after: DuckDbConfig::CELLS_AFTER,
        tidy_min: DuckDbConfig::TIDY_MIN,
        quarter_hours_days: 0,
        compact_cells_min: DuckDbConfig::COMPACT_CELLS_MIN,
        checkpoint_bytes: DuckDbConfig::CHECKPOINT_BYTES,
    };
    Arc::new(DuckDbStore::open(config).unwrap())
}

fn hold(law: impl FnOnce(contract::Open<'_>)) {
    let directory = tempfile::tempdir().unwrap();
    law(&|| open(directory.path()));
}

macro_rules! laws {
    ($($law:ident),* $(,)?) => {
        $(
            #[test]
            fn $law() {
                hold(|open| contract::$law(open));
            }
        )*
    };
}

laws!(
    a_batch_is_applied_once,
    a_batch_is_applied_whole_or_not_at_all,
    a_retracted_row_gives_way_to_its_successor,
    rows_are_found_by_position,
    rows_are_found_by_text,
    a_scan_names_every_identity_above_a_position,
    a_scan_names_what_follows_executions,
    unattributed_executions_are_named,
    digests_tell_stores_apart,
    a_long_reading_sees_one_moment,
    a_read_sees_one_moment,
    a_store_is_set_aside_and_begun_anew,
    a_store_that_is_not_whole_answers_nothing,
    organizations_are_apart,
    a_store_survives_closing,
    every_value_comes_back,
);

#[test]
fn a_slow_question_is_stopped() {
    hold(|open| {
        contract::a_slow_question_is_stopped(
            open,
            "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b",
        );
    });
}

#[test]
fn a_long_reading_is_stopped() {
    hold(|open| {
        contract::a_long_reading_is_stopped(
            open,
            "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b",
        );
    });
}
