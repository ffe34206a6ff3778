//! Every measure of every source, grouped by every dimension, from cells and from rows, against the same worked out plainly
//! from the model's declarations.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value as Json, json};
use tacho_core::Scope;
use tacho_core::record::derive::ExecutionOwner;
use tacho_core::record::schema::{DerivedRule, TypeSpec};
use tacho_core::record::{FieldKind, Record, RecordType, Row, Value};
use tacho_core::time::Timestamp;
use tacho_query::Answer;
use tacho_query::answer::{Comparison, ServedBy};
use tacho_query::model::{Aggregate, Counted, Kind, Measure, SOURCES, Source, Values};

use tacho_store::{Change, Store, StoredRow};

use crate::fixture::{Fixture, at, organization};
use crate::plain::{agree, agree_about};

/// A generator of numbers that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// The columns of a row that are known.
type Columns = HashMap<&'static str, Plain>;

#[derive(Clone, Debug, PartialEq)]
enum Plain {
    Text(String),
    Number(f64),
    Flag(bool),
}

/// A record with some of its fields, and what its row's columns must hold.
fn record(spec: &'static TypeSpec, number: u64, dice: &mut Dice) -> (Record, Columns) {
    let base = at("2026-11-01T00:00:00Z");
    let mut columns = Columns::from([("id", Plain::Text(format!("{}-{number}", spec.name)))]);
    let mut fields = Vec::new();
    let moment = base + dice.roll(9 * 86_400_000) as i64 * 1_000;
    for (position, field) in spec.fields.iter().enumerate() {
        let is_given = field.required || field.kind == FieldKind::Time || dice.roll(4) > 0;
        let value = match field.kind {
            FieldKind::Json | FieldKind::Tags => continue,
            _ if !is_given => continue,
            FieldKind::Time => Value::Int(moment + position as i64 * 7_000),
            FieldKind::Text { .. } => Value::from(format!("{}-{}", field.name, dice.roll(3)).as_str()),
            FieldKind::Keyword(words) => Value::Keyword(dice.roll(words.len() as u64) as u8),
            FieldKind::Count | FieldKind::Millis | FieldKind::Usd | FieldKind::Credits => {
                Value::Int(dice.roll(1_000_000) as i64)
            }
            FieldKind::Float => Value::Float(dice.roll(10_000) as f64 / 8.0),
            FieldKind::Bool => Value::Bool(dice.roll(2) == 0),
        };
        let plain = match (&value, field.kind) {
            (Value::Keyword(word), FieldKind::Keyword(words)) => {
                Plain::Text(words[*word as usize].to_owned())
            }
            (Value::Int(number), _) => Plain::Number(*number as f64),
            (Value::Float(number), _) => Plain::Number(*number),
            (Value::Bool(flag), _) => Plain::Flag(*flag),
            (text, _) => Plain::Text(text.as_text().unwrap().to_owned()),
        };
        columns.insert(field.column, plain);
        fields.push((position as u8, value));
    }
    for derived in spec.derived {
        let column_of = |field: &str| spec.field(field).unwrap().1.column;
        let value = match &derived.rule {
            DerivedRule::Duration { sent, from, to } => columns.get(column_of(sent)).cloned().or_else(|| {
                match (columns.get(column_of(from)), columns.get(column_of(to))) {
                    (Some(Plain::Number(from)), Some(Plain::Number(to))) => {
                        Some(Plain::Number(((to - from) / 1_000.0).floor()))
                    }
                    _ => None,
                }
            }),
            // None of the executions is known.
            DerivedRule::FromExecution { own, .. } => {
                own.as_ref().and_then(|own| columns.get(column_of(own)).cloned())
            }
        };
        let is_open = spec.lifecycle.as_ref().is_some_and(|lifecycle| {
            matches!(columns.get("status"), Some(Plain::Text(status)) if lifecycle.open.contains(&status.as_str()))
        });
        if let Some(value) = value.filter(|_| !is_open) {
            columns.insert(derived.column, value);
        }
    }
    let record = Record {
        record_type: spec.record_type,
        id: format!("{}-{number}", spec.name).into(),
        attempt: 1,
        updated_at: Timestamp::from_micros(moment),
        is_inferred: false,
        fields,
    };
    (record, columns)
}

