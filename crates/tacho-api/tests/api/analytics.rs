//! PRD-010's procedures over REST: exact numbers, defaults, validation, ownership.

use axum::http::Method;
use serde_json::{Value, json};
use tacho_core::Role;

use crate::app::{Answer, App, Credential};

fn run(id: &str, workflow: &str, status: &str, started: &str, seconds: i64) -> Value {
    let mut run = json!({"type": "execution", "id": id, "workflow_id": workflow, "status": status,
        "trigger_type": "scheduled", "started_at": started, "steps_completed": 3, "steps_total": 5});
    if status != "running" {
        run["duration_ms"] = (seconds * 1000).into();
        run["completed_at"] = started.into();
    }
    run
}

async fn send(app: &App, records: Value) {
    let key = app.key("ingest", None).await;
    let answer = app
        .send(Method::POST, "/api/v1/records", &key, Some(records))
        .await
        .json();
    assert_eq!(answer["rejected"], json!([]));
    app.settle(answer["lsn"].as_u64().unwrap()).await;
}

/// It is 2026-11-22T09:30Z. Workflow 7 is the member's, "payroll" the admin's.
pub(crate) async fn app_with_tasks() -> App {
    with_tasks(App::new().await).await
}

async fn with_tasks(app: App) -> App {
    let records = json!([
        {"type": "workflow", "id": "7", "name": "Daily report", "owner_id": "member@example.com", "is_active": true,
         "schedule": {"cron": "0 6 * * *", "timezone": "Europe/Berlin"}},
        {"type": "workflow", "id": "payroll", "name": "Payroll", "owner_id": "admin@example.com", "is_active": false},
        run("a", "7", "success", "2026-11-20T08:00:00Z", 60),
        run("b", "7", "success", "2026-11-21T08:00:00Z", 30),
        run("c", "7", "failed", "2026-11-21T09:00:00Z", 90),
        run("d", "7", "timeout", "2026-11-21T10:00:00Z", 120),
        run("e", "7", "running", "2026-11-22T09:00:00Z", 0),
        run("f", "payroll", "success", "2026-11-21T09:00:00Z", 600),
        // Before the week.
        run("old", "7", "success", "2026-11-01T08:00:00Z", 10),
        {"type": "cost", "id": "1", "timestamp": "2026-11-21T08:00:00Z", "execution_id": "b", "workflow_id": "7",
         "action_type": "session", "amount_usd": 0.03},
        {"type": "cost", "id": "2", "timestamp": "2026-11-21T09:00:00Z", "execution_id": "c", "workflow_id": "7",
         "action_type": "session", "amount_usd": 0.05}
    ]);
    send(&app, records).await;
    app
}

async fn get(app: &App, who: &Credential, path: &str) -> Answer {
    app.get(&format!("/api/v1/analytics/{path}"), who).await
}

async fn answered(app: &App, who: &Credential, path: &str) -> Value {
    let answer = get(app, who, path).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

#[tokio::test]
async fn execution_stats_are_those_of_the_document() {
    let app = app_with_tasks().await;
    let viewer = app.session(Role::Viewer).await;
    let stats = answered(&app, &viewer, "execution-stats").await;
    assert_eq!(
        stats,
        json!({"period": "week",
            "dateRange": {"start": "2026-11-15T09:30:00.000Z", "end": "2026-11-22T09:30:00.000Z"},
            "totalExecutions": 6, "successCount": 3, "failedCount": 1, "timeoutCount": 1, "runningCount": 1,
            "successRate": 60.0, "failureRate": 40.0,
            "averageDuration": 180_000.0, "averageDurationFormatted": "3m", "fromCache": false})
    );
    let of_task = answered(&app, &viewer, "execution-stats?taskId=7&period=all").await;
    assert_eq!(
        (&of_task["totalExecutions"], &of_task["period"]),
        (&json!(6), &json!("all"))
    );
    assert_eq!(of_task["dateRange"]["start"], "2019-12-31T23:00:00.000Z");
    assert_eq!(of_task["successRate"], 60.0);
    let none = answered(&app, &app.session_of(&app.stranger.1).await, "execution-stats").await;
    assert_eq!(
        (
            &none["totalExecutions"],
            &none["successRate"],
            &none["averageDurationFormatted"]
        ),
        (&json!(0), &json!(0.0), &json!("0ms"))
    );
}

#[tokio::test]
async fn task_metrics_tell_how_a_task_is_and_how_it_fared() {
    let app = app_with_tasks().await;
    let member = app.session(Role::Member).await;
    let metrics = answered(&app, &member, "task-metrics?taskId=7").await;
    assert_eq!(
        (&metrics["taskId"], &metrics["taskName"]),
        (&json!(7), &json!("Daily report"))
    );
    assert_eq!(
        metrics["execution"],
        json!({"total": 5, "success": 2, "failed": 1, "successRate": 50.0})
    );
    assert_eq!(
        metrics["duration"],
        json!({"average": 75_000.0, "median": 75_000.0, "min": 30_000.0, "max": 120_000.0, "unit": "ms"})
    );
    assert_eq!(
        metrics["currentStatus"],
        json!({"isActive": true, "status": "failed", "lastRun": "2026-11-22T09:00:00.000Z",
            "lastRunStatus": "running", "nextRun": "2026-11-23T05:00:00.000Z", "isRunning": true,
            "consecutiveFailures": 2})
    );
    let recent = metrics["recentExecutions"].as_array().unwrap();
    let ids: Vec<_> = recent.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["e", "d", "c", "b", "a", "old"]);
    assert_eq!(
        recent[1],
        json!({"id": "d", "status": "timeout", "triggerType": "scheduled", "attemptNumber": 1,
            "startedAt": "2026-11-21T10:00:00.000Z", "completedAt": "2026-11-21T10:00:00.000Z", "duration": 120_000,
            "durationFormatted": "2m", "error": null, "progress": {"stepsCompleted": 3, "stepsTotal": 5}})
    );
    let payroll = answered(
        &app,
        &app.session(Role::Admin).await,
        "task-metrics?taskId=payroll&period=day",
    )
    .await;
    assert_eq!(
        (
            &payroll["taskId"],
            &payroll["currentStatus"]["status"],
            &payroll["currentStatus"]["nextRun"]
        ),
        (&json!("payroll"), &json!("paused"), &Value::Null)
    );
}

