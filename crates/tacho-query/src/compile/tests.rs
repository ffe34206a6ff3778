use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tacho_core::{OrganizationId, Scope};

use super::*;
use crate::dialect::DuckDb;
use crate::params::QueryParams;
use crate::plan::plan;
use crate::scope::scoped;

fn organization() -> OrganizationId {
    OrganizationId::from_bytes([7; 16])
}

fn compiled(scope: &Scope, question: Value) -> String {
    let params = QueryParams::from_json(&question).unwrap();
    let now = "2026-11-22T10:00:00Z".parse().unwrap();
    let query = Query::validate(&params, now, &TimeZone::get("Europe/Berlin").unwrap()).unwrap();
    let statements = compile(&plan(scoped(query, scope)), &DuckDb);
    let texts = statements.iter().map(|statement| {
        assert_eq!(statement.sql.matches('?').count(), statement.params.len());
        format!("{}\n-- {:?}", statement.sql, statement.params)
    });
    texts.collect::<Vec<_>>().join("\n\n")
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
        json!({ "source": "executions", "measures": ["count"], "time": { "period": "day" } }),
    );
    assert!(sql.contains("AND false"), "{sql}");
}
