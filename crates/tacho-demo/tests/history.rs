//! What a generated history promises: the same from the same seed, unique identities, times that fit, and the shape of
//! real life.

#![allow(clippy::unwrap_used)]

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use tacho_core::record::{FieldKind, Row, Value, wire};
use tacho_core::{Record, RecordType, TimeRange, Timestamp};
use tacho_demo::{Company, Config, Generator, Player, TypeSet, Volume};

const DAY: i64 = 86_400_000_000;
const HOUR: i64 = 3_600_000_000;
/// 2026-09-01T00:00:00Z.
const START: Timestamp = Timestamp::from_millis(1_788_220_800_000);

fn config(seed: u64, days: i64, workflows: usize, executions: u64) -> Config {
    Config::new(seed, START, START.plus_micros(days * DAY), workflows, executions)
}

fn executions(config: &Config) -> impl Iterator<Item = Record> + use<> {
    let types = TypeSet::of(&[RecordType::Execution]);
    Generator::new(Config {
        types,
        ..config.clone()
    })
}

fn int(record: &Record, name: &str) -> Option<i64> {
    record.get(name).and_then(Value::as_int)
}

fn text<'a>(record: &'a Record, name: &str) -> &'a str {
    record.get(name).and_then(Value::as_text).unwrap_or_default()
}

fn status(record: &Record) -> &'static str {
    let (position, field) = record.record_type.spec().field("status").unwrap();
    let FieldKind::Keyword(words) = field.kind else {
        panic!("a status is a keyword")
    };
    words[usize::from(record.at(position).unwrap().as_keyword().unwrap())]
}

fn median(mut values: Vec<i64>) -> f64 {
    values.sort_unstable();
    values[values.len() / 2] as f64
}

fn share_failed<'a>(records: impl Iterator<Item = &'a Record>) -> f64 {
    let (mut all, mut failed) = (0.0, 0.0);
    for record in records {
        all += 1.0;
        failed += f64::from(u8::from(matches!(status(record), "failed" | "timeout")));
    }
    failed / all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_seed_tells_the_same(seed in any::<u64>(), workflows in 1usize..60, total in 1u64..400, lives in any::<bool>()) {
        let mut config = config(seed, 3, workflows, total);
        config.lives = lives;
        let once: Vec<_> = Generator::new(config.clone()).collect();
        let again: Vec<_> = Generator::new(config.clone()).collect();
        prop_assert_eq!(&once, &again);
        config.seed ^= 1;
        let other: Vec<_> = Generator::new(config).collect();
        prop_assert_ne!(once, other);
    }

    #[test]
    fn every_record_is_sound(
        seed in any::<u64>(), start in 0i64..400 * 24, minutes in 1i64..9_000, workflows in 1usize..90, total in 0u64..2_000,
        lives in any::<bool>(),
        zone in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC"]),
    ) {
        let mut config = config(seed, 1, workflows, total);
        config.start = START.plus_micros(start * HOUR + 1_234_567);
        config.end = config.start.plus_micros(minutes * 60_000_000);
        config.zone = TimeZone::get(zone).unwrap();
        config.lives = lives;
        let mut identities = HashSet::new();
        let mut last = config.start;
        for record in Generator::new(config.clone()) {
            let fields = record.record_type.spec().fields;
            prop_assert!(record.updated_at >= last && record.updated_at < config.end, "{:?}", record);
            last = record.updated_at;
            let is_new = identities.insert((record.record_type, record.id.clone(), record.attempt));
            let lives_on = lives && matches!(record.record_type, RecordType::Execution | RecordType::Conversation);
            prop_assert!(is_new || lives_on || record.record_type == RecordType::Workflow, "twice: {:?}", record);
            prop_assert!(record.fields.is_sorted_by(|a, b| a.0 < b.0));
            for (position, value) in &record.fields {
                match (fields[usize::from(*position)].kind, value) {
                    (FieldKind::Time, Value::Int(at)) => {
                        prop_assert!(*at >= config.start.as_micros() && *at <= last.as_micros(), "{:?}", record);
                    }
                    (FieldKind::Count | FieldKind::Millis | FieldKind::Usd | FieldKind::Credits, Value::Int(number)) => {
                        prop_assert!(*number >= 0);
                    }
                    (FieldKind::Keyword(words), Value::Keyword(word)) => prop_assert!(usize::from(*word) < words.len()),
                    (FieldKind::Float, Value::Float(number)) => prop_assert!(number.is_finite()),
                    (FieldKind::Bool, Value::Bool(_)) => {}
                    (FieldKind::Text { bytes_max, .. }, Value::Text(text)) => {
                        prop_assert!(!text.is_empty() && text.len() <= bytes_max);
                    }
                    (FieldKind::Json | FieldKind::Tags, Value::Text(text)) => {
                        let json: serde_json::Value = serde_json::from_str(text).unwrap();
                        prop_assert_eq!(json.to_string(), text.as_ref(), "sorted keys, no spaces");
                    }
                    other => prop_assert!(false, "{:?} in {:?}", other, record),
                }
            }
            for field in fields.iter().filter(|field| field.required) {
                prop_assert!(record.get(field.name).is_some(), "{} is missing: {:?}", field.name, record);
            }
            if record.record_type == RecordType::Execution {
                let (queued, started, completed) =
                    (int(&record, "queued_at"), int(&record, "started_at"), int(&record, "completed_at"));
                let status = status(&record);
                prop_assert!(queued.is_some());
                prop_assert_eq!(started.is_some(), status != "queued");
                prop_assert_eq!(completed.is_some(), !matches!(status, "queued" | "running"));
                prop_assert!(lives || completed.is_some());
                prop_assert!(started.is_none_or(|started| Some(started) >= queued));
                prop_assert!(completed.is_none_or(|completed| Some(completed) > started));
                prop_assert_eq!(record.get("error_type").is_some(), matches!(status, "failed" | "timeout"));
                let (done, all) = (int(&record, "steps_completed"), int(&record, "steps_total"));
                prop_assert!(done <= all);
                prop_assert!(status != "success" || done == all);
            }
            let mut line = Vec::new();
            wire::write_json_line(&record, &mut line);
            let json: serde_json::Value = serde_json::from_slice(&line).unwrap();
            prop_assert_eq!(&json["type"], record.record_type.as_str());
        }
    }

    #[test]
    fn the_player_goes_on_wherever_it_was_stopped(seed in any::<u64>(), stop_minutes in 1i64..400) {
        let from = START.plus_micros(9 * HOUR);
        let until = from.plus_micros(400 * 60_000_000);
        let config = Config { executions: Volume::PerDay(500.0), ..config(seed, 1, 12, 0) };
        let whole = Player::new(&config, from).tick(until);
        let stop = from.plus_micros(stop_minutes * 60_000_000);
        let mut parts = Player::new(&config, from).tick(stop);
        let mut second = Player::new(&config, stop);
        for minute in (stop_minutes..400).step_by(7) {
            parts.extend(second.tick(from.plus_micros(minute * 60_000_000)));
        }
        parts.extend(second.tick(until));
        prop_assert_eq!(sorted(parts), sorted(whole));
    }
}

