use proptest::prelude::*;
use tacho_core::record::schema::EXECUTION_STATUSES;
use tacho_core::record::{Fingerprint, Value};
use tacho_ingest::identity::IndexLimits;

use super::*;
use crate::records::related_records;

const TINY: IndexLimits = IndexLimits {
    entries_in_memory_max: 4,
    runs_per_class_max: 2,
};

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1usize..14, 1..6)
}

/// Runs a law over one store, for opening one takes its time.
fn hold<S: Strategy>(
    cases: u32,
    strategy: S,
    law: impl Fn(&dyn Store, S::Value) -> Result<(), TestCaseError>,
) {
    let directory = tempfile::tempdir().unwrap();
    let store = duckdb(directory.path());
    let config = ProptestConfig {
        cases,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    if let Err(error) = runner.run(&strategy, |value| law(&store, value)) {
        panic!("{error}");
    }
}

fn agree(left: &Rows, right: &Rows, with_positions: bool) -> Result<(), TestCaseError> {
    let differences = differences(left, right, with_positions);
    prop_assert!(differences.is_empty(), "{}", differences);
    Ok(())
}

/// Law: the store holds what a plain fold over all records of each thing gives: fields, ranks, conflicts, positions, event
/// times, and what belongs to an execution has the workflow and user of its latest try, whatever came first.
#[test]
fn the_store_is_what_a_plain_fold_gives() {
    hold(24, (related_records(1..60), cuts()), |store, (records, cuts)| {
        let records = numbered(records);
        let mut lane = Lane::new(store, TINY, REAL_FINGERPRINT);
        for batch in batches(&records, &cuts) {
            lane.apply(batch);
        }
        let (rows, duplicates) = model::project(&records);
        agree(&lane.rows(), &rows, true)?;
        prop_assert_eq!(lane.duplicates, duplicates);
        Ok(())
    });
}

/// Law: any order, split and repetition of the same records gives the same store.
#[test]
fn order_split_and_repetition_do_not_matter() {
    let strategy = related_records(1..40).prop_flat_map(|records| {
        let twice: Vec<Record> = records.iter().chain(&records).cloned().collect();
        (Just(records), Just(twice).prop_shuffle(), cuts(), cuts())
    });
    hold(16, strategy, |store, (records, shuffled, cuts, other_cuts)| {
        let lanes = [(numbered(records), cuts), (numbered(shuffled), other_cuts)].map(|(records, cuts)| {
            let mut lane = Lane::new(store, TINY, REAL_FINGERPRINT);
            batches(&records, &cuts)
                .into_iter()
                .for_each(|batch| lane.apply(batch));
            lane
        });
        let digests = lanes
            .each_ref()
            .map(|lane| store.digest(lane.organization, false).unwrap().tables);
        agree(&lanes[0].rows(), &lanes[1].rows(), false)?;
        prop_assert_eq!(&digests[0], &digests[1]);
        Ok(())
    });
}

/// Law: the same records in the same order give the same store to the last position, however they were cut into batches.
#[test]
fn batches_leave_no_trace() {
    hold(
        16,
        (related_records(1..50), cuts(), cuts()),
        |store, (records, cuts, other_cuts)| {
            let records = numbered(records);
            let lanes = [cuts, other_cuts].map(|cuts| {
                let mut lane = Lane::new(store, TINY, REAL_FINGERPRINT);
                batches(&records, &cuts)
                    .into_iter()
                    .for_each(|batch| lane.apply(batch));
                lane
            });
            agree(&lanes[0].rows(), &lanes[1].rows(), true)?;
            let digests = lanes
                .each_ref()
                .map(|lane| store.digest(lane.organization, true).unwrap());
            prop_assert_eq!(&digests[0], &digests[1]);
            Ok(())
        },
    );
}

/// Law: a fingerprint that many things share loses none of them.
#[test]
fn fingerprint_collisions_lose_nothing() {
    let fingerprints: [FingerprintOf; 2] = [
        |_| Fingerprint(7),
        |identity| Fingerprint(identity.fingerprint().0 & 0b11),
    ];
    hold(
        12,
        (related_records(1..50), cuts(), 0..2usize),
        |store, (records, cuts, which)| {
            let records = numbered(records);
            let mut lane = Lane::new(store, TINY, fingerprints[which]);
            for batch in batches(&records, &cuts) {
                lane.apply(batch);
            }
            let (rows, duplicates) = model::project(&records);
            agree(&lane.rows(), &rows, true)?;
            prop_assert_eq!(lane.duplicates, duplicates);
            Ok(())
        },
    );
}

/// Law: what comes again never counts again: after restarts, after its entry in the index went to a file and the files
/// were merged, with an index that was lost, or put back to an earlier state.
#[test]
fn duplicates_are_known_after_restarts_and_lost_indexes() {
    #[derive(Clone, Copy, Debug)]
    enum Mishap {
        Restart,
        LoseIndex,
        RollBackIndex,
    }
    let mishap = prop::sample::select(vec![
        Mishap::Restart,
        Mishap::Restart,
        Mishap::LoseIndex,
        Mishap::RollBackIndex,
    ]);
    let strategy = (
        related_records(30..90),
        cuts(),
        prop::collection::vec(mishap, 1..5),
    );
    hold(12, strategy, |store, (records, cuts, mishaps)| {
        // Everything comes again at the end.
        let count = records.len();
        let records = numbered(records.iter().chain(&records).cloned().collect::<Vec<_>>());
        let mut lane = Lane::new(store, TINY, REAL_FINGERPRINT);
        let early = tempfile::tempdir().unwrap();
        for (at, batch) in batches(&records, &cuts).into_iter().enumerate() {
            lane.apply(batch);
            if at == 2 {
                lane.restart(|index| copy_files(index, early.path()));
            }
            match mishaps.get(at % 7) {
                None => {}
                Some(Mishap::Restart) => lane.restart(|_| {}),
                Some(Mishap::LoseIndex) => lane.restart(remove_files),
                Some(Mishap::RollBackIndex) => lane.restart(|index| {
                    remove_files(index);
                    copy_files(early.path(), index);
                }),
            }
        }
        let (rows, duplicates) = model::project(&records);
        agree(&lane.rows(), &rows, true)?;
        prop_assert_eq!(lane.duplicates, duplicates);
        // All that came the second time said nothing new.
        prop_assert!(duplicates >= count as u64);
        Ok(())
    });
}

/// Law: an execution that ends, however many costs it and others have, rewrites its own costs and nothing else, and a second
/// try that ends otherwise rewrites them again; also after a restart, when the index is made from the store.
#[test]
fn an_execution_that_ends_rewrites_its_own_costs_alone() {
    const EXECUTIONS: u64 = 200;
    const COSTS: u64 = 10_000;
    let directory = tempfile::tempdir().unwrap();
    let store = duckdb(directory.path());
    let mut lane = Lane::new(&store, IndexLimits::default(), REAL_FINGERPRINT);
    let record = |record_type: RecordType, id: String, named: Vec<(&str, Value)>| {
        let spec = record_type.spec();
        let fields = named
            .into_iter()
            .map(|(name, value)| (spec.position(name), value));
        Record {
            record_type,
            id: id.into(),
            attempt: 1,
            updated_at: Timestamp::from_micros(1),
            is_inferred: false,
            fields: fields.collect(),
        }
    };
    let execution = |id: u64, attempt: u32, status: &str| {
        let status = EXECUTION_STATUSES
            .iter()
            .position(|word| *word == status)
            .unwrap();
        let fields = vec![("status", Value::Keyword(status as u8))];
        let mut execution = record(RecordType::Execution, format!("e{id}"), fields);
        execution.attempt = attempt;
        execution
    };
    let cost = |number: u64| {
        let execution = format!("e{}", number % EXECUTIONS);
        let fields = vec![
            ("timestamp", Value::Int(number as i64)),
            ("execution_id", Value::from(execution.as_str())),
        ];
        record(RecordType::Cost, format!("c{number}"), fields)
    };
    let mut last = 0;
    let mut next = |records: Vec<Record>| -> Vec<(Lsn, Record)> {
        let first = last + 1;
        last += records.len() as u64;
        (first..).zip(records).collect()
    };
    lane.apply(&next(
        (0..EXECUTIONS).map(|id| execution(id, 1, "running")).collect(),
    ));
    for costs in (0..COSTS).collect::<Vec<_>>().chunks(1_000) {
        lane.apply(&next(costs.iter().copied().map(cost).collect()));
    }
    for (is_restarted, attempt, status) in [(false, 1, "failed"), (true, 2, "running"), (true, 2, "success")]
    {
        if is_restarted {
            lane.restart(remove_files);
        }
        let batch = next(vec![execution(7, attempt, status)]);
        let merger = lane.merger.as_mut().unwrap();
        let merged = merger.merge(&store, batch).unwrap();
        let own: Vec<&StoredRow> = merged
            .change
            .rows
            .iter()
            .filter(|row| row.row.record_type == RecordType::Cost)
            .collect();
        assert_eq!(own.len() as u64, COSTS / EXECUTIONS, "{status}");
        assert_eq!(merged.change.rows.len(), own.len() + 1);
        let is_its = |row: &&StoredRow| row.row.get("execution_id") == Some(&Value::from("e7"));
        assert!(own.iter().all(is_its));
        let word = EXECUTION_STATUSES
            .iter()
            .position(|word| *word == status)
            .unwrap();
        assert!(
            own.iter()
                .all(|row| row.derived.contains(&Some(Value::Keyword(word as u8))))
        );
        let now = Timestamp::from_micros(1);
        store.apply(lane.organization, &merged.change, now).unwrap();
        merger.applied(merged).unwrap();
    }
    // Nobody has costs of it: it ends by itself.
    let batch = next(vec![execution(EXECUTIONS, 1, "running")]);
    lane.apply(&batch);
    let batch = next(vec![execution(EXECUTIONS, 1, "failed")]);
    let merged = lane.merger.as_ref().unwrap().merge(&store, batch).unwrap();
    assert_eq!(merged.change.rows.len(), 1);
}

fn remove_files(directory: &Path) {
    for entry in std::fs::read_dir(directory).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
}

fn copy_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
