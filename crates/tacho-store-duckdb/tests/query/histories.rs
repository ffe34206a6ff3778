//! Random questions of random histories of every source.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use tacho_core::Scope;
use tacho_core::record::Record;
use tacho_core::record::derive::ExecutionOwner;
use tacho_core::record::schema::{EXECUTION_STATUSES, TypeSpec};
use tacho_core::time::{TimeRange, Timestamp};
use tacho_query::Answer;
use tacho_query::answer::ServedBy;
use tacho_query::cubes::is_recounted;
use tacho_query::model::{Kind, Measure, SOURCES, Source};

use crate::columns::{
    Columns, Dice, derive, event_time, expected, is_as_stated, is_visible, record, text_of,
};
use crate::fixture::{Fixture, Operation, at, organization};
use crate::plain::bucket;

/// Who asks, if not everybody.
const USERS: [&str; 2] = ["user_id-1", "user_id-2"];

/// Law: whatever the source and the history, at every moment of it, each question has the same answer from cells as from
/// rows as from a plain computation; what is added up of floating-point numbers up to their last digits, quantiles within
/// the error that the answer states.
fn check_source(source: &'static Source, histories: u64) {
    const MOMENTS: u64 = 3;
    const QUESTIONS: usize = 7;
    let fixture = Fixture::new();
    let mut from_rollups = 0;
    for history in 0..histories {
        let number = history * 100 + source.record_type as u64 + 10_000;
        let organization = organization(number);
        let mut dice = Dice(number);
        let mut history = History::new(source.record_type.spec());
        let mut stored = Vec::new();
        let batch_len_max = 1 + dice.roll(60);
        for _ in 0..MOMENTS {
            let operations: Vec<Operation> = (0..10 + dice.roll(40))
                .map(|_| history.operation(&mut dice))
                .collect();
            fixture.live_through(organization, &mut stored, &operations, || {
                1 + dice.roll(batch_len_max) as usize
            });
            // What an engine knows of a store beforehand may be a minute old, and so may be since when it knows anything.
            let engines = fixture.new_engines();
            for _ in 0..QUESTIONS {
                let question = random_question(source, &mut dice);
                let (scope, rows) = match dice.roll(3) {
                    0 => (
                        Scope::owned(organization, USERS.map(str::to_owned).to_vec()),
                        history.rows(|row| is_visible(row, &USERS)),
                    ),
                    _ => (Scope::all(organization), history.rows(|_| true)),
                };
                let [raw, cells, bins] = engines
                    .each_ref()
                    .map(|engine| fixture.answer_by(engine, &scope, question.clone(), Timestamp::MAX));
                for answer in [&raw, &cells, &bins] {
                    from_rollups += usize::from(answer.meta.served_by == ServedBy::Rollup);
                    assert_plain(source, &question, answer, &rows);
                    assert_alike(source, &question, answer, &raw);
                }
            }
        }
    }
    assert!(from_rollups > 20, "{}: {from_rollups}", source.name);
}

#[test]
fn random_questions_of_every_source_whose_cells_are_corrected() {
    let sources = SOURCES.iter().filter(|source| !is_recounted(source.record_type));
    sources.for_each(|source| check_source(source, 4));
}

#[test]
fn random_questions_of_every_source_whose_cells_are_counted_again() {
    let sources = SOURCES.iter().filter(|source| is_recounted(source.record_type));
    sources.for_each(|source| check_source(source, 12));
}

/// What has come of a type of records.
struct History {
    spec: &'static TypeSpec,
    stored: usize,
    live: Vec<Live>,
}

/// A row that is there.
struct Live {
    /// How many were stored before it.
    at: usize,
    number: u64,
    record: Record,
    columns: Columns,
}

impl History {
    fn new(spec: &'static TypeSpec) -> Self {
        Self {
            spec,
            stored: 0,
            live: Vec::new(),
        }
    }

