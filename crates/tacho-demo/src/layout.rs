//! The positions of the fields of each record type, so that a record is built without looking names up. A test holds
//! them to the declaration in `tacho_core::record::schema`, where positions never change.

macro_rules! layout {
    ($($name:ident = $record_type:ident { $($field:ident),* $(,)? })*) => {
        $(
            #[allow(non_camel_case_types, dead_code)]
            #[derive(Clone, Copy)]
            #[repr(u8)]
            pub(crate) enum $name { $($field),* }

            impl From<$name> for u8 {
                fn from(field: $name) -> u8 {
                    field as u8
                }
            }
        )*

        #[cfg(test)]
        const LAYOUTS: &[(tacho_core::RecordType, &[&str])] = &[
            $((tacho_core::RecordType::$record_type, &[$(stringify!($field)),*])),*
        ];
    };
}

layout! {
    WorkflowField = Workflow {
        name, kind, version, owner_id, is_active, schedule, expected_minutes_saved, expected_value, group, metadata, tags,
    }
    ExecutionField = Execution {
        workflow_id, workflow_version, variant, user_id, trigger_id, trigger_type, status, queued_at, started_at,
        completed_at, duration_ms, steps_completed, steps_total, error_type, error_message, parent_execution_id,
        conversation_id, trace_id, credits, cost_usd, minutes_saved, items_processed, metadata, tags,
    }
    StepField = Step {
        execution_id, step_id, step_name, step_type, wait_kind, status, started_at, ended_at, duration_ms, input_bytes,
        output_bytes, credits, error_type, error_message, target, metadata, tags,
    }
    CostField = Cost {
        timestamp, user_id, workflow_id, execution_id, action_type, credits, amount_usd, quantity, unit, is_estimate,
        metadata, tags,
    }
    ResourceField = Resource {
        timestamp, execution_id, host, cpu_percent, memory_mb, gpu_percent, gpu_memory_mb, disk_percent, disk_read_bytes,
        disk_write_bytes, network_receive_bytes, network_send_bytes, queue_depth, metadata, tags,
    }
    ActivityField = Activity {
        timestamp, user_id, session_id, action, feature, resource, resource_id, duration_ms, metadata, tags,
    }
    ConversationField = Conversation {
        workflow_id, customer_id, channel, status, started_at, ended_at, satisfaction, metadata, tags,
    }
    MessageField = Message {
        conversation_id, workflow_id, direction, timestamp, response_time_ms, is_success, is_fallback, is_handoff,
        knowledge_base_hits, tokens_in, tokens_out, cost_usd, metadata, tags,
    }
    MetricField = Metric { timestamp, name, kind, value, metadata, tags }
    RecoveryField = Recovery { execution_id, step_id, strategy, status, timestamp, duration_ms, metadata, tags }
}

/// Words of keyword fields that the generator uses, by their position.
pub(crate) mod word {
    pub(crate) const QUEUED: u8 = 0;
    pub(crate) const RUNNING: u8 = 1;
    pub(crate) const SUCCESS: u8 = 2;
    pub(crate) const FAILED: u8 = 3;
    pub(crate) const TIMEOUT: u8 = 4;
    pub(crate) const CANCELLED: u8 = 5;

    pub(crate) const STEP_COMPLETED: u8 = 0;
    pub(crate) const STEP_FAILED: u8 = 1;
    pub(crate) const STEP_SKIPPED: u8 = 2;

    pub(crate) const CONVERSATION_ACTIVE: u8 = 0;
    pub(crate) const CONVERSATION_RESOLVED: u8 = 1;
    pub(crate) const CONVERSATION_ESCALATED: u8 = 2;
    pub(crate) const CONVERSATION_ABANDONED: u8 = 3;

    pub(crate) const INBOUND: u8 = 0;
    pub(crate) const OUTBOUND: u8 = 1;

    pub(crate) const COUNTER: u8 = 0;
    pub(crate) const GAUGE: u8 = 1;
    pub(crate) const HISTOGRAM: u8 = 2;
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_core::RecordType;
    use tacho_core::record::FieldKind;

    #[test]
    fn positions_are_those_of_the_declaration() {
        for (record_type, names) in LAYOUTS {
            let declared: Vec<_> = record_type.spec().fields.iter().map(|field| field.name).collect();
            assert_eq!(&declared[..names.len()], *names);
        }
        assert_eq!(LAYOUTS.len(), RecordType::ALL.len());
    }

    #[test]
    fn words_are_those_of_the_declaration() {
        let words = |record_type: RecordType, name: &str| match record_type.spec().field(name) {
            Some((_, field)) => match field.kind {
                FieldKind::Keyword(words) => words,
                _ => panic!("{name} is no keyword"),
            },
            None => panic!("no field {name}"),
        };
        let statuses = words(RecordType::Execution, "status");
        assert_eq!(
            statuses,
            ["queued", "running", "success", "failed", "timeout", "cancelled"]
        );
        assert_eq!(
            words(RecordType::Step, "status"),
            ["completed", "failed", "skipped"]
        );
        let conversation = words(RecordType::Conversation, "status");
        assert_eq!(conversation, ["active", "resolved", "escalated", "abandoned"]);
        assert_eq!(words(RecordType::Message, "direction"), ["inbound", "outbound"]);
        assert_eq!(
            words(RecordType::Metric, "kind"),
            ["counter", "gauge", "histogram"]
        );
        let triggers = words(RecordType::Execution, "trigger_type");
        assert_eq!(triggers[..4], ["scheduled", "manual", "retry", "webhook"]);
        assert_eq!(triggers[4..], ["api", "event", "conversation"]);
        let kinds = words(RecordType::Workflow, "kind");
        assert_eq!(kinds, ["workflow", "browser_task", "rpa", "bot", "job"]);
        let waits = words(RecordType::Step, "wait_kind");
        assert_eq!(waits, ["none", "queue", "external", "human", "retry_backoff"]);
    }
}
