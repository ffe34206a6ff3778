//! The source `executions`: runs of workflows.

use tacho_core::record::RecordType;
use tacho_core::record::schema::EXECUTION_STATUSES;

use super::{Aggregate, Dimension, Field, Kind, Measure, Source};
use crate::answer::{Better, Unit};

/// Statuses that count for the rates: a cancelled run is neither a success nor a failure.
const JUDGED: &[&str] = &["success", "failed", "timeout"];
const UNSUCCESSFUL: &[&str] = &["failed", "timeout"];
const TRIGGER_TYPES: &[&str] = &[
    "scheduled",
    "manual",
    "retry",
    "webhook",
    "api",
    "event",
    "conversation",
];

pub(super) static SOURCE: Source = Source {
    name: "executions",
    label: "Executions",
    definition: "Runs of workflows, each counted when it started, or when it was queued if it has not started.",
    record_type: RecordType::Execution,
    measures: MEASURES,
    dimensions: DIMENSIONS,
    fields: FIELDS,
};

const fn counted(
    name: &'static str,
    label: &'static str,
    definition: &'static str,
    statuses: &'static [&'static str],
    better: Option<Better>,
) -> Measure {
    Measure {
        name,
        label,
        definition,
        unit: Unit::Count,
        better,
        aggregate: Aggregate::CountStatus(statuses),
    }
}

const fn duration(
    name: &'static str,
    label: &'static str,
    definition: &'static str,
    aggregate: Aggregate,
) -> Measure {
    Measure {
        name,
        label,
        definition,
        unit: Unit::Ms,
        better: Some(Better::Lower),
        aggregate,
    }
}

static MEASURES: &[Measure] = &[
    Measure {
        name: "count",
        label: "Executions",
        definition: "Executions of every status, those queued and running included.",
        unit: Unit::Count,
        better: None,
        aggregate: Aggregate::Count,
    },
    counted(
        "count_queued",
        "Queued",
        "Executions that wait to start.",
        &["queued"],
        None,
    ),
    counted(
        "count_running",
        "Running",
        "Executions that have started and not ended.",
        &["running"],
        None,
    ),
    counted(
        "count_success",
        "Succeeded",
        "Executions that ended with success.",
        &["success"],
        Some(Better::Higher),
    ),
    counted(
        "count_failed",
        "Failed",
        "Executions that ended with an error. Those that ran out of time are counted apart.",
        &["failed"],
        Some(Better::Lower),
    ),
    counted(
        "count_timeout",
        "Timed out",
        "Executions that ran out of time.",
        &["timeout"],
        Some(Better::Lower),
    ),
    counted(
        "count_cancelled",
        "Cancelled",
        "Executions that somebody stopped.",
        &["cancelled"],
        None,
    ),
    Measure {
        name: "success_rate",
        label: "Success rate",
        definition: "Succeeded executions in percent of those that succeeded, failed or timed out.",
        unit: Unit::Percent,
        better: Some(Better::Higher),
        aggregate: Aggregate::StatusPercent {
            part: &["success"],
            whole: JUDGED,
        },
    },
    Measure {
        name: "failure_rate",
        label: "Failure rate",
        definition: "Failed and timed out executions in percent of those that succeeded, failed or timed out.",
        unit: Unit::Percent,
        better: Some(Better::Lower),
        aggregate: Aggregate::StatusPercent {
            part: UNSUCCESSFUL,
            whole: JUDGED,
        },
    },
    duration(
        "duration_avg",
        "Average duration",
        "The mean time from start to end of executions that have ended.",
        Aggregate::Average("duration_ms"),
    ),
    duration(
        "duration_min",
        "Shortest duration",
        "The shortest time from start to end of executions that have ended.",
        Aggregate::Minimum("duration_ms"),
    ),
    duration(
        "duration_max",
        "Longest duration",
        "The longest time from start to end of executions that have ended.",
        Aggregate::Maximum("duration_ms"),
    ),
    duration(
        "duration_median",
        "Median duration",
        "Half of the executions that have ended took less time from start to end.",
        Aggregate::Quantile("duration_ms", 0.5),
    ),
    duration(
        "duration_p95",
        "95th percentile of duration",
        "95 of 100 executions that have ended took less time from start to end.",
        Aggregate::Quantile("duration_ms", 0.95),
    ),
    duration(
        "duration_p99",
        "99th percentile of duration",
        "99 of 100 executions that have ended took less time from start to end.",
        Aggregate::Quantile("duration_ms", 0.99),
    ),
    Measure {
        name: "cost",
        label: "Cost",
        definition: "What executions cost in US dollars, as their senders say.",
        unit: Unit::Usd,
        better: Some(Better::Lower),
        aggregate: Aggregate::Sum {
            column: "cost_usd_micros",
            per_unit: 1_000_000,
        },
    },
    Measure {
        name: "credits",
        label: "Credits",
        definition: "What executions cost in credits, as their senders say.",
        unit: Unit::Credits,
        better: Some(Better::Lower),
        aggregate: Aggregate::Sum {
            column: "credits_millis",
            per_unit: 1_000,
        },
    },
];

