//! Closes executions that never say that they have ended.

use std::sync::{Arc, LazyLock};

use tacho_analysis::detection::{Run, inferred_timeout};
use tacho_core::record::schema::EXECUTION_STATUSES;
use tacho_core::record::{Record, RecordType, Value};
use tacho_core::{Scope, Timestamp};
use tacho_live::{Expired, Subjects};
use tacho_store::live::UnheardQuery;

use super::{DetectionError, Shared};

/// The type of error of an execution that was closed.
const ERROR_TYPE: &str = "inferred_timeout";
/// The status of executions that wait.
const QUEUED: u8 = 0;
/// Executions that are looked at of those too many to be followed.
const UNHEARD_MAX: u32 = 1_000;
/// Of what was heard of sooner, nothing is closed.
const UNHEARD_US_MIN: i64 = 5 * 60 * 1_000_000;

/// The word that executions have which timed out.
static TIMEOUT: LazyLock<u8> = LazyLock::new(|| {
    let position = EXECUTION_STATUSES.iter().position(|status| *status == "timeout");
    position
        .and_then(|position| u8::try_from(position).ok())
        .unwrap_or(u8::MAX)
});

/// What is told of an execution that is closed. It ranks below whatever its sender says of its end, so that this wins, when
/// ever it comes.
pub(super) fn as_timed_out(expired: &Expired, now: Timestamp) -> Record {
    let spec = RecordType::Execution.spec();
    let mut fields = vec![
        (spec.position("status"), Value::Keyword(*TIMEOUT)),
        (
            spec.position("completed_at"),
            Value::Int(expired.ended_at.as_micros()),
        ),
        (spec.position("error_type"), Value::Text(ERROR_TYPE.into())),
        (
            spec.position("error_message"),
            Value::Text(format!("Tacho closed it: {}", expired.reason).into()),
        ),
    ];
    fields.sort_unstable_by_key(|(position, _)| *position);
    Record {
        record_type: RecordType::Execution,
        id: expired.execution_id.as_ref().into(),
        attempt: expired.attempt,
        updated_at: now,
        is_inferred: true,
        fields,
    }
}

/// Executions to be closed among those too many to be followed one by one. They are looked for where they were heard of the
/// longest ago.
pub(super) async fn unheard(
    shared: &Shared,
    scope: &Scope,
    subjects: &Subjects,
    now: Timestamp,
) -> Result<Vec<Expired>, DetectionError> {
    let patience_us = shared.patience_us();
    let query = UnheardQuery {
        since: now.plus_micros(-UNHEARD_US_MIN),
        // What began before, and ended within the patience, was a step of days.
        steps_since: now.plus_micros(-2 * patience_us),
        max: UNHEARD_MAX,
    };
    let found = shared.parts.engine.unheard_executions(scope, query, now).await?;
    let expired = found.into_iter().filter_map(|execution| {
        let workflow_id: Option<Arc<str>> = execution.workflow_id.as_deref().map(Arc::from);
        let subject = workflow_id.as_ref().and_then(|id| subjects.0.get(id));
        let history = subject.map(|subject| subject.history).unwrap_or_default();
        let run = Run {
            known_since: execution.queued_at.unwrap_or(execution.event_time),
            started_at: (execution.status != QUEUED)
                .then(|| execution.started_at.unwrap_or(execution.event_time)),
            heard_at: execution.updated_at,
            progressed_at: None,
        };
        let expiry = inferred_timeout(&run, &history, patience_us, now)?;
        Some(Expired {
            execution_id: execution.id.into(),
            attempt: execution.attempt,
            workflow_id,
            ended_at: expiry.ended_at,
            reason: expiry.reason,
        })
    });
    Ok(expired.collect())
}
