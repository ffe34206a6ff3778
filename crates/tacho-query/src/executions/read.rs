//! Rows of results as things of the wire. A list of columns stands beside the reading of each, in the same order.

use serde_json::{Map, Value};

use super::wire::{Cost, Execution, Recovery, Resource, Step};
use crate::cells::{Cells, MICROS, MILLIS};

pub(super) const EXECUTION_COLUMNS: &[&str] = &[
    "id",
    "attempt",
    "event_time",
    "workflow_id",
    "workflow_version",
    "variant",
    "status",
    "trigger_type",
    "trigger_id",
    "user_id",
    "queued_at",
    "started_at",
    "completed_at",
    "duration_ms",
    "steps_completed",
    "steps_total",
    "error_type",
    "error_message",
    "error_fingerprint",
    "parent_execution_id",
    "conversation_id",
    "trace_id",
    "cost_usd_micros",
    "credits_millis",
    "minutes_saved",
    "items_processed",
    "tags",
];

/// After [`EXECUTION_COLUMNS`] stands the workflow's name.
pub(super) fn execution(cells: &mut Cells<'_>) -> Option<Execution> {
    let (id, attempt, event_time) = (cells.text()?, cells.attempt()?, cells.time()?);
    let mut execution = Execution {
        id,
        attempt,
        event_time,
        workflow_id: cells.text(),
        workflow_version: cells.text(),
        variant: cells.text(),
        status: cells.text()?,
        trigger_type: cells.text(),
        trigger_id: cells.text(),
        user_id: cells.text(),
        queued_at: cells.time(),
        started_at: cells.time(),
        completed_at: cells.time(),
        duration_ms: cells.int(),
        steps_completed: cells.int(),
        steps_total: cells.int(),
        error_type: cells.text(),
        error_message: cells.text(),
        error_fingerprint: cells.text(),
        parent_execution_id: cells.text(),
        conversation_id: cells.text(),
        trace_id: cells.text(),
        cost_usd: cells.amount(MICROS),
        credits: cells.amount(MILLIS),
        minutes_saved: cells.float(),
        items_processed: cells.int(),
        tags: cells.tags(),
        workflow_name: None,
    };
    execution.workflow_name = cells.text();
    Some(execution)
}

pub(super) fn metadata(cells: &mut Cells<'_>) -> Map<String, Value> {
    cells.object()
}

pub(super) const STEP_COLUMNS: &[&str] = &[
    "id",
    "attempt",
    "step_id",
    "step_name",
    "step_type",
    "wait_kind",
    "status",
    "started_at",
    "ended_at",
    "duration_ms",
    "input_bytes",
    "output_bytes",
    "credits_millis",
    "error_type",
    "error_message",
    "target",
];

pub(super) fn step(cells: &mut Cells<'_>) -> Option<Step> {
    let (id, attempt) = (cells.text()?, cells.attempt()?);
    Some(Step {
        step_id: cells.text().unwrap_or_else(|| id.clone()),
        id,
        attempt,
        step_name: cells.text(),
        step_type: cells.text(),
        wait_kind: cells.text(),
        status: cells.text(),
        started_at: cells.time(),
        ended_at: cells.time(),
        duration_ms: cells.int(),
        input_bytes: cells.int(),
        output_bytes: cells.int(),
        credits: cells.amount(MILLIS),
        error_type: cells.text(),
        error_message: cells.text(),
        target: cells.text(),
    })
}

pub(super) const COST_COLUMNS: &[&str] = &[
    "id",
    "event_time",
    "action_type",
    "credits_millis",
    "amount_usd_micros",
    "quantity",
    "unit",
    "is_estimate",
];

pub(super) fn cost(cells: &mut Cells<'_>) -> Option<Cost> {
    Some(Cost {
        id: cells.text()?,
        timestamp: cells.time()?,
        action_type: cells.text(),
        credits: cells.amount(MILLIS),
        amount_usd: cells.amount(MICROS),
        quantity: cells.float(),
        unit: cells.text(),
        is_estimate: cells.flag(),
    })
}

pub(super) const RESOURCE_COLUMNS: &[&str] = &[
    "event_time",
    "host",
    "cpu_percent",
    "memory_mb",
    "gpu_percent",
    "gpu_memory_mb",
    "disk_percent",
    "disk_read_bytes",
    "disk_write_bytes",
    "network_receive_bytes",
    "network_send_bytes",
    "queue_depth",
];

pub(super) fn resource(cells: &mut Cells<'_>) -> Option<Resource> {
    Some(Resource {
        timestamp: cells.time()?,
        host: cells.text(),
        cpu_percent: cells.float(),
        memory_mb: cells.float(),
        gpu_percent: cells.float(),
        gpu_memory_mb: cells.float(),
        disk_percent: cells.float(),
        disk_read_bytes: cells.int(),
        disk_write_bytes: cells.int(),
        network_receive_bytes: cells.int(),
        network_send_bytes: cells.int(),
        queue_depth: cells.int(),
    })
}

pub(super) const RECOVERY_COLUMNS: &[&str] =
    &["id", "event_time", "step_id", "strategy", "status", "duration_ms"];

pub(super) fn recovery(cells: &mut Cells<'_>) -> Option<Recovery> {
    Some(Recovery {
        id: cells.text()?,
        timestamp: cells.time()?,
        step_id: cells.text(),
        strategy: cells.text(),
        status: cells.text(),
        duration_ms: cells.int(),
    })
}
