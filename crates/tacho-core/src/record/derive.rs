//! What is worked out from a merged row: its event time, its duration, what went wrong, what it inherits from its execution.
//!
//! Derived values are never merged; they are worked out again whenever the row changes. So a late start corrects a
//! duration, and an execution that arrives after its steps gives them their workflow.

use std::cell::LazyCell;

use super::schema::{DerivedRule, EXECUTION_STATUSES, EventTime, FAILED_STATUSES};
use super::{Row, Value};
use crate::fault::{self, Fault};
use crate::time::Timestamp;

/// The version of the rules by which values are derived. A store whose rows were derived by others is made again: raise
/// it with whatever changes a value or adds one.
pub const VERSION: u32 = 2 << 8 | fault::VERSION as u32;

/// What a record inherits from the execution that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionOwner {
    /// Which try of the execution said so; the latest counts.
    pub attempt: u32,
    /// The workflow that ran.
    pub workflow_id: Option<Box<str>>,
    /// The user for whom it ran.
    pub user_id: Option<Box<str>>,
    /// How it is: the position of a word of [`EXECUTION_STATUSES`].
    pub status: Option<u8>,
}

impl ExecutionOwner {
    /// Whether both name the same workflow and user, whichever try says so. How they are may differ.
    pub fn names_the_same(&self, other: &ExecutionOwner) -> bool {
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
            "workflow_id" => owner.workflow_id.clone().map(Value::Text),
            "user_id" => owner.user_id.clone().map(Value::Text),
            "status" => owner.status.map(Value::Keyword),
            _ => None,
        }
    };
    let fault = LazyCell::new(|| fault_of(row));
    let fault = || LazyCell::force(&fault).as_ref();
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
            DerivedRule::FaultFingerprint => fault().map(|fault| Value::from(fault.fingerprint.as_str())),
            DerivedRule::FaultPattern => fault()
                .and_then(|fault| fault.pattern.as_deref())
                .map(Value::from),
        })
        .collect()
}

/// What went wrong, if the execution has failed and says what.
fn fault_of(execution: &Row) -> Option<Fault> {
    let status = execution.get("status").and_then(Value::as_keyword)?;
    let status = EXECUTION_STATUSES.get(usize::from(status))?;
    if !FAILED_STATUSES.contains(status) {
        return None;
    }
    let text = |name| execution.get(name).and_then(Value::as_text);
    Fault::of(text("error_type"), text("error_message"))
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
        status: execution.get("status").and_then(Value::as_keyword),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Record, RecordType};

    fn execution(status: &str, error_type: Option<&str>, message: Option<&str>) -> Row {
        let spec = RecordType::Execution.spec();
        let status = EXECUTION_STATUSES.iter().position(|word| *word == status);
        let fields = [
            ("status", Some(Value::Keyword(status.unwrap() as u8))),
            ("error_type", error_type.map(Value::from)),
            ("error_message", message.map(Value::from)),
        ];
        let fields = fields.into_iter();
        let fields = fields.filter_map(|(name, value)| Some((spec.position(name), value?)));
        Row::from(Record {
            record_type: RecordType::Execution,
            id: "e".into(),
            attempt: 1,
            updated_at: Timestamp::MIN,
            is_inferred: false,
            fields: fields.collect(),
        })
    }

    fn texts(row: &Row) -> [Option<String>; 2] {
        let values = derived_values(row, None);
        let derived = row.record_type.spec().derived;
        ["error_fingerprint", "error_pattern"].map(|column| {
            let at = derived
                .iter()
                .position(|derived| derived.column == column)
                .unwrap();
            values[at].as_ref().and_then(Value::as_text).map(str::to_owned)
        })
    }

    #[test]
    fn what_has_failed_and_says_why_has_a_fault() {
        let fault = Fault::of(Some("http"), Some("page 7")).unwrap();
        for status in FAILED_STATUSES {
            let failed = execution(status, Some("http"), Some("page 7"));
            assert_eq!(
                texts(&failed),
                [Some(fault.fingerprint.clone()), fault.pattern.clone()]
            );
            assert_eq!(texts(&execution(status, None, None)), [None, None]);
        }
        let [fingerprint, pattern] = texts(&execution("timeout", Some("http"), None));
        assert!(fingerprint.is_some() && pattern.is_none());
        for status in ["success", "running", "cancelled"] {
            assert_eq!(
                texts(&execution(status, Some("http"), Some("page 7"))),
                [None, None]
            );
        }
    }
}
