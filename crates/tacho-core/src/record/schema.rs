//! The record types (DESIGN section 2, "Records"), each declared once.
//!
//! Positions of fields and words of keyword lists are what the journal holds: append, never reorder or remove. A test
//! holds them to the list in `schema.snap`.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::field::{FieldKind, FieldSpec, MergeRule};
use crate::fault;

/// A type of record. The numbers are what the journal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum RecordType {
    /// A definition that runs.
    Workflow = 1,
    /// One run of a workflow.
    Execution = 2,
    /// A part of an execution.
    Step = 3,
    /// What something cost.
    Cost = 4,
    /// A sample of what an execution or a host used.
    Resource = 5,
    /// Something that a person did.
    Activity = 6,
    /// A conversation of a customer with a bot.
    Conversation = 7,
    /// A message of a conversation.
    Message = 8,
    /// A point of a custom metric.
    Metric = 9,
    /// A repair that an automation made by itself.
    Recovery = 10,
}

impl RecordType {
    /// Every type.
    pub const ALL: [RecordType; 10] = [
        RecordType::Workflow,
        RecordType::Execution,
        RecordType::Step,
        RecordType::Cost,
        RecordType::Resource,
        RecordType::Activity,
        RecordType::Conversation,
        RecordType::Message,
        RecordType::Metric,
        RecordType::Recovery,
    ];

    /// The type with that number in the journal.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|record_type| *record_type as u8 == number)
    }

    /// The type's word on the wire, its alias from the documents included.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|record_type| {
            record_type.spec().name == word || record_type.spec().type_aliases.contains(&word)
        })
    }

    /// Its declaration.
    pub fn spec(self) -> &'static TypeSpec {
        &TYPES[self as usize - 1]
    }

    /// Its word on the wire, which is also the name of its table.
    pub fn as_str(self) -> &'static str {
        self.spec().name
    }
}

/// How a thing that lives for a while goes from open to ended.
#[derive(Debug)]
pub struct Lifecycle {
    /// The keyword field that holds the status.
    pub status: &'static str,
    /// The words of it that mean "not yet ended", from first to last.
    pub open: &'static [&'static str],
}

/// How a type's event time, the moment under which queries count it, comes from its fields.
#[derive(Debug)]
pub enum EventTime {
    /// The first of these that is present.
    FirstOf(&'static [&'static str]),
    /// None of its own: the moment of its last change.
    UpdatedAt,
}

/// A value that is worked out from the merged row and stored beside it.
#[derive(Debug)]
pub struct DerivedSpec {
    /// Its column.
    pub column: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Where it comes from.
    pub rule: DerivedRule,
}

/// Where a derived value comes from.
#[derive(Debug)]
pub enum DerivedRule {
    /// The duration sent, else the milliseconds from one instant to the other.
    Duration {
        /// Field with the duration as sent.
        sent: &'static str,
        /// Field with the start.
        from: &'static str,
        /// Field with the end.
        to: &'static str,
    },
    /// The record's own field if it has one, else the same field of the execution that it belongs to.
    FromExecution {
        /// The record's own field, if the type has one.
        own: Option<&'static str>,
        /// The execution's field.
        field: &'static str,
    },
    /// The [fingerprint](crate::fault::Fault) of what went wrong, of an execution that has [failed](FAILED_STATUSES) and
    /// says what.
    FaultFingerprint,
    /// The pattern of its error message, likewise.
    FaultPattern,
}

/// The declaration of a record type.
#[derive(Debug)]
pub struct TypeSpec {
    /// The type.
    pub record_type: RecordType,
    /// Its word on the wire and its table in the store.
    pub name: &'static str,
    /// Other words under which the documents send it.
    pub type_aliases: &'static [&'static str],
    /// Its fields. `metadata` and `tags` are the last two of the first release; later ones follow.
    pub fields: &'static [FieldSpec],
    /// Where its event time comes from.
    pub event_time: EventTime,
    /// Fields whose latest instant says from when the sender's knowledge dates, if `updated_at` is not sent.
    pub known_at: &'static [&'static str],
    /// If it lives for a while: how it ends.
    pub lifecycle: Option<Lifecycle>,
    /// Fields that, with the timestamp, identify a record that has no id. Empty: it needs an id.
    pub series: &'static [&'static str],
    /// Values worked out from the merged row.
    pub derived: &'static [DerivedSpec],
}