fn is_counted(counted: Counted, row: &Columns) -> bool {
    match counted {
        Counted::Rows => true,
        Counted::In(column, words) => {
            matches!(row.get(column), Some(Plain::Text(word)) if words.contains(&word.as_str()))
        }
        Counted::True(column) => row.get(column) == Some(&Plain::Flag(true)),
        Counted::Known(column) => row.contains_key(column),
    }
}

fn expected(measure: &Measure, rows: &[&Columns]) -> Json {
    let count = |counted| rows.iter().filter(|row| is_counted(counted, row)).count();
    let known = |values: Values| -> Vec<f64> {
        let mut known: Vec<f64> = rows
            .iter()
            .filter_map(|row| match row.get(values.column) {
                Some(Plain::Number(number)) => Some(*number / values.form.per_unit() as f64),
                _ => None,
            })
            .collect();
        known.sort_by(f64::total_cmp);
        known
    };
    let over = |part: f64, whole: usize| match whole {
        0 => Json::Null,
        whole => json!(part / whole as f64),
    };
    match measure.aggregate {
        Aggregate::Count(counted) => json!(count(counted)),
        Aggregate::Percent { part, whole } => over(100.0 * count(part) as f64, count(whole)),
        Aggregate::Sum(values) => json!(known(values).iter().sum::<f64>()),
        Aggregate::Average(values) => over(known(values).iter().sum(), known(values).len()),
        Aggregate::SumPer(values, counted) => over(known(values).iter().sum(), count(counted)),
        Aggregate::Minimum(values) => json!(known(values).first()),
        Aggregate::Maximum(values) => json!(known(values).last()),
        Aggregate::Quantile(values, share) => {
            let known = known(values);
            let Some(last) = known.len().checked_sub(1) else {
                return Json::Null;
            };
            let position = last as f64 * share;
            let (low, high) = (known[position.floor() as usize], known[position.ceil() as usize]);
            json!(low + (high - low) * position.fract())
        }
        Aggregate::Distinct(column) => {
            let texts = rows.iter().filter_map(|row| match row.get(column) {
                Some(Plain::Text(text)) => Some(text),
                _ => None,
            });
            json!(texts.collect::<BTreeSet<_>>().len())
        }
    }
}

/// The same, or for a quantile as near as the answer states.
fn is_as_stated(measure: &Measure, answer: &Answer, found: &Json, expected: &Json) -> bool {
    match (measure.aggregate, answer.meta.relative_error) {
        (Aggregate::Quantile(..), Some(error)) => agree_about(found, expected, error),
        _ => agree(found, expected),
    }
}