const fn text(
    name: &'static str,
    aliases: &'static [&'static str],
    label: &'static str,
    definition: &'static str,
    column: &'static str,
) -> Field {
    Field {
        name,
        aliases,
        label,
        definition,
        column,
        kind: Kind::Text,
    }
}

const fn by(field: Field) -> Dimension {
    Dimension {
        field,
        is_workflow: false,
    }
}

static DIMENSIONS: &[Dimension] = &[
    Dimension {
        field: text(
            "workflow",
            &["workflow_id"],
            "Workflow",
            "The workflow that ran.",
            "workflow_id",
        ),
        is_workflow: true,
    },
    by(text(
        "version",
        &["workflow_version"],
        "Version",
        "The version of the workflow that ran.",
        "workflow_version",
    )),
    by(Field {
        name: "trigger_type",
        aliases: &[],
        label: "Trigger",
        definition: "What kind of thing started the execution.",
        column: "trigger_type",
        kind: Kind::Word(TRIGGER_TYPES),
    }),
    by(Field {
        name: "status",
        aliases: &[],
        label: "Status",
        definition: "How the execution is or how it ended.",
        column: "status",
        kind: Kind::Word(EXECUTION_STATUSES),
    }),
    by(text(
        "user",
        &["user_id"],
        "User",
        "The user for whom the execution ran.",
        "user_id",
    )),
    by(text(
        "error_type",
        &[],
        "Error type",
        "What kind of error ended the execution, in its sender's words.",
        "error_type",
    )),
];

static FIELDS: &[Field] = &[
    text(
        "id",
        &["execution_id"],
        "Id",
        "The sender's id of the execution.",
        "id",
    ),
    text(
        "variant",
        &[],
        "Variant",
        "The variant that ran, for experiments.",
        "variant",
    ),
    text(
        "trigger_id",
        &[],
        "Trigger id",
        "Which trigger started the execution.",
        "trigger_id",
    ),
    text(
        "error_message",
        &[],
        "Error message",
        "The error in words.",
        "error_message",
    ),
    text(
        "parent_execution_id",
        &[],
        "Parent",
        "The execution that started the execution.",
        "parent_execution_id",
    ),
    text(
        "conversation_id",
        &[],
        "Conversation",
        "The conversation that the execution belongs to.",
        "conversation_id",
    ),
    text(
        "trace_id",
        &[],
        "Trace",
        "The trace that the execution belongs to.",
        "trace_id",
    ),
    Field {
        name: "duration",
        aliases: &["duration_ms"],
        label: "Duration",
        definition: "The time from start to end, in milliseconds.",
        column: "duration_ms",
        kind: Kind::Number {
            unit: Unit::Ms,
            per_unit: 1,
        },
    },
    Field {
        name: "cost",
        aliases: &["cost_usd"],
        label: "Cost",
        definition: "What the execution cost, in US dollars.",
        column: "cost_usd_micros",
        kind: Kind::Number {
            unit: Unit::Usd,
            per_unit: 1_000_000,
        },
    },
    Field {
        name: "credits",
        aliases: &[],
        label: "Credits",
        definition: "What the execution cost, in credits.",
        column: "credits_millis",
        kind: Kind::Number {
            unit: Unit::Credits,
            per_unit: 1_000,
        },
    },
];
