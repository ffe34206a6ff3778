//! What lies in a file: cells that were written by other versions, and those of types that have no corrections.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tacho_core::Scope;
use tacho_core::record::RecordType;
use tacho_core::time::Timestamp;
use tacho_query::answer::ServedBy;
use tacho_query::dialect::DuckDb;
use tacho_store::{QueryEngine, Store};
use tacho_store_duckdb::DuckDbStore;

use crate::fixture::{Fixture, Operation, Run, at, few_rows, organization, point};

/// A file without cells, or with those of another declaration, gets its cells from its rows when it is opened.
#[test]
fn a_file_with_other_cells_is_counted_anew() {
    let mut fixture = Fixture::new();
    let organization = organization(1);
    let base = at("2026-11-02T08:00:00Z");
    let runs: Vec<Run> = (0..90)
        .map(|number| Run {
            id: format!("run-{number}"),
            attempt: 1,
            at: base + number * 600_000_000,
            status: if number % 3 == 0 { "failed" } else { "success" },
            cost_micros: Some(number * 1_000),
            ..Run::default()
        })
        .collect();
    fixture.fill_in_parts(organization, &runs, &[], 20);
    let question = json!({
        "source": "executions",
        "measures": ["count", "cost"],
        "dimensions": ["status"],
        "time": { "from": "2026-11-01T00:00:00Z", "to": "2026-11-08T00:00:00Z" }
    });
    let scope = Scope::all(organization);
    let before = fixture.answer(&scope, question.clone(), Timestamp::MAX);
    assert_eq!(before.meta.served_by, ServedBy::Rollup);
    for spoiled in [
        "DROP TABLE tacho_cells; DROP TABLE execution_wide_day",
        "UPDATE tacho_cells SET declaration = 'another'; DELETE FROM execution_narrow_day",
    ] {
        fixture.close();
        let path = fixture.config.directory.join(format!("{organization}.duckdb"));
        let connection = duckdb::Connection::open(path).unwrap();
        connection.execute_batch(spoiled).unwrap();
        drop(connection);
        let store = Arc::new(DuckDbStore::open(fixture.config.clone()).unwrap());
        fixture.engine = QueryEngine::new(store.clone(), &DuckDb, few_rows());
        fixture.store = store;
        let after = fixture.answer(&scope, question.clone(), Timestamp::MAX);
        assert_eq!((after.rows, &after.totals), (before.rows.clone(), &before.totals));
        assert_eq!(after.meta.served_by, ServedBy::Rollup);
    }
}

/// Cells of least and greatest values are right as soon as a batch is stored: what left them has been counted out.
#[test]
fn no_correction_waits_where_nothing_can_be_taken_back() {
    let mut fixture = Fixture::new();
    let organization = organization(1);
    let base = at("2026-11-02T08:00:00Z");
    let gauge = |id: i64, value: f64| {
        point(
            &format!("{id}"),
            "queue",
            Some("gauge"),
            base + id * 60_000_000,
            value,
        )
    };
    let mut operations: Vec<Operation> = (0..60)
        .map(|id| Operation::Store(gauge(id, 100.0 - id as f64)))
        .collect();
    operations.push(Operation::Erase(0));
    operations.push(Operation::Replace(59, gauge(59, 50.0)));
    fixture.live_through(organization, &mut Vec::new(), &operations, || 60);
    let question = json!({
        "source": "metrics",
        "measures": ["count", "value_min", "value_max", "value_sum"],
        "time": { "from": "2026-11-01T00:00:00Z", "to": "2026-11-08T00:00:00Z" },
        "granularity": "week"
    });
    let answer = fixture.answer(&Scope::all(organization), question, Timestamp::MAX);
    assert_eq!(answer.meta.served_by, ServedBy::Rollup);
    let sum = (1..59).map(|id| 100.0 - f64::from(id)).sum::<f64>() + 50.0;
    assert_eq!(json!(answer.totals[1..]), json!([59, 42.0, 99.0, sum]));
    // Nothing is known of the days before the first point, and how many points there are of its day is.
    assert_eq!(answer.meta.gaps.len(), 1);
    let holdings = fixture.store.holdings(organization).unwrap();
    let days = &holdings.days[&RecordType::Metric];
    assert_eq!(days.iter().map(|(_, rows)| rows).collect::<Vec<_>>(), [&59]);

    fixture.close();
    let path = fixture.config.directory.join(format!("{organization}.duckdb"));
    let connection = duckdb::Connection::open(path).unwrap();
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM metric_corrections"), 0);
    // One of the rows is still above the cells.
    assert_eq!(count("SELECT sum(n) FROM metric_narrow_quarter_hour"), 58);
    assert_eq!(count("SELECT min(least_value) FROM metric_narrow_day"), 42);
}

