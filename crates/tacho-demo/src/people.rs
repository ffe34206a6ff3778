//! What people do: sessions of actions on features.

use tacho_core::RecordType;

use crate::company::Company;
use crate::dice::Dice;
use crate::draft::Draft;
use crate::layout::ActivityField as A;
use crate::schedule::{HOUR_MICROS, Hour, Rhythm};
use crate::timeline::{Sink, id_text, pack};

const STREAM_SESSIONS: u64 = 30;
const STREAM_SESSION: u64 = 31;
/// Sessions of one person that begin in one hour, at most.
const SESSIONS_MAX: u64 = 6;

/// Action and feature; what people do often stands often.
const ACTIONS: [(&str, &str); 14] = [
    ("view", "overview"),
    ("view", "overview"),
    ("view", "executions"),
    ("view", "executions"),
    ("view", "workflow"),
    ("search", "executions"),
    ("run", "workflow"),
    ("edit", "workflow"),
    ("view", "costs"),
    ("export", "reports"),
    ("view", "dashboards"),
    ("edit", "dashboards"),
    ("approve", "approvals"),
    ("acknowledge", "alerts"),
];

/// The sessions that begin in an hour.
pub(crate) fn tell(company: &Company, hour: &Hour, sink: &mut Sink) {
    if !sink.wants(RecordType::Activity) {
        return;
    }
    let factor = Rhythm::Office.factor(hour) / 24.0;
    for (index, person) in company.people.iter().enumerate() {
        if person.joined_at > hour.begin() {
            continue;
        }
        let mut dice = Dice::of(&[company.seed, STREAM_SESSIONS, index as u64, hour.number as u64]);
        let sessions = dice.count(person.sessions_per_day * factor).min(SESSIONS_MAX);
        for session in 0..sessions {
            let key = pack(company.seed ^ STREAM_SESSION, index, hour.number, session);
            let at = hour.begin() + dice.below(HOUR_MICROS as u64) as i64;
            if at >= sink.origin {
                session_of(company, &person.id, key, at, sink);
            }
        }
    }
}

fn session_of(company: &Company, user: &str, key: u64, begin: i64, sink: &mut Sink) {
    let mut dice = Dice::of(&[key]);
    let session = id_text("ses", key);
    let mut at = begin;
    let actions = 2 + dice.below(11);
    for number in 1..=actions {
        let (action, feature) = if number == 1 {
            ("sign_in", "session")
        } else {
            *dice.pick(&ACTIONS)
        };
        let spent = dice.log_normal(28.0, 0.9).min(900.0);
        let workflow = (feature == "workflow").then(|| dice.pick(&company.workflows).id.as_str());
        let id = format!("{session}.a{number}");
        sink.put(
            Draft::new(RecordType::Activity, &id, 1, at, 8)
                .int(A::timestamp, at)
                .text(A::user_id, user)
                .text(A::session_id, &session)
                .text(A::action, action)
                .text(A::feature, feature)
                .text_if(A::resource, workflow.map(|_| "workflow"))
                .text_if(A::resource_id, workflow)
                .int(A::duration_ms, (spent * 1_000.0) as i64)
                .done(),
        );
        at += (spent * 1e6) as i64;
    }
}
