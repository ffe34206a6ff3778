//! The endpoints of "Analytics & Reporting" about executions and workflows.

use serde_json::{Value, json};
use tacho_core::Role;

use crate::analytics::app_with_tasks;
use crate::app::{App, Credential};

async fn get(app: &App, who: &Credential, path: &str) -> Value {
    let answer = app.get(&format!("/api/v1/analytics/{path}"), who).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

#[tokio::test]
async fn executions_over_time_and_in_sum_agree() {
    let app = app_with_tasks().await;
    let viewer = app.session(Role::Viewer).await;
    let range = "from=2026-11-20T00:00:00Z&to=2026-11-22T10:00:00Z";
    let by_hour = get(
        &app,
        &viewer,
        &format!("executions?{range}&granularity=hour&groupBy=workflow"),
    )
    .await;
    let points = by_hour["points"].as_array().unwrap();
    assert_eq!(points.len(), 2 * 58);
    let sum = |field: &str| {
        points
            .iter()
            .map(|point| point[field].as_u64().unwrap())
            .sum::<u64>()
    };
    let summary = get(&app, &viewer, &format!("executions/summary?{range}")).await;
    for field in [
        "count",
        "count_success",
        "count_failed",
        "count_timeout",
        "count_running",
    ] {
        assert_eq!(json!(sum(field)), summary["totals"][field], "{field}");
        assert_eq!(by_hour["totals"][field], summary["totals"][field], "{field}");
    }
    assert!(
        points
            .iter()
            .any(|point| point["group"] == "7" && point["group_name"] == "Daily report")
    );
    assert_eq!(summary["totals"]["success_rate"], 60.0);
    assert_eq!(
        summary["by_status"][0],
        json!({"value": "success", "count": 3, "share": 50.0})
    );
    assert_eq!(summary["by_trigger_type"][0]["value"], "scheduled");
    let of_task = get(&app, &viewer, &format!("executions/summary?{range}&workflowId=7")).await;
    assert_eq!(of_task["totals"]["count"], 5);
    for group in [
        "trigger_type",
        "triggerType",
        "status",
        "version",
        "user",
        "errorType",
    ] {
        get(&app, &viewer, &format!("executions?groupBy={group}")).await;
    }
}

#[tokio::test]
async fn errors_are_counted_by_type_and_time() {
    let app = app_with_tasks().await;
    let viewer = app.session(Role::Viewer).await;
    let errors = get(&app, &viewer, "executions/errors?period=week").await;
    assert_eq!(errors["total"], 2);
    assert_eq!(
        errors["errors"],
        json!([{"error_type": null, "count": 2, "count_timeout": 1, "share": 100.0, "per_day": 2.0 / 7.0,
            "workflows": 1, "cost_usd": 0.0}])
    );
    let timeline = errors["timeline"].as_array().unwrap();
    let counts: Vec<_> = timeline
        .iter()
        .map(|point| point["count"].as_u64().unwrap())
        .collect();
    assert_eq!(counts, [0, 0, 0, 0, 0, 0, 2, 0]);
}

#[tokio::test]
async fn workflows_are_ranked_and_compared() {
    let app = app_with_tasks().await;
    let viewer = app.session(Role::Viewer).await;
    let slowest = get(&app, &viewer, "workflows/rankings?minExecutions=1").await;
    assert_eq!(slowest["by"], "slowest");
    let ranks: Vec<_> = slowest["workflows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["rank"].as_u64().unwrap(),
                one["workflow"]["id"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(ranks, [(1, "payroll"), (2, "7")]);
    assert_eq!(slowest["workflows"][0]["value"], 600_000.0);
    // Too few executions to be judged.
    let judged = get(&app, &viewer, "workflows/rankings").await;
    assert_eq!(judged["workflows"].as_array().unwrap().len(), 1);
    let most = get(&app, &viewer, "workflows/rankings?by=executions&limit=1").await;
    assert_eq!(
        (&most["workflows"][0]["workflow"]["id"], &most["has_more"]),
        (&json!("7"), &json!(true))
    );
    let compared = get(&app, &viewer, "workflows/comparison?ids=7,payroll,gone").await;
    let compared = compared["workflows"].as_array().unwrap();
    assert_eq!(compared.len(), 2);
    assert_eq!(
        (&compared[0]["difference"], &compared[1]["count"]),
        (&Value::Null, &json!(1))
    );
    assert!(compared[1]["difference"]["duration_avg"].as_f64() > Some(5.0));
    // The member sees only their own.
    let own = get(
        &app,
        &app.session(Role::Member).await,
        "workflows/comparison?ids=7,payroll",
    )
    .await;
    assert_eq!(own["workflows"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_workflow_is_told_in_sum_over_time_by_version_and_by_step() {
    let app = app_with_tasks().await;
    let member = app.session(Role::Member).await;
    let performance = get(&app, &member, "workflows/7/performance?period=week").await;
    assert_eq!(performance["totals"]["count"], 5);
    assert_eq!(performance["duration"]["median_ms"], 75_000.0);
    assert_eq!(performance["points"].as_array().unwrap().len(), 8);
    assert_eq!(performance["versions"][0]["count"], 5);
    let steps = get(&app, &member, "workflows/7/steps").await;
    assert_eq!(
        (&steps["steps"], &steps["duration_total_ms"]),
        (&json!([]), &json!(0.0))
    );
    let workflow = app.get("/api/v1/workflows/7", &member).await.json();
    assert_eq!(
        (&workflow["name"], &workflow["running"], &workflow["next_run_at"]),
        (&json!("Daily report"), &json!(1), &json!("2026-11-23T05:00:00Z"))
    );
    assert_eq!(app.get("/api/v1/workflows/payroll", &member).await.status, 404);
}

#[tokio::test]
async fn bad_parameters_are_refused() {
    let app = App::new().await;
    let viewer = app.session(Role::Viewer).await;
    for (path, status) in [
        ("executions?granularity=fortnight", 400),
        ("executions?groupBy=colour", 400),
        ("executions?groupBy=status&limit=0", 422),
        ("executions?from=yesterday", 400),
        (
            "executions?from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z",
            422,
        ),
        ("executions?timezone=Mars", 422),
        ("workflows/comparison", 400),
        ("workflows/comparison?ids=one", 422),
        ("workflows/rankings?by=luck", 400),
    ] {
        let answer = app.get(&format!("/api/v1/analytics/{path}"), &viewer).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {answer:?}");
        answer.refusal();
    }
}
