//! What goes wrong, listed and one by one: end to end, and within the asker's scope.

use axum::http::Method;
use serde_json::{Value, json};
use tacho_core::Role;

use crate::app::{App, Credential};

fn run(id: &str, workflow: &str, day: u32, error_type: &str, message: &str) -> Value {
    json!({"type": "execution", "id": id, "workflow_id": workflow, "status": "failed", "cost_usd": 0.5,
           "started_at": format!("2026-11-{day:02}T08:00:00Z"), "error_type": error_type, "error_message": message})
}

/// Faults of every state in two workflows, of which the member owns the first.
async fn app_with_failures() -> App {
    let app = App::new().await;
    let key = app.key("ingest", None).await;
    let records = json!([
        {"type": "workflow", "id": "invoices", "name": "Invoices", "owner_id": "member@example.com"},
        {"type": "workflow", "id": "payroll", "name": "Payroll", "owner_id": "admin@example.com"},
        run("o1", "invoices", 12, "http_500", "HTTP 500 from https://a.example/1: request 3fa9c01b"),
        run("o2", "invoices", 17, "http_500", "HTTP 500 from https://a.example/22: request 77d0c01b"),
        run("o3", "payroll", 18, "http_500", "HTTP 500 from https://b.example/3: request 00ddc01b"),
        run("n1", "payroll", 20, "selector", "No element \"#row-1\" after 30000 ms"),
        run("g1", "invoices", 2, "deadlock", "Transaction 17 was chosen"),
        run("g2", "invoices", 21, "deadlock", "Transaction 18 was chosen"),
        run("r1", "payroll", 10, "memory", "Used 2050 MiB"),
        {"type": "execution", "id": "u1", "workflow_id": "payroll", "status": "timeout",
         "started_at": "2026-11-21T08:00:00Z"},
        {"type": "execution", "id": "s1", "workflow_id": "invoices", "status": "success",
         "started_at": "2026-11-21T08:00:00Z"}
    ]);
    let answer = app
        .send(Method::POST, "/api/v1/records", &key, Some(records))
        .await
        .json();
    assert_eq!(answer["rejected"], json!([]));
    app.settle(answer["lsn"].as_u64().unwrap()).await;
    app
}