impl TypeSpec {
    /// A field and its position, by its name. Aliases do not count.
    pub fn field(&self, name: &str) -> Option<(u8, &'static FieldSpec)> {
        match self.lookup().get(name) {
            Some(position) if self.fields[*position as usize].name == name => {
                Some((*position, &self.fields[*position as usize]))
            }
            _ => None,
        }
    }

    /// A field and its position, by its name or one of its aliases.
    pub fn field_or_alias(&self, name: &str) -> Option<(u8, &'static FieldSpec)> {
        self.lookup()
            .get(name)
            .map(|position| (*position, &self.fields[*position as usize]))
    }

    /// The position of a field that the type is known to have.
    ///
    /// # Panics
    /// If it has none of that name, which the declarations' own test rules out.
    pub fn position(&self, name: &str) -> u8 {
        match self.field(name) {
            Some((position, _)) => position,
            None => panic!("{} has no field {name}", self.name),
        }
    }

    /// Whether something of it comes from the execution that it belongs to.
    pub fn inherits(&self) -> bool {
        self.inherited_columns().next().is_some()
    }

    /// Whether it holds how the execution is that it belongs to, which changes more often than the rest that it gives.
    pub fn follows_status(&self) -> bool {
        let mut derived = self.derived.iter();
        derived.any(|derived| matches!(derived.rule, DerivedRule::FromExecution { field: "status", .. }))
    }

    /// The columns that come from the execution that it belongs to.
    pub fn inherited_columns(&self) -> impl Iterator<Item = &'static str> {
        self.derived
            .iter()
            .filter(|derived| matches!(derived.rule, DerivedRule::FromExecution { .. }))
            .map(|derived| derived.column)
    }

    fn lookup(&self) -> &'static HashMap<&'static str, u8> {
        static LOOKUPS: OnceLock<Vec<HashMap<&'static str, u8>>> = OnceLock::new();
        let lookups = LOOKUPS.get_or_init(|| {
            TYPES
                .iter()
                .map(|spec| {
                    let mut names = HashMap::new();
                    for (position, field) in spec.fields.iter().enumerate() {
                        for name in std::iter::once(&field.name).chain(field.aliases) {
                            names.insert(*name, position as u8);
                        }
                    }
                    names
                })
                .collect()
        });
        &lookups[self.record_type as usize - 1]
    }
}

/// Statuses of an execution, in the order in which they supersede each other when nothing else decides.
pub const EXECUTION_STATUSES: &[&str] = &["queued", "running", "success", "failed", "timeout", "cancelled"];
/// Those of an execution that did not do what it should.
pub const FAILED_STATUSES: &[&str] = &["failed", "timeout"];
/// What can start an execution.
pub const TRIGGER_TYPES: &[&str] = &[
    "scheduled",
    "manual",
    "retry",
    "webhook",
    "api",
    "event",
    "conversation",
];
/// Kinds of a workflow.
pub const WORKFLOW_KINDS: &[&str] = &["workflow", "browser_task", "rpa", "bot", "job"];
/// What a step can wait for.
pub const WAIT_KINDS: &[&str] = &["none", "queue", "external", "human", "retry_backoff"];
/// How a step can end.
pub const STEP_STATUSES: &[&str] = &["completed", "failed", "skipped"];
/// Statuses of a conversation, the open one first.
pub const CONVERSATION_STATUSES: &[&str] = &["active", "resolved", "escalated", "abandoned"];
/// Which way a message goes: to the bot or from it.
pub const DIRECTIONS: &[&str] = &["inbound", "outbound"];
/// What a metric's values are: increments, levels or observations.
pub const METRIC_KINDS: &[&str] = &["counter", "gauge", "histogram"];

/// Bytes that an id may have.
pub const ID_BYTES_MAX: usize = 256;
const ID: FieldKind = FieldKind::Text {
    bytes_max: ID_BYTES_MAX,
    cut: false,
};
const NAME: FieldKind = FieldKind::Text {
    bytes_max: 256,
    cut: false,
};
const PROSE: FieldKind = FieldKind::Text {
    bytes_max: 8 * 1024,
    cut: true,
};

const fn field(name: &'static str, kind: FieldKind) -> FieldSpec {
    FieldSpec::new(name, kind)
}

