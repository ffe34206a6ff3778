use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::json;
use tacho_core::record::RecordType;
use tacho_core::{OrganizationId, Scope};

use super::*;
use crate::holdings::Holdings;
use crate::params::QueryParams;
use crate::plan::{EXACT_ROWS_MAX, plan};
use crate::scope::scoped;
use crate::statement::Scalar;

fn planned(question: Value) -> Plan {
    let params = QueryParams::from_json(&question).unwrap();
    let now = "2026-10-25T12:00:00Z".parse().unwrap();
    let query = Query::validate(&params, now, &TimeZone::get("Europe/Berlin").unwrap()).unwrap();
    let scope = Scope::all(OrganizationId::from_bytes([1; 16]));
    plan(scoped(query, &scope), &Arc::default(), EXACT_ROWS_MAX)
}

fn result(rows: Vec<Vec<Scalar>>) -> ResultSet {
    ResultSet {
        columns: Vec::new(),
        rows,
    }
}

fn of_totals<const N: usize>(counts: [i64; 3], dimensions: &[Scalar], measures: [Scalar; N]) -> Vec<Scalar> {
    let leading = [Scalar::Int(0), Scalar::Null, Scalar::Null].into_iter();
    leading
        .chain(counts.map(Scalar::Int))
        .chain(dimensions.iter().cloned())
        .chain(measures)
        .collect()
}

fn moment() -> Moment {
    Moment {
        as_of: "2026-10-25T11:59:59Z".parse().unwrap(),
        as_of_lsn: 42,
        elapsed: Duration::from_millis(7),
    }
}

fn text(text: &str) -> Scalar {
    Scalar::Text(text.to_owned())
}

#[test]
fn totals_are_compared() {
    let plan = planned(json!({
        "source": "executions",
        "measures": ["count", "success_rate", "cost"],
        "time": { "period": "day" },
        "compare": "previous_period"
    }));
    let totals = |part: i64, count: i64, rate: Scalar, micros: f64| {
        let measures = [Scalar::Int(count), rate, Scalar::Float(micros)];
        let mut row = of_totals([count, 1, 2], &[], measures);
        row[0] = Scalar::Int(part);
        row
    };
    let rows = vec![
        totals(0, 30, Scalar::Float(90.0), 300_000.0),
        totals(3, 0, Scalar::Null, 100_000.0),
    ];
    insta::assert_json_snapshot!(shape(&plan, &result(rows), moment()).unwrap());
}

#[test]
fn empty_buckets_are_filled() {
    let plan = planned(json!({
        "source": "executions",
        "measures": ["count", "duration_p95", "cost"],
        "dimensions": ["status", "workflow"],
        "time": { "from": "2026-10-24T12:00:00Z", "to": "2026-10-26T12:00:00Z" },
        "granularity": "day",
        "limit": 2
    }));
    let monday = 1_792_972_800_000_000;
    let row = |rank: i64, bucket: i64, workflow: Scalar, name: Scalar, count: i64| {
        let measures = [Scalar::Int(count), Scalar::Float(1.5), Scalar::Float(0.0)];
        let leading = [Scalar::Int(1), Scalar::Int(rank), Scalar::Int(bucket)].into_iter();
        let counts = [Scalar::Null, Scalar::Null, Scalar::Null];
        let dimensions = [text("success"), workflow, name];
        leading.chain(counts).chain(dimensions).chain(measures).collect()
    };
    let measures = [Scalar::Int(9), Scalar::Float(2.0), Scalar::Float(0.0)];
    let rows = result(vec![
        of_totals([9, 1, 0], &[Scalar::Null, Scalar::Null, Scalar::Null], measures),
        row(1, monday - 86_400_000_000, text("a"), text("Invoices"), 3),
        row(1, monday, text("a"), text("Invoices"), 4),
        row(2, monday, Scalar::Null, Scalar::Null, 1),
        row(3, monday, text("c"), Scalar::Null, 1),
    ]);
    let answer = shape(&plan, &rows, moment()).unwrap();
    insta::assert_json_snapshot!((answer.columns, answer.rows, answer.totals, answer.meta.notes));
}

#[test]
fn nothing_at_all_is_a_line_of_zeros() {
    let plan = planned(json!({
        "source": "executions",
        "measures": ["count", "duration_avg"],
        "time": { "last": "2h" },
        "granularity": "hour",
        "order": [{ "by": "time", "direction": "desc" }]
    }));
    let totals = result(vec![of_totals([0, 0, 0], &[], [Scalar::Int(0), Scalar::Null])]);
    let answer = shape(&plan, &totals, moment()).unwrap();
    assert_eq!(
        json!(answer.rows),
        json!([
            ["2026-10-25T12:00:00+01:00", 0, null],
            ["2026-10-25T11:00:00+01:00", 0, null]
        ])
    );
}

