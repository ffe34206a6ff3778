//! Kept answers, from records to numbers: each is what a fresh answer is, and what has not changed is not read again.
//!
//! An engine that has kept nothing for a while sees every change at once, so that no test waits for the hold.

use bytes::Bytes;
use jiff::tz::TimeZone;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};
use tacho_core::Scope;
use tacho_core::record::{FieldKind, Value};
use tacho_ingest::Format;
use tacho_ingest::ingest::Submission;
use tacho_query::failures::wire::FailureList;
use tacho_query::{Answer, QueryParams};
use tacho_store::{Answered, Freshness, QueryContext, QueryEngine, Question};

use super::world::World;
use super::*;
use crate::records::related_records;

const NOW: &str = "2026-11-22T10:00:00Z";

/// Sends records and waits until the store has them.
fn tell(world: &World, organization: OrganizationId, records: Json) {
    let submission = Submission {
        body: Bytes::from(records.to_string()),
        format: Format::Json,
        idempotency_key: None,
        strict: true,
        default_type: None,
        source: "test",
        keeps_rejected: false,
    };
    let ack = world
        .ingest()
        .submit(organization, submission, NOW.parse().unwrap());
    let ack = world.runtime.block_on(ack).unwrap();
    assert!(ack.rejected.is_empty(), "{:?}", ack.rejected);
    assert!(world.ingest().wait_until_applied(organization, ack.lsn, WAIT));
}

fn answer(
    world: &World,
    engine: &QueryEngine,
    organization: OrganizationId,
    question: &Json,
    freshness: Freshness,
) -> Answer {
    let params = QueryParams::from_json(question).unwrap();
    let (scope, now, zone) = (Scope::all(organization), NOW.parse().unwrap(), TimeZone::UTC);
    let context = QueryContext::new(&scope, &zone, now).with_freshness(freshness);
    let answer = engine.answer_one(context, params);
    world.runtime.block_on(answer).unwrap()
}

/// Asks everything, lets something happen, and asks again: the names of the questions whose answers were kept. Each is
/// held to a fresh answer.
fn kept_through<'q>(
    world: &mut World,
    organization: OrganizationId,
    questions: &'q [(String, Json)],
    happen: impl FnOnce(&mut World),
) -> Vec<&'q str> {
    let engine = world.engine();
    for (_, question) in questions {
        answer(world, &engine, organization, question, Freshness::KEPT);
    }
    happen(world);
    let mut kept = Vec::new();
    for (name, question) in questions {
        let [now, fresh] = [Freshness::KEPT, Freshness::Fresh]
            .map(|freshness| answer(world, &engine, organization, question, freshness));
        let told = |answer: &Answer| {
            let meta = &answer.meta;
            let counts = (meta.rows_read, meta.unattributed, meta.conflicts);
            (
                answer.rows.clone(),
                answer.totals.clone(),
                answer.comparison.clone(),
                counts,
            )
        };
        assert_eq!(told(&now), told(&fresh), "{name}: {:?}", now.meta);
        if now.meta.from_cache {
            kept.push(name.as_str());
        }
    }
    kept
}

fn about(source: &str, from: &str, to: &str) -> Json {
    json!({ "source": source, "measures": ["count"], "dimensions": ["workflow"],
        "time": { "from": format!("{from}T00:00:00Z"), "to": format!("{to}T00:00:00Z") } })
}

fn cost(id: &str, at: &str) -> Json {
    json!({ "type": "cost", "id": id, "timestamp": at, "workflow_id": "invoices", "amount_usd": 1.0 })
}

/// Costs and steps of last year and now.
fn some_history(world: &World, organization: OrganizationId) {
    let records = json!([
        { "type": "workflow", "id": "invoices", "name": "Invoices" },
        cost("march", "2025-03-10T00:00:00Z"),
        cost("april", "2025-04-10T00:00:00Z"),
        cost("may", "2025-05-10T00:00:00Z"),
        cost("now", "2026-11-22T08:00:00Z"),
        { "type": "step", "id": "s", "execution_id": "e", "step_id": "one", "status": "completed",
          "started_at": "2025-03-10T00:00:00Z", "duration_ms": 1200 },
        { "type": "step", "id": "t", "execution_id": "f", "step_id": "one", "status": "completed",
          "started_at": "2025-04-10T00:00:00Z", "duration_ms": 1200 }
    ]);
    tell(world, organization, records);
}