/// Clocks of Monrovia were 44 minutes and 30 seconds late until 1972: a quarter of an hour lay in two days.
#[test]
fn days_that_no_quarters_of_an_hour_make_up_are_counted_again_from_rows() {
    let mut fixture = Fixture::new();
    let store = DuckDbStore::open(fixture.config.clone()).unwrap();
    let store = Arc::new(store.in_zones(|_| TimeZone::get("Africa/Monrovia").unwrap()));
    fixture.engine = QueryEngine::new(store.clone(), &DuckDb, few_rows());
    fixture.store = store;
    let organization = organization(1);
    let midnight = at("1971-05-02T00:44:30Z");
    let gauge = |id: i64, value: f64| {
        let at = midnight + (id - 30) * 15_000_000;
        point(&format!("{id}"), "queue", Some("gauge"), at, value)
    };
    let mut operations: Vec<Operation> = (0..60).map(|id| Operation::Store(gauge(id, id as f64))).collect();
    operations.extend([Operation::Erase(0), Operation::Erase(29), Operation::Erase(30)]);
    fixture.live_through(organization, &mut Vec::new(), &operations, || 60);
    let question = json!({
        "source": "metrics",
        "measures": ["count", "value_min", "value_max"],
        "time": { "from": "1971-05-01T00:44:30Z", "to": "1971-05-03T00:44:30Z" },
        "timezone": "Africa/Monrovia",
        "granularity": "day"
    });
    let answer = fixture.answer(&Scope::all(organization), question, Timestamp::MAX);
    assert_eq!(answer.meta.served_by, ServedBy::Rollup);
    let days: Vec<&[Value]> = answer.rows.iter().map(|row| &row[1..]).collect();
    assert_eq!(json!(days), json!([[28, 1.0, 28.0], [29, 31.0, 59.0]]));
}

/// Quarters of an hour of long ago are taken away; answers about that time come from days and rows, and are the same. An
/// engine that knows of more of them plans anew.
#[test]
fn quarters_of_an_hour_are_kept_for_a_while() {
    let fixture = Fixture::new();
    // Its days are those of UTC.
    let organization = organization(5);
    let base = at("2026-11-01T00:00:00Z");
    let gauge =
        |id: &str, at: i64, value: f64| point(id, "queue", Some("gauge"), base + at * 1_800_000_000, value);
    let hours = json!({
        "source": "metrics",
        "measures": ["count", "value_min", "value_max", "value_sum"],
        "time": { "from": "2026-11-02T06:00:00Z", "to": "2026-11-08T06:00:00Z" },
        "timezone": "UTC",
        "granularity": "hour",
        "explain": true
    });
    let mut days = hours.clone();
    days["time"] = json!({ "from": "2026-11-01T00:00:00Z", "to": "2026-11-11T00:00:00Z" });
    days["granularity"] = json!("day");
    let read = |question: &Value| {
        let scope = Scope::all(organization);
        let answer = fixture.answer(&scope, question.clone(), Timestamp::MAX);
        let raw = fixture.answer_by(&fixture.raw_engine, &scope, question.clone(), Timestamp::MAX);
        assert_eq!((&answer.rows, &answer.totals), (&raw.rows, &raw.totals));
        let readings = answer.explain.unwrap().readings.into_iter();
        let pieces = readings.flat_map(|reading| reading.pieces);
        let pieces = pieces.map(|piece| (piece.read, piece.from.to_string()));
        pieces.collect::<Vec<_>>()
    };
    let piece = |read: &str, from: &str| (read.to_owned(), from.to_owned());
    let mut stored = Vec::new();
    let operations: Vec<Operation> = (0..240)
        .map(|id| Operation::Store(gauge(&id.to_string(), id, id as f64)))
        .collect();
    fixture.live_through(organization, &mut stored, &operations, || 40);
    let quarters = "metric_narrow_quarter_hour";
    assert_eq!(read(&hours), [piece(quarters, "2026-11-02T06:00:00Z")]);

    // Five days more, and then one that comes late, one that is amended and one that is erased, of the second day.
    let mut operations: Vec<Operation> = (240..480)
        .map(|id| Operation::Store(gauge(&id.to_string(), id, id as f64)))
        .collect();
    operations.extend([
        Operation::Store(gauge("late", 55, -1.0)),
        Operation::Replace(60, gauge("60", 60, 1_000.0)),
        Operation::Erase(61),
    ]);
    fixture.live_through(organization, &mut stored, &operations, || 40);
    let holdings = fixture.store.holdings(organization).unwrap();
    assert_eq!(holdings.quarter_hours_since.to_string(), "2026-11-05T00:00:00Z");
    let rows_first = [
        piece("metric", "2026-11-02T06:00:00Z"),
        piece(quarters, "2026-11-05T00:00:00Z"),
    ];
    assert_eq!(read(&hours), rows_first);
    assert_eq!(read(&days), [piece("metric_narrow_day", "2026-11-01T00:00:00Z")]);
}

