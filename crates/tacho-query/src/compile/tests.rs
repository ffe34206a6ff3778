use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tacho_core::record::RecordType;
use tacho_core::time::Timestamp;
use tacho_core::{OrganizationId, Scope};

use super::*;
use crate::dialect::DuckDb;
use crate::holdings::Holdings;
use crate::params::QueryParams;
use crate::plan::{EXACT_ROWS_MAX, plan};
use crate::scope::scoped;

fn organization() -> OrganizationId {
    OrganizationId::from_bytes([7; 16])
}

/// A store in Berlin with a hundred thousand executions, points of metrics and samples of resources each day of eight weeks.
fn holdings() -> Arc<Holdings> {
    let first: Timestamp = "2026-09-30T22:00:00Z".parse().unwrap();
    let days = (0..56).map(|day| (first.plus_micros(day * 86_400_000_000), 100_000));
    let days: Vec<_> = days.collect();
    let types = [RecordType::Execution, RecordType::Metric, RecordType::Resource];
    Arc::new(Holdings {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        days: types.map(|of| (of, days.clone())).into(),
        ..Holdings::default()
    })
}

fn compiled(scope: &Scope, question: Value) -> String {
    let params = QueryParams::from_json(&question).unwrap();
    let now = "2026-11-22T10:00:00Z".parse().unwrap();
    let query = Query::validate(&params, now, &TimeZone::get("Europe/Berlin").unwrap()).unwrap();
    let plan = plan(scoped(query, scope), &holdings(), EXACT_ROWS_MAX);
    let statement = compile(&plan, &DuckDb);
    assert_eq!(statement.sql.matches('?').count(), statement.params.len());
    format!("{}\n-- {:?}", statement.sql, statement.params)
}

#[test]
fn totals_alone() {
    insta::assert_snapshot!(compiled(
        &Scope::all(organization()),
        json!({
            "source": "executions",
            "measures": ["count", "success_rate", "duration_median", "duration_p95", "cost"],
            "time": { "period": "month" },
            "compare": "previous_period"
        })
    ));
}

#[test]
fn groups_of_a_member() {
    insta::assert_snapshot!(compiled(
        &Scope::owned(organization(), vec!["ada".into(), "ada@example.com".into()]),
        json!({
            "source": "executions",
            "measures": ["count", "duration_avg"],
            "dimensions": ["workflow", "status"],
            "time": { "last": "24h" },
            "filters": [
                { "field": "status", "op": "in", "values": ["failed", "timeout"] },
                { "or": [
                    { "field": "error_message", "op": "contains", "value": "50% of _" },
                    { "not": { "field": "duration", "op": "lt", "value": 1000 } },
                    { "field": "user", "op": "not_in", "values": ["eve"] }
                ] }
            ],
            "order": [{ "by": "duration_avg", "direction": "asc" }],
            "limit": 10
        })
    ));
}

#[test]
fn days_across_a_moved_clock() {
    insta::assert_snapshot!(compiled(
        &Scope::all(organization()),
        json!({
            "source": "executions",
            "measures": ["count"],
            "time": { "period": "month" },
            "granularity": "day"
        })
    ));
}

#[test]
fn hours_of_groups_across_a_moved_clock() {
    insta::assert_snapshot!(compiled(
        &Scope::all(organization()),
        json!({
            "source": "executions",
            "measures": ["count", "failure_rate"],
            "dimensions": ["workflow"],
            "time": { "from": "2026-10-24T12:00:00Z", "to": "2026-10-25T12:00:00Z" },
            "granularity": "hour",
            "limit": 5
        })
    ));
}

#[test]
fn a_scope_without_subjects_sees_nothing() {
    let sql = compiled(
        &Scope::owned(organization(), Vec::new()),
        json!({ "source": "executions", "measures": ["count"], "time": { "period": "week" } }),
    );
    let relations = sql.matches(") AS cells").count() + sql.matches(") AS beside").count();
    assert_eq!(sql.matches("WHERE false").count(), relations, "{sql}");
}

#[test]
fn cells_of_days_in_berlin() {
    insta::assert_snapshot!(compiled(
        &Scope::all(organization()),
        json!({
            "source": "executions",
            "measures": ["success_rate", "duration_avg", "cost"],
            "dimensions": ["status"],
            "time": { "from": "2026-11-01T08:20:00Z", "to": "2026-11-08T08:20:00Z" },
            "granularity": "day"
        })
    ));
}

#[test]
fn cells_by_what_the_workflow_is_now_and_the_rest() {
    insta::assert_snapshot!(compiled(
        &Scope::all(organization()),
        json!({
            "source": "executions",
            "measures": ["count", "cost_per_execution"],
            "dimensions": ["workflow_group", "workflow"],
            "time": { "last": "30d" },
            "limit": 3,
            "other": true
        })
    ));
}