#[tokio::test]
async fn somebody_elses_task_and_one_that_is_not_there_are_refused_alike() {
    let app = app_with_tasks().await;
    let member = app.session(Role::Member).await;
    for path in [
        "task-metrics?taskId=",
        "execution-stats?taskId=",
        "cost-analysis?taskId=",
        "performance-trends?taskId=",
    ] {
        let mut bodies = Vec::new();
        for task in ["payroll", "nonsense", "7%20"] {
            let answer = get(&app, &member, &format!("{path}{task}")).await;
            assert_eq!(answer.refusal(), (404, "task_not_found".to_owned()));
            let mut body = answer.json();
            assert_eq!(body["detail"], "Task not found or unauthorized");
            body["request_id"] = Value::Null;
            bodies.push(body);
        }
        assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    }
    for path in ["performance", "steps"] {
        let refusal = get(&app, &member, &format!("workflows/payroll/{path}"))
            .await
            .refusal();
        assert_eq!(refusal, (404, "not_found".to_owned()));
    }
}

#[tokio::test]
async fn usage_has_zeros_between_and_its_summary_is_the_sum_of_its_points() {
    let app = app_with_tasks().await;
    let viewer = app.session(Role::Viewer).await;
    for (period, group_by, served) in [
        ("week", "day", "day"),
        ("day", "hour", "hour"),
        ("month", "week", "week"),
        ("year", "month", "month"),
        // 744 hours are more than 365 points.
        ("month", "hour", "day"),
    ] {
        let usage = answered(
            &app,
            &viewer,
            &format!("usage-stats?period={period}&groupBy={group_by}"),
        )
        .await;
        assert_eq!(usage["groupBy"], served, "{period} {group_by}");
        let points = usage["data"].as_array().unwrap();
        let sum = |field: &str| {
            points
                .iter()
                .map(|point| point[field].as_u64().unwrap())
                .sum::<u64>()
        };
        assert_eq!(
            usage["summary"],
            json!({"totalExecutions": sum("totalExecutions"), "totalSuccess": sum("successCount"),
                "totalFailed": sum("failedCount")})
        );
        let times: Vec<_> = points
            .iter()
            .map(|point| point["period"].as_str().unwrap())
            .collect();
        assert!(times.is_sorted() && points.iter().any(|point| point["totalExecutions"] == 0));
    }
    let week = answered(&app, &viewer, "usage-stats?period=week").await;
    assert_eq!(week["data"].as_array().unwrap().len(), 8);
    // The days are the asker's own: Berlin's.
    assert_eq!(
        week["data"][6],
        json!({"period": "2026-11-20T23:00:00.000Z", "totalExecutions": 4, "successCount": 2, "failedCount": 1,
            "timeoutCount": 1, "totalDuration": 840_000.0, "avgDuration": 210_000.0})
    );
    let default = answered(&app, &viewer, "usage-stats").await;
    assert_eq!(
        (&default["period"], &default["groupBy"]),
        (&json!("month"), &json!("day"))
    );
}

