//! Asking for numbers and rows: end to end, and within the asker's scope.

use axum::http::Method;
use serde_json::{Value, json};
use tacho_core::Role;

use crate::app::{Answer, App, Credential};

fn run(id: &str, workflow: &str, status: &str, minute: u32) -> Value {
    json!({"type": "execution", "id": id, "workflow_id": workflow, "status": status,
           "started_at": format!("2026-11-22T08:{minute:02}:00Z"),
           "completed_at": format!("2026-11-22T08:{minute:02}:30Z")})
}

/// Three runs of two workflows, one of which the member owns.
async fn app_with_runs() -> App {
    let app = App::new().await;
    let key = app.key("ingest", None).await;
    let records = json!([
        {"type": "workflow", "id": "invoices", "name": "Invoices", "owner_id": "member@example.com"},
        {"type": "workflow", "id": "payroll", "name": "Payroll", "owner_id": "admin@example.com"},
        run("a", "invoices", "success", 1), run("b", "invoices", "failed", 2), run("c", "payroll", "success", 3),
        {"type": "step", "id": "a/1", "execution_id": "a", "step_id": "one", "status": "completed",
         "started_at": "2026-11-22T08:01:00Z", "duration_ms": 1200}
    ]);
    let answer = app
        .send(Method::POST, "/api/v1/records", &key, Some(records))
        .await
        .json();
    assert_eq!(answer["rejected"], json!([]));
    app.settle(answer["lsn"].as_u64().unwrap()).await;
    app
}

async fn ask(app: &App, credential: &Credential, query: Value) -> Answer {
    app.send(Method::POST, "/api/v1/query", credential, Some(query))
        .await
}

fn count() -> Value {
    json!({"source": "executions", "measures": ["count"], "time": {"period": "week"}})
}

#[tokio::test]
async fn a_record_that_went_in_comes_out_as_a_number() {
    let app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    let mut query = count();
    query["dimensions"] = json!(["workflow"]);
    query["measures"] = json!(["count", "success_rate", "duration_p95"]);
    let answer = ask(&app, &viewer, query).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    let names: Vec<_> = answer["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| &column["name"])
        .collect();
    assert_eq!(
        names,
        [
            "workflow",
            "workflow_name",
            "count",
            "success_rate",
            "duration_p95"
        ]
    );
    assert_eq!(answer["rows"][0][0], "invoices");
    assert_eq!(answer["rows"][0][1], "Invoices");
    assert_eq!(answer["rows"][0][2], 2);
    assert_eq!(answer["rows"][0][3].as_f64(), Some(50.0));
    assert_eq!(answer["rows"][0][4].as_f64(), Some(30_000.0));
    assert_eq!(answer["totals"][2], 3);
    assert_eq!(
        (&answer["meta"]["timezone"], &answer["meta"]["as_of_lsn"]),
        (&json!("Europe/Berlin"), &json!(6))
    );
}

#[tokio::test]
async fn members_see_what_they_own_and_strangers_nothing() {
    let app = app_with_runs().await;
    let stranger = app.session_of(&app.stranger.1).await;
    let cases = [
        (app.session(Role::Owner).await, 3),
        (app.key("read", None).await, 3),
        (app.session(Role::Member).await, 2),
        (app.key("read", Some(Role::Member)).await, 2),
        (stranger, 0),
    ];
    for (credential, expected) in cases {
        let answer = ask(&app, &credential, count()).await.json();
        assert_eq!(answer["totals"], json!([expected]), "{credential:?}");
        let list = app.get("/api/v1/executions", &credential).await.json();
        assert_eq!(list["executions"].as_array().unwrap().len(), expected);
        let detail = app.get("/api/v1/executions/c", &credential).await;
        assert_eq!(detail.status, if expected == 3 { 200 } else { 404 });
    }
}

#[tokio::test]
async fn a_batch_is_answered_as_of_one_moment_and_a_bad_question_stops_no_other() {
    let app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    let mut bad = count();
    bad["measures"] = json!(["cuont"]);
    let answer = ask(&app, &viewer, json!({"queries": [count(), bad, {"source": 1}]})).await;
    let (body, id) = (answer.json(), answer.headers["x-request-id"].to_str().unwrap());
    assert_eq!(body["as_of_lsn"], 6);
    assert_eq!(body["answers"][0]["totals"], json!([3]));
    let problem = &body["answers"][1];
    assert_eq!(
        (&problem["code"], &problem["pointer"]),
        (&json!("unknown_name"), &json!("/measures/0"))
    );
    assert_eq!(
        (&problem["status"], &problem["request_id"]),
        (&json!(422), &json!(id))
    );
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("did you mean \"count\"")
    );
    assert_eq!(body["answers"][2]["code"], "malformed_query");
}

#[tokio::test]
async fn questions_that_can_not_be_answered_are_refused_with_their_place() {
    let app = App::new().await;
    let viewer = app.session(Role::Viewer).await;
    let mut unknown = count();
    unknown["dimensions"] = json!(["colour"]);
    let many: Vec<_> = (0..51).map(|_| count()).collect();
    let cases = [
        (unknown, "unknown_name", "/dimensions/0"),
        (json!({"source": "executions"}), "malformed_query", ""),
        (json!({"queries": []}), "invalid_value", "/queries"),
        (json!({"queries": many}), "invalid_value", "/queries"),
        (
            json!({"queries": [count()], "limit": 1}),
            "invalid_value",
            "/limit",
        ),
    ];
    for (query, code, pointer) in cases {
        let answer = ask(&app, &viewer, query).await;
        assert_eq!(answer.refusal(), (422, code.to_owned()));
        assert_eq!(answer.json()["pointer"], pointer);
    }
    let answer = app.get("/api/v1/executions?limit=9999", &viewer).await;
    assert_eq!(answer.refusal().0, 422);
    for (query, code, pointer) in [
        ("filters=nonsense", "malformed_query", "/filters"),
        (
            "filters=[{%22field%22:%22height%22,%22op%22:%22is_null%22}]",
            "unknown_name",
            "/filters/0/field",
        ),
        ("order=oldest", "unknown_name", "/order"),
        ("order=costliest&cursor=AAAA", "invalid_value", "/cursor"),
    ] {
        let answer = app.get(&format!("/api/v1/executions?{query}"), &viewer).await;
        assert_eq!(answer.refusal(), (422, code.to_owned()), "{query}");
        assert_eq!(answer.json()["pointer"], pointer, "{query}");
    }
    assert_eq!(
        app.get("/api/v1/executions?colour=red", &viewer)
            .await
            .refusal()
            .0,
        400
    );
}

