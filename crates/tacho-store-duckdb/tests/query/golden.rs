//! Answers known beforehand.

use serde_json::{Value, json};
use tacho_core::Scope;
use tacho_core::time::Timestamp;

use tacho_query::answer::ServedBy;

use crate::fixture::{Fixture, Run, Workflow, at, organization, point};
use crate::plain::MEASURES;

fn run(id: &str, at: i64, status: &'static str) -> Run {
    Run {
        id: id.to_owned(),
        attempt: 1,
        at,
        status,
        ..Run::default()
    }
}

/// One run every ten minutes.
fn every_ten_minutes(from: &str, to: &str) -> Vec<Run> {
    (at(from)..at(to))
        .step_by(600_000_000)
        .map(|at| run(&format!("run-{at}"), at, "success"))
        .collect()
}

fn series(runs: &[Run], from: &str, to: &str, zone: &str, granularity: &str) -> Vec<(String, u64)> {
    let fixture = Fixture::new();
    fixture.fill(organization(1), runs, &[]);
    let question = json!({
        "source": "executions",
        "measures": ["count"],
        "time": { "from": from, "to": to },
        "timezone": zone,
        "granularity": granularity
    });
    let answer = fixture.answer(&Scope::all(organization(1)), question, Timestamp::MAX);
    let row = |row: &Vec<Value>| (row[0].as_str().unwrap().to_owned(), row[1].as_u64().unwrap());
    answer.rows.iter().map(row).collect()
}

#[test]
fn days_of_23_and_25_hours() {
    let spring = every_ten_minutes("2026-03-27T00:00:00Z", "2026-03-31T00:00:00Z");
    let counts = series(
        &spring,
        "2026-03-27T23:00:00Z",
        "2026-03-30T22:00:00Z",
        "Europe/Berlin",
        "day",
    );
    assert_eq!(
        counts,
        [
            ("2026-03-28T00:00:00+01:00".into(), 144),
            ("2026-03-29T00:00:00+01:00".into(), 138),
            ("2026-03-30T00:00:00+02:00".into(), 144),
        ]
    );
    let autumn = every_ten_minutes("2026-10-31T00:00:00Z", "2026-11-03T00:00:00Z");
    let counts = series(
        &autumn,
        "2026-11-01T04:00:00Z",
        "2026-11-02T05:00:00Z",
        "America/New_York",
        "day",
    );
    assert_eq!(counts, [("2026-11-01T00:00:00-04:00".into(), 150)]);
}

#[test]
fn hours_of_a_day_of_25() {
    let runs = every_ten_minutes("2026-10-24T00:00:00Z", "2026-10-27T00:00:00Z");
    let counts = series(
        &runs,
        "2026-10-24T22:00:00Z",
        "2026-10-25T23:00:00Z",
        "Europe/Berlin",
        "hour",
    );
    assert_eq!(counts.len(), 25);
    assert!(counts.iter().all(|(_, count)| *count == 6));
    assert_eq!(counts[2].0, "2026-10-25T02:00:00+02:00");
    assert_eq!(counts[3].0, "2026-10-25T02:00:00+01:00");
}

#[test]
fn half_hours_of_lord_howe_and_quarters_of_kathmandu() {
    let runs = every_ten_minutes("2026-04-03T00:00:00Z", "2026-04-06T00:00:00Z");
    let counts = series(
        &runs,
        "2026-04-04T14:00:00Z",
        "2026-04-04T16:30:00Z",
        "Australia/Lord_Howe",
        "hour",
    );
    assert_eq!(
        counts,
        [
            ("2026-04-05T01:00:00+11:00".into(), 6),
            ("2026-04-05T01:30:00+10:30".into(), 3),
            ("2026-04-05T02:00:00+10:30".into(), 6),
        ]
    );
    let counts = series(
        &runs,
        "2026-04-04T18:00:00Z",
        "2026-04-04T19:00:00Z",
        "Asia/Kathmandu",
        "day",
    );
    assert_eq!(
        counts,
        [
            ("2026-04-04T00:00:00+05:45".into(), 2),
            ("2026-04-05T00:00:00+05:45".into(), 4)
        ]
    );
}

