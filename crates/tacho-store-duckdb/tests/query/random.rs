//! Random questions of random rows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use tacho_core::time::{TimeRange, Timestamp};
use tacho_core::{OrganizationId, Scope};
use tacho_query::answer::{ComparedRows, ServedBy};
use tacho_query::{Answer, QueryParams};

use crate::fixture::{Fixture, Run, Workflow, at, organization, zone_of};
use crate::plain::{MEASURES, agree, agree_about, bucket, groups, holds, in_range, is_visible, measure};

const DIMENSIONS: [&str; 11] = [
    "workflow",
    "version",
    "trigger_type",
    "status",
    "user",
    "error_type",
    "hour_of_day",
    "weekday",
    "workflow_owner",
    "tags.e/n~v",
    "duration_bucket",
];
/// Measures that cells are enough for, the last one within the error of bins.
const ADDITIVE: [&str; 10] = [
    "count",
    "count_running",
    "count_success",
    "count_failed",
    "success_rate",
    "duration_avg",
    "cost",
    "credits",
    "distinct_users",
    "duration_p95",
];
/// Measures for which values are put in order, beside one that is not.
const ORDERED: [&str; 4] = ["duration_median", "duration_p95", "duration_p99", "count"];
const ZONES: [&str; 5] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
];
const WORKFLOWS: [&str; 4] = ["invoices", "Mahnung-ü", "w'; DROP TABLE execution; --", "unknown"];
const USERS: [&str; 3] = ["ada", "bob", "eve"];

/// Moments around which clocks are moved, so that a random range holds some of each.
const MOVED: [&str; 6] = [
    "2026-03-29T01:00:00Z",
    "2026-10-25T01:00:00Z",
    "2026-11-01T06:00:00Z",
    "2026-03-08T07:00:00Z",
    "2026-04-04T15:00:00Z",
    "2026-10-03T15:30:00Z",
];

fn moment() -> impl Strategy<Value = i64> {
    const HOUR: i64 = 3_600_000_000;
    let year = at("2026-01-01T00:00:00Z")..at("2027-01-01T00:00:00Z");
    let near = (select(MOVED.to_vec()), -30 * HOUR..30 * HOUR).prop_map(|(text, off)| at(text) + off);
    let exactly = (select(MOVED.to_vec()), -4i64..4).prop_map(|(text, half)| at(text) + half * HOUR / 2);
    prop_oneof![2 => year, 4 => near, 1 => exactly]
}

