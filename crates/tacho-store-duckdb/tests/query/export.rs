//! Executions read all for exports.

use std::ops::ControlFlow;

use jiff::tz::TimeZone;
use tacho_core::Scope;
use tacho_query::executions::ExecutionExportQuery;
use tacho_query::executions::wire::{ExecutionExportParams, ExecutionListParams};
use tacho_store::{EngineError, ScalarRef, Stop, StoreError};

use crate::fixture::{Fixture, Run, Workflow, at, organization};

const NOW: &str = "2026-11-22T10:00:00Z";

fn runs(count: u64, moments: u64) -> Vec<Run> {
    (0..count)
        .map(|number| Run {
            // In no order.
            id: format!("run-{:05}", number * 7_919 % count),
            attempt: 1 + (number % 2) as u32,
            at: at("2026-11-22T09:00:00Z") + (number % moments) as i64,
            status: ["success", "failed", "running"][number as usize % 3],
            workflow: Some(["invoices", "reminders"][number as usize % 2].to_owned()),
            ..Run::default()
        })
        .collect()
}

fn filled(runs: &[Run]) -> Fixture {
    let fixture = Fixture::new();
    let workflows = ["invoices", "reminders"].map(|id| Workflow {
        id: id.to_owned(),
        name: Some(format!("The {id}")),
        owner: Some(if id == "invoices" { "ada" } else { "bob" }.to_owned()),
    });
    fixture.fill(organization(1), runs, &workflows);
    fixture
}

fn query(params: &ExecutionExportParams) -> ExecutionExportQuery {
    ExecutionExportQuery::validate(params, NOW.parse().unwrap(), &TimeZone::UTC).unwrap()
}

fn columns(names: &[&str]) -> ExecutionExportParams {
    ExecutionExportParams {
        columns: Some(names.iter().map(|&name| name.to_owned()).collect()),
        ..ExecutionExportParams::default()
    }
}

/// Event time, id and attempt of each, and how many were promised.
fn exported(
    fixture: &Fixture,
    scope: &Scope,
    params: ExecutionExportParams,
) -> (Vec<(i64, String, i64)>, u64) {
    let params = ExecutionExportParams {
        columns: columns(&["event_time", "id", "attempt"]).columns,
        ..params
    };
    let (mut rows, mut promised) = (Vec::new(), 0);
    let flow = fixture.engine.export_executions(
        scope,
        query(&params),
        &Stop::default(),
        &mut |extent| promised = extent.rows,
        &mut |row| {
            match row {
                [
                    ScalarRef::Time(time),
                    ScalarRef::Text(id),
                    ScalarRef::Int(attempt),
                ] => {
                    rows.push((time.as_micros(), (*id).to_owned(), *attempt));
                }
                other => panic!("{other:?}"),
            }
            ControlFlow::Continue(())
        },
    );
    assert_eq!(flow.unwrap(), ControlFlow::Continue(()));
    (rows, promised)
}

fn expected(runs: &[Run], keep: impl Fn(&Run) -> bool) -> Vec<(i64, String, i64)> {
    let kept = runs.iter().filter(|run| keep(run));
    let mut rows: Vec<_> = kept
        .map(|run| (run.at, run.id.clone(), i64::from(run.attempt)))
        .collect();
    rows.sort();
    rows
}

fn all() -> Scope {
    Scope::all(organization(1))
}

/// More than fit into a page at one moment, and slices of several moments.
#[test]
fn each_comes_once_in_order_however_many_there_are_at_a_moment() {
    for moments in [1, 3, 60_000] {
        let runs = runs(60_000, moments);
        let fixture = filled(&runs);
        let (rows, promised) = exported(&fixture, &all(), ExecutionExportParams::default());
        assert_eq!(promised, 60_000);
        assert!(rows == expected(&runs, |_| true), "{moments} moments");
    }
}

#[test]
fn filters_and_scope_are_those_of_the_list() {
    let runs = runs(300, 50);
    let fixture = filled(&runs);
    let ada = Scope::owned(organization(1), vec!["ada".into()]);
    let is_adas = |run: &Run| run.workflow.as_deref() == Some("invoices");
    let owned = exported(&fixture, &ada, ExecutionExportParams::default()).0;
    assert_eq!(owned, expected(&runs, is_adas));
    let params = ExecutionExportParams {
        status: Some("failed,running".into()),
        from: Some("2026-11-22T09:00:00Z".parse().unwrap()),
        to: Some("2026-11-22T09:00:00.00002Z".parse().unwrap()),
        search: Some("THE INV".into()),
        ..ExecutionExportParams::default()
    };
    let end = at("2026-11-22T09:00:00Z") + 20;
    let keep = |run: &Run| run.status != "success" && run.at < end && is_adas(run);
    assert_eq!(
        exported(&fixture, &all(), params.clone()).0,
        expected(&runs, keep)
    );
    let listed = ExecutionListParams {
        status: params.status,
        from: params.from,
        to: params.to,
        search: params.search,
        limit: Some(200),
        ..ExecutionListParams::default()
    };
    let now = NOW.parse().unwrap();
    let list = fixture.block_on(
        fixture
            .engine
            .list_executions(&all(), &listed, now, &TimeZone::UTC),
    );
    let list = list.unwrap().executions.into_iter().rev();
    let list: Vec<_> = list
        .map(|run| (run.event_time.as_micros(), run.id, i64::from(run.attempt)))
        .collect();
    assert_eq!(list, expected(&runs, keep));
    let filtered = ExecutionExportParams {
        filters: serde_json::from_value(serde_json::json!([
            { "field": "workflow_owner", "op": "eq", "value": "ada" },
            { "field": "status", "op": "ne", "value": "success" }
        ]))
        .unwrap(),
        ..ExecutionExportParams::default()
    };
    let keep = |run: &Run| run.status != "success" && is_adas(run);
    assert_eq!(exported(&fixture, &all(), filtered).0, expected(&runs, keep));
    let none = Scope::all(organization(2));
    assert_eq!(
        exported(&fixture, &none, ExecutionExportParams::default()),
        (Vec::new(), 0)
    );
}

#[test]
fn it_ends_when_told_to() {
    let fixture = filled(&runs(100, 10));
    let read = |stop: &Stop, visit: &mut dyn FnMut(&[ScalarRef<'_>]) -> ControlFlow<()>| {
        let query = query(&columns(&["workflow_name"]));
        fixture
            .engine
            .export_executions(&all(), query, stop, &mut |_| {}, visit)
    };
    let mut seen = 0;
    let broken = read(&Stop::default(), &mut |row| {
        assert!(matches!(row, [ScalarRef::Text(name)] if name.starts_with("The ")));
        seen += 1;
        if seen == 30 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!((broken.unwrap(), seen), (ControlFlow::Break(()), 30));
    let stop = Stop::default();
    let mut seen = 0;
    let stopped = read(&stop, &mut |_| {
        seen += 1;
        if seen == 30 {
            stop.stop();
        }
        ControlFlow::Continue(())
    });
    assert!(matches!(stopped, Err(EngineError::Store(error)) if matches!(*error, StoreError::Stopped)));
    assert_eq!(seen, 30);
}