#[tokio::test]
async fn costs_are_estimated_from_successes_and_stand_beside_what_was_recorded() {
    let app = app_with_tasks().await;
    let admin = app.session(Role::Admin).await;
    let rates = json!({"per_minute_usd": 0.6, "session_minimum_usd": 0.25});
    let set = app
        .send(Method::PUT, "/api/v1/cost-rates", &admin, Some(rates))
        .await;
    assert_eq!(set.status, 200, "{set:?}");
    let costs = answered(&app, &admin, "cost-analysis?period=week").await;
    // Three successes that took 60, 30 and 600 seconds.
    assert_eq!(
        costs["executions"],
        json!({"total": 3, "totalDurationMs": 690_000.0, "totalDurationMinutes": 11.5, "avgDurationMs": 230_000.0})
    );
    assert_eq!(
        costs["breakdown"],
        json!({"sessionCosts": 0.75, "durationCosts": 6.9})
    );
    let cost = &costs["cost"];
    assert_eq!(
        (
            &cost["estimatedTotal"],
            &cost["currency"],
            &cost["costPerExecution"],
            &cost["costPerMinute"]
        ),
        (&json!(7.65), &json!("USD"), &json!(2.55), &json!(0.6))
    );
    assert!(cost["notes"].as_array().unwrap().len() >= 2);
    let actual = &costs["actual"];
    assert_eq!(
        (&actual["total"], &actual["failedTotal"], &actual["executions"]),
        (&json!(0.08), &json!(0.05), &json!(6))
    );
    assert_eq!(
        (&actual["differenceFromEstimate"], &actual["differencePercent"]),
        (&json!(-7.57), &json!(-99.0))
    );
    let trend = costs["trend"].as_array().unwrap();
    let sum = |field: &str| {
        trend
            .iter()
            .map(|point| point[field].as_f64().unwrap())
            .sum::<f64>()
    };
    assert!((sum("estimated") - 7.65).abs() < 1e-9 && (sum("actual") - 0.08).abs() < 1e-9);
    let nothing = answered(&app, &app.session_of(&app.stranger.1).await, "cost-analysis").await;
    assert_eq!(
        (
            &nothing["actual"],
            &nothing["cost"]["estimatedTotal"],
            &nothing["cost"]["costPerMinute"]
        ),
        (&Value::Null, &json!(0.0), &json!(0.005))
    );
}

#[tokio::test]
async fn trends_have_the_metrics_asked_for_and_a_baseline() {
    let app = app_with_tasks().await;
    let viewer = app.session(Role::Viewer).await;
    let trends = answered(&app, &viewer, "performance-trends?period=week").await;
    assert_eq!(
        trends["metrics"],
        json!(["duration", "success_rate", "execution_count"])
    );
    assert_eq!(
        trends["data"][6],
        json!({"date": "2026-11-20T23:00:00.000Z", "executionCount": 4, "successCount": 2, "successRate": 50.0,
            "avgDuration": 210_000.0, "minDuration": 30_000.0, "maxDuration": 600_000.0, "anomalies": []})
    );
    assert_eq!(
        (
            &trends["data"][0]["executionCount"],
            &trends["data"][0]["avgDuration"]
        ),
        (&json!(0), &Value::Null)
    );
    let week = answered(
        &app,
        &viewer,
        "performance-trends?period=month&metrics=success_rate",
    )
    .await;
    let point = week["data"][0].as_object().unwrap();
    let mut fields: Vec<_> = point.keys().collect();
    fields.sort();
    assert_eq!(fields, ["anomalies", "date", "successCount", "successRate"]);
    let trend = &week["trends"][0];
    assert_eq!(
        (
            &trend["metric"],
            &trend["current"],
            &trend["direction"],
            &trend["assessment"]
        ),
        (
            &json!("success_rate"),
            &json!(66.7),
            &json!("unknown"),
            &json!("unknown")
        )
    );
}

/// That they go when an execution completes is tested where they are kept.
#[tokio::test]
async fn kept_answers_say_so() {
    let app = with_tasks(App::keeping_answers().await).await;
    let viewer = app.session(Role::Viewer).await;
    for path in [
        "execution-stats",
        "task-metrics?taskId=7",
        "usage-stats",
        "cost-analysis",
        "performance-trends",
    ] {
        let first = answered(&app, &viewer, path).await;
        let mut second = answered(&app, &viewer, path).await;
        assert_eq!(
            (&first["fromCache"], &second["fromCache"]),
            (&json!(false), &json!(true)),
            "{path}"
        );
        second["fromCache"] = json!(false);
        assert_eq!(first, second);
    }
    let admin = app.session(Role::Admin).await;
    let thrown_away = app
        .send(Method::DELETE, "/api/v1/system/query-cache", &admin, None)
        .await;
    assert_eq!(thrown_away.status, 204, "{thrown_away:?}");
    assert_eq!(answered(&app, &viewer, "usage-stats").await["fromCache"], false);
    let cache = answered(&app, &viewer, "cache-stats").await;
    assert_eq!(
        (&cache["isAvailable"], &cache["ttlSeconds"]),
        (&json!(true), &json!(300))
    );
    assert!(cache["hits"].as_u64() >= Some(5) && cache["healthCheck"]["status"] == "healthy");
    let sockets = answered(&app, &viewer, "websocket-stats").await;
    assert_eq!(
        (
            &sockets["isEnabled"],
            &sockets["totalConnections"],
            &sockets["status"]
        ),
        (&json!(true), &json!(0), &json!("healthy"))
    );
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let app = App::new().await;
    let viewer = app.session(Role::Viewer).await;
    for path in [
        "execution-stats?period=decade",
        "execution-stats?perod=day",
        "task-metrics",
        "usage-stats?groupBy=minute",
        "performance-trends?metrics=duration,speed",
        "cost-analysis?period=",
    ] {
        let answer = get(&app, &viewer, path).await;
        assert_eq!(answer.refusal(), (400, "invalid_parameter".to_owned()), "{path}");
    }
}