const WORKFLOW_ID: FieldSpec =
    field("workflow_id", ID).aliases(&["workflowId", "task_id", "taskId", "botId", "bot_id"]);
const USER_ID: FieldSpec = field("user_id", ID).aliases(&["userId"]);
const EXECUTION_ID: FieldSpec = field("execution_id", ID).aliases(&["executionId"]);
const CONVERSATION_ID: FieldSpec = field("conversation_id", ID).aliases(&["conversationId"]);
const CREDITS: FieldSpec = field("credits", FieldKind::Credits)
    .column("credits_millis")
    .aliases(&["creditsUsed", "credits_used"]);
const COST_USD: FieldSpec = field("cost_usd", FieldKind::Usd)
    .column("cost_usd_micros")
    .aliases(&["costUsd", "cost"]);
const ERROR_TYPE: FieldSpec = field("error_type", NAME).aliases(&["errorType"]);
const ERROR_MESSAGE: FieldSpec = field("error_message", PROSE).aliases(&["errorMessage", "error"]);
const TIMESTAMP: FieldSpec = field("timestamp", FieldKind::Time).required().aliases(&["time"]);
const METADATA: FieldSpec = field("metadata", FieldKind::Json).aliases(&["context"]);
const TAGS: FieldSpec = field("tags", FieldKind::Tags);

const INHERITED_WORKFLOW: DerivedSpec = DerivedSpec {
    column: "workflow_id",
    kind: ID,
    rule: DerivedRule::FromExecution {
        own: None,
        field: "workflow_id",
    },
};
const INHERITED_USER: DerivedSpec = DerivedSpec {
    column: "user_id",
    kind: ID,
    rule: DerivedRule::FromExecution {
        own: None,
        field: "user_id",
    },
};

const INHERITED_STATUS: DerivedSpec = DerivedSpec {
    column: "execution_status",
    kind: FieldKind::Keyword(EXECUTION_STATUSES),
    rule: DerivedRule::FromExecution {
        own: None,
        field: "status",
    },
};

