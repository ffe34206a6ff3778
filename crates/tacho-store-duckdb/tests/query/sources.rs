//! Every measure of every source, grouped by every dimension, from cells and from rows, against the same worked out plainly
//! from the model's declarations.

use std::collections::BTreeMap;

use serde_json::json;
use tacho_core::Scope;
use tacho_core::record::derive::ExecutionOwner;
use tacho_core::record::{Record, Row};
use tacho_core::time::Timestamp;
use tacho_query::answer::ServedBy;
use tacho_query::cubes::families;
use tacho_query::model::{Measure, SOURCES, Source};
use tacho_store::{Change, Store, StoredRow};

use crate::columns::{Columns, Dice, derive, expected, is_as_stated, is_visible, record, text_of};
use crate::fixture::{Fixture, organization};

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
                let key = text_of(row, dimension.field.column);
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
    assert!(from_rollups > 0, "{}", source.name);
}

#[test]
fn every_measure_of_every_source_is_as_declared() {
    let fixture = Fixture::new();
    for (number, source) in (7_000..).zip(SOURCES) {
        check(source, &fixture, number);
    }
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
        let theirs = rows.iter().filter(|row| is_visible(row, &["user_id-1"]));
        let expected = theirs.count();
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

/// What learns of its execution's workflow keeps its position, and moves from cell to cell all the same.
#[test]
fn what_inherits_something_else_is_counted_elsewhere() {
    let fixture = Fixture::new();
    for (number, source) in (9_000..).zip(SOURCES) {
        if source.record_type.spec().inherits() {
            check_inheriting(source, &fixture, number);
        }
    }
}

fn check_inheriting(source: &'static Source, fixture: &Fixture, number: u64) {
    let organization = organization(number);
    let spec = source.record_type.spec();
    let mut dice = Dice(number);
    let (records, mut rows): (Vec<Record>, Vec<Columns>) =
        (0..60).map(|number| record(spec, number, &mut dice)).unzip();
    fixture.apply(organization, records.clone());
    let owner = ExecutionOwner {
        attempt: 1,
        workflow_id: Some("invoices".into()),
        user_id: None,
        status: Some(3),
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
    for row in rows.iter_mut().take(25) {
        derive(spec, row, Some(&owner));
    }
    let check = |rows: &[Columns]| {
        let measures: Vec<_> = source
            .measures
            .iter()
            .filter(|of| is_in_cells(source, of))
            .collect();
        let names: Vec<&str> = measures.iter().map(|measure| measure.name).collect();
        let question = json!({
            "source": source.name,
            "measures": names,
            "dimensions": ["workflow"],
            "time": { "from": "2026-10-31T00:00:00Z", "to": "2026-11-12T00:00:00Z" },
            "order": [{ "by": "workflow" }]
        });
        let answer = fixture.answer(&Scope::all(organization), question, Timestamp::MAX);
        assert_eq!(answer.meta.served_by, ServedBy::Rollup);
        let mut groups: BTreeMap<Option<String>, Vec<&Columns>> = BTreeMap::new();
        for row in rows {
            groups.entry(text_of(row, "workflow_id")).or_default().push(row);
        }
        assert_eq!(answer.meta.unattributed, groups[&None].len() as u64);
        assert_eq!(answer.rows.len(), groups.len());
        for row in &answer.rows {
            let group = &groups[&row[0].as_str().map(str::to_owned)];
            for (measure, found) in measures.iter().zip(&row[2..]) {
                let expected = expected(measure, group);
                let is_as_stated = is_as_stated(measure, &answer, found, &expected);
                assert!(
                    is_as_stated,
                    "{}.{}: {found} instead of {expected}",
                    source.name, measure.name
                );
            }
        }
    };
    check(&rows);
    // More, so that what waits to be counted is counted too.
    let (more, their_rows): (Vec<Record>, Vec<Columns>) =
        (100..160).map(|number| record(spec, number, &mut dice)).unzip();
    fixture.apply(organization, more);
    rows.extend(their_rows);
    check(&rows);
}

/// Whether cells by workflow have the measure.
fn is_in_cells(source: &Source, measure: &Measure) -> bool {
    let mut families = families(source.record_type);
    families.any(|family| family.dimensions.contains(&"workflow_id") && family.has(measure))
}