fn check(source: &'static Source, fixture: &Fixture, number: u64) {
    let spec = source.record_type.spec();
    let organization = organization(number);
    let mut dice = Dice(number);
    let (records, rows): (Vec<Record>, Vec<Columns>) =
        (0..150).map(|number| record(spec, number, &mut dice)).unzip();
    for batch in records.chunks(20) {
        fixture.apply(organization, batch.to_vec());
    }
    let scope = Scope::all(organization);
    let ask = |measures: &[&str], dimensions: &[&str]| {
        let question = json!({
            "source": source.name,
            "measures": measures,
            "dimensions": dimensions,
            "time": { "from": "2026-10-31T00:00:00Z", "to": "2026-11-12T00:00:00Z" },
            "limit": 1000
        });
        [&fixture.engine, &fixture.raw_engine]
            .map(|engine| fixture.answer_by(engine, &scope, question.clone(), Timestamp::MAX))
    };
    let mut from_rollups = 0;
    for measure in source.measures {
        for dimension in source.dimensions {
            let mut groups: BTreeMap<Option<String>, Vec<&Columns>> = BTreeMap::new();
            for row in &rows {
                let key = row.get(dimension.field.column).map(|value| match value {
                    Plain::Text(text) => text.clone(),
                    Plain::Flag(flag) => flag.to_string(),
                    Plain::Number(number) => number.to_string(),
                });
                groups.entry(key).or_default().push(row);
            }
            for answer in ask(&[measure.name], &[dimension.field.name]) {
                from_rollups += usize::from(answer.meta.served_by == ServedBy::Rollup);
                assert_eq!(answer.rows.len(), groups.len(), "{}", source.name);
                for row in &answer.rows {
                    let key = row[0].as_str().map(str::to_owned);
                    let found = row.last().unwrap();
                    let expected = expected(measure, &groups[&key]);
                    assert!(
                        is_as_stated(measure, &answer, found, &expected),
                        "{}.{} of {key:?} by {}: {found} instead of {expected} ({:?})",
                        source.name,
                        measure.name,
                        dimension.field.name,
                        answer.meta.served_by
                    );
                }
                let all: Vec<&Columns> = rows.iter().collect();
                let total = answer.totals.last().unwrap();
                assert!(is_as_stated(measure, &answer, total, &expected(measure, &all)));
            }
        }
    }
    let has_cubes = tacho_query::cubes::families(source.record_type).next().is_some();
    assert_eq!(from_rollups > 0, has_cubes, "{}", source.name);
}

#[test]
fn every_measure_of_every_source_is_as_declared() {
    let fixture = Fixture::new();
    for (number, source) in (7_000..).zip(SOURCES) {
        check(source, &fixture, number);
    }
}

/// Law: whatever the source and the history, each question has the same answer from cells as from rows, quantiles within the
/// error that the answer states.
#[test]
fn random_questions_of_every_source_are_answered_alike() {
    const HISTORIES: u64 = 4;
    const QUESTIONS: usize = 25;
    let fixture = Fixture::new();
    let mut from_rollups: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, source) in
        (0..HISTORIES).flat_map(|history| SOURCES.iter().map(move |source| (history, source)))
    {
        let number = number * 100 + source.record_type as u64 + 10_000;
        let organization = organization(number);
        let mut dice = Dice(number);
        let history = history(source.record_type.spec(), &mut dice);
        fixture.live_through(organization, &history, 1 + dice.roll(40) as usize);
        for _ in 0..QUESTIONS {
            let question = random_question(source, &mut dice);
            let scope = match dice.roll(3) {
                0 => Scope::owned(organization, vec!["user_id-1".to_owned(), "user_id-2".to_owned()]),
                _ => Scope::all(organization),
            };
            let [raw, cells, bins] = [&fixture.raw_engine, &fixture.engine, &fixture.binned_engine]
                .map(|engine| fixture.answer_by(engine, &scope, question.clone(), Timestamp::MAX));
            for answer in [&cells, &bins] {
                *from_rollups.entry(source.name).or_default() +=
                    usize::from(answer.meta.served_by == ServedBy::Rollup);
                assert_alike(&raw, answer, &question);
            }
        }
    }
    for source in SOURCES {
        let has_cubes = tacho_query::cubes::families(source.record_type).next().is_some();
        let from_rollups = from_rollups.get(source.name).copied().unwrap_or(0);
        assert_eq!(from_rollups > 5, has_cubes, "{}: {from_rollups}", source.name);
    }
}

