//! The questions that Overview, the workflow page and the cost page ask.

use serde_json::{Value, json};

/// Each with what it asks. `workflow` is the one whose page is open.
pub(super) fn questions(workflow: &str) -> Vec<(&'static str, Value)> {
    let kpis = json!(["count", "success_rate", "count_failed", "duration_avg", "cost"]);
    let of_workflow = json!([{"field": "workflow", "op": "eq", "value": workflow}]);
    let executions = |mut question: Value| {
        question["source"] = json!("executions");
        if question["timezone"].is_null() {
            // The organization's own, unless a question says another.
            question["timezone"] = json!("UTC");
        }
        question
    };
    vec![
        (
            "figures of the month, compared",
            executions(json!({"measures": kpis, "time": {"period": "month"}, "compare": "previous_period"})),
        ),
        (
            "figures of the year, compared",
            executions(json!({"measures": kpis, "time": {"period": "year"}, "compare": "previous_period"})),
        ),
        (
            "month by day and status",
            executions(
                json!({"measures": ["count"], "dimensions": ["status"], "granularity": "day",
                              "time": {"period": "month"}}),
            ),
        ),
        (
            "year by week and status",
            executions(
                json!({"measures": ["count"], "dimensions": ["status"], "granularity": "week",
                              "time": {"period": "year"}}),
            ),
        ),
        (
            "the same in another zone",
            executions(
                json!({"measures": ["count"], "dimensions": ["status"], "granularity": "week",
                              "time": {"period": "year"}, "timezone": "Europe/Berlin"}),
            ),
        ),
        (
            "day by hour",
            executions(
                json!({"measures": ["count", "success_rate"], "granularity": "hour",
                              "time": {"last": "24h"}}),
            ),
        ),
        (
            "ten workflows with most runs, month",
            executions(
                json!({"measures": ["count", "success_rate", "duration_avg"], "dimensions": ["workflow"],
                              "time": {"period": "month"}, "limit": 10}),
            ),
        ),
        (
            "ten workflows with most failures, year",
            executions(
                json!({"measures": ["count_failed", "count"], "dimensions": ["workflow"],
                              "time": {"period": "year"}, "limit": 10, "other": true}),
            ),
        ),
        (
            "cost of the year by month",
            executions(
                json!({"measures": ["cost", "credits"], "granularity": "month", "time": {"period": "year"}}),
            ),
        ),
        (
            "cost of the year by workflow",
            executions(
                json!({"measures": ["cost", "cost_per_execution"], "dimensions": ["workflow"],
                              "time": {"period": "year"}, "limit": 10}),
            ),
        ),
        (
            "figures of one workflow, month",
            executions(json!({"measures": kpis, "filters": of_workflow, "time": {"period": "month"}})),
        ),
        (
            "one workflow by day, month",
            executions(
                json!({"measures": ["count", "success_rate"], "filters": of_workflow, "granularity": "day",
                              "time": {"period": "month"}}),
            ),
        ),
        (
            "95th percentile by workflow, month",
            executions(json!({"measures": ["duration_p95"], "dimensions": ["workflow"],
                              "time": {"period": "month"}, "limit": 10})),
        ),
    ]
}