fn sorted(records: Vec<Record>) -> Vec<Vec<u8>> {
    let mut lines: Vec<_> = records
        .iter()
        .map(|record| {
            let mut line = Vec::new();
            wire::write_json(record, &mut line);
            line
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn about_as_many_executions_come_as_were_asked_for() {
    for (days, workflows, total) in [(90, 40, 200_000), (30, 8, 3_000), (7, 100, 50_000), (2, 40, 20)] {
        let count = executions(&config(5, days, workflows, total)).count() as f64;
        let ratio = count / total as f64;
        assert!((0.75..1.3).contains(&ratio) || total < 100, "{count} of {total}");
        assert!(count > 0.0);
    }
    let per_day = Config {
        executions: Volume::PerDay(1_000.0),
        ..config(5, 60, 40, 0)
    };
    let count = executions(&per_day).count() as f64 / 60.0;
    assert!((750.0..1_300.0).contains(&count), "{count} a day");
}

#[test]
fn all_types_come() {
    let mut counts: HashMap<RecordType, u64> = HashMap::new();
    for record in Generator::new(config(1, 21, 40, 20_000)) {
        *counts.entry(record.record_type).or_default() += 1;
    }
    for record_type in RecordType::ALL {
        assert!(
            counts.get(&record_type).copied().unwrap_or(0) > 30,
            "{record_type:?}: {counts:?}"
        );
    }
}

#[test]
fn a_life_ends_as_the_finished_record_says() {
    let finished = config(2, 5, 40, 3_000);
    let lives = Config {
        lives: true,
        ..finished.clone()
    };
    let mut rows: HashMap<(Box<str>, u32), Row> = HashMap::new();
    for record in executions(&lives) {
        let row = Row::from(record);
        match rows.get_mut(&(row.id.clone(), row.attempt)) {
            Some(known) => {
                known.join(row);
            }
            None => {
                rows.insert((row.id.clone(), row.attempt), row);
            }
        }
    }
    rows.retain(|_, row| !row.is_open());
    let count = rows.len();
    for record in executions(&finished) {
        let row = rows.remove(&(record.id.clone(), record.attempt)).unwrap();
        assert_eq!(row.conflicts(), 0);
        for (position, value) in &record.fields {
            assert_eq!(row.at(*position), Some(value));
        }
    }
    assert!(rows.is_empty() && count > 1_000);
}

#[test]
fn weekends_are_quieter_and_nights_too() {
    let (mut weekend, mut workday, mut night) = (0, 0, 0);
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    for record in executions(&config(3, 28, 40, 60_000)) {
        let local = record.updated_at.to_jiff().to_zoned(zone.clone());
        match local.weekday().to_monday_zero_offset() {
            5 | 6 => weekend += 1,
            _ if (1..4).contains(&local.hour()) => night += 1,
            _ => workday += 1,
        }
    }
    assert!(
        f64::from(weekend) / 8.0 < 0.6 * f64::from(workday) / 20.0,
        "{weekend} {workday}"
    );
    assert!(
        f64::from(night) / 3.0 < 0.5 * f64::from(workday) / 21.0,
        "{night} {workday}"
    );
}

#[test]
fn incidents_raise_failures_across_workflows() {
    let config = config(4, 90, 40, 300_000);
    let company = Company::new(&config);
    let incidents = company.incidents(TimeRange {
        start: config.start,
        end: config.end,
    });
    assert!(incidents.len() >= 3, "{incidents:?}");
    let records: Vec<_> = executions(&config).collect();
    let ordinary = share_failed(records.iter());
    assert!((0.01..0.15).contains(&ordinary), "{ordinary}");
    let mut wide = 0;
    for incident in &incidents {
        let during: Vec<_> = records
            .iter()
            .filter(|record| {
                let at = Timestamp::from_micros(int(record, "started_at").unwrap());
                at >= incident.start && at < incident.end
            })
            .collect();
        let told: HashSet<_> = during
            .iter()
            .filter(|record| text(record, "error_message").contains(incident.site))
            .map(|record| text(record, "workflow_id"))
            .collect();
        wide += usize::from(told.len() >= 3);
        let touched = during
            .iter()
            .copied()
            .filter(|record| told.contains(text(record, "workflow_id")));
        assert!(share_failed(touched) > 0.4, "{incident:?}");
    }
    assert!(
        2 * wide > incidents.len(),
        "most incidents touch several workflows"
    );
}

#[test]
fn a_slower_version_is_slower_and_a_flakier_one_fails_more() {
    let config = config(6, 180, 36, 900_000);
    let company = Company::new(&config);
    let mut by_version: HashMap<(String, String), Vec<Record>> = HashMap::new();
    for record in executions(&config) {
        let key = (
            text(&record, "workflow_id").to_owned(),
            text(&record, "workflow_version").to_owned(),
        );
        by_version.entry(key).or_default().push(record);
    }
    let (mut slower, mut flakier) = (0, 0);
    for workflow in company.workflows() {
        let mut at = config.start;
        let mut before = workflow.version_at(at);
        while at < config.end {
            at = at.plus_micros(DAY);
            let version = workflow.version_at(at);
            if version == before {
                continue;
            }
            let runs = |name: String| {
                by_version
                    .get(&(workflow.id.clone(), name))
                    .filter(|runs| runs.len() > 1_500)
            };
            if let (Some(old), Some(new)) = (runs(before.name()), runs(version.name())) {
                let took = |runs: &[Record]| {
                    let taken = runs.iter().filter(|record| status(record) == "success");
                    median(
                        taken
                            .map(|record| {
                                int(record, "completed_at").unwrap() - int(record, "started_at").unwrap()
                            })
                            .collect(),
                    )
                };
                if version.duration_factor > 1.3 && before.duration_factor < 1.05 {
                    slower += 1;
                    assert!(took(new) > 1.1 * took(old), "{} {}", workflow.id, version.name());
                }
                if version.failure_factor > 3.0 && before.failure_factor < 1.2 {
                    flakier += 1;
                    let (old, new) = (share_failed(old.iter()), share_failed(new.iter()));
                    assert!(new > 1.3 * old, "{} {}: {old} {new}", workflow.id, version.name());
                }
            }
            before = version;
        }
    }
    assert!(slower > 2 && flakier > 1, "{slower} slower, {flakier} flakier");
}

#[test]
fn what_one_type_says_does_not_depend_on_the_others() {
    let config = config(8, 4, 40, 2_000);
    let alone: Vec<_> = executions(&config).collect();
    let among: Vec<_> = Generator::new(config)
        .filter(|record| record.record_type == RecordType::Execution)
        .collect();
    assert_eq!(alone, among);
}