/// Records, a third of which take the place of others, and some of which are taken away.
fn history(spec: &'static TypeSpec, dice: &mut Dice) -> Vec<(Option<usize>, Option<Record>)> {
    let mut operations: Vec<(Option<usize>, Option<Record>)> = Vec::new();
    let mut stored = 0;
    let mut replaceable: Vec<(usize, u64)> = Vec::new();
    for number in 0..30 + dice.roll(120) {
        let place = dice.roll(replaceable.len() as u64 + 1) as usize;
        match dice.roll(6) {
            0 | 1 if place < replaceable.len() => {
                let (at, of) = replaceable.swap_remove(place);
                operations.push((Some(at), Some(record(spec, of, dice).0)));
                replaceable.push((stored, of));
                stored += 1;
            }
            2 if place < replaceable.len() => {
                operations.push((Some(replaceable.swap_remove(place).0), None));
            }
            _ => {
                operations.push((None, Some(record(spec, number, dice).0)));
                replaceable.push((stored, number));
                stored += 1;
            }
        }
    }
    operations
}

fn random_question(source: &'static Source, dice: &mut Dice) -> Json {
    let mut measures = vec!["count"];
    for _ in 0..dice.roll(4) {
        let measure = source.measures[dice.roll(source.measures.len() as u64) as usize].name;
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    let mut dimensions: Vec<&str> = Vec::new();
    for _ in 0..dice.roll(3) {
        let dimension = &source.dimensions[dice.roll(source.dimensions.len() as u64) as usize];
        if !dimensions.contains(&dimension.field.name) {
            dimensions.push(dimension.field.name);
        }
    }
    let minutes = 1 + dice.roll(12 * 1_440) as i64;
    let from = at("2026-10-31T00:00:00Z") + dice.roll(8 * 1_440) as i64 * 60_000_000;
    let to = from + minutes * 60_000_000;
    let zones = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
    ];
    let mut question = json!({
        "source": source.name,
        "measures": measures,
        "dimensions": dimensions,
        "time": { "from": Timestamp::from_micros(from).to_string(), "to": Timestamp::from_micros(to).to_string() },
        "timezone": zones[dice.roll(5) as usize],
        "compare": "previous_period",
    });
    if dice.roll(2) == 0 {
        question["granularity"] = json!(["hour", "day", "week", "month"][dice.roll(4) as usize]);
    }
    if dice.roll(2) == 0 {
        let field = &source.dimensions[dice.roll(source.dimensions.len() as u64) as usize].field;
        let value = match field.kind {
            Kind::Word(words) => json!(words[dice.roll(words.len() as u64) as usize]),
            Kind::Flag => json!(dice.roll(2) == 0),
            _ => json!(format!("{}-1", field.column)),
        };
        let op = if dice.roll(3) == 0 { "ne" } else { "eq" };
        question["filters"] = json!([{ "field": field.name, "op": op, "value": value }]);
    }
    question
}

fn assert_alike(raw: &Answer, answer: &Answer, question: &Json) {
    let leading = answer.columns.len() - question["measures"].as_array().unwrap().len();
    let is_quantile = |at: usize| {
        let name = &answer.columns[at].name;
        ["_median", "_p95", "_p99"].iter().any(|end| name.ends_with(end))
    };
    let alike = |one: &[Json], other: &[Json]| {
        let mut cells = one.iter().zip(other).enumerate();
        one.len() == other.len()
            && cells.all(|(at, (raw, cell))| match answer.meta.relative_error {
                Some(error) if at >= leading && is_quantile(at) => agree_about(cell, raw, error),
                _ => agree(raw, cell),
            })
    };
    assert_eq!(raw.rows.len(), answer.rows.len(), "{question}");
    let rows = raw.rows.iter().zip(&answer.rows);
    let (before, compared) = (
        raw.comparison.as_ref().unwrap(),
        answer.comparison.as_ref().unwrap(),
    );
    let totals = [(&raw.totals, &answer.totals), (&before.totals, &compared.totals)];
    let rows_before = |comparison: &Comparison| comparison.by_row.as_ref().map(|by_row| by_row.rows.clone());
    let (rows_before, rows_compared) = (rows_before(before), rows_before(compared));
    assert_eq!(rows_before.is_some(), rows_compared.is_some(), "{question}");
    let (rows_before, rows_compared) = (rows_before.unwrap_or_default(), rows_compared.unwrap_or_default());
    assert_eq!(rows_before.len(), rows_compared.len(), "{question}");
    let rows_before = rows_before.iter().zip(&rows_compared);
    for (raw, found) in rows.chain(totals).chain(rows_before) {
        assert!(alike(raw, found), "{question}: {found:?} instead of {raw:?}");
    }
    let counts = |answer: &Answer| {
        (
            answer.meta.rows_read,
            answer.meta.unattributed,
            answer.meta.conflicts,
        )
    };
    assert_eq!(counts(raw), counts(answer), "{question}");
}