fn some_of<const N: usize>(texts: [&'static str; N]) -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.8, select(texts.to_vec()).prop_map(str::to_owned))
}

fn run() -> impl Strategy<Value = Run> {
    let status = select(vec![
        "queued",
        "running",
        "success",
        "success",
        "success",
        "failed",
        "timeout",
        "cancelled",
    ]);
    let names = (
        some_of(WORKFLOWS),
        some_of(["1", "2", "2.1"]),
        prop::option::of(select(vec!["scheduled", "webhook", "retry"])),
        some_of(USERS),
        some_of(["Timeout", "Selector_not%found"]),
        some_of(["prod", "staging"]),
        some_of(["Could not reach 100% of hosts", "STRASSE a_b", "Ärger"]),
    );
    let amount = prop_oneof![8 => 0i64..5_000_000, 1 => -9_000_000_000_000_000i64..9_000_000_000_000_000];
    let numbers = (
        prop::option::weighted(0.8, prop_oneof![0i64..100, 0i64..10_000_000]),
        prop::option::weighted(0.7, amount.clone()),
        prop::option::weighted(0.7, amount),
    );
    (moment(), status, names, numbers).prop_map(|(at, status, names, numbers)| Run {
        id: String::new(),
        attempt: 1,
        at,
        status,
        workflow: names.0,
        version: names.1,
        trigger: names.2,
        user: names.3,
        error_type: names.4,
        tag: names.5,
        error_message: names.6,
        duration_ms: numbers.0,
        cost_micros: numbers.1,
        credits_millis: numbers.2,
    })
}

fn data() -> impl Strategy<Value = (Vec<Run>, Vec<Workflow>)> {
    let workflows = prop::collection::vec((some_of(["Invoices", "Reminders"]), some_of(USERS)), 3);
    (prop::collection::vec(run(), 0..150), workflows).prop_map(|(mut runs, workflows)| {
        for (number, run) in runs.iter_mut().enumerate() {
            run.id = format!("run-{}", number / 2);
            run.attempt = 1 + number as u32 % 2;
        }
        let workflows = WORKFLOWS
            .iter()
            .zip(workflows)
            .map(|(id, (name, owner))| Workflow {
                id: (*id).to_owned(),
                name,
                owner,
            });
        (runs, workflows.collect())
    })
}

fn filter() -> impl Strategy<Value = Value> {
    let text = (
        select(vec![
            "workflow",
            "version",
            "user",
            "error_type",
            "error_message",
            "id",
        ]),
        select(vec![
            "eq",
            "ne",
            "contains",
            "starts_with",
            "matches",
            "is_null",
            "is_not_null",
            "in",
            "not_in",
        ]),
        prop::collection::vec(
            select(vec![
                "invoices",
                "ada",
                "bob",
                "2",
                "Timeout",
                "%",
                "_",
                "strasse",
                "ÄRGER",
                "run-1",
                "",
                "^(ada|in)",
                "(?i)SSE a.b$",
            ]),
            1..3,
        ),
    );
    let word = (
        select(vec![
            ("status", ["success", "failed", "queued"]),
            ("trigger_type", ["webhook", "retry", "manual"]),
        ]),
        select(vec!["eq", "ne", "in", "not_in", "is_null", "is_not_null"]),
        0usize..3,
    );
    let number = (
        select(vec!["duration", "cost", "credits"]),
        select(vec![
            "eq",
            "ne",
            "lt",
            "lte",
            "gt",
            "gte",
            "between",
            "in",
            "not_in",
            "is_null",
            "is_not_null",
        ]),
        select(vec![0.0, 0.5, 1.5, 2.0, 50.0, 1_000_000.0]),
    );
    let leaf = |field: &str, op: &str, values: Vec<Value>| match op {
        "between" => json!({ "field": field, "op": op, "values": [0.25, values[0]] }),
        "in" | "not_in" => json!({ "field": field, "op": op, "values": values }),
        "is_null" | "is_not_null" => json!({ "field": field, "op": op }),
        _ => json!({ "field": field, "op": op, "value": values[0] }),
    };
    let leaves = prop_oneof![
        text.prop_map(move |(field, op, values)| leaf(
            field,
            op,
            values.into_iter().map(Value::from).collect()
        )),
        word.prop_map(move |((field, words), op, at)| leaf(
            field,
            op,
            vec![words[at].into(), words[0].into()]
        )),
        number.prop_map(move |(field, op, value)| leaf(field, op, vec![value.into()])),
    ];
    leaves.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({ "and": all })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|any| json!({ "or": any })),
            inner.prop_map(|one| json!({ "not": one })),
        ]
    })
}