async fn list(app: &App, credential: &Credential, parameters: &str) -> Value {
    let answer = app
        .get(&format!("/api/v1/failures?{parameters}"), credential)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn rows(list: &Value) -> Vec<(&str, &str, u64)> {
    let failures = list["failures"].as_array().unwrap().iter();
    failures
        .map(|failure| {
            (
                failure["error_type"].as_str().unwrap(),
                failure["state"].as_str().unwrap(),
                failure["count"].as_u64().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn failures_are_listed_by_fault_with_their_states() {
    let app = app_with_failures().await;
    let viewer = app.session(Role::Viewer).await;
    let answer = list(&app, &viewer, "").await;
    let mut found = rows(&answer);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("deadlock", "regressed", 1),
            ("http_500", "ongoing", 2),
            ("memory", "resolved", 0),
            ("selector", "new", 1)
        ]
    );
    let first = &answer["failures"][0];
    assert_eq!(first["pattern"], "HTTP <num> from <url>: request <num>");
    assert_eq!(
        first["sample_message"],
        "HTTP 500 from https://b.example/3: request 00ddc01b"
    );
    assert_eq!(
        (
            &first["count_before"],
            &first["cost_usd"],
            &first["workflow_count"]
        ),
        (&json!(1), &json!(1.0), &json!(2))
    );
    assert_eq!(
        first["workflows"],
        json!([{"workflow_id": "invoices", "workflow_name": "Invoices", "count": 1},
               {"workflow_id": "payroll", "workflow_name": "Payroll", "count": 1}])
    );
    assert_eq!(
        (
            &first["first_seen"],
            &first["last_seen"],
            &first["last_execution_id"]
        ),
        (
            &json!("2026-11-12T08:00:00Z"),
            &json!("2026-11-18T08:00:00Z"),
            &json!("o3")
        )
    );
    let totals = &answer["totals"];
    assert_eq!(
        (
            &totals["failures"],
            &totals["failures_before"],
            &totals["fingerprints"],
            &totals["unexplained"]
        ),
        (&json!(4), &json!(2), &json!(3), &json!(1))
    );
    assert_eq!(
        totals["by_state"],
        json!({"new": 1, "regressed": 1, "ongoing": 1, "resolved": 1})
    );
    assert_eq!(
        totals["by_error_type"][0],
        json!({"error_type": "http_500", "count": 2, "count_before": 1, "fingerprints": 1})
    );
    assert_eq!(answer["range"]["from"], "2026-11-15T09:30:00Z");
    assert_eq!(answer["range_before"]["from"], "2026-11-08T09:30:00Z");

    for (parameters, expected) in [
        (
            "state=new,resolved&order=last_seen",
            vec![("selector", "new", 1), ("memory", "resolved", 0)],
        ),
        ("search=TRANSACTION%2018", vec![("deadlock", "regressed", 1)]),
        ("search=transaction%2017", vec![]),
        ("error_type=selector", vec![("selector", "new", 1)]),
        (
            "workflow_id=payroll&error_type=http_500",
            vec![("http_500", "new", 1)],
        ),
        (
            "from=2026-11-01T00:00:00Z&to=2026-11-03T00:00:00Z",
            vec![("deadlock", "new", 1)],
        ),
        ("limit=1&offset=1&state=ongoing", vec![]),
    ] {
        assert_eq!(
            rows(&list(&app, &viewer, parameters).await),
            expected,
            "{parameters}"
        );
    }
    let page = list(&app, &viewer, "limit=2&offset=0").await;
    assert_eq!(
        (page["failures"].as_array().unwrap().len(), &page["next_offset"]),
        (2, &json!(2))
    );
    assert_eq!(
        list(&app, &viewer, "limit=2&offset=2").await["next_offset"],
        json!(null)
    );
}

#[tokio::test]
async fn a_failure_is_shown_with_its_timeline_and_its_executions() {
    let app = app_with_failures().await;
    let viewer = app.session(Role::Viewer).await;
    let found = list(&app, &viewer, "error_type=http_500").await;
    let fingerprint = found["failures"][0]["fingerprint"].as_str().unwrap();
    let detail = app.get(&format!("/api/v1/failures/{fingerprint}"), &viewer).await;
    assert_eq!(detail.status, 200, "{detail:?}");
    let detail = detail.json();
    assert_eq!(detail["failure"], found["failures"][0]);
    let timeline = &detail["timeline"];
    assert_eq!(timeline["meta"]["granularity"], "day");
    let counts: Vec<u64> = timeline["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row[1].as_u64().unwrap())
        .collect();
    assert_eq!(counts, [0, 0, 1, 1, 0, 0, 0, 0]);
    let hourly =
        format!("/api/v1/failures/{fingerprint}?period=day&granularity=hour&timezone=Asia/Kathmandu");
    let hourly = app.get(&hourly, &viewer).await.json();
    assert_eq!(
        (
            &hourly["failure"]["state"],
            &hourly["timeline"]["meta"]["granularity"]
        ),
        (&json!("resolved"), &json!("hour"))
    );
    let executions = format!("/api/v1/executions?error_fingerprint={fingerprint}");
    let executions = app.get(&executions, &viewer).await.json();
    let ids: Vec<&str> = executions["executions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|execution| execution["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["o3", "o2", "o1"]);
    assert_eq!(executions["executions"][0]["error_fingerprint"], fingerprint);
}

/// A member sees faults as their own workflows have them; what is not theirs is as if it were not there.
#[tokio::test]
async fn members_see_faults_of_what_they_own_and_strangers_none() {
    let app = app_with_failures().await;
    let member = app.session(Role::Member).await;
    let answer = list(&app, &member, "").await;
    let mut found = rows(&answer);
    found.sort_unstable();
    assert_eq!(found, [("deadlock", "regressed", 1), ("http_500", "ongoing", 1)]);
    assert_eq!(answer["totals"]["unexplained"], 0);
    let http = answer["failures"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["error_type"] == "http_500");
    let http = http.unwrap();
    assert_eq!(
        (
            &http["last_execution_id"],
            &http["last_seen"],
            &http["workflow_count"]
        ),
        (&json!("o2"), &json!("2026-11-17T08:00:00Z"), &json!(1))
    );
    let viewer = app.session(Role::Viewer).await;
    let stranger = app.session_of(&app.stranger.1).await;
    assert_eq!(list(&app, &stranger, "period=all").await["failures"], json!([]));
    let all = list(&app, &viewer, "").await;
    for failure in all["failures"].as_array().unwrap() {
        let path = format!("/api/v1/failures/{}", failure["fingerprint"].as_str().unwrap());
        let is_theirs = ["deadlock", "http_500"].contains(&failure["error_type"].as_str().unwrap());
        let status = app.get(&path, &member).await.status;
        assert_eq!(status, if is_theirs { 200 } else { 404 }, "{failure}");
        // Nothing tells a fault of others from one that nobody has seen.
        let strangers = app.get(&path, &stranger).await;
        let unknown = app.get("/api/v1/failures/0000000000000000", &stranger).await;
        assert_eq!(strangers.refusal(), (404, "not_found".to_owned()));
        assert_eq!(strangers.json()["detail"], unknown.json()["detail"]);
    }
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let app = App::new().await;
    let viewer = app.session(Role::Viewer).await;
    for (parameters, code, pointer) in [
        ("state=old", "unknown_name", "/state"),
        ("order=size", "unknown_name", "/order"),
        ("limit=201", "invalid_value", "/limit"),
        ("offset=100001", "invalid_value", "/offset"),
        ("timezone=Berlin", "unknown_name", "/timezone"),
        ("to=2026-11-01T00:00:00Z", "invalid_time", "/to"),
        (
            "from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z",
            "invalid_time",
            "/to",
        ),
    ] {
        let answer = app.get(&format!("/api/v1/failures?{parameters}"), &viewer).await;
        assert_eq!(answer.refusal(), (422, code.to_owned()), "{parameters}");
        assert_eq!(answer.json()["pointer"], pointer, "{parameters}");
    }
    let answer = app
        .get("/api/v1/failures/0000000000000000?granularity=dya", &viewer)
        .await;
    assert_eq!(answer.json()["pointer"], "/granularity");
    let answer = app.get("/api/v1/failures?colour=red", &viewer).await;
    assert_eq!(answer.refusal(), (400, "invalid_parameter".to_owned()));
    let answer = app.get("/api/v1/failures/8f3a", &viewer).await;
    assert_eq!(answer.refusal(), (404, "not_found".to_owned()));
}

/// What failed work costs is asked of costs by how their execution ended.
#[tokio::test]
async fn costs_are_told_apart_by_how_their_execution_ended() {
    let app = App::new().await;
    let key = app.key("ingest", None).await;
    let cost = |id: &str, execution: &str, amount: f64| {
        json!({"type": "cost", "id": id, "execution_id": execution, "timestamp": "2026-11-21T08:00:00Z",
               "amount_usd": amount})
    };
    let execution = |id: &str, status: &str| json!({"type": "execution", "id": id, "status": status, "started_at": "2026-11-21T08:00:00Z"});
    let batches = [
        json!([
            execution("a", "running"),
            execution("b", "running"),
            cost("c1", "a", 1.0),
            cost("c2", "b", 2.0)
        ]),
        json!([
            cost("c3", "a", 4.0),
            execution("c", "running"),
            cost("c4", "c", 8.0),
            cost("c5", "later", 16.0)
        ]),
        json!([
            execution("a", "failed"),
            execution("b", "success"),
            execution("later", "timeout")
        ]),
    ];
    for records in batches {
        let answer = app
            .send(Method::POST, "/api/v1/records", &key, Some(records))
            .await
            .json();
        assert_eq!(answer["rejected"], json!([]));
        app.settle(answer["lsn"].as_u64().unwrap()).await;
    }
    let viewer = app.session(Role::Viewer).await;
    let query = json!({"source": "costs", "measures": ["amount"], "dimensions": ["execution_status"],
                       "time": {"period": "week"}, "order": [{"by": "execution_status"}]});
    let answer = app
        .send(Method::POST, "/api/v1/query", &viewer, Some(query))
        .await
        .json();
    assert_eq!(
        answer["rows"],
        json!([
            ["failed", 5.0],
            ["running", 8.0],
            ["success", 2.0],
            ["timeout", 16.0]
        ])
    );
}