/// A member sees what belongs to no workflow and names them, and nothing of a type that names nobody.
#[test]
fn a_member_sees_their_own_of_every_source() {
    let fixture = Fixture::new();
    for (number, source) in (8_000..).zip(SOURCES) {
        let spec = source.record_type.spec();
        let organization = organization(number);
        let mut dice = Dice(number);
        let (records, rows): (Vec<Record>, Vec<Columns>) =
            (0..60).map(|number| record(spec, number, &mut dice)).unzip();
        fixture.apply(organization, records);
        let is_theirs = |row: &&Columns| {
            row.get("user_id") == Some(&Plain::Text("user_id-1".to_owned()))
                && !row.contains_key("workflow_id")
        };
        let expected = rows.iter().filter(is_theirs).count();
        let question = json!({
            "source": source.name,
            "measures": ["count"],
            "time": { "from": "2026-10-31T00:00:00Z", "to": "2026-11-12T00:00:00Z" }
        });
        let scope = Scope::owned(organization, vec!["user_id-1".to_owned()]);
        let answer = fixture.answer(&scope, question, Timestamp::MAX);
        assert_eq!(answer.totals, [json!(expected)], "{}", source.name);
    }
}

/// Steps that learn of their execution's workflow keep their positions, and move from cell to cell all the same.
#[test]
fn what_inherits_something_else_is_counted_elsewhere() {
    let fixture = Fixture::new();
    let organization = organization(9_000);
    let spec = RecordType::Step.spec();
    let mut dice = Dice(9_000);
    let records: Vec<Record> = (0..60).map(|number| record(spec, number, &mut dice).0).collect();
    fixture.apply(organization, records.clone());
    let owner = ExecutionOwner {
        attempt: 1,
        workflow_id: Some("invoices".into()),
        user_id: None,
    };
    let known = (1..).zip(&records).take(25);
    let known: Vec<StoredRow> = known
        .map(|(lsn, record)| StoredRow::new(lsn, Row::from(record.clone()), Some(&owner)))
        .collect();
    let change = Change {
        applied_lsn: 61,
        retracted: known.iter().map(StoredRow::retracted).collect(),
        rows: known,
    };
    fixture
        .store
        .apply(organization, &change, Timestamp::from_micros(1))
        .unwrap();
    let check = |rest: u64| {
        let question = json!({
            "source": "steps",
            "measures": ["count"],
            "dimensions": ["workflow"],
            "time": { "from": "2026-10-31T00:00:00Z", "to": "2026-11-12T00:00:00Z" },
            "order": [{ "by": "workflow" }]
        });
        let answer = fixture.answer(&Scope::all(organization), question, Timestamp::MAX);
        assert_eq!(answer.meta.served_by, ServedBy::Rollup);
        assert_eq!(answer.meta.unattributed, rest);
        assert_eq!(
            json!(answer.rows),
            json!([["invoices", null, 25], [null, null, rest]])
        );
    };
    check(35);
    // More, so that the corrections are counted too.
    let more = (100..160).map(|number| record(spec, number, &mut dice).0);
    fixture.apply(organization, more.collect::<Vec<_>>());
    check(95);
}