fn questions() -> Vec<(String, Json)> {
    let mut now = about("costs", "2026-11-01", "2026-12-01");
    now["time"] = json!({ "last": "7d" });
    let mut compared = about("costs", "2025-05-01", "2025-06-01");
    compared["compare"] = json!("previous_period");
    [
        ("costs of march", about("costs", "2025-03-01", "2025-04-01")),
        ("costs of april", about("costs", "2025-04-01", "2025-05-01")),
        ("costs of may and before", compared),
        ("costs of now", now),
        ("steps of march", about("steps", "2025-03-01", "2025-04-01")),
        ("steps of april", about("steps", "2025-04-01", "2025-05-01")),
    ]
    .map(|(name, question)| (name.to_owned(), question))
    .to_vec()
}

#[test]
fn an_answer_goes_when_something_on_which_it_depends_changes() {
    let mut world = World::new(|_| {});
    let (organization, questions) = (fresh_organization(), questions());
    some_history(&world, organization);
    let mut kept_through =
        |happen: Box<dyn FnOnce(&mut World)>| kept_through(&mut world, organization, &questions, happen);
    let tells = |records: Json| -> Box<dyn FnOnce(&mut World)> {
        Box::new(move |world| tell(world, organization, records))
    };
    let all: Vec<&str> = questions.iter().map(|(name, _)| name.as_str()).collect();
    let but = |gone: &[&str]| -> Vec<&str> {
        let kept = all.iter().filter(|name| !gone.contains(*name));
        kept.copied().collect()
    };
    assert_eq!(kept_through(Box::new(|_| {})), all);
    // A record of today, as most are.
    assert_eq!(
        kept_through(tells(json!([cost("today", "2026-11-22T09:00:00Z")]))),
        but(&["costs of now"])
    );
    assert_eq!(
        kept_through(tells(json!([cost("today", "2026-11-22T09:00:00Z")]))),
        all,
        "said before"
    );
    // One that is amended, and moves by that.
    let mut moved = cost("march", "2025-05-02T00:00:00Z");
    moved["updated_at"] = json!("2026-11-22T09:30:00Z");
    assert_eq!(
        kept_through(tells(json!([moved]))),
        but(&["costs of march", "costs of may and before"])
    );
    // A late one in the range compared with.
    assert_eq!(
        kept_through(tells(json!([cost("late", "2025-04-30T00:00:00Z")]))),
        but(&["costs of april", "costs of may and before"])
    );
    // An execution gives its workflow to steps that came before it.
    let execution = json!({ "type": "execution", "id": "e", "workflow_id": "invoices", "status": "success",
        "started_at": "2025-01-31T00:00:00Z", "completed_at": "2025-03-11T00:00:00Z" });
    assert_eq!(kept_through(tells(json!([execution]))), but(&["steps of march"]));
    let workflow = |name: &str, minute: u32| {
        let updated_at = format!("2026-11-22T11:{minute:02}:00Z");
        tells(json!([{ "type": "workflow", "id": "invoices", "name": name, "updated_at": updated_at }]))
    };
    assert_eq!(kept_through(workflow("Invoices", 1)), all, "it has that name");
    assert_eq!(kept_through(workflow("Bills", 2)), but(&all));
    let rebuilds = Box::new(move |world: &mut World| {
        world.ingest().rebuild_store(organization).unwrap();
        let committed = world.ingest().committed_lsn(organization);
        assert!(world.ingest().wait_until_applied(organization, committed, WAIT));
    });
    assert_eq!(kept_through(rebuilds), but(&all));
}

/// Law: what a store has applied is seen even if it said that it failed; and while a record waits for the store, answers
/// without it go as soon as it is there.
#[test]
fn a_failing_or_waiting_store_keeps_no_answer_too_long() {
    let mut world = World::new(|_| {});
    let (organization, questions) = (fresh_organization(), questions());
    some_history(&world, organization);
    let kept = kept_through(&mut world, organization, &questions, |world| {
        world.store().fail_after(1);
        tell(world, organization, json!([cost("late", "2025-03-30T00:00:00Z")]));
        assert!(world.store().has_failed_enough());
    });
    assert!(
        !kept.contains(&"costs of march") && kept.contains(&"costs of april"),
        "{kept:?}"
    );

    let engine = world.engine();
    let (march, now) = (&questions[0].1, &questions[3].1);
    let is_kept = |world: &World, question| {
        let answer = answer(world, &engine, organization, question, Freshness::KEPT);
        answer.meta.from_cache
    };
    assert!(!is_kept(&world, march) && !is_kept(&world, now));
    world.store().hold(organization);
    let before = world.ingest().committed_lsn(organization);
    let waiting = record_of(cost("waiting", "2026-11-22T09:45:00Z"));
    world.send(organization, vec![waiting]);
    assert!(world.ingest().committed_lsn(organization) > before);
    // It concerns another month, and its own is not kept without it.
    assert!(is_kept(&world, march));
    is_kept(&world, now);
    world.store().release(organization);
    let committed = world.ingest().committed_lsn(organization);
    assert!(world.ingest().wait_until_applied(organization, committed, WAIT));
    assert!(!is_kept(&world, now) && is_kept(&world, march));
}

