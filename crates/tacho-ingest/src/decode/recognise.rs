//! What type an object has that names none: told by the fields that only that type's shape has.
//!
//! The first rule counts all of whose names, and at least one of whose distinctive names, are there. Names are compared
//! in snake_case, so camelCase counts too.
//!
//! | needs | and one of | is |
//! |---|---|---|
//! | `metric_name` | | a row of the metrics table |
//! | `strategy`, `execution_id` | | a recovery |
//! | `execution_id` | `step_id`, `step_name`, `step_type` | a StepExecution |
//! | `direction`, `conversation_id` | | a message |
//! | `action_type` | `credits`, `dollar_amount`, `amount_usd`, `quantity` | a CostRecord |
//! | `action`, `user_id` | | a UserActivity |
//! | `task_id`, `status` | `task_type`, `cpu_usage_percent`, `memory_usage_mb`, `context` | TaskMetrics |
//! | `task_id`, `status` | `trigger_type`, `attempt_number`, `started_at`, `completed_at`, `start_time`, `duration`, … | a row of scheduled_task_executions |
//! | `workflow_id`, `status` | `timestamp`, `trigger_type`, `trigger_id`, `started_at`, `step_count`, … | an ExecutionEvent |
//! | | `execution_count`, `success_count`, `next_run`, `last_run_status`, `average_duration` | a row of scheduled_browser_tasks |
//! | `status` | `customer_id`, `channel`, `satisfaction` | a conversation |
//! | | `cpu_percent`, `cpu_usage_percent`, `memory_mb`, `memory_usage_mb`, `gpu_percent` | a resource sample |

use std::borrow::Cow;

use tacho_core::record::RecordType;

use super::entry::Entry;
use super::shapes::Shape;
use super::words::snake;

struct Rule {
    all: &'static [&'static str],
    any: &'static [&'static str],
    record_type: RecordType,
    shape: Option<Shape>,
}

const fn rule(
    all: &'static [&'static str],
    any: &'static [&'static str],
    record_type: RecordType,
    shape: Option<Shape>,
) -> Rule {
    Rule {
        all,
        any,
        record_type,
        shape,
    }
}

const RULES: &[Rule] = &[
    rule(&["metric_name"], &[], RecordType::Metric, None),
    rule(&["strategy", "execution_id"], &[], RecordType::Recovery, None),
    rule(
        &["execution_id"],
        &["step_id", "step_name", "step_type"],
        RecordType::Step,
        None,
    ),
    rule(&["direction", "conversation_id"], &[], RecordType::Message, None),
    rule(
        &["action_type"],
        &["credits", "dollar_amount", "amount_usd", "quantity"],
        RecordType::Cost,
        None,
    ),
    rule(&["action", "user_id"], &[], RecordType::Activity, None),
    rule(
        &["task_id", "status"],
        &["task_type", "cpu_usage_percent", "memory_usage_mb", "context"],
        RecordType::Execution,
        Some(Shape::TaskMetrics),
    ),
    rule(
        &["task_id", "status"],
        &[
            "trigger_type",
            "attempt_number",
            "queued_at",
            "started_at",
            "completed_at",
            "start_time",
            "end_time",
            "duration",
            "duration_ms",
            "error",
        ],
        RecordType::Execution,
        Some(Shape::TaskExecution),
    ),
    rule(
        &["workflow_id", "status"],
        &[
            "timestamp",
            "trigger_type",
            "trigger_id",
            "queued_at",
            "started_at",
            "completed_at",
            "duration",
            "duration_ms",
            "step_count",
            "workflow_version",
        ],
        RecordType::Execution,
        Some(Shape::ExecutionEvent),
    ),
    rule(
        &[],
        &[
            "execution_count",
            "success_count",
            "next_run",
            "last_run_status",
            "average_duration",
        ],
        RecordType::Workflow,
        Some(Shape::BrowserTask),
    ),
    rule(
        &["status"],
        &["customer_id", "channel", "satisfaction"],
        RecordType::Conversation,
        None,
    ),
    rule(
        &[],
        &[
            "cpu_percent",
            "cpu_usage_percent",
            "memory_mb",
            "memory_usage_mb",
            "gpu_percent",
        ],
        RecordType::Resource,
        None,
    ),
];

/// The type, and the document's shape, of an object that does not name its type.
pub(super) fn recognise(entries: &[Entry<'_>]) -> Option<(RecordType, Option<Shape>)> {
    let names: Vec<Cow<'_, str>> = entries
        .iter()
        .filter(|entry| entry.key.len() <= 64)
        .map(|entry| snake(&entry.key))
        .collect();
    let has = |name: &&str| names.iter().any(|known| known == name);
    RULES
        .iter()
        .find(|rule| rule.all.iter().all(has) && (rule.any.is_empty() || rule.any.iter().any(has)))
        .map(|rule| (rule.record_type, rule.shape))
}