#[test]
fn every_measure_of_a_handful_of_runs() {
    let base = at("2026-11-22T09:00:00Z");
    let with = |run: Run, duration_ms: i64, cost_micros: i64| Run {
        user: Some(if duration_ms < 500 { "ada" } else { "bob" }.to_owned()),
        duration_ms: Some(duration_ms),
        cost_micros: Some(cost_micros),
        credits_millis: Some(1_500),
        workflow: Some("invoices".to_owned()),
        ..run
    };
    let runs = [
        with(run("a", base, "success"), 100, 100_000),
        with(run("b", base, "success"), 200, 200_000),
        with(run("c", base, "success"), 400, 1),
        with(run("d", base, "failed"), 1_000, i64::MAX / 2),
        with(run("e", base, "failed"), 900, -(i64::MAX / 2)),
        run("f", base, "timeout"),
        run("g", base, "cancelled"),
        run("h", base, "queued"),
        // Said to run for an hour so far: no duration yet.
        Run {
            duration_ms: Some(3_600_000),
            ..run("i", base, "running")
        },
    ];
    let fixture = Fixture::new();
    let workflow = Workflow {
        id: "invoices".to_owned(),
        name: Some("Invoices".to_owned()),
        owner: None,
    };
    fixture.fill(organization(1), &runs, &[workflow]);
    let question = json!({ "source": "executions", "measures": MEASURES, "time": { "period": "day" } });
    let now = "2026-11-22T10:00:00Z".parse().unwrap();
    let answer = fixture.answer(&Scope::all(organization(1)), question, now);
    assert_eq!(
        json!(answer.rows),
        json!([[
            9, 1, 1, 3, 2, 1, 1, 50.0, 50.0, 520.0, 100, 1000, 400.0, 980.0, 996.0, 0.300001, 7.5, 2
        ]])
    );
    assert_eq!((answer.meta.rows_read, answer.meta.unattributed), (Some(9), 4));

    let question = json!({
        "source": "executions",
        "measures": ["count", "cost"],
        "dimensions": ["workflow", "status"],
        "time": { "period": "day" },
        "order": [{ "by": "count" }, { "by": "cost", "direction": "asc" }],
        "limit": 3
    });
    let answer = fixture.answer(&Scope::all(organization(1)), question, now);
    assert_eq!(
        json!(answer.rows),
        json!([
            ["invoices", "Invoices", "success", 3, 0.300001],
            ["invoices", "Invoices", "failed", 2, 0.0],
            [null, null, "cancelled", 1, 0.0],
        ])
    );
    assert_eq!(json!(answer.totals), json!([null, null, null, 9, 0.300001]));
    assert_eq!(
        answer.meta.notes,
        ["There are more than 3 groups; these come first."]
    );
}

#[test]
fn sums_beyond_64_bits_do_not_wrap() {
    let base = at("2026-11-22T09:00:00Z");
    let runs: Vec<Run> = (0..4)
        .map(|number| Run {
            cost_micros: Some(i64::MAX),
            ..run(&format!("run-{number}"), base, "success")
        })
        .collect();
    let fixture = Fixture::new();
    fixture.fill(organization(1), &runs, &[]);
    let question = json!({ "source": "executions", "measures": ["cost"], "time": { "period": "day" } });
    let answer = fixture.answer(
        &Scope::all(organization(1)),
        question,
        "2026-11-22T10:00:00Z".parse().unwrap(),
    );
    assert_eq!(json!(answer.totals), json!([36_893_488_147_419.1]));
}

#[test]
fn an_organization_without_a_store_answers_nothing() {
    let fixture = Fixture::new();
    let question = json!({
        "source": "executions",
        "measures": ["count", "success_rate"],
        "dimensions": ["workflow"],
        "granularity": "day",
        "time": { "period": "week" }
    });
    let now = "2026-11-22T10:00:00Z".parse().unwrap();
    let answer = fixture.answer(&Scope::all(organization(404)), question, now);
    assert!(answer.rows.is_empty());
    assert_eq!((answer.meta.as_of, answer.meta.as_of_lsn), (now, 0));
}