#[tokio::test]
async fn executions_are_listed_newest_first_page_by_page_and_shown_with_their_steps() {
    let app = app_with_runs().await;
    let viewer = app.session(Role::Viewer).await;
    let (mut seen, mut path) = (Vec::new(), "/api/v1/executions?limit=2".to_owned());
    loop {
        let page = app.get(&path, &viewer).await.json();
        for execution in page["executions"].as_array().unwrap() {
            seen.push(execution["id"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/v1/executions?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["c", "b", "a"]);
    let failed = app
        .get("/api/v1/executions?status=failed,timeout&period=day", &viewer)
        .await
        .json();
    assert_eq!(failed["executions"][0]["id"], "b");
    let detail = app.get("/api/v1/executions/a", &viewer).await.json();
    assert_eq!(
        (&detail["execution"]["status"], &detail["attempts"]),
        (&json!("success"), &json!([1]))
    );
    assert_eq!(detail["steps"][0]["step_id"], "one");
    assert_eq!(
        app.get("/api/v1/executions/nope", &viewer).await.refusal(),
        (404, "not_found".to_owned())
    );
    assert_eq!(
        app.get("/api/v1/executions/a?attempt=7", &viewer)
            .await
            .refusal()
            .0,
        404
    );
}

#[tokio::test]
async fn the_model_says_what_can_be_asked() {
    let app = App::new().await;
    let viewer = app.session(Role::Viewer).await;
    let model = app.send(Method::GET, "/api/v1/model", &viewer, None).await.json();
    let sources = model["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 9);
    for source in sources {
        let measures: Vec<&Value> = source["measures"]
            .as_array()
            .unwrap()
            .iter()
            .map(|measure| &measure["name"])
            .take(20)
            .collect();
        let query = json!({"source": source["name"], "measures": measures, "time": {"period": "week"}});
        let answer = ask(&app, &viewer, query).await;
        assert_eq!(answer.status, 200, "{}: {answer:?}", source["name"]);
    }
}

#[tokio::test]
async fn a_metric_is_asked_for_as_the_specification_has_it() {
    let app = app_with_runs().await;
    let key = app.key("ingest", None).await;
    let point = |minute: u32, host: &str, value: f64| {
        json!({"type": "metric", "name": "queue.length", "kind": "gauge", "value": value,
               "timestamp": format!("2026-11-22T08:{minute:02}:00Z"), "tags": {"host": host}})
    };
    let records = json!([point(1, "a", 2.0), point(1, "b", 4.0), point(2, "a", 10.0)]);
    let answer = app
        .send(Method::POST, "/api/v1/records", &key, Some(records))
        .await
        .json();
    app.settle(answer["lsn"].as_u64().unwrap()).await;
    let viewer = app.session(Role::Viewer).await;
    let ask = async |query: Value| {
        app.send(Method::POST, "/api/v1/metrics/query", &viewer, Some(query))
            .await
    };
    let range = json!({"start": "2026-11-22T08:00:00Z", "end": "2026-11-22T09:00:00Z"});
    let answer = ask(json!({"metric_name": "queue.length", "time_range": range, "aggregation": "avg"})).await;
    assert_eq!(
        answer.json()["data"],
        json!([
            {"timestamp": "2026-11-22T09:01:00+01:00", "value": 3.0, "tags": {}},
            {"timestamp": "2026-11-22T09:02:00+01:00", "value": 10.0, "tags": {}}
        ])
    );
    let answer = ask(
        json!({"metric_name": "queue.length", "time_range": range, "aggregation": "max",
                            "group_by": ["host"], "filters": {"host": ["b", "c"]}}),
    )
    .await;
    assert_eq!(
        answer.json()["data"],
        json!([{"timestamp": "2026-11-22T09:01:00+01:00", "value": 4.0, "tags": {"host": "b"}}])
    );
    let answer = ask(json!({"metric_name": "task.execution.duration", "time_range": range,
                            "aggregation": "sum", "group_by": ["workflow"], "filters": {"status": "success"}}))
    .await;
    let data = answer.json()["data"].as_array().unwrap().clone();
    assert_eq!(data.len(), 2 * 60, "a sum of nothing is 0");
    assert_eq!(data[2]["value"], json!(30_000));
    for (query, pointer) in [
        (
            json!({"metric_name": "task.execution.cost", "aggregation": "p95"}),
            "/aggregation",
        ),
        (json!({"metric_name": "x", "filters": {"name": null}}), "/filters"),
        (
            json!({"metric_name": "x", "time_range": {"start": "2026-11-22T09:00:00Z", "end": "2026-11-22T08:00:00Z"}}),
            "/time_range/end",
        ),
        (
            json!({"metric_name": "x", "group_by": ["kind", "kind"]}),
            "/group_by/1",
        ),
    ] {
        let answer = ask(query).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.json()["pointer"], pointer, "{answer:?}");
    }
}
