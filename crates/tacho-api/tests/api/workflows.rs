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
            "timeout_ms": null, "next_run_at": "2026-11-23T05:00:00Z", "tags": {}, "running": 1, "detections_open": 0,
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

/// The member's workflow 7 is due at 6:00 in Berlin, 5:00 UTC, and has run since 1 November. It is the 22nd, 9:30.
#[tokio::test]
async fn what_a_schedule_expected_is_compared_with_what_came() {
    let app = app_with_workflows().await;
    let member = app.session(Role::Member).await;
    let run = |id: &str, started: &str, trigger: &str| {
        json!({"type": "execution", "id": id, "workflow_id": "7", "status": "success", "trigger_type": trigger,
            "started_at": started, "completed_at": started})
    };
    let records = json!([
        run("punctual", "2026-11-19T05:00:01Z", "scheduled"),
        run("by-hand", "2026-11-18T05:00:00Z", "manual"),
        run("early", "2026-11-22T04:59:30Z", "scheduled"),
    ]);
    send(&app, records).await;
    let answer = app
        .get("/api/v1/workflows/7/schedule?from=2026-11-18T00:00:00Z", &member)
        .await
        .json();
    let told: Vec<_> = answer["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| {
            let id = run["execution"]["id"].as_str().unwrap_or("-");
            let due = run["due_at"].as_str().unwrap();
            format!(
                "{due} {} {id} {}",
                run["state"].as_str().unwrap(),
                run["delay_ms"]
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "2026-11-22T05:00:00Z ran early -30000",
            "2026-11-21T05:00:00Z late b 10800000",
            "2026-11-20T05:00:00Z late a 10800000",
            "2026-11-19T05:00:00Z ran punctual 1000",
            "2026-11-18T05:00:00Z missed - null",
        ]
    );
    let counts =
        ["expected", "ran", "late", "missed", "pending", "grace_ms"].map(|name| answer[name].clone());
    assert_eq!(json!(counts), json!([5, 2, 2, 1, 0, 900_000]));
    assert_eq!(answer["next"].as_array().unwrap().len(), 10);
    assert_eq!(answer["next"][0], "2026-11-23T05:00:00Z");
    assert_eq!(answer["schedule"]["timezone"], "Europe/Berlin");

    // Nothing was expected before the first execution, which was on the 1st after the time due.
    let month = app.get("/api/v1/workflows/7/schedule", &member).await.json();
    assert_eq!(
        (&month["expected"], &month["is_cut"]),
        (&json!(21), &json!(false))
    );
    assert_eq!(month["runs"][20]["due_at"], "2026-11-02T05:00:00Z");
}

#[tokio::test]
async fn a_schedule_that_is_none_expects_nothing_and_bad_ranges_are_refused() {
    let app = app_with_workflows().await;
    let viewer = app.session(Role::Viewer).await;
    for id in ["payroll", "undeclared"] {
        let answer = app
            .get(&format!("/api/v1/workflows/{id}/schedule"), &viewer)
            .await
            .json();
        assert_eq!(
            [
                &answer["schedule"],
                &answer["next"],
                &answer["runs"],
                &answer["expected"],
                &answer["grace_ms"]
            ],
            [&Value::Null, &json!([]), &json!([]), &json!(0), &json!(0)],
            "{id}"
        );
    }
    // Every second of a year is more than is looked at; that of a day is cut.
    let records = json!([
        {"type": "workflow", "id": "ticker", "schedule": {"cron": "* * * * * *"}},
        {"type": "execution", "id": "tick", "workflow_id": "ticker", "status": "success",
         "trigger_type": "scheduled", "started_at": "2026-01-01T00:00:00Z"}
    ]);
    send(&app, records).await;
    let schedule = |query: &str| format!("/api/v1/workflows/ticker/schedule?{query}");
    let day = app.get(&schedule("period=day"), &viewer).await.json();
    assert_eq!((&day["expected"], &day["is_cut"]), (&json!(86_400), &json!(true)));
    assert_eq!(
        day["missed"].as_u64().unwrap() + day["pending"].as_u64().unwrap(),
        86_400
    );
    assert_eq!(day["runs"].as_array().unwrap().len(), 500);
    for (query, status, pointer) in [
        ("period=year", 422, "/from"),
        ("period=all", 422, "/period"),
        ("from=2025-01-01T00:00:00Z", 422, "/from"),
        ("from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z", 422, "/to"),
    ] {
        let answer = app.get(&schedule(query), &viewer).await;
        assert_eq!(answer.refusal().0, status, "{query}");
        assert_eq!(answer.json()["pointer"], pointer, "{query}");
    }
    assert_eq!(
        app.get("/api/v1/workflows/gone/schedule", &viewer)
            .await
            .refusal()
            .0,
        404
    );
}

/// Who is not active any more is due no more: what came until the last execution is told, and nothing is missed since.
#[tokio::test]
async fn what_is_not_active_misses_nothing_after_it_ran_last() {
    let app = App::new().await;
    let viewer = app.session(Role::Viewer).await;
    let run = |id: &str, started: &str| {
        json!({"type": "execution", "id": id, "workflow_id": "w", "status": "success", "trigger_type": "scheduled",
            "started_at": started, "completed_at": started})
    };
    let records = json!([
        {"type": "workflow", "id": "w", "schedule": {"cron": "0 6 * * *"}, "is_active": false},
        run("first", "2026-11-10T06:00:00Z"),
        run("last", "2026-11-12T06:00:05Z"),
    ]);
    send(&app, records).await;
    let answer = app.get("/api/v1/workflows/w/schedule", &viewer).await.json();
    let counts = ["expected", "ran", "late", "missed", "pending"].map(|name| answer[name].clone());
    assert_eq!(json!(counts), json!([3, 2, 0, 1, 0]));
    assert_eq!(answer["next"], json!([]));
}