#[test]
fn a_wrong_result_is_an_error() {
    let plan = planned(json!({ "source": "executions", "measures": ["count"], "time": { "period": "day" } }));
    assert!(shape(&plan, &result(Vec::new()), moment()).is_err());
    let short = result(vec![of_totals([1, 0, 0], &[], [])]);
    assert!(shape(&plan, &short, moment()).is_err());
}

#[test]
fn groups_are_compared_with_the_baseline() {
    let answer = |baseline: Value| {
        let plan = planned(json!({
            "source": "executions",
            "measures": ["cost", "count.share"],
            "dimensions": ["workflow", "status"],
            "time": { "period": "day" },
            "baseline": baseline
        }));
        let row = |rank: i64, workflow: &str, cost: f64, count: i64| {
            let leading = [Scalar::Int(1), Scalar::Int(rank), Scalar::Null].into_iter();
            let counts = [Scalar::Null, Scalar::Null, Scalar::Null];
            let dimensions = [text(workflow), text("success"), Scalar::Null];
            let measures = [Scalar::Float(cost), Scalar::Int(count)];
            leading.chain(counts).chain(dimensions).chain(measures).collect()
        };
        let nothing = [Scalar::Null, Scalar::Null, Scalar::Null];
        let rows = result(vec![
            of_totals([8, 0, 0], &nothing, [Scalar::Float(600_000.0), Scalar::Int(8)]),
            row(1, "a", 300_000.0, 4),
            row(2, "b", 200_000.0, 2),
            row(3, "c", 100_000.0, 2),
        ]);
        shape(&plan, &rows, moment()).unwrap()
    };
    let first = answer(json!("first")).differences.unwrap();
    assert_eq!(json!(first.baseline), json!(["a", "success"]));
    assert_eq!(first.absolute[1], [None, None, None, Some(-0.1), Some(-25.0)]);
    assert_eq!(first.relative[2][4], Some(-0.5));
    let named = answer(json!(["b", "success"])).differences.unwrap();
    assert_eq!(named.absolute[0][3], Some(0.1));
    assert_eq!(named.absolute[1][3..], [Some(0.0), Some(0.0)]);
    let missing = answer(json!(["z", null]));
    assert!(!missing.differences.unwrap().is_known);
    assert_eq!(missing.meta.notes.len(), 1);
}

#[test]
fn what_was_before_the_first_record_is_not_known() {
    let params = QueryParams::from_json(&json!({
        "source": "executions",
        "measures": ["count", "cost.cumulative"],
        "time": { "from": "2026-10-20T00:00:00Z", "to": "2026-10-24T00:00:00Z" },
        "granularity": "day",
        "timezone": "UTC"
    }));
    let now = "2026-10-25T12:00:00Z".parse().unwrap();
    let query = Query::validate(&params.unwrap(), now, &TimeZone::UTC).unwrap();
    let scope = Scope::all(OrganizationId::from_bytes([1; 16]));
    let since: Timestamp = "2026-10-22T00:00:00Z".parse().unwrap();
    let holdings = Holdings {
        days: HashMap::from([(RecordType::Execution, vec![(since, 3)])]),
        ..Holdings::default()
    };
    let plan = plan(scoped(query, &scope), &Arc::new(holdings), EXACT_ROWS_MAX);
    let day = |at: Timestamp, count: i64, cost: f64| {
        let leading = [Scalar::Int(1), Scalar::Null, Scalar::Int(at.as_micros())];
        let counts = [Scalar::Null, Scalar::Null, Scalar::Null];
        let measures = [Scalar::Int(count), Scalar::Float(cost)];
        leading.into_iter().chain(counts).chain(measures).collect()
    };
    let totals = of_totals([3, 0, 0], &[], [Scalar::Int(3), Scalar::Float(1e6)]);
    let rows = result(vec![totals.clone(), day(since, 3, 1e6)]);
    let answer = shape(&plan, &rows, moment()).unwrap();
    assert_eq!(
        json!(answer.rows),
        json!([
            ["2026-10-20T00:00:00+00:00", null, null],
            ["2026-10-21T00:00:00+00:00", null, null],
            ["2026-10-22T00:00:00+00:00", 3, 1.0],
            ["2026-10-23T00:00:00+00:00", 0, 1.0],
        ])
    );
    assert_eq!(answer.meta.gaps[0].to, since);
    // Rows of an earlier day have come since it was asked what there is.
    let earlier = since.plus_micros(-86_400_000_000);
    let rows = result(vec![totals, day(earlier, 3, 1e6)]);
    let answer = shape(&plan, &rows, moment()).unwrap();
    assert_eq!(
        json!(answer.rows[2]),
        json!(["2026-10-22T00:00:00+00:00", 0, 1.0])
    );
    assert_eq!(answer.meta.gaps[0].to, earlier);
}