fn question() -> impl Strategy<Value = Value> {
    let time = (
        moment(),
        prop_oneof![
            60_000_000i64..7_200_000_000,
            1i64..3_000_000_000_000,
            1i64..31_000_000_000_000
        ],
    );
    let granularity = prop::option::weighted(
        0.6,
        select(vec![
            "minute",
            "five_minutes",
            "quarter_hour",
            "hour",
            "day",
            "week",
            "month",
            "quarter",
            "year",
        ]),
    );
    let order = prop::option::of((
        select(vec!["count", "cost", "duration_avg", "dimension", "time"]),
        any::<bool>(),
    ));
    (
        prop_oneof![
            prop::sample::subsequence(MEASURES.to_vec(), 1..6),
            prop::sample::subsequence(ADDITIVE.to_vec(), 1..6),
            prop::sample::subsequence(ORDERED.to_vec(), 1..4),
        ],
        prop_oneof![
            prop::sample::subsequence(DIMENSIONS.to_vec(), 0..3),
            prop::sample::subsequence(vec!["workflow", "status"], 0..2),
        ],
        time,
        granularity,
        select(ZONES.to_vec()),
        prop::collection::vec(filter(), 0..2),
        order,
        (
            prop::option::of(1u32..20),
            0u32..4,
            select(vec!["", "", "other", "having"]),
        ),
    )
        .prop_map(
            |(
                mut measures,
                dimensions,
                (from, length),
                granularity,
                zone,
                filters,
                order,
                (limit, offset, more),
            )| {
                let mut json = json!({
                    "source": "executions",
                    "dimensions": dimensions,
                    "time": {
                        "from": Timestamp::from_micros(from).to_string(),
                        "to": Timestamp::from_micros(from + length).to_string(),
                    },
                    "timezone": zone,
                    "filters": filters,
                    "compare": "previous_period",
                });
                if let Some((by, descending)) = order {
                    let by = match by {
                        "dimension" => dimensions.last().copied(),
                        "time" => granularity.map(|_| "time"),
                        measure => {
                            if !measures.contains(&measure) {
                                measures.push(measure);
                            }
                            Some(measure)
                        }
                    };
                    if let Some(by) = by {
                        json["order"] =
                            json!([{ "by": by, "direction": if descending { "desc" } else { "asc" } }]);
                    }
                }
                // What is known within an error only has no order that could be held.
                if !dimensions.is_empty() && ORDERED[..3].contains(&measures[0]) {
                    measures.retain(|name| *name != "count");
                    measures.insert(0, "count");
                }
                json["measures"] = json!(measures);
                if let Some(granularity) = granularity {
                    json["granularity"] = json!(granularity);
                }
                if let Some(limit) = limit {
                    json["limit"] = json!(limit);
                }
                if !dimensions.is_empty() {
                    match more {
                        "other" => json["other"] = json!(true),
                        "having" => {
                            json["having"] =
                                json!([{ "measure": measures[0], "op": "gte", "value": offset }]);
                            json["offset"] = json!(offset);
                        }
                        _ => json["offset"] = json!(offset),
                    }
                }
                json
            },
        )
}

/// The midnight before the first of all runs, where the organization is: nothing is known of what was before.
fn known_since(organization: OrganizationId, runs: &[Run]) -> Option<Timestamp> {
    let first = runs.iter().map(|run| run.at).min()?;
    let first = Timestamp::from_micros(first)
        .to_jiff()
        .to_zoned(zone_of(organization));
    Some(Timestamp::from_jiff(first.start_of_day().unwrap().timestamp()))
}