/// Counters add up, gauges, histograms and metrics of no kind are averaged, and both together are nothing.
#[test]
fn metrics_have_a_value_by_their_own_rule() {
    let fixture = Fixture::new();
    let organization = organization(1);
    // So many that cells count what comes after them, too.
    let before = (0..40).map(|number| {
        let at = at("2026-11-21T12:00:00Z") + number * 60_000_000;
        point(&format!("before-{number}"), "runs", Some("counter"), at, 0.125)
    });
    let points = [
        ("runs", Some("counter"), "09:10", 1.0),
        ("runs", Some("counter"), "09:50", 2.0),
        ("runs", Some("counter"), "11:20", 4.0),
        ("queue", Some("gauge"), "09:10", 10.0),
        ("queue", Some("gauge"), "10:10", 20.0),
        ("latency", Some("histogram"), "09:10", 0.5),
        ("latency", Some("histogram"), "11:10", 1.5),
        ("load", None, "09:10", 7.0),
        ("load", None, "10:10", 9.0),
    ];
    let points = points
        .iter()
        .enumerate()
        .map(|(number, (name, kind, time, value))| {
            let at = at(&format!("2026-11-22T{time}:00Z"));
            point(&format!("point-{number}"), name, *kind, at, *value)
        });
    fixture.apply(organization, points.chain(before));
    let ask = |more: Value| {
        let mut question = json!({
            "source": "metrics",
            "measures": ["value", "count"],
            "time": { "from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00Z" }
        });
        question
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let [rows, cells] = [&fixture.raw_engine, &fixture.binned_engine].map(|engine| {
            fixture.answer_by(
                engine,
                &Scope::all(organization),
                question.clone(),
                Timestamp::MAX,
            )
        });
        assert_eq!(
            (rows.meta.served_by, cells.meta.served_by),
            (ServedBy::Raw, ServedBy::Rollup)
        );
        assert_eq!(
            (&rows.rows, &rows.totals, &rows.other, &rows.comparison),
            (&cells.rows, &cells.totals, &cells.other, &cells.comparison)
        );
        cells
    };
    let filter = |field: &str, op: &str, value: &str| json!([{ "field": field, "op": op, "value": value }]);
    let by_name = ask(json!({ "dimensions": ["name"], "order": [{ "by": "name" }] }));
    assert_eq!(
        json!(by_name.rows),
        json!([
            ["latency", 1.0, 2],
            ["load", 8.0, 2],
            ["queue", 15.0, 2],
            ["runs", 7.0, 3]
        ])
    );
    assert_eq!(json!(by_name.totals), json!([null, null, 9]));
    let by_kind = ask(json!({ "dimensions": ["kind"], "order": [{ "by": "value" }] }));
    assert_eq!(
        json!(by_kind.rows),
        json!([
            ["gauge", 15.0, 2],
            [null, 8.0, 2],
            ["counter", 7.0, 3],
            ["histogram", 1.0, 2]
        ])
    );
    let averaged = ask(json!({ "filters": filter("kind", "ne", "counter") }));
    assert_eq!(json!(averaged.totals), json!([8.0, 6]));
    let hours = ask(json!({
        "filters": filter("name", "eq", "runs"),
        "granularity": "hour",
        "time": { "from": "2026-11-22T09:00:00Z", "to": "2026-11-22T12:00:00Z" }
    }));
    let values: Vec<&Value> = hours.rows.iter().map(|row| &row[1]).collect();
    assert_eq!(json!(values), json!([3.0, null, 4.0]));
    let first = json!({ "dimensions": ["name"], "order": [{ "by": "name" }], "limit": 1, "other": true });
    assert_eq!(json!(ask(first.clone()).other), json!([[null, null, 7]]));
    let mut averaged = first;
    averaged["filters"] = filter("kind", "ne", "counter");
    assert_eq!(json!(ask(averaged).other), json!([[null, 11.5, 4]]));
    let compared = ask(json!({ "filters": filter("name", "eq", "runs"), "compare": "previous_period" }));
    let comparison = compared.comparison.unwrap();
    assert_eq!(
        json!((comparison.totals, comparison.absolute)),
        json!([[5.0, 40], [2.0, -37.0]])
    );
    let having = json!([{ "measure": "value", "op": "gte", "value": 8 }]);
    let many = ask(json!({ "dimensions": ["name"], "order": [{ "by": "name" }], "having": having }));
    assert_eq!(json!(many.rows), json!([["load", 8.0, 2], ["queue", 15.0, 2]]));
    let none = ask(json!({ "filters": filter("name", "eq", "unknown") }));
    assert_eq!(json!(none.totals), json!([null, 0]));
}

/// Whatever the engine makes of such conditions when it plans.
#[test]
fn rows_without_a_value_differ_from_every_value() {
    let fixture = Fixture::new();
    let base = at("2026-11-22T08:00:00Z");
    let runs = [run("a", base, "success"), run("b", base, "running")];
    fixture.fill(organization(1), &runs, &[]);
    let ne = |value: &str| json!({ "field": "trigger_type", "op": "ne", "value": value });
    let eq = |value: &str| json!({ "field": "trigger_type", "op": "eq", "value": value });
    for any in [
        json!([ne("retry"), ne("manual")]),
        json!([ne("retry"), eq("manual")]),
        json!([{ "not": eq("retry") }, { "not": ne("manual") }]),
    ] {
        let question = json!({
            "source": "executions", "measures": ["count"], "time": { "period": "day" }, "filters": [{ "or": any }]
        });
        let answer = fixture.answer(
            &Scope::all(organization(1)),
            question.clone(),
            "2026-11-22T10:00:00Z".parse().unwrap(),
        );
        assert_eq!(json!(answer.totals), json!([2]), "{question}");
    }
}