/// A row of groups or buckets, or of those of the range compared with.
fn of_group(part: i64, rank: i64, bucket: Option<&str>, dimensions: &[Scalar], count: i64) -> Vec<Scalar> {
    let bucket = bucket.map_or(Scalar::Null, |bucket| {
        Scalar::Int(
            format!("{bucket}T00:00:00Z")
                .parse::<Timestamp>()
                .unwrap()
                .as_micros(),
        )
    });
    let leading = [Scalar::Int(part), Scalar::Int(rank), bucket];
    let counts = [Scalar::Null, Scalar::Null, Scalar::Null];
    let cells = leading
        .into_iter()
        .chain(counts)
        .chain(dimensions.iter().cloned());
    cells.chain([Scalar::Int(count)]).collect()
}

#[test]
fn groups_are_compared_with_themselves_before() {
    let plan = planned(json!({
        "source": "executions",
        "measures": ["count"],
        "dimensions": ["status"],
        "time": { "period": "day" },
        "compare": "previous_period",
        "limit": 2
    }));
    let of_everything = |part: i64, count: i64| {
        let mut row = of_totals([count, 0, 0], &[Scalar::Null], [Scalar::Int(count)]);
        row[0] = Scalar::Int(part);
        row
    };
    let rows = vec![
        of_everything(0, 36),
        of_group(1, 1, None, &[text("success")], 30),
        of_group(1, 2, None, &[text("failed")], 5),
        of_group(1, 3, None, &[text("timeout")], 1),
        of_everything(3, 48),
        of_group(4, 1, None, &[Scalar::Null], 40),
        of_group(4, 3, None, &[Scalar::Null], 8),
    ];
    let answer = shape(&plan, &result(rows), moment()).unwrap();
    assert_eq!(json!(answer.rows), json!([["success", 30], ["failed", 5]]));
    let comparison = answer.comparison.unwrap();
    assert_eq!(json!(comparison.totals), json!([null, 48]));
    let by_row = comparison.by_row.unwrap();
    assert_eq!(json!(by_row.rows), json!([["success", 40], ["failed", 0]]));
    assert_eq!(json!(by_row.absolute), json!([[null, -10.0], [null, 5.0]]));
    assert_eq!(json!(by_row.relative), json!([[null, -0.25], [null, null]]));
}

/// Two days beside four: bucket by bucket from the beginning, in either order of time.
#[test]
fn buckets_are_compared_with_those_at_the_same_place() {
    for direction in ["asc", "desc"] {
        let plan = planned(json!({
            "source": "executions",
            "measures": ["count"],
            "time": { "from": "2026-10-10T00:00:00Z", "to": "2026-10-12T00:00:00Z" },
            "compare": { "from": "2026-10-01T00:00:00Z", "to": "2026-10-05T00:00:00Z" },
            "granularity": "day",
            "timezone": "UTC",
            "order": [{ "by": "time", "direction": direction }]
        }));
        let of_everything = |part: i64, count: i64| {
            let mut row = of_totals([count, 0, 0], &[], [Scalar::Int(count)]);
            row[0] = Scalar::Int(part);
            row
        };
        let rows = vec![
            of_everything(0, 9),
            of_group(1, 1, Some("2026-10-10"), &[], 3),
            of_group(1, 1, Some("2026-10-11"), &[], 6),
            of_everything(3, 14),
            of_group(4, 1, Some("2026-10-02"), &[], 4),
            of_group(4, 1, Some("2026-10-04"), &[], 10),
        ];
        let answer = shape(&plan, &result(rows), moment()).unwrap();
        let by_row = answer.comparison.unwrap().by_row.unwrap();
        let mut expected = json!([
            ["2026-10-01T00:00:00+00:00", 0],
            ["2026-10-02T00:00:00+00:00", 4],
            ["2026-10-03T00:00:00+00:00", 0],
            ["2026-10-04T00:00:00+00:00", 10]
        ]);
        let mut absolute = json!([[null, 3.0], [null, 2.0]]);
        if direction == "desc" {
            expected.as_array_mut().unwrap().reverse();
            absolute.as_array_mut().unwrap().reverse();
        }
        assert_eq!(json!(by_row.rows), expected);
        assert_eq!(json!(by_row.absolute), absolute);
    }
}