/// Cells that tell workflows apart are of days. Of most of a day they are read all the same, and what they count beyond it
/// is taken off: of rows, of those that were amended or erased since they were counted, and of such as no cell counts yet.
#[test]
fn most_of_a_day_is_read_from_the_cells_of_the_day() {
    // Its days begin at 23:00 in UTC.
    let organization = organization(1);
    let midnight = at("2026-03-01T23:00:00Z");
    let runs: Vec<Run> = (0..280)
        .map(|number| Run {
            id: format!("run-{number}"),
            attempt: 1,
            at: midnight + number * 300_000_000,
            status: ["failed", "success", "running", "success"][(number % 4) as usize],
            workflow: Some(match number {
                0..24 => "early".to_owned(),
                _ => format!("flow-{}", number % 3),
            }),
            duration_ms: Some(number),
            cost_micros: Some(number * 1_000),
            ..Run::default()
        })
        .collect();
    let question = |from: &str, to: &str| {
        json!({
            "source": "executions",
            "measures": ["count", "success_rate", "duration_avg", "cost"],
            "dimensions": ["workflow"],
            "time": { "from": from, "to": to },
            "explain": true
        })
    };
    for batch_len in [7, 31, 64, 150] {
        let fixture = Fixture::new();
        fixture.fill_in_parts(organization, &runs, &[], batch_len);
        let pieces = |from: &str, to: &str| {
            let scope = Scope::all(organization);
            let answer = fixture.answer(&scope, question(from, to), Timestamp::MAX);
            let raw = fixture.answer_by(&fixture.raw_engine, &scope, question(from, to), Timestamp::MAX);
            assert_eq!((&answer.rows, &answer.totals), (&raw.rows, &raw.totals));
            let readings = answer.explain.unwrap().readings.into_iter();
            let pieces = readings.flat_map(|reading| reading.pieces);
            let pieces = pieces.map(|piece| (piece.read, piece.from.to_string()));
            (answer.rows.len(), pieces.collect::<Vec<_>>())
        };
        let piece = |read: &str, from: &str| (read.to_owned(), from.to_owned());
        let of_day = |from| piece("execution_wide_day", from);
        assert_eq!(
            pieces("2026-03-02T02:00:00Z", "2026-03-02T20:30:00Z"),
            (3, vec![of_day("2026-03-02T02:00:00Z")])
        );
        assert_eq!(
            pieces("2026-03-01T23:00:00Z", "2026-03-02T20:30:00Z"),
            (4, vec![of_day("2026-03-01T23:00:00Z")])
        );
        // Of the lesser part of a day, the rows are fewer.
        let rows_first = vec![piece("execution", "2026-03-02T19:00:00Z")];
        let (_, lesser) = pieces("2026-03-02T19:00:00Z", "2026-03-02T23:00:00Z");
        assert_eq!(lesser, rows_first);
    }
}
