//! PRD-010's procedures on tRPC's wire. The unmodified client has a test of its own in `sdk/typescript`.

use axum::http::header;
use serde_json::{Value, json};
use tacho_core::Role;

use crate::analytics::app_with_tasks;
use crate::app::{Answer, App, Credential};

fn encoded(json: &Value) -> String {
    json.to_string()
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => (byte as char).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

async fn call(app: &App, who: &Credential, procedures: &str, input: Option<Value>) -> Answer {
    let is_batch = procedures.contains(',');
    let mut parameters = Vec::new();
    if is_batch {
        parameters.push("batch=1".to_owned());
    }
    if let Some(input) = input {
        parameters.push(format!("input={}", encoded(&input)));
    }
    let answer = app
        .get(&format!("/trpc/{procedures}?{}", parameters.join("&")), who)
        .await;
    assert!(
        answer.headers[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("application/json"),
        "{answer:?}"
    );
    answer
}

#[tokio::test]
async fn a_result_is_that_of_rest() {
    let app = app_with_tasks().await;
    let viewer = app.session(Role::Viewer).await;
    for (procedure, input, path) in [
        (
            "getExecutionStats",
            json!({"period": "day"}),
            "execution-stats?period=day",
        ),
        ("getTaskMetrics", json!({"taskId": 7}), "task-metrics?taskId=7"),
        (
            "getUsageStats",
            json!({"period": "day", "groupBy": "hour"}),
            "usage-stats?period=day&groupBy=hour",
        ),
        ("getCostAnalysis", json!({}), "cost-analysis"),
        (
            "getPerformanceTrends",
            json!({"metrics": ["duration"], "taskId": "7"}),
            "performance-trends?metrics=duration&taskId=7",
        ),
        ("getWebSocketStats", Value::Null, "websocket-stats"),
    ] {
        let answer = call(&app, &viewer, &format!("analytics.{procedure}"), Some(input)).await;
        assert_eq!(answer.status, 200, "{procedure}: {answer:?}");
        let mut rest = app
            .get(&format!("/api/v1/analytics/{path}"), &viewer)
            .await
            .json();
        let mut data = answer.json()["result"]["data"].clone();
        for one in [&mut rest, &mut data] {
            one["fromCache"] = Value::Null;
        }
        assert_eq!(data, rest, "{procedure}");
    }
    let cache = call(&app, &viewer, "analytics.getCacheStats", None).await.json();
    assert_eq!(cache["result"]["data"]["isAvailable"], true);
}

#[tokio::test]
async fn a_batch_has_a_result_or_an_error_for_each_call() {
    let app = app_with_tasks().await;
    let member = app.session(Role::Member).await;
    let procedures = "analytics.getExecutionStats,analytics.getTaskMetrics,analytics.getTaskMetrics,analytics.getCacheStats";
    let input = json!({"0": {"period": "week"}, "1": {"taskId": 7}, "2": {"taskId": "payroll"}});
    let answer = call(&app, &member, procedures, Some(input)).await;
    assert_eq!(answer.status, 207, "{answer:?}");
    let items = answer.json();
    // What the member sees: the runs of workflow 7.
    assert_eq!(items[0]["result"]["data"]["totalExecutions"], 5);
    assert_eq!(items[1]["result"]["data"]["taskId"], 7);
    let error = &items[2]["error"];
    assert_eq!(
        (
            &error["message"],
            &error["code"],
            &error["data"]["code"],
            &error["data"]["httpStatus"]
        ),
        (
            &json!("Task not found or unauthorized"),
            &json!(-32004),
            &json!("NOT_FOUND"),
            &json!(404)
        )
    );
    assert_eq!(error["data"]["path"], "analytics.getTaskMetrics");
    assert_eq!(items[3]["result"]["data"]["isAvailable"], true);
    let one = app
        .get("/trpc/analytics.getCacheStats?batch=1&input=%7B%7D", &member)
        .await;
    assert!(one.status == 200 && one.json().as_array().is_some_and(|items| items.len() == 1));
}

#[tokio::test]
async fn what_comes_in_superjsons_envelope_goes_out_in_it() {
    let app = app_with_tasks().await;
    let viewer = app.session(Role::Viewer).await;
    let input =
        json!({"json": {"period": "week", "taskId": null}, "meta": {"values": {"taskId": ["undefined"]}}});
    let answer = call(&app, &viewer, "analytics.getExecutionStats", Some(input))
        .await
        .json();
    let data = &answer["result"]["data"];
    assert_eq!(data["json"]["totalExecutions"], 6);
    assert_eq!(
        data["meta"]["values"],
        json!({"dateRange.start": ["Date"], "dateRange.end": ["Date"]})
    );
    let input = json!({"json": {"taskId": 404}});
    let answer = call(&app, &viewer, "analytics.getTaskMetrics", Some(input)).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.json()["error"]["json"]["data"]["code"], "NOT_FOUND");
    let nothing = json!({"json": null, "meta": {"values": ["undefined"]}});
    let answer = call(&app, &viewer, "analytics.getCacheStats", Some(nothing))
        .await
        .json();
    assert_eq!(
        answer["result"]["data"]["meta"]["values"],
        json!({"healthCheck.checkedAt": ["Date"]})
    );
}

/// Every time in a result is marked as a date.
#[tokio::test]
async fn every_date_is_marked() {
    let app = app_with_tasks().await;
    let viewer = app.session(Role::Viewer).await;
    for procedure in [
        "getExecutionStats",
        "getTaskMetrics",
        "getUsageStats",
        "getCostAnalysis",
        "getPerformanceTrends",
        "getWebSocketStats",
        "getCacheStats",
    ] {
        let input = json!({"json": {"taskId": 7}});
        let answer = call(&app, &viewer, &format!("analytics.{procedure}"), Some(input))
            .await
            .json();
        let data = &answer["result"]["data"];
        let marked = data["meta"]["values"].as_object().unwrap().len();
        assert!(marked > 0);
        assert_eq!(times(&data["json"]), marked, "{procedure}: {data}");
    }
}

fn times(value: &Value) -> usize {
    match value {
        Value::String(text) => usize::from(text.len() == 24 && text.ends_with('Z') && text.contains('T')),
        Value::Array(values) => values.iter().map(times).sum(),
        Value::Object(fields) => fields.values().map(times).sum(),
        _ => 0,
    }
}

#[tokio::test]
async fn errors_are_those_of_trpc() {
    let app = app_with_tasks().await;
    let viewer = app.session(Role::Viewer).await;
    let stats = "analytics.getExecutionStats";
    let input = json!({"period": "decade", "taskId": true});
    let answer = call(&app, &viewer, stats, Some(input)).await;
    assert_eq!(answer.status, 400);
    let error = &answer.json()["error"];
    assert_eq!(
        (&error["code"], &error["data"]["code"]),
        (&json!(-32600), &json!("BAD_REQUEST"))
    );
    let issues: Value = serde_json::from_str(error["message"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&issues[0]["path"], &issues[1]["path"], &issues[1]["code"]),
        (&json!(["period"]), &json!(["taskId"]), &json!("invalid_type"))
    );
    let missing = call(&app, &viewer, "analytics.getTaskMetrics", None).await;
    assert!(
        missing.status == 400 && missing.text.contains("Required"),
        "{missing:?}"
    );
    for unknown in ["analytics.getEverything", "getExecutionStats", "analytics"] {
        let answer = call(&app, &viewer, unknown, None).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["data"]["code"]),
            (404, &json!("NOT_FOUND"))
        );
    }
    let answer = call(&app, &Credential::None, stats, None).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["error"]["data"]["code"]),
        (401, &json!("UNAUTHORIZED"))
    );
    let key = app.key("ingest", None).await;
    assert_eq!(
        call(&app, &key, stats, None).await.json()["error"]["data"]["code"],
        "FORBIDDEN"
    );
    for bad in ["?input=nonsense", "?batch=1&input=7", "?input=1&input=2"] {
        let answer = app.get(&format!("/trpc/{stats}{bad}"), &viewer).await;
        assert_eq!(answer.status, 400, "{bad}: {answer:?}");
    }
    let many = vec![stats; 21].join(",");
    assert_eq!(call(&app, &viewer, &many, None).await.status, 400);
}

#[tokio::test]
async fn a_refusal_stands_in_the_place_of_each_call_and_in_its_envelope() {
    let app = app_with_tasks().await;
    let (stats, cache) = ("analytics.getExecutionStats", "analytics.getCacheStats");
    let input = json!({"0": {"json": {"period": "day"}}});
    let answer = call(&app, &Credential::None, &format!("{stats},{cache}"), Some(input)).await;
    assert_eq!(answer.status, 401);
    let items = answer.json();
    let expected = |path: &str| (json!("UNAUTHORIZED"), json!(path));
    let of = |error: &Value| (error["data"]["code"].clone(), error["data"]["path"].clone());
    assert_eq!(of(&items[0]["error"]["json"]), expected(stats));
    assert_eq!(of(&items[1]["error"]), expected(cache));
    assert_eq!(items.as_array().unwrap().len(), 2);
}