fn check(
    params: &QueryParams,
    answer: &Answer,
    visible: &[&Run],
    workflows: &[Workflow],
    since: Option<Timestamp>,
) {
    let range = TimeRange {
        start: params.time.from.unwrap(),
        end: params.time.to.unwrap(),
    };
    assert_eq!((answer.meta.from, answer.meta.to), (range.start, range.end));
    let since_ever = since;
    let is_known = since.is_none_or(|since| since <= range.start);
    assert_eq!(answer.meta.gaps.is_empty(), is_known);
    let filtered: Vec<&Run> = visible
        .iter()
        .copied()
        .filter(|run| params.filters.iter().all(|filter| holds(filter, run)))
        .collect();
    let inside: Vec<&Run> = filtered
        .iter()
        .copied()
        .filter(|run| in_range(run, range))
        .collect();
    let measures_of =
        |runs: &[&Run]| -> Vec<Value> { params.measures.iter().map(|name| measure(name, runs)).collect() };
    let leading = answer.columns.len() - params.measures.len();
    let is_quantile = |at: usize| {
        let name = &params.measures[at];
        ["duration_median", "duration_p95", "duration_p99"].contains(&&**name)
    };
    assert_eq!(answer.meta.exact, answer.meta.relative_error.is_none());
    let same = |what: &str, found: &[Value], expected: &[Value]| {
        let first = found.len() - params.measures.len();
        let mut pairs = found.iter().zip(expected).enumerate();
        let all_agree = pairs.all(|(at, (a, b))| match answer.meta.relative_error {
            Some(error) if at >= first && is_quantile(at - first) => agree_about(a, b, error),
            _ => agree(a, b),
        });
        assert!(
            found.len() == expected.len() && all_agree,
            "{what}: {found:?} instead of {expected:?}"
        );
    };
    // Of a range that ends before anything was recorded, nothing is known.
    let totals_of = |runs: &[&Run], end: Timestamp| match since_ever.is_some_and(|since| end <= since) {
        true => vec![Value::Null; params.measures.len()],
        false => measures_of(runs),
    };
    same(
        "totals",
        &answer.totals[leading..],
        &totals_of(&inside, range.end),
    );
    assert_eq!(answer.meta.rows_read, Some(inside.len() as u64));
    let without = inside.iter().filter(|run| run.workflow.is_none()).count();
    assert_eq!(answer.meta.unattributed, without as u64);

    let before = TimeRange {
        start: range.start.plus_micros(-range.micros()),
        end: range.start,
    };
    let earlier: Vec<&Run> = filtered
        .iter()
        .copied()
        .filter(|run| in_range(run, before))
        .collect();
    let comparison = answer.comparison.as_ref().unwrap();
    assert_eq!((comparison.from, comparison.to), (before.start, before.end));
    same(
        "comparison",
        &comparison.totals[leading..],
        &totals_of(&earlier, before.end),
    );

    let mut expected_groups = groups(params, &inside, workflows);
    if params.dimensions.is_empty() {
        expected_groups = vec![(Vec::new(), inside.clone())];
    }
    expected_groups.retain(|(_, runs)| {
        params.having.iter().all(|having| {
            let value = measure(&having.measure, runs).as_f64();
            value.is_some_and(|value| value >= having.value)
        })
    });
    expected_groups.drain(..expected_groups.len().min(params.offset.unwrap_or(0) as usize));
    let limit = params.limit.unwrap_or(1_000) as usize;
    let mut times: Vec<&Value> = answer.rows.iter().map(|row| &row[0]).collect();
    times.dedup();
    let points = answer.meta.granularity.map_or(1, |_| times.len().max(1));
    let shown = expected_groups.len().min(limit.min(10_000 / points));
    assert_eq!(
        answer.meta.has_more,
        shown < expected_groups.len() && !params.dimensions.is_empty()
    );
    let beyond: Vec<&Run> = expected_groups
        .drain(shown..)
        .flat_map(|(_, runs)| runs)
        .collect();
    assert_eq!(answer.other.is_some(), params.other && answer.meta.has_more);
    if let (Some(other), None) = (&answer.other, answer.meta.granularity) {
        same("other", &other[0][leading..], &measures_of(&beyond));
    }
    if let (Some(other), Some(at)) = (
        &answer.other,
        params.measures.iter().position(|name| name == "count"),
    ) {
        let total: u64 = other.iter().filter_map(|row| row[leading + at].as_u64()).sum();
        assert_eq!(total, beyond.len() as u64);
    }
    let dimensions_of = |key: &[Option<String>]| -> Vec<Value> {
        let mut cells = Vec::new();
        for (name, value) in params.dimensions.iter().zip(key) {
            cells.push(match name.as_str() {
                "hour_of_day" | "weekday" | "duration_bucket" => {
                    json!(value.as_ref().map(|number| number.parse::<u64>().unwrap()))
                }
                _ => json!(value),
            });
            if name == "workflow" {
                let known = workflows
                    .iter()
                    .find(|workflow| Some(&workflow.id) == value.as_ref());
                cells.push(json!(known.and_then(|workflow| workflow.name.as_ref())));
            }
        }
        cells
    };
    // The rows of a range, all of whose runs are given by group.
    let check_rows = |rows: &[Vec<Value>], range: TimeRange, of_groups: &[(Vec<Value>, Vec<&Run>)]| {
        let of_nothing = |end: Timestamp| match since_ever.is_some_and(|since| end <= since) {
            true => vec![Value::Null; params.measures.len()],
            false => measures_of(&[]),
        };
        let Some(granularity) = answer.meta.granularity else {
            assert_eq!(rows.len(), of_groups.len());
            for (row, (dimensions, runs)) in rows.iter().zip(of_groups) {
                let measures = match runs.is_empty() {
                    true => of_nothing(range.end),
                    false => measures_of(runs),
                };
                let expected: Vec<Value> = dimensions.iter().cloned().chain(measures).collect();
                same("group", row, &expected);
            }
            return;
        };
        // Every bucket is another one of the calendar, every run lies in one of them, in order of time.
        let zone = TimeZone::get(params.timezone.as_ref().unwrap()).unwrap();
        let mut starts: Vec<Timestamp> = Vec::new();
        for row in rows {
            let start: Timestamp = row[0].as_str().unwrap().parse().unwrap();
            if starts.last() != Some(&start) {
                starts.push(start);
            }
        }
        if is_latest_first(params) {
            starts.reverse();
        }
        assert!(starts.windows(2).all(|pair| pair[0] < pair[1]));
        let keys: Vec<_> = starts
            .iter()
            .map(|start| bucket((*start).max(range.start), granularity, &zone))
            .collect();
        let position: HashMap<_, usize> = keys.iter().enumerate().map(|(at, key)| (*key, at)).collect();
        assert_eq!(position.len(), keys.len());
        assert_eq!(rows.len(), starts.len() * of_groups.len());
        let mut cells: HashMap<(usize, usize), Vec<&Run>> = HashMap::new();
        for (group, (_, runs)) in of_groups.iter().enumerate() {
            for run in runs {
                let key = bucket(Timestamp::from_micros(run.at), granularity, &zone);
                let bucket = *position
                    .get(&key)
                    .unwrap_or_else(|| panic!("no bucket for {run:?}"));
                cells.entry((bucket, group)).or_default().push(run);
            }
        }
        for (at, row) in rows.iter().enumerate() {
            let group = at % of_groups.len();
            let start: Timestamp = row[0].as_str().unwrap().parse().unwrap();
            let bucket = starts.binary_search(&start).unwrap();
            let end = starts.get(bucket + 1).copied().unwrap_or(range.end);
            let measures = match cells.get(&(bucket, group)) {
                Some(runs) => measures_of(runs),
                None => of_nothing(end),
            };
            let expected: Vec<Value> = of_groups[group].0.iter().cloned().chain(measures).collect();
            same("bucket", &row[1..], &expected);
        }
    };
    let of_groups: Vec<(Vec<Value>, Vec<&Run>)> = expected_groups
        .iter()
        .map(|(key, runs)| (dimensions_of(key), runs.clone()))
        .collect();
    let is_grouped = !params.dimensions.is_empty() || answer.meta.granularity.is_some();
    assert_eq!(comparison.by_row.is_some(), is_grouped);
    let Some(by_row) = &comparison.by_row else {
        return same("totals alone", &answer.rows[0], &answer.totals);
    };
    check_rows(&answer.rows, range, &of_groups);
    let mut earlier_groups: HashMap<_, _> = groups(params, &earlier, workflows).into_iter().collect();
    let of_groups: Vec<(Vec<Value>, Vec<&Run>)> = expected_groups
        .iter()
        .map(|(key, _)| (dimensions_of(key), earlier_groups.remove(key).unwrap_or_default()))
        .collect();
    check_rows(&by_row.rows, before, &of_groups);
    check_changes(params, answer, by_row, expected_groups.len());
}

