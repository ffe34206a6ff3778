//! At every quiet moment a state shows what the store's rows say, whatever has happened before: records late, amended and
//! in any order, batches that come while the store is read, stores that fail, lanes that catch up, and restarts.

use proptest::prelude::*;
use tacho_core::Scope;
use tacho_core::record::{Record, RecordType, Value};
use tacho_live::{EventKind, RECENT_MAX, State, Watch};

use crate::plain::{picture_of_rows, picture_of_state};
use crate::recents::{assert_recents, failures_in_a_row};
use crate::world::{ORGANIZATION, START_SECONDS, Way, World, at, record};

#[derive(Clone, Debug)]
enum Happening {
    Batch(Vec<Record>, Way),
    /// The store begins to be read; what follows comes meanwhile.
    ReadingBegins,
    ReadingEnds,
    Restart,
    Time(i64),
}

fn workflow(number: u8, owner: &str, updated_s: i64) -> Record {
    let fields = [
        ("name", Value::from(format!("Workflow {number}").as_str())),
        ("owner_id", Value::from(owner)),
    ];
    record(RecordType::Workflow, &format!("w{number}"), updated_s, &fields)
}

/// Of an execution, somewhere in its life, somewhere around the last hour. Each has a workflow or a user.
fn execution() -> impl Strategy<Value = Record> {
    let times = (-4_500..200_i64, 0..900_i64, 0..900_i64);
    (0..12_u8, 0..6_u8, times, 0..4_u8, 0..9_u8, any::<bool>(), 0..3_u8).prop_map(
        |(id, status, (queued, waited, ran), owner, steps, is_timed, trigger)| {
            let queued = START_SECONDS + queued;
            let (started, completed) = (queued + waited, queued + waited + ran);
            let mut fields = vec![("status", Value::Keyword(status))];
            match owner {
                0 => fields.push(("user_id", Value::from("ada"))),
                number => fields.push(("workflow_id", Value::from(format!("w{}", number % 3).as_str()))),
            }
            fields.push(("queued_at", at(queued)));
            if status > 0 {
                fields.push(("started_at", at(started)));
            }
            if status > 1 && is_timed {
                fields.push(("completed_at", at(completed)));
            }
            if trigger > 0 {
                fields.push(("trigger_type", Value::Keyword(trigger - 1)));
            }
            if steps < 4 {
                fields.push(("steps_completed", Value::Int(steps.into())));
                fields.push(("steps_total", Value::Int(4)));
            }
            let updated = [queued, started, completed][usize::from(status).min(2)];
            record(RecordType::Execution, &format!("e{id}"), updated, &fields)
        },
    )
}

fn step() -> impl Strategy<Value = Record> {
    (0..12_u8, 0..5_u8, -4_500..1_100_i64, 0..3_u8).prop_map(|(execution, number, started, status)| {
        let started = START_SECONDS + started;
        let fields = [
            ("execution_id", Value::from(format!("e{execution}").as_str())),
            ("step_name", Value::from(format!("step {number}").as_str())),
            ("status", Value::Keyword(status)),
            ("started_at", at(started)),
        ];
        record(
            RecordType::Step,
            &format!("e{execution}-{number}"),
            started,
            &fields,
        )
    })
}

