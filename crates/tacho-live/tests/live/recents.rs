//! How workflows fared last, worked out in the plainest way from all rows of the store.

use std::collections::BTreeMap;

use tacho_core::Timestamp;
use tacho_core::record::RecordType;
use tacho_core::record::Value;
use tacho_core::scope::Rows;
use tacho_live::{Recent, State};
use tacho_store::{Lsn, Store, StoredRow};

use crate::plain::{int, rows, text};

type Key = (Timestamp, Lsn);

/// Starts, and outcomes with whether they were failures, by workflow.
#[derive(Default)]
struct Fared {
    starts: Vec<Key>,
    outcomes: Vec<(Key, bool)>,
}

fn status(row: &StoredRow) -> u8 {
    row.row.get("status").and_then(Value::as_keyword).unwrap()
}

fn fared(store: &dyn Store) -> BTreeMap<String, Fared> {
    let mut all: BTreeMap<String, Fared> = BTreeMap::new();
    for row in rows(store, RecordType::Execution) {
        let Some(workflow) = text(&row, "workflow_id") else {
            continue;
        };
        let fared = all.entry(workflow).or_default();
        let trigger = row.row.get("trigger_type").and_then(Value::as_keyword);
        if status(&row) > 0 && trigger.is_none_or(|trigger| trigger == 0) {
            fared.starts.push((row.event_time, row.lsn));
        }
        if (2..5).contains(&status(&row)) {
            let ended = int(&row, "completed_at").map_or(row.event_time, Timestamp::from_micros);
            fared.outcomes.push(((ended, row.lsn), status(&row) > 2));
        }
    }
    for fared in all.values_mut() {
        fared.starts.sort_unstable();
        fared.outcomes.sort_unstable();
    }
    all
}

/// The state of everything knows all after the moments that it says, and knows the last failures in a row; others know
/// nothing.
pub(crate) fn assert_recents(state: &State, store: &dyn Store, seen: &Rows) {
    if *seen != Rows::All {
        assert_eq!(state.recents().count(), 0);
        return;
    }
    let all = fared(store);
    for (workflow, fared) in &all {
        let Some(recent) = state.recent(workflow) else {
            assert!(fared.starts.is_empty() && fared.outcomes.is_empty(), "{workflow}");
            continue;
        };
        assert_of(recent, fared, workflow);
    }
    let unknown = state
        .recents()
        .filter(|(workflow, _)| !all.contains_key(&***workflow));
    for (workflow, recent) in unknown {
        assert_of(recent, &Fared::default(), workflow);
    }
}

fn assert_of(recent: &Recent, fared: &Fared, workflow: &str) {
    let starts = fared.starts.iter().filter(|key| **key > recent.starts_after());
    let starts: Vec<Timestamp> = starts.map(|(at, _)| *at).collect();
    assert_eq!(recent.starts().collect::<Vec<_>>(), starts, "{workflow}");
    assert_eq!(
        starts.len(),
        fared.starts.len(),
        "all are of the last two days: {workflow}"
    );

    let outcomes = fared
        .outcomes
        .iter()
        .filter(|(key, _)| *key > recent.outcomes_after());
    let outcomes: Vec<_> = outcomes.map(|((at, _), failed)| (*at, *failed)).collect();
    let shown = recent.outcomes().map(|outcome| (outcome.at, outcome.is_failure));
    assert_eq!(shown.collect::<Vec<_>>(), outcomes, "{workflow}");
}

/// Read anew, it knows how many failed last.
pub(crate) fn failures_in_a_row(state: &State, workflow: &str) -> usize {
    let recent = state.recent(workflow).unwrap();
    recent
        .outcomes()
        .rev()
        .take_while(|outcome| outcome.is_failure)
        .count()
}