#[test]
fn tags_and_hours_of_groups_that_are_large_enough() {
    insta::assert_snapshot!(compiled(
        &Scope::all(organization()),
        json!({
            "source": "steps",
            "measures": ["count", "duration_p95"],
            "dimensions": ["tags.env", "hour_of_day"],
            "time": { "last": "24h" },
            "filters": [{ "field": "weekday", "op": "between", "values": [1, 5] }],
            "having": [{ "measure": "count", "op": "gte", "value": 10 }],
            "offset": 20
        })
    ));
}

#[test]
fn a_member_sees_messages_by_workflow_and_no_metrics() {
    let member = Scope::owned(organization(), vec!["ada".into()]);
    let of = |source: &str| {
        compiled(
            &member,
            json!({ "source": source, "measures": ["count"], "time": { "period": "week" } }),
        )
    };
    assert!(!of("messages").contains("user_id"));
    assert!(of("metrics").contains("false"));
    assert!(!of("activity").contains("workflow_id"));
}

#[test]
fn quantiles_and_users_of_many_rows_beside_sums() {
    insta::assert_snapshot!(compiled(
        &Scope::all(organization()),
        json!({
            "source": "executions",
            "measures": ["count", "duration_p95", "distinct_users", "duration_max"],
            "dimensions": ["status"],
            "time": { "from": "2026-11-01T00:00:00+01:00", "to": "2026-11-22T00:00:00+01:00" },
            "granularity": "week",
            "order": [{ "by": "duration_p95" }],
            "limit": 2,
            "other": true
        })
    ));
}

#[test]
fn values_of_metrics_by_their_own_rule() {
    insta::assert_snapshot!(compiled(
        &Scope::all(organization()),
        json!({
            "source": "metrics",
            "measures": ["value", "value_min", "value_p95"],
            "dimensions": ["name"],
            "time": { "from": "2026-11-01T08:20:00Z", "to": "2026-11-08T08:20:00Z" }
        })
    ));
}

#[test]
fn peaks_and_bytes_of_a_member() {
    insta::assert_snapshot!(compiled(
        &Scope::owned(organization(), vec!["ada".into()]),
        json!({
            "source": "resources",
            "measures": ["cpu_avg", "queue_depth_max", "disk_read_bytes"],
            "time": { "from": "2026-11-01T00:00:00+01:00", "to": "2026-11-22T00:00:00+01:00" },
            "granularity": "week"
        })
    ));
}

#[test]
fn a_plan_says_why() {
    let why = |question: Value| {
        let params = QueryParams::from_json(&question).unwrap();
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let query = Query::validate(&params, now, &TimeZone::UTC).unwrap();
        let plan = plan(
            scoped(query, &Scope::all(organization())),
            &holdings(),
            EXACT_ROWS_MAX,
        );
        let readings = plan.explained().into_iter();
        let readings: Vec<_> = readings
            .map(|reading| (reading.reason, reading.pieces.len()))
            .collect();
        (readings, plan.has_bins())
    };
    let question = |measures: &[&str], dimensions: &[&str]| {
        json!({
            "source": "executions", "measures": measures, "dimensions": dimensions,
            "time": { "from": "2026-10-31T08:20:00Z", "to": "2026-11-08T08:20:00Z" }
        })
    };
    let serve = |columns: &str| format!("Rollups by {columns} are kept and serve.");
    assert_eq!(
        why(question(&["count"], &["status"])),
        (vec![(serve("status, trigger_type"), 5)], false)
    );
    assert_eq!(
        why(question(&["count", "distinct_users"], &["user"])),
        (
            vec![(serve("user_id, status"), 3), (serve("user_id, status"), 3)],
            false
        )
    );
    assert_eq!(
        why(question(&["count", "duration_p95"], &[])),
        (
            vec![(serve("status, trigger_type"), 5), (serve("status"), 3)],
            true
        )
    );
    assert_eq!(
        why(question(&["count_failed"], &["error_type"])),
        (vec![(serve("status, error_type"), 5)], false)
    );
    let (readings, _) = why(question(&["count", "duration_p95"], &["error_fingerprint"]));
    assert_eq!(readings.len(), 2);
    assert!(
        readings[0]
            .0
            .contains("narrow: it does not tell error_fingerprint apart"),
        "{readings:?}"
    );
    let mut by_workflow = question(&["duration_p95"], &["workflow"]);
    by_workflow["time"]["from"] = json!("2026-10-25T00:00:00Z");
    let (readings, has_bins) = why(by_workflow.clone());
    assert!(!has_bins);
    assert_eq!(
        readings[1].0,
        "Up to 2000000 rows, values are put in order themselves."
    );
    by_workflow["time"]["from"] = json!("2026-11-07T00:00:00Z");
    let (readings, _) = why(by_workflow);
    assert_eq!(readings[0].0, "Up to 250000 rows, the rows themselves are read.");
}