/// What goes wrong in the last week, and whether that was kept.
fn failures(
    world: &World,
    engine: &QueryEngine,
    organization: OrganizationId,
    freshness: Freshness,
) -> (FailureList, bool) {
    let (scope, now, zone) = (Scope::all(organization), NOW.parse().unwrap(), TimeZone::UTC);
    let question = Question::Failures(Box::default());
    let context = QueryContext::new(&scope, &zone, now).with_freshness(freshness);
    let answers = engine.answer_questions(context, vec![Ok(question)]);
    let mut answers = world.runtime.block_on(answers).unwrap();
    match answers.answers.remove(0).unwrap() {
        Answered::Failures(list) => (*list, answers.from_cache),
        other => panic!("{other:?}"),
    }
}

/// When a fault was seen first is of all time, so that any execution of any month may change it; nothing else does.
#[test]
fn a_list_of_failures_goes_with_any_execution_and_with_nothing_else() {
    let world = World::new(|_| {});
    let organization = fresh_organization();
    let failed = |id: &str, at: &str| {
        json!({ "type": "execution", "id": id, "workflow_id": "invoices", "status": "failed", "started_at": at,
            "duration_ms": 5, "error_type": "timeout", "error_message": "no answer" })
    };
    tell(&world, organization, json!([failed("a", "2026-11-20T08:00:00Z")]));
    let engine = world.engine();
    let ask = |freshness| failures(&world, &engine, organization, freshness);
    let first_seen = |list: &FailureList| list.failures[0].first_seen.to_string();
    let (list, is_kept) = ask(Freshness::KEPT);
    assert_eq!(
        (first_seen(&list), is_kept),
        ("2026-11-20T08:00:00Z".to_owned(), false)
    );

    tell(&world, organization, json!([cost("now", "2026-11-22T08:00:00Z")]));
    let (kept, is_kept) = ask(Freshness::KEPT);
    assert_eq!((&kept, is_kept), (&list, true));

    tell(&world, organization, json!([failed("b", "2025-03-10T00:00:00Z")]));
    let (now, is_kept) = ask(Freshness::KEPT);
    assert_eq!(
        (first_seen(&now), is_kept),
        ("2025-03-10T00:00:00Z".to_owned(), false)
    );
    let (fresh, _) = ask(Freshness::Fresh);
    assert_eq!((now.failures, now.totals), (fresh.failures, fresh.totals));
}

fn record_of(cost: Json) -> Record {
    let spec = RecordType::Cost.spec();
    let at: Timestamp = cost["timestamp"].as_str().unwrap().parse().unwrap();
    Record {
        record_type: RecordType::Cost,
        id: cost["id"].as_str().unwrap().into(),
        attempt: 1,
        updated_at: at,
        is_inferred: false,
        fields: vec![(spec.position("timestamp"), Value::Int(at.as_micros()))],
    }
}

/// Law: whatever records do to each other (amend, move, give what belongs to them another workflow), no answer is kept that
/// would be another now, and many are kept.
#[test]
fn a_kept_answer_is_what_a_fresh_one_is() {
    const MONTH_US: i64 = 31 * 86_400_000_000;
    let mut world = World::new(|_| {});
    let organization = fresh_organization();
    let months = [
        "1970-01-01",
        "1970-02-01",
        "1970-03-01",
        "1970-04-01",
        "1970-05-01",
    ];
    let sources = ["executions", "steps", "costs"];
    let questions: Vec<(String, Json)> = sources
        .iter()
        .flat_map(|source| months.windows(2).map(move |month| (source, month)))
        .map(|(source, month)| {
            (
                format!("{source} of {}", month[0]),
                about(source, month[0], month[1]),
            )
        })
        .collect();
    let mut records = related_records(60)
        .new_tree(&mut TestRunner::deterministic())
        .unwrap()
        .current();
    for record in &mut records {
        let fields = record.record_type.spec().fields;
        for (position, value) in &mut record.fields {
            if let (FieldKind::Time, Value::Int(month)) = (fields[usize::from(*position)].kind, value) {
                *month = *month * MONTH_US + 1;
            }
        }
    }
    let (mut kept, mut asked) = (0, 0);
    for batch in records.chunks(3) {
        let happen = |world: &mut World| {
            world.send(organization, batch.to_vec());
            let committed = world.ingest().committed_lsn(organization);
            assert!(world.ingest().wait_until_applied(organization, committed, WAIT));
        };
        kept += kept_through(&mut world, organization, &questions, happen).len();
        asked += questions.len();
    }
    assert!(kept > asked / 4 && kept < asked, "{kept} of {asked}");
}
