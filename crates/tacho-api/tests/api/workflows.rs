//! Workflows, listed: exact rows, filters, ownership, kept answers.

use axum::http::Method;
use serde_json::{Value, json};
use tacho_core::Role;

use crate::analytics::app_with_tasks;
use crate::app::{App, Credential, request};

async fn send(app: &App, records: Value) {
    let key = app.key("ingest", None).await;
    let answer = app
        .send(Method::POST, "/api/v1/records", &key, Some(records))
        .await
        .json();
    assert_eq!(answer["rejected"], json!([]));
    app.settle(answer["lsn"].as_u64().unwrap()).await;
}

async fn list(app: &App, who: &Credential, query: &str) -> Value {
    let answer = app.get(&format!("/api/v1/workflows?{query}"), who).await;
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer.json()
}

fn ids(list: &Value) -> Vec<&str> {
    let workflows = list["workflows"].as_array().unwrap();
    workflows.iter().map(|one| one["id"].as_str().unwrap()).collect()
}

/// Besides the member's 7 and the admin's payroll: one that nobody has declared.
async fn app_with_workflows() -> App {
    let app = app_with_tasks().await;
    let records = json!([
        {"type": "workflow", "id": "payroll", "name": "Payroll", "owner_id": "admin@example.com", "is_active": false,
         "kind": "rpa", "group": "Finance", "version": "2", "tags": {"env": "prod:eu"}},
        {"type": "execution", "id": "u", "workflow_id": "undeclared", "status": "queued", "queued_at": "2026-11-21T09:00:00Z"}
    ]);
    send(&app, records).await;
    app
}

#[tokio::test]
async fn each_is_told_as_its_own_page_tells_it() {
    let app = app_with_workflows().await;
    let viewer = app.session(Role::Viewer).await;
    let all = list(&app, &viewer, "").await;
    assert_eq!(ids(&all), ["7", "payroll", "undeclared"]);
    assert_eq!((&all["total"], &all["is_cut"]), (&json!(3), &json!(false)));
    for listed in all["workflows"].as_array().unwrap() {
        let path = format!("/api/v1/workflows/{}", listed["id"].as_str().unwrap());
        let shown = app.get(&path, &viewer).await.json();
        for (name, value) in listed.as_object().unwrap() {
            assert_eq!(*value, shown[name], "{path}: {name}");
        }
    }
    assert_eq!(
        all["workflows"][0],
        json!({"id": "7", "name": "Daily report", "kind": null, "version": null, "owner_id": "member@example.com",
            "group": null, "is_active": true, "schedule": {"cron": "0 6 * * *", "timezone": "Europe/Berlin"},
            "next_run_at": "2026-11-23T05:00:00Z", "tags": {}, "running": 1,
            "last_execution": {"id": "e", "attempt": 1, "status": "running", "started_at": "2026-11-22T09:00:00Z"}})
    );
    // What is queued has not started.
    assert_eq!(all["workflows"][2]["last_execution"], Value::Null);
}

#[tokio::test]
async fn members_see_their_own_and_parameters_narrow_the_list() {
    let app = app_with_workflows().await;
    let member = app.session(Role::Member).await;
    assert_eq!(ids(&list(&app, &member, "").await), ["7"]);
    assert_eq!(list(&app, &member, "search=payroll").await["total"], 0);

    let viewer = app.session(Role::Viewer).await;
    for (query, expected) in [
        ("search=PAY", vec!["payroll"]),
        ("kind=rpa&group=Finance", vec!["payroll"]),
        ("tag=env:prod:eu", vec!["payroll"]),
        ("tag=env:prod", vec![]),
        ("owner_id=member@example.com", vec!["7"]),
        ("is_active=false", vec!["payroll"]),
        ("is_active=true&search=&kind=", vec!["7", "undeclared"]),
    ] {
        assert_eq!(ids(&list(&app, &viewer, query).await), expected, "{query}");
    }
    let cut = list(&app, &viewer, "limit=2").await;
    assert_eq!(
        (ids(&cut), &cut["total"], &cut["is_cut"]),
        (vec!["7", "payroll"], &json!(3), &json!(true))
    );

    for (query, status, pointer) in [
        ("kind=robot", 422, "/kind"),
        ("tag=prod", 422, "/tag"),
        ("limit=0", 422, "/limit"),
        ("limit=10001", 422, "/limit"),
    ] {
        let answer = app.get(&format!("/api/v1/workflows?{query}"), &viewer).await;
        assert_eq!(answer.refusal().0, status, "{query}");
        assert_eq!(answer.json()["pointer"], pointer, "{query}");
    }
}

/// As everywhere: a list is kept for those who do not say otherwise, and read anew for those who do.
#[tokio::test]
async fn a_list_is_kept_and_read_anew_on_demand() {
    let app = App::keeping_answers().await;
    let viewer = app.session(Role::Viewer).await;
    send(&app, json!([{"type": "workflow", "id": "w", "name": "First"}])).await;
    let last = |list: Value| list["workflows"][0]["last_execution"]["id"].clone();
    assert_eq!(last(list(&app, &viewer, "").await), Value::Null);
    let run = |id: &str| {
        json!([{"type": "execution", "id": id, "workflow_id": "w", "status": "running",
        "started_at": "2026-11-22T09:00:00Z"}])
    };
    send(&app, run("r-1")).await;
    assert_eq!(last(list(&app, &viewer, "").await), "r-1");
    send(&app, run("r-2")).await;
    assert_eq!(last(list(&app, &viewer, "").await), "r-1");
    let mut request = request(Method::GET, "/api/v1/workflows", &viewer, None);
    request
        .headers_mut()
        .insert("cache-control", "no-cache".parse().unwrap());
    assert_eq!(last(app.call(request).await.json()), "r-2");
}