    fn rows(&self, is_wanted: impl Fn(&Columns) -> bool) -> Vec<&Columns> {
        let rows = self.live.iter().map(|live| &live.columns);
        rows.filter(|row| is_wanted(row)).collect()
    }

    fn store(&mut self, number: u64, record: Record, columns: Columns) {
        self.live.push(Live {
            at: self.stored,
            number,
            record,
            columns,
        });
        self.stored += 1;
    }

    /// A record comes, of whatever moment; or one that is there is amended, taken away, sent once more, or learns of its
    /// execution.
    fn operation(&mut self, dice: &mut Dice) -> Operation {
        let what = dice.roll(10);
        let place = dice.roll(self.live.len() as u64 + 1) as usize;
        if place == self.live.len() || what > 5 || (what == 5 && !self.spec.inherits()) {
            let number = self.stored as u64;
            let (record, columns) = record(self.spec, number, dice);
            self.store(number, record.clone(), columns);
            return Operation::Store(record);
        }
        if what == 5 {
            let mut name = |of: &str| (dice.roll(4) > 0).then(|| format!("{of}-{}", dice.roll(3)).into());
            let owner = ExecutionOwner {
                attempt: 1,
                workflow_id: name("workflow_id"),
                user_id: name("user_id"),
                status: (dice.roll(4) > 0).then(|| dice.roll(EXECUTION_STATUSES.len() as u64) as u8),
            };
            let live = &mut self.live[place];
            derive(self.spec, &mut live.columns, Some(&owner));
            return Operation::Attribute(live.at, owner);
        }
        let live = self.live.swap_remove(place);
        match what {
            0 | 1 => return Operation::Erase(live.at),
            2 => {
                let mut columns = live.columns;
                derive(self.spec, &mut columns, None);
                self.store(live.number, live.record, columns);
            }
            _ => {
                let (record, columns) = record(self.spec, live.number, dice);
                self.store(live.number, record, columns);
            }
        }
        let record = &self.live[self.live.len() - 1].record;
        Operation::Replace(live.at, record.clone())
    }
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

/// The answer has the rows and the numbers of the one from rows.
fn assert_alike(source: &'static Source, question: &Json, answer: &Answer, raw: &Answer) {
    let measures = measures(source, question);
    let leading = answer.columns.len() - measures.len();
    let alike = |found: &[Json], raw: &[Json]| {
        let mut numbers = found[leading..].iter().zip(&raw[leading..]).zip(&measures);
        found[..leading] == raw[..leading]
            && numbers.all(|((found, raw), measure)| is_as_stated(measure, answer, found, raw))
    };
    assert_eq!(raw.rows.len(), answer.rows.len(), "{question}");
    let rows = answer.rows.iter().zip(&raw.rows);
    let totals = [(&answer.totals, &raw.totals), (compared(answer), compared(raw))];
    let rows_before = |answer: &Answer| {
        let by_row = answer.comparison.as_ref().unwrap().by_row.as_ref();
        by_row.map_or(Vec::new(), |by_row| by_row.rows.clone())
    };
    let (found_before, raw_before) = (rows_before(answer), rows_before(raw));
    assert_eq!(found_before.len(), raw_before.len(), "{question}");
    let before = found_before.iter().zip(&raw_before);
    for (found, raw) in rows.chain(totals).chain(before) {
        assert!(alike(found, raw), "{question}: {found:?} instead of {raw:?}");
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

fn measures(source: &'static Source, question: &Json) -> Vec<&'static Measure> {
    let names = question["measures"].as_array().unwrap().iter();
    names
        .map(|name| source.measure(name.as_str().unwrap()).unwrap())
        .collect()
}

fn compared(answer: &Answer) -> &Vec<Json> {
    &answer.comparison.as_ref().unwrap().totals
}

/// The answer has the numbers that are worked out plainly from the rows that its asker sees.
fn assert_plain(source: &'static Source, question: &Json, answer: &Answer, rows: &[&Columns]) {
    let spec = source.record_type.spec();
    let measures = measures(source, question);
    let leading = answer.columns.len() - measures.len();
    let column_of = |name: &str| {
        let mut dimensions = source.dimensions.iter();
        let dimension = dimensions.find(|dimension| dimension.field.name == name);
        dimension.unwrap().field.column
    };
    let filters = question["filters"].as_array().into_iter().flatten();
    let is_kept = |row: &Columns| {
        filters.clone().all(|filter| {
            let wanted = match &filter["value"] {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            };
            let is_it = text_of(row, column_of(filter["field"].as_str().unwrap())) == Some(wanted);
            is_it == (filter["op"] == "eq")
        })
    };
    let within = |start, end| -> Vec<&Columns> {
        let range = TimeRange { start, end };
        let rows = rows.iter().copied().filter(|row| is_kept(row));
        rows.filter(|row| range.contains(Timestamp::from_micros(event_time(spec, row))))
            .collect()
    };
    let check = |found: &[Json], rows: &[&Columns]| {
        for (measure, found) in measures.iter().zip(&found[leading..]) {
            let expected = expected(measure, rows);
            let served_by = answer.meta.served_by;
            assert!(
                is_as_stated(measure, answer, found, &expected),
                "{question}: {} is {found} instead of {expected} ({served_by:?})",
                measure.name
            );
        }
    };
    let inside = within(answer.meta.from, answer.meta.to);
    let comparison = answer.comparison.as_ref().unwrap();
    let before = within(comparison.from, comparison.to);
    // Of a range that ends before anything was recorded, nothing is known.
    let is_all_gap = answer
        .meta
        .gaps
        .first()
        .is_some_and(|gap| gap.to == answer.meta.to);
    let mut notes = answer.meta.notes.iter();
    let is_before_all = notes.any(|note| note.starts_with("Nothing was recorded yet"));
    for (totals, rows, is_unknown) in [
        (&answer.totals, &inside, is_all_gap),
        (&comparison.totals, &before, is_before_all),
    ] {
        match is_unknown {
            true => assert!(rows.is_empty() && totals.iter().all(Json::is_null), "{question}"),
            false => check(totals, rows),
        }
    }

    let zone = TimeZone::get(&answer.meta.timezone).unwrap();
    let key_of = |row: &Columns| {
        let names = question["dimensions"].as_array().unwrap().iter();
        let texts: Vec<Option<String>> = names
            .map(|name| text_of(row, column_of(name.as_str().unwrap())))
            .collect();
        let time = Timestamp::from_micros(event_time(spec, row));
        let bucket = answer.meta.granularity.map(|of| bucket(time, of, &zone));
        (bucket, texts)
    };
    let mut groups: BTreeMap<_, Vec<&Columns>> = BTreeMap::new();
    for row in &inside {
        groups.entry(key_of(row)).or_default().push(row);
    }
    let names: Vec<usize> = question["dimensions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| {
            let mut columns = answer.columns.iter();
            columns.position(|column| *name == column.name).unwrap()
        })
        .collect();
    for row in answer.rows.iter().filter(|row| row.len() > measures.len()) {
        let start = answer
            .meta
            .granularity
            .map(|of| bucket(row[0].as_str().unwrap().parse().unwrap(), of, &zone));
        let texts: Vec<Option<String>> = names
            .iter()
            .map(|at| row[*at].as_str().map(str::to_owned))
            .collect();
        match groups.remove(&(start, texts)) {
            Some(rows) => check(row, &rows),
            // A bucket in which the group has no rows.
            None => assert!(
                start.is_some() && matches!(row[leading].as_u64(), None | Some(0)),
                "{question}: {row:?}"
            ),
        }
    }
    let is_grouped = leading > 0;
    assert!(
        !is_grouped || answer.meta.has_more || groups.is_empty(),
        "{question} lacks {:?}",
        groups.keys()
    );
}