static TYPES: [TypeSpec; 10] = [
    TypeSpec {
        record_type: RecordType::Workflow,
        name: "workflow",
        type_aliases: &["task", "bot"],
        fields: &[
            field("name", NAME),
            field("kind", FieldKind::Keyword(WORKFLOW_KINDS)),
            field("version", NAME),
            field("owner_id", ID).aliases(&["ownerId", "userId", "user_id"]),
            field("is_active", FieldKind::Bool).aliases(&["isActive"]),
            field("schedule", FieldKind::Json),
            field("expected_minutes_saved", FieldKind::Float).aliases(&["expectedMinutesSaved"]),
            field("expected_value", FieldKind::Usd)
                .column("expected_value_micros")
                .aliases(&["expectedValue"]),
            field("group", NAME).column("group_name").aliases(&["team"]),
            METADATA,
            TAGS,
            field("timeout_ms", FieldKind::Millis).aliases(&["timeoutMs", "timeout"]),
        ],
        event_time: EventTime::UpdatedAt,
        known_at: &[],
        lifecycle: None,
        series: &[],
        derived: &[],
    },
    TypeSpec {
        record_type: RecordType::Execution,
        name: "execution",
        type_aliases: &["run", "task_execution"],
        fields: &[
            WORKFLOW_ID,
            field("workflow_version", NAME).aliases(&["workflowVersion"]),
            field("variant", NAME),
            USER_ID,
            field("trigger_id", ID).aliases(&["triggerId"]),
            field("trigger_type", FieldKind::Keyword(TRIGGER_TYPES)).aliases(&["triggerType"]),
            field("status", FieldKind::Keyword(EXECUTION_STATUSES)).required(),
            field("queued_at", FieldKind::Time)
                .merged(MergeRule::Earliest)
                .aliases(&["queuedAt"]),
            field("started_at", FieldKind::Time)
                .merged(MergeRule::Earliest)
                .aliases(&["startedAt", "start_time", "startTime"]),
            field("completed_at", FieldKind::Time).aliases(&["completedAt", "end_time", "endTime"]),
            field("duration_ms", FieldKind::Millis)
                .column("duration_sent_ms")
                .aliases(&["durationMs", "duration"]),
            field("steps_completed", FieldKind::Count)
                .merged(MergeRule::Greatest)
                .aliases(&["stepsCompleted"]),
            field("steps_total", FieldKind::Count)
                .merged(MergeRule::Greatest)
                .aliases(&["stepsTotal", "stepCount", "step_count"]),
            ERROR_TYPE,
            ERROR_MESSAGE,
            field("parent_execution_id", ID).aliases(&["parentExecutionId"]),
            CONVERSATION_ID,
            field("trace_id", ID).aliases(&["traceId"]),
            CREDITS,
            COST_USD,
            field("minutes_saved", FieldKind::Float).aliases(&["minutesSaved"]),
            field("items_processed", FieldKind::Count).aliases(&["itemsProcessed"]),
            METADATA,
            TAGS,
        ],
        event_time: EventTime::FirstOf(&["started_at", "queued_at", "completed_at"]),
        known_at: &["completed_at", "started_at", "queued_at"],
        lifecycle: Some(Lifecycle {
            status: "status",
            open: &["queued", "running"],
        }),
        series: &[],
        derived: &[
            DerivedSpec {
                column: "duration_ms",
                kind: FieldKind::Millis,
                rule: DerivedRule::Duration {
                    sent: "duration_ms",
                    from: "started_at",
                    to: "completed_at",
                },
            },
            DerivedSpec {
                column: "error_fingerprint",
                kind: FieldKind::Text {
                    bytes_max: fault::FINGERPRINT_CHARS,
                    cut: false,
                },
                rule: DerivedRule::FaultFingerprint,
            },
            DerivedSpec {
                column: "error_pattern",
                kind: FieldKind::Text {
                    bytes_max: fault::PATTERN_CHARS_MAX * 4,
                    cut: false,
                },
                rule: DerivedRule::FaultPattern,
            },
        ],
    },
    TypeSpec {
        record_type: RecordType::Step,
        name: "step",
        type_aliases: &["step_execution"],
        fields: &[
            EXECUTION_ID.required(),
            field("step_id", ID).aliases(&["stepId"]),
            field("step_name", NAME).aliases(&["stepName"]),
            field("step_type", NAME).aliases(&["stepType"]),
            field("wait_kind", FieldKind::Keyword(WAIT_KINDS)).aliases(&["waitKind"]),
            field("status", FieldKind::Keyword(STEP_STATUSES)).required(),
            field("started_at", FieldKind::Time)
                .required()
                .merged(MergeRule::Earliest)
                .aliases(&["startedAt", "start_time", "startTime"]),
            field("ended_at", FieldKind::Time).aliases(&[
                "endedAt",
                "end_time",
                "endTime",
                "completed_at",
                "completedAt",
            ]),
            field("duration_ms", FieldKind::Millis)
                .column("duration_sent_ms")
                .aliases(&["durationMs", "duration"]),
            field("input_bytes", FieldKind::Count).aliases(&["inputBytes", "inputSize", "input_size"]),
            field("output_bytes", FieldKind::Count).aliases(&["outputBytes", "outputSize", "output_size"]),
            CREDITS,
            ERROR_TYPE,
            ERROR_MESSAGE,
            field("target", NAME),
            METADATA,
            TAGS,
        ],
        event_time: EventTime::FirstOf(&["started_at"]),
        known_at: &["ended_at", "started_at"],
        lifecycle: None,
        series: &[],
        derived: &[
            DerivedSpec {
                column: "duration_ms",
                kind: FieldKind::Millis,
                rule: DerivedRule::Duration {
                    sent: "duration_ms",
                    from: "started_at",
                    to: "ended_at",
                },
            },
            INHERITED_WORKFLOW,
            INHERITED_USER,
        ],
    },
    TypeSpec {
        record_type: RecordType::Cost,
        name: "cost",
        type_aliases: &["cost_record"],
        fields: &[
            TIMESTAMP,
            USER_ID.column("user_sent_id"),
            WORKFLOW_ID.column("workflow_sent_id"),
            EXECUTION_ID,
            field("action_type", NAME).aliases(&["actionType"]),
            CREDITS,
            field("amount_usd", FieldKind::Usd)
                .column("amount_usd_micros")
                .aliases(&["amountUsd", "dollarAmount", "dollar_amount"]),
            field("quantity", FieldKind::Float),
            field("unit", NAME),
            field("is_estimate", FieldKind::Bool).aliases(&["isEstimate"]),
            METADATA,
            TAGS,
        ],
        event_time: EventTime::FirstOf(&["timestamp"]),
        known_at: &["timestamp"],
        lifecycle: None,
        series: &[],
        derived: &[
            DerivedSpec {
                column: "workflow_id",
                kind: ID,
                rule: DerivedRule::FromExecution {
                    own: Some("workflow_id"),
                    field: "workflow_id",
                },
            },
            DerivedSpec {
                column: "user_id",
                kind: ID,
                rule: DerivedRule::FromExecution {
                    own: Some("user_id"),
                    field: "user_id",
                },
            },
            INHERITED_STATUS,
        ],
    },
    TypeSpec {
        record_type: RecordType::Resource,
        name: "resource",
        type_aliases: &["resource_sample"],
        fields: &[
            TIMESTAMP,
            EXECUTION_ID,
            field("host", NAME),
            field("cpu_percent", FieldKind::Float).aliases(&[
                "cpuPercent",
                "cpu_usage_percent",
                "cpuUsagePercent",
            ]),
            field("memory_mb", FieldKind::Float).aliases(&["memoryMb", "memory_usage_mb", "memoryUsageMb"]),
            field("gpu_percent", FieldKind::Float).aliases(&["gpuPercent", "gpu_usage_percent"]),
            field("gpu_memory_mb", FieldKind::Float).aliases(&["gpuMemoryMb"]),
            field("disk_percent", FieldKind::Float).aliases(&["diskPercent"]),
            field("disk_read_bytes", FieldKind::Count).aliases(&["diskReadBytes"]),
            field("disk_write_bytes", FieldKind::Count).aliases(&["diskWriteBytes"]),
            field("network_receive_bytes", FieldKind::Count).aliases(&["networkReceiveBytes"]),
            field("network_send_bytes", FieldKind::Count).aliases(&["networkSendBytes"]),
            field("queue_depth", FieldKind::Count).aliases(&["queueDepth"]),
            METADATA,
            TAGS,
        ],
        event_time: EventTime::FirstOf(&["timestamp"]),
        known_at: &["timestamp"],
        lifecycle: None,
        series: &["execution_id", "host", "tags"],
        derived: &[INHERITED_WORKFLOW, INHERITED_USER],
    },
    TypeSpec {
        record_type: RecordType::Activity,
        name: "activity",
        type_aliases: &["user_activity"],
        fields: &[
            TIMESTAMP,
            USER_ID.required(),
            field("session_id", ID).aliases(&["sessionId"]),
            field("action", NAME).required(),
            field("feature", NAME),
            field("resource", NAME),
            field("resource_id", ID).aliases(&["resourceId"]),
            field("duration_ms", FieldKind::Millis).aliases(&["durationMs", "duration"]),
            METADATA,
            TAGS,
        ],
        event_time: EventTime::FirstOf(&["timestamp"]),
        known_at: &["timestamp"],
        lifecycle: None,
        series: &[],
        derived: &[],
    },
    TypeSpec {
        record_type: RecordType::Conversation,
        name: "conversation",
        type_aliases: &["conversation_metrics"],
        fields: &[
            WORKFLOW_ID,
            field("customer_id", ID).aliases(&["customerId"]),
            field("channel", NAME),
            field("status", FieldKind::Keyword(CONVERSATION_STATUSES)).required(),
            field("started_at", FieldKind::Time)
                .merged(MergeRule::Earliest)
                .aliases(&["startedAt"]),
            field("ended_at", FieldKind::Time).aliases(&["endedAt"]),
            field("satisfaction", FieldKind::Float),
            METADATA,
            TAGS,
        ],
        event_time: EventTime::FirstOf(&["started_at", "ended_at"]),
        known_at: &["ended_at", "started_at"],
        lifecycle: Some(Lifecycle {
            status: "status",
            open: &["active"],
        }),
        series: &[],
        derived: &[],
    },
    TypeSpec {
        record_type: RecordType::Message,
        name: "message",
        type_aliases: &[],
        fields: &[
            CONVERSATION_ID.required(),
            WORKFLOW_ID,
            field("direction", FieldKind::Keyword(DIRECTIONS)).required(),
            TIMESTAMP,
            field("response_time_ms", FieldKind::Millis).aliases(&["responseTimeMs"]),
            field("is_success", FieldKind::Bool).aliases(&["isSuccess", "success"]),
            field("is_fallback", FieldKind::Bool).aliases(&["isFallback"]),
            field("is_handoff", FieldKind::Bool).aliases(&["isHandoff"]),
            field("knowledge_base_hits", FieldKind::Count).aliases(&["knowledgeBaseHits"]),
            field("tokens_in", FieldKind::Count).aliases(&["tokensIn"]),
            field("tokens_out", FieldKind::Count).aliases(&["tokensOut"]),
            COST_USD,
            METADATA,
            TAGS,
        ],
        event_time: EventTime::FirstOf(&["timestamp"]),
        known_at: &["timestamp"],
        lifecycle: None,
        series: &[],
        derived: &[],
    },
    TypeSpec {
        record_type: RecordType::Metric,
        name: "metric",
        type_aliases: &["metric_point"],
        fields: &[
            TIMESTAMP,
            field("name", NAME)
                .required()
                .aliases(&["metric_name", "metricName"]),
            field("kind", FieldKind::Keyword(METRIC_KINDS)).aliases(&["metric_type", "metricType"]),
            field("value", FieldKind::Float).required(),
            METADATA,
            TAGS,
        ],
        event_time: EventTime::FirstOf(&["timestamp"]),
        known_at: &["timestamp"],
        lifecycle: None,
        series: &["name", "tags"],
        derived: &[],
    },
    TypeSpec {
        record_type: RecordType::Recovery,
        name: "recovery",
        type_aliases: &[],
        fields: &[
            EXECUTION_ID.required(),
            field("step_id", ID).aliases(&["stepId"]),
            field("strategy", NAME).required(),
            field("status", NAME).required(),
            TIMESTAMP,
            field("duration_ms", FieldKind::Millis).aliases(&["durationMs", "duration"]),
            METADATA,
            TAGS,
        ],
        event_time: EventTime::FirstOf(&["timestamp"]),
        known_at: &["timestamp"],
        lifecycle: None,
        series: &[],
        derived: &[INHERITED_WORKFLOW, INHERITED_USER],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declaration_is_sound() {
        for record_type in RecordType::ALL {
            let spec = record_type.spec();
            assert_eq!(spec.record_type, record_type);
            assert_eq!(RecordType::from_number(record_type as u8), Some(record_type));
            assert_eq!(RecordType::from_word(spec.name), Some(record_type));
            assert!(
                spec.fields.len() <= 64,
                "{}: conflicts are kept as 64 bits",
                spec.name
            );
            let mut names = std::collections::HashSet::new();
            let mut columns = std::collections::HashSet::new();
            for field in spec.fields {
                for name in std::iter::once(&field.name).chain(field.aliases) {
                    assert!(names.insert(*name), "{}: {name} stands twice", spec.name);
                }
                assert!(
                    columns.insert(field.column),
                    "{}: column {} stands twice",
                    spec.name,
                    field.column
                );
                assert!(
                    field.merge != MergeRule::Earliest || field.kind == FieldKind::Time,
                    "{}: only instants have an earliest",
                    spec.name
                );
            }
            for derived in spec.derived {
                assert!(
                    columns.insert(derived.column),
                    "{}: column {} stands twice",
                    spec.name,
                    derived.column
                );
            }
            let EventTime::FirstOf(event_time) = &spec.event_time else {
                continue;
            };
            for name in event_time.iter().chain(spec.known_at).chain(spec.series) {
                spec.position(name);
            }
            if let Some(lifecycle) = &spec.lifecycle {
                let (_, status) = spec.field(lifecycle.status).unwrap();
                let FieldKind::Keyword(words) = status.kind else {
                    panic!("a status is a keyword")
                };
                assert_eq!(
                    &words[..lifecycle.open.len()],
                    lifecycle.open,
                    "open words come first"
                );
            }
        }
    }

    /// The journal holds positions: this list may only grow at the end of each line.
    #[test]
    fn positions_never_change() {
        let mut listing = String::new();
        for record_type in RecordType::ALL {
            let spec = record_type.spec();
            listing += &format!("{} {}:", record_type as u8, spec.name);
            for field in spec.fields {
                listing += &format!(" {}", field.name);
                if let FieldKind::Keyword(words) = field.kind {
                    listing += &format!("({})", words.join(","));
                }
            }
            listing.push('\n');
        }
        assert_eq!(
            listing,
            include_str!("schema.snap"),
            "append to schema.snap what you appended here"
        );
    }
}
