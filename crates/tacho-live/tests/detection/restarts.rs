//! What was found before a restart, and what happens while nobody looks.

use tacho_analysis::detection::{History, Kind};
use tacho_core::Timestamp;
use tacho_live::SETTLE_US;
use tacho_store::live::{LiveExecution, LiveRows};

use crate::clocks::{plan, run};
use crate::company::Plan;
use crate::life::{DAY_US, SECOND_US};
use crate::world::{INTERVAL_US, Told, What, World};

const MINUTE_US: i64 = 60 * SECOND_US;

fn due() -> Timestamp {
    "2026-09-07T06:00:00Z".parse().unwrap()
}

fn daily() -> Plan {
    plan("0 6 * * *", "UTC")
}

/// A server that starts some minutes after its workflow was due.
fn started(minutes_after: i64) -> World {
    let mut world = World::new(
        &daily(),
        History::default(),
        due().plus_micros(minutes_after * MINUTE_US),
    );
    world.is_judged_each = true;
    world.subject().declared_at = Some(due().plus_micros(-10 * DAY_US));
    world
}

#[test]
fn what_was_due_while_nobody_looked_has_its_grace_from_the_start_on() {
    let mut world = started(120);
    let grace_over = due().plus_micros(135 * MINUTE_US);
    world.judge_until(grace_over);
    assert_eq!(world.found, []);
    world.judge(grace_over);
    assert_eq!(
        (world.found[0].kind, world.found[0].since),
        (Kind::MissedSchedule, due())
    );

    // Its run was only told late.
    let mut world = started(120);
    let told = Told {
        at: due().plus_micros(130 * MINUTE_US),
        execution: 0,
        what: What::Ended,
    };
    world.tell(&told, &run(due()));
    world.judge_until(due().plus_micros(DAY_US));
    assert_eq!(world.found, []);
}

#[test]
fn what_is_not_known_to_have_been_due_was_not_missed() {
    let changes: [fn(&mut World); 3] = [
        |world| world.subject().declared_at = None,
        |world| world.subject().declared_at = Some(due().plus_micros(MINUTE_US)),
        |world| world.subject().is_active = false,
    ];
    for change in changes {
        let mut world = started(5);
        change(&mut world);
        world.judge_until(due().plus_micros(DAY_US));
        assert_eq!(world.found, []);
    }
}

#[test]
fn a_schedule_that_is_changed_or_paused_is_judged_as_it_is_now() {
    let mut world = started(-60);
    world.subject().declared_at = None;
    world.judge_until(due().plus_micros(20 * MINUTE_US));
    assert_eq!(world.found.len(), 1);
    world.subject().is_active = false;
    world.judge(due().plus_micros(20 * MINUTE_US));
    assert_eq!(world.last.ended.len(), 1);
    // What would have been due by the new schedule before it was known is not missed.
    world.subject().is_active = true;
    world.subject().schedule = plan("10 6 * * *", "UTC").schedule().cloned();
    world.subject().declared_at = Some(due().plus_micros(21 * MINUTE_US));
    world.judge_until(due().plus_micros(DAY_US));
    assert_eq!(world.found.len(), 1);
    world.judge_until(due().plus_micros(DAY_US + 30 * MINUTE_US));
    assert_eq!(world.found[1].since, due().plus_micros(DAY_US + 10 * MINUTE_US));
}

fn hanging() -> LiveRows {
    let started_at = due().plus_micros(-3 * DAY_US);
    let open = LiveExecution {
        lsn: 1,
        id: "run-0".to_owned(),
        attempt: 1,
        status: 1,
        event_time: started_at,
        updated_at: due(),
        workflow_id: Some(daily().id()),
        user_id: None,
        queued_at: None,
        started_at: Some(started_at),
        completed_at: None,
        duration_ms: None,
        steps_completed: None,
        steps_total: None,
        error_type: None,
    };
    LiveRows {
        running: 1,
        open: vec![open],
        ..LiveRows::default()
    }
}

/// A server that starts while an execution hangs, or when it has ended.
fn restarted(rows: &LiveRows) -> World {
    let mut world = started(0);
    world.subject().schedule = None;
    world.lose();
    world.read(rows);
    world
}

#[test]
fn what_was_found_before_is_not_found_again_and_ends_when_it_is_over() {
    let mut world = restarted(&hanging());
    world.judge_until(due().plus_micros(SETTLE_US));
    assert_eq!(world.found, [], "what senders kept may still come");
    world.judge(due().plus_micros(SETTLE_US));
    let [stuck] = &world.found[..] else {
        panic!("{:?}", world.found)
    };
    assert_eq!(stuck.kind, Kind::Stuck);
    let (found, key) = (world.found.clone(), stuck.key());

    let mut world = restarted(&hanging());
    world.detector.resume(found.clone());
    world.judge_until(due().plus_micros(2 * SETTLE_US));
    assert_eq!(world.found, []);
    assert_eq!(world.detector.open().count(), 1);

    let mut world = restarted(&LiveRows::default());
    world.detector.resume(found);
    let first = due().plus_micros(INTERVAL_US);
    world.judge(first);
    assert_eq!(world.last.ended, [(key, first)]);
    assert_eq!(world.detector.open().count(), 0);
}

#[test]
fn nothing_is_judged_while_the_state_does_not_know_everything() {
    let mut world = restarted(&hanging());
    world.lose();
    world.judge_until(due().plus_micros(60 * MINUTE_US));
    assert_eq!(world.found, []);
    world.read(&hanging());
    let again = due().plus_micros(60 * MINUTE_US - INTERVAL_US + SETTLE_US);
    world.judge_until(again);
    assert_eq!(world.found, []);
    world.judge(again);
    assert_eq!(world.found.len(), 1);
}
