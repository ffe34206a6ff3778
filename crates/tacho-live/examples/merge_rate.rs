//! How long the hub takes for a batch of 20,000 executions: unwatched, watched, and watched by people who own things.
//! `cargo run --release -p tacho-live --example merge_rate`

use std::time::Instant;

use tacho_core::record::{Record, RecordType, Row, Value};
use tacho_core::{OrganizationId, Scope, Timestamp};
use tacho_live::Hub;
use tacho_store::live::{LiveRows, LiveWorkflow};
use tacho_store::{Change, Replaced, StoredRow, Watcher};

const ROWS: u64 = 20_000;
const BATCHES: u64 = 50;
const NOW_MS: i64 = 1_795_341_600_000;

fn row(lsn: u64, id: u64, is_open: bool) -> StoredRow {
    let spec = RecordType::Execution.spec();
    let started = NOW_MS * 1000 - i64::try_from(id % 600).unwrap_or(0) * 1_000_000;
    let workflow = format!("w{}", id % 500);
    let mut fields = vec![
        (spec.position("workflow_id"), Value::from(workflow.as_str())),
        (
            spec.position("status"),
            Value::Keyword(if is_open { 1 } else { 2 }),
        ),
        (spec.position("started_at"), Value::Int(started)),
    ];
    if !is_open {
        fields.push((spec.position("completed_at"), Value::Int(started + 800_000)));
    }
    fields.sort_by_key(|(position, _)| *position);
    let record = Record {
        record_type: RecordType::Execution,
        id: format!("execution-{id}").into(),
        attempt: 1,
        updated_at: Timestamp::from_micros(started),
        is_inferred: false,
        fields,
    };
    StoredRow::new(lsn, Row::from(record), None)
}

/// Executions that were reported finished, or that were running and have now ended.
fn batch(number: u64, was_open: bool) -> (Change, Vec<Replaced>) {
    let first = number * ROWS;
    let change = Change {
        applied_lsn: first + ROWS,
        retracted: Vec::new(),
        rows: (first..first + ROWS).map(|id| row(id + 1, id, false)).collect(),
    };
    let replaced = (first..first + ROWS).filter(|_| was_open).map(|id| Replaced {
        by: usize::try_from(id - first).unwrap_or(0),
        row: row(id, id, true),
    });
    (change, replaced.collect())
}

fn main() {
    let organization = OrganizationId::from_bytes([1; 16]);
    for (name, owners) in [
        ("nobody watches", None),
        ("one watches everything", Some(0)),
        ("and 100 people their own", Some(100)),
    ] {
        let hub = Hub::new(|| Timestamp::from_millis(NOW_MS));
        let mut scopes: Vec<Scope> = owners.iter().map(|_| Scope::all(organization)).collect();
        scopes.extend((0..owners.unwrap_or(0)).map(|n| Scope::owned(organization, vec![format!("u{n}")])));
        let watches: Vec<_> = scopes.iter().filter_map(|scope| hub.watch(scope).ok()).collect();
        for (at, watch) in watches.iter().enumerate() {
            let own = |n: usize| LiveWorkflow {
                id: format!("w{n}"),
                name: None,
            };
            let rows = LiveRows {
                workflows: (0..5).map(|n| own((at * 5 + n) % 500)).collect(),
                ..LiveRows::default()
            };
            if let Some(load) = watch.load() {
                watch.read(load, 0, &rows);
            }
        }
        for was_open in [false, true] {
            let mut elapsed = std::time::Duration::ZERO;
            for number in 0..BATCHES {
                let (change, replaced) = batch(number, was_open);
                let started = Instant::now();
                hub.merged(organization, &change, &replaced);
                elapsed += started.elapsed();
            }
            let per_row = elapsed.as_nanos() / u128::from(ROWS * BATCHES);
            let kind = if was_open { "amended" } else { "new" };
            println!("{name}, {kind} rows: {per_row} ns a row");
        }
    }
}