fn any_record() -> impl Strategy<Value = Record> {
    prop_oneof![
        5 => execution(),
        4 => step(),
        1 => (0..3_u8, any::<bool>(), 0..100_i64).prop_map(|(number, is_adas, later)| {
            workflow(number, if is_adas { "ada" } else { "bob" }, START_SECONDS + later)
        }),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    let way = prop_oneof![8 => Just(Way::Told), 1 => Just(Way::Failing), 1 => Just(Way::Untold)];
    prop_oneof![
        8 => (prop::collection::vec(any_record(), 1..12), way).prop_map(|(records, way)| Happening::Batch(records, way)),
        3 => Just(Happening::ReadingBegins),
        3 => Just(Happening::ReadingEnds),
        1 => Just(Happening::Restart),
        2 => (1..700_i64).prop_map(Happening::Time),
    ]
}

fn agrees(happenings: Vec<Happening>) {
    let mut world = World::new();
    let scopes = [
        Scope::all(ORGANIZATION),
        Scope::owned(ORGANIZATION, vec!["ada".into()]),
    ];
    let mut watches = scopes.each_ref().map(|scope| world.watch(scope));
    let mut readings = [None, None];
    for happening in happenings {
        match happening {
            Happening::Batch(records, way) => world.send(records, way),
            Happening::Time(seconds) => world.advance(seconds),
            Happening::Restart => {
                world.restart();
                watches = scopes.each_ref().map(|scope| world.watch(scope));
                readings = [None, None];
            }
            Happening::ReadingBegins => {
                for ((reading, watch), scope) in readings.iter_mut().zip(&watches).zip(&scopes) {
                    *reading = reading.take().or_else(|| world.read(watch, scope));
                }
            }
            Happening::ReadingEnds => {
                for (reading, watch) in readings.iter_mut().zip(&watches) {
                    if let Some(reading) = reading.take() {
                        reading.end(watch);
                    }
                }
            }
        }
    }
    for ((reading, watch), scope) in readings.into_iter().zip(&watches).zip(&scopes) {
        if let Some(reading) = reading {
            reading.end(watch);
        }
        while let Some(reading) = world.read(watch, scope) {
            reading.end(watch);
        }
        let shown = watch.look(picture_of_state).unwrap();
        let true_picture = picture_of_rows(world.store.as_ref(), scope.rows(), world.now_second());
        assert_eq!(shown, true_picture, "{scope:?}");
        watch
            .look(|state, _| assert_recents(state, world.store.as_ref(), scope.rows()))
            .unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases / 2,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]
    #[test]
    fn a_state_shows_what_the_rows_say(happenings in prop::collection::vec(happening(), 1..25)) {
        agrees(happenings);
    }
}

fn ran(status: u8, steps: i64, completed: Option<i64>) -> Record {
    let mut fields = vec![
        ("status", Value::Keyword(status)),
        ("workflow_id", Value::from("w1")),
        ("started_at", at(START_SECONDS - 60)),
        ("steps_completed", Value::Int(steps)),
    ];
    fields.extend(completed.map(|completed| ("completed_at", at(completed))));
    let updated = completed.unwrap_or(START_SECONDS - 30 + steps);
    record(RecordType::Execution, "run", updated, &fields)
}

#[test]
fn a_life_is_told_event_by_event_and_change_by_change() {
    let mut world = World::new();
    let scope = Scope::all(ORGANIZATION);
    let watch = world.watch(&scope);
    assert!(
        watch.look(|_, _| ()).is_none(),
        "nothing is shown before it was read"
    );
    world.read(&watch, &scope).unwrap().end(&watch);
    let version = |state: &State| state.version();
    let begun = watch.look(|state, _| version(state)).unwrap();
    world.send(vec![ran(1, 0, None)], Way::Told);
    world.send(vec![ran(1, 2, None)], Way::Told);
    let between = watch.look(|state, _| version(state)).unwrap();
    world.send(vec![ran(3, 2, Some(START_SECONDS - 10))], Way::Told);
    // A repetition tells nothing.
    world.send(vec![ran(3, 2, Some(START_SECONDS - 10))], Way::Told);

    let kinds = |since: u64| {
        watch
            .look(|state, _| {
                let changes = state.changes(since).unwrap();
                let events: Vec<_> = changes
                    .events
                    .iter()
                    .map(|event| (event.kind, event.lsn))
                    .collect();
                (events, changes.changed.len(), changes.ended.len())
            })
            .unwrap()
    };
    let told = [
        (EventKind::Started, 1),
        (EventKind::Progressed, 2),
        (EventKind::Failed, 3),
    ];
    assert_eq!(kinds(begun), (told.to_vec(), 0, 1));
    assert_eq!(kinds(between), (told[2..].to_vec(), 0, 1));
    assert!(watch.look(|state, _| state.changes(begun - 1).is_none()).unwrap());

    // What was there before the start is told by what became of it.
    world.restart();
    let watch = world.watch(&scope);
    world.read(&watch, &scope).unwrap().end(&watch);
    let last = watch.look(|state, _| state.events().map(|event| event.kind).collect::<Vec<_>>());
    assert_eq!(last.unwrap(), [EventKind::Failed]);
}

#[test]
fn what_is_on_its_way_to_the_store_when_the_first_one_watches_is_not_lost() {
    let mut world = World::new();
    let scope = Scope::all(ORGANIZATION);
    let coming = world.tell(vec![ran(1, 0, None)]);
    let watch = world.watch(&scope);
    let reading = world.read(&watch, &scope).unwrap();
    world.apply(coming);
    reading.end(&watch);
    assert!(watch.look(|_, _| ()).is_none());
    world.read(&watch, &scope).unwrap().end(&watch);
    assert_eq!(watch.look(|state, _| state.running()), Some(1));
}

fn ended(number: i64, status: u8, updated: i64) -> Record {
    let fields = [
        ("status", Value::Keyword(status)),
        ("workflow_id", Value::from("w1")),
        ("started_at", at(START_SECONDS - 600 + number)),
        ("completed_at", at(START_SECONDS - 300 + number)),
    ];
    record(
        RecordType::Execution,
        &format!("run-{number}"),
        START_SECONDS + updated,
        &fields,
    )
}

#[test]
fn failures_in_a_row_are_known_after_a_restart_too() {
    let mut world = World::new();
    let scope = Scope::all(ORGANIZATION);
    let mut watch = world.watch(&scope);
    world.read(&watch, &scope).unwrap().end(&watch);
    let row = |watch: &Watch| watch.look(|state, _| failures_in_a_row(state, "w1")).unwrap();
    // A success, forty failures, one that was called off; then a success that comes late, from the midst of the failures.
    let statuses = (0..42).map(|number| match number {
        0 => 2,
        41 => 5,
        _ => 3 + u8::from(number % 2 == 0),
    });
    let records = (0..)
        .zip(statuses)
        .map(|(number, status)| ended(number, status, 0));
    world.send(records.collect(), Way::Told);
    for round in 0..2 {
        assert_eq!(row(&watch), RECENT_MAX, "{round}");
        world.restart();
        watch = world.watch(&scope);
        world.read(&watch, &scope).unwrap().end(&watch);
    }
    world.send(vec![ended(25, 2, 1)], Way::Told);
    assert_eq!(row(&watch), 15);
    world.restart();
    watch = world.watch(&scope);
    world.read(&watch, &scope).unwrap().end(&watch);
    assert_eq!(row(&watch), 15);
    assert!(
        watch
            .look(|state, now| state.current_since() == Some(now))
            .unwrap()
    );
}
