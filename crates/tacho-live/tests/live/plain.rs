//! What a state must show, worked out in the plainest way from all rows of the store.

use std::collections::{BTreeMap, BTreeSet};

use tacho_core::Timestamp;
use tacho_core::record::{RecordType, Value};
use tacho_core::scope::Rows;
use tacho_live::{Active, State};
use tacho_store::{Store, StoredRow, Target};

use crate::world::ORGANIZATION;

/// What is compared.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Picture {
    queued: i64,
    running: i64,
    /// Of the last minute, five minutes and hour: starts, success, failed, timeout, cancelled, and the mean duration.
    windows: Vec<([i64; 5], Option<f64>)>,
    /// By id: whether it waits, workflow, user, steps that are done, of how many, the last step, and when it got on.
    active: BTreeMap<String, Line>,
}

type Line = (
    bool,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<String>,
    Option<Timestamp>,
);

const WINDOWS: [i64; 3] = [60, 300, 3600];

pub(crate) fn rows(store: &dyn Store, record_type: RecordType) -> Vec<StoredRow> {
    let mut places: BTreeMap<Target, BTreeSet<u64>> = BTreeMap::new();
    store
        .scan_identities(ORGANIZATION, 0, &mut |target, _, _, lsn| {
            if target.record_type == record_type {
                places.entry(target).or_default().insert(lsn);
            }
        })
        .unwrap();
    let read = |(target, lsns): (Target, BTreeSet<u64>)| {
        let lsns: Vec<u64> = lsns.into_iter().collect();
        store.rows_at(ORGANIZATION, target, &lsns).unwrap()
    };
    places.into_iter().flat_map(read).collect()
}

pub(crate) fn text(row: &StoredRow, name: &str) -> Option<String> {
    row.row.get(name).and_then(Value::as_text).map(str::to_owned)
}

pub(crate) fn int(row: &StoredRow, name: &str) -> Option<i64> {
    row.row.get(name).and_then(Value::as_int)
}

/// From the rows.
pub(crate) fn picture_of_rows(store: &dyn Store, seen: &Rows, now_second: i64) -> Picture {
    let own_workflows: BTreeSet<String> = rows(store, RecordType::Workflow)
        .iter()
        .filter(|row| match seen {
            Rows::All => true,
            Rows::Owned { subjects } => text(row, "owner_id").is_some_and(|owner| subjects.contains(&owner)),
        })
        .map(|row| row.row.id.to_string())
        .collect();
    let is_seen = |workflow: Option<&String>, user: Option<&String>| match (seen, workflow, user) {
        (Rows::All, ..) => true,
        (_, Some(workflow), _) => own_workflows.contains(workflow),
        (Rows::Owned { subjects }, None, Some(user)) => subjects.contains(user),
        _ => false,
    };
    let executions: Vec<StoredRow> = rows(store, RecordType::Execution)
        .into_iter()
        .filter(|row| is_seen(text(row, "workflow_id").as_ref(), text(row, "user_id").as_ref()))
        .collect();
    let steps = rows(store, RecordType::Step);
    let mut picture = Picture::default();
    for row in executions.iter().filter(|row| row.row.is_open()) {
        let is_queued = row.row.get("status") == Some(&Value::Keyword(0));
        match is_queued {
            true => picture.queued += 1,
            false => picture.running += 1,
        }
        let mut of_it: Vec<&StoredRow> = steps
            .iter()
            .filter(|step| text(step, "execution_id").as_deref() == Some(&*row.row.id))
            .filter(|step| int(step, "started_at") >= int(row, "started_at"))
            .collect();
        of_it.sort_by_key(|step| (int(step, "started_at"), step.lsn));
        let done = |step: &&&StoredRow| step.row.get("status") != Some(&Value::Keyword(1));
        let counted = (!of_it.is_empty()).then(|| of_it.iter().filter(done).count() as i64);
        let counts = int(row, "steps_completed").is_some_and(|steps| steps > 0);
        let told = of_it
            .iter()
            .map(|step| step.row.rank.updated_at.max(step.event_time));
        let progressed_at = told.chain(counts.then_some(row.row.rank.updated_at)).max();
        let line = (
            is_queued,
            text(row, "workflow_id"),
            text(row, "user_id"),
            int(row, "steps_completed").or(counted),
            int(row, "steps_total"),
            of_it.last().and_then(|step| text(step, "step_name")),
            progressed_at,
        );
        picture.active.insert(row.row.id.to_string(), line);
    }
    for seconds in WINDOWS {
        let is_in = |micros: i64| {
            let second = micros.div_euclid(1_000_000);
            second > now_second - seconds && second <= now_second
        };
        let (mut counts, mut duration_ms, mut durations) = ([0; 5], 0, 0);
        for row in &executions {
            let status = row.row.get("status").and_then(Value::as_keyword).unwrap();
            let event_time = row.event_time.as_micros();
            counts[0] += i64::from(status > 0 && is_in(event_time));
            if !row.row.is_open() && is_in(int(row, "completed_at").unwrap_or(event_time)) {
                counts[usize::from(status) - 1] += 1;
                if let Some(duration) = row.derived[0].as_ref().and_then(Value::as_int) {
                    duration_ms += duration;
                    durations += 1;
                }
            }
        }
        let mean = (durations > 0).then(|| duration_ms as f64 / f64::from(durations));
        picture.windows.push((counts, mean));
    }
    picture
}

/// From the state.
pub(crate) fn picture_of_state(state: &State, now: Timestamp) -> Picture {
    let owned = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
    let line = |active: &Active| {
        let progress = state.progress(active);
        (
            active.is_queued,
            owned(&active.workflow_id),
            owned(&active.user_id),
            progress.steps_completed,
            progress.steps_total,
            progress.step.map(String::from),
            state.progressed_at(active),
        )
    };
    Picture {
        queued: state.queued(),
        running: state.running(),
        windows: WINDOWS
            .iter()
            .map(|seconds| {
                let window = state.windows().window(now, *seconds);
                let counts = [
                    window.starts,
                    window.success,
                    window.failed,
                    window.timeout,
                    window.cancelled,
                ];
                (counts, window.duration_avg_ms)
            })
            .collect(),
        active: state
            .active()
            .map(|active| (active.id.to_string(), line(active)))
            .collect(),
    }
}