fn is_latest_first(params: &QueryParams) -> bool {
    let mut order = params.order.iter();
    order.any(|order| order.by == "time" && order.direction == Some(tacho_query::params::Direction::Desc))
}

/// Each row is compared with that of the same group, as many buckets after the beginning.
fn check_changes(params: &QueryParams, answer: &Answer, by_row: &ComparedRows, groups: usize) {
    let leading = answer.columns.len() - params.measures.len();
    let by_time = |rows: &[Vec<Value>]| -> Vec<Vec<Vec<Value>>> {
        let mut points: Vec<Vec<Vec<Value>>> = rows.chunks(groups.max(1)).map(<[_]>::to_vec).collect();
        if is_latest_first(params) && answer.meta.granularity.is_some() {
            points.reverse();
        }
        points
    };
    let (now, before) = (by_time(&answer.rows), by_time(&by_row.rows));
    let changes = |changes: &[Vec<Option<f64>>]| -> Vec<Vec<Vec<Value>>> {
        let rows: Vec<Vec<Value>> = changes
            .iter()
            .map(|row| row.iter().map(|change| json!(change)).collect())
            .collect();
        by_time(&rows)
    };
    let (absolute, relative) = (changes(&by_row.absolute), changes(&by_row.relative));
    for (point, rows) in now.iter().enumerate() {
        for (group, row) in rows.iter().enumerate() {
            for at in leading..row.len() {
                let other = before.get(point).and_then(|rows| rows[group][at].as_f64());
                let difference = row[at].as_f64().zip(other).map(|(now, before)| now - before);
                let fraction = difference.zip(other.filter(|before| *before != 0.0));
                let fraction = fraction.map(|(difference, before)| difference / before.abs());
                let near = |found: &Value, expected: Option<f64>| match (found.as_f64(), expected) {
                    (Some(found), Some(expected)) => {
                        (found - expected).abs() < 1e-6 * expected.abs().max(1.0)
                    }
                    (found, expected) => found == expected,
                };
                assert!(near(&absolute[point][group][at], difference));
                assert!(near(&relative[point][group][at], fraction));
            }
        }
    }
}

