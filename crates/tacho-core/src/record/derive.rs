//! What is worked out from a merged row: its event time, its duration, what it inherits from its execution.
//!
//! Derived values are never merged; they are worked out again whenever the row changes. So a late start corrects a
//! duration, and an execution that arrives after its steps gives them their workflow.

use super::schema::{DerivedRule, EventTime};
use super::{Row, Value};
use crate::time::Timestamp;

/// What a record inherits from the execution that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionOwner {
    /// Which try of the execution said so; the latest counts.
    pub attempt: u32,
    /// The workflow that ran.
    pub workflow_id: Option<Box<str>>,
    /// The user for whom it ran.
    pub user_id: Option<Box<str>>,
}

impl ExecutionOwner {
    /// Whether both give the same, whichever try says so.
    pub fn gives_the_same(&self, other: &ExecutionOwner) -> bool {
        self.workflow_id == other.workflow_id && self.user_id == other.user_id
    }
}

/// The moment under which queries count the row.
pub fn event_time(row: &Row) -> Timestamp {
    match &row.record_type.spec().event_time {
        EventTime::UpdatedAt => row.rank.updated_at,
        EventTime::FirstOf(fields) => fields
            .iter()
            .find_map(|name| row.get(name).and_then(Value::as_int))
            .map_or(row.rank.updated_at, Timestamp::from_micros),
    }
}

/// The row's derived values, in the order of [`TypeSpec::derived`](super::TypeSpec::derived). `owner` is what is known of
/// its execution by now.
pub fn derived_values(row: &Row, owner: Option<&ExecutionOwner>) -> Vec<Option<Value>> {
    let from_owner = |field: &str| {
        let owner = owner?;
        match field {
            "workflow_id" => owner.workflow_id.clone(),
            "user_id" => owner.user_id.clone(),
            _ => None,
        }
        .map(Value::Text)
    };
    row.record_type
        .spec()
        .derived
        .iter()
        .map(|derived| match &derived.rule {
            DerivedRule::Duration { sent, from, to } => row.get(sent).cloned().or_else(|| {
                let (from, to) = (row.get(from)?.as_int()?, row.get(to)?.as_int()?);
                Some(Value::Int((to - from).max(0).saturating_add(500) / 1000))
            }),
            DerivedRule::FromExecution { own, field } => own
                .and_then(|own| row.get(own).cloned())
                .or_else(|| from_owner(field)),
        })
        .collect()
}

/// The execution that a row belongs to, if its type inherits from one and it names one.
pub fn execution_of(row: &Row) -> Option<&str> {
    let inherits = row.record_type.spec().inherits();
    inherits
        .then(|| row.get("execution_id").and_then(Value::as_text))
        .flatten()
}

/// What an execution's row gives to what belongs to it.
pub fn owner_of(execution: &Row) -> ExecutionOwner {
    let text = |name| execution.get(name).and_then(Value::as_text).map(Box::from);
    ExecutionOwner {
        attempt: execution.attempt,
        workflow_id: text("workflow_id"),
        user_id: text("user_id"),
    }
}