/// Law: whatever the history was (in batches, with rows that are amended and erased later, counted in cells and summed up
/// at any moment in between), each question has the same answer from rollups, from rows, from a store that was filled at
/// once, and from a plain computation; quantiles from bins within the error that the answer states.
fn check_histories(part: u8) {
    static ORGANIZATION: AtomicU64 = AtomicU64::new(1);
    const QUESTIONS: usize = 100;
    let fixture = Fixture::new();
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(15);
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 30,
        ..Config::default()
    };
    // The same histories at each run, so that a failure is one of the change at hand; others with another number.
    let number: u8 = std::env::var("TACHO_HISTORIES")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0);
    let mut seed = [part; 32];
    seed[0] = number;
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, random);
    let subjects = prop::option::of(prop::sample::subsequence(USERS.to_vec(), 0..3));
    let from_rollups = AtomicU64::new(0);
    let from_bins = AtomicU64::new(0);
    let strategy = (
        data(),
        1usize..60,
        prop::collection::vec((question(), subjects), QUESTIONS),
    );
    let result = runner.run(&strategy, |((runs, workflows), batch_len, questions)| {
        let next = || organization(ORGANIZATION.fetch_add(1, Ordering::Relaxed));
        let (organization, rebuilt) = (next(), next());
        fixture.fill_in_parts(organization, &runs, &workflows, batch_len);
        let mut last = runs.clone();
        last.reverse();
        fixture.fill(rebuilt, &last, &workflows);
        for (number, (question, subjects)) in questions.into_iter().enumerate() {
            let subjects: Option<Vec<String>> =
                subjects.map(|subjects| subjects.into_iter().map(str::to_owned).collect());
            let scope = |organization| match &subjects {
                None => Scope::all(organization),
                Some(subjects) => Scope::owned(organization, subjects.clone()),
            };
            let visible: Vec<&Run> = runs
                .iter()
                .filter(|run| is_visible(run, &workflows, subjects.as_deref()))
                .collect();
            let params = QueryParams::from_json(&question).unwrap();
            let engines = match number % 4 {
                0 => [(&fixture.engine, organization), (&fixture.engine, rebuilt)],
                1 => [
                    (&fixture.raw_engine, organization),
                    (&fixture.binned_engine, rebuilt),
                ],
                2 => [
                    (&fixture.raw_engine, organization),
                    (&fixture.engine, organization),
                ],
                _ => [
                    (&fixture.raw_engine, organization),
                    (&fixture.binned_engine, organization),
                ],
            };
            for (engine, organization) in engines {
                let now = Timestamp::from_micros(at("2027-01-01T00:00:00Z"));
                let answer = fixture.answer_by(engine, &scope(organization), question.clone(), now);
                let served_by = answer.meta.served_by;
                from_rollups.fetch_add(u64::from(served_by == ServedBy::Rollup), Ordering::Relaxed);
                from_bins.fetch_add(u64::from(!answer.meta.exact), Ordering::Relaxed);
                let since = known_since(organization, &runs);
                let checked =
                    std::panic::catch_unwind(|| check(&params, &answer, &visible, &workflows, since));
                prop_assert!(checked.is_ok(), "{question} for {subjects:?} from {served_by:?}");
            }
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let (from_rollups, from_bins) = (from_rollups.into_inner(), from_bins.into_inner());
    assert!(
        from_rollups > 10 * u64::from(cases) && from_bins > u64::from(cases),
        "too few questions were answered from cells: {from_rollups}, {from_bins} of them from bins"
    );
}

// A quarter of the sixty histories each, so that they run side by side.

#[test]
fn answers_are_those_of_a_plain_computation_1() {
    check_histories(1);
}

#[test]
fn answers_are_those_of_a_plain_computation_2() {
    check_histories(2);
}

#[test]
fn answers_are_those_of_a_plain_computation_3() {
    check_histories(3);
}

#[test]
fn answers_are_those_of_a_plain_computation_4() {
    check_histories(4);
}

/// The check above can fail: one wrong cell anywhere is found.
#[test]
fn a_wrong_number_is_found() {
    let fixture = Fixture::new();
    let base = at("2026-10-25T00:30:00Z");
    let runs: Vec<Run> = (0..6)
        .map(|number| Run {
            id: format!("run-{number}"),
            attempt: 1,
            at: base + number * 1_800_000_000,
            status: "success",
            duration_ms: Some(100 * (number + 1)),
            user: Some(USERS[number as usize % 2].to_owned()),
            ..Run::default()
        })
        .collect();
    let organization = organization(1);
    fixture.fill(organization, &runs, &[]);
    let question = json!({
        "source": "executions",
        "measures": ["count", "duration_p95"],
        "dimensions": ["user"],
        "time": { "from": "2026-10-25T00:00:00Z", "to": "2026-10-25T04:00:00Z" },
        "timezone": "Europe/Berlin",
        "granularity": "hour",
        "compare": "previous_period"
    });
    let params = QueryParams::from_json(&question).unwrap();
    let answer = fixture.answer(&Scope::all(organization), question, Timestamp::MAX);
    let visible: Vec<&Run> = runs.iter().collect();
    let since = known_since(organization, &runs);
    check(&params, &answer, &visible, &[], since);
    let is_found =
        |wrong: Answer| std::panic::catch_unwind(|| check(&params, &wrong, &visible, &[], since)).is_err();
    for row in 0..answer.rows.len() {
        for column in 0..answer.columns.len() {
            let mut wrong = answer.clone();
            let cell = &mut wrong.rows[row][column];
            *cell = match cell {
                Value::Number(number) => json!(number.as_f64().unwrap() + 1.0),
                Value::Null => json!(0),
                _ => json!("2026-10-25T02:30:00+01:00"),
            };
            assert!(is_found(wrong), "row {row}, column {column}");
        }
    }
    assert!(is_found(Answer {
        rows: answer.rows[1..].to_vec(),
        ..answer.clone()
    }));
    let mut wrong = answer.clone();
    wrong.totals[2] = json!(7);
    assert!(is_found(wrong));
    let mut wrong = answer.clone();
    let by_row = wrong.comparison.as_mut().unwrap().by_row.as_mut().unwrap();
    by_row.absolute[0][2] = Some(99.0);
    assert!(is_found(wrong));
    let mut wrong = answer.clone();
    let by_row = wrong.comparison.as_mut().unwrap().by_row.as_mut().unwrap();
    by_row.rows[1][2] = json!(99);
    assert!(is_found(wrong));
}
