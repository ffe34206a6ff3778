//! Who asked for which data is on record, and for those who may see it.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::Method;
use serde_json::{Value, json};
use tacho_api::{AuditRules, Config};
use tacho_core::Role;

use crate::access::{Need, ROUTES};
use crate::app::{App, Credential, request};

const PATH: &str = "/api/v1/audit";

fn question() -> Value {
    json!({"time": {"last": "1h"}, "source": "executions", "measures": ["count"]})
}

async fn ask(app: &App, credential: &Credential, address: &str, body: Value) -> u16 {
    let mut request = request(Method::POST, "/api/v1/query", credential, Some(body));
    let peer: SocketAddr = format!("{address}:40000").parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    app.call(request).await.status.as_u16()
}

async fn entries(app: &App, parameters: &str) -> Vec<Value> {
    let admin = app.session(Role::Admin).await;
    let answer = app.get(&format!("{PATH}{parameters}"), &admin).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_entry_says_who_asked_what_when_and_from_where() {
    let app = App::new().await;
    let member = app.session(Role::Member).await;
    assert_eq!(ask(&app, &member, "192.0.2.7", question()).await, 200);
    app.advance(60);
    assert_eq!(ask(&app, &member, "192.0.2.7", question()).await, 200);
    let user = &app.users[&Role::Member];
    let mut found = entries(&app, "").await;
    assert_eq!(found.len(), 1);
    let entry = found[0].as_object_mut().unwrap();
    assert!(entry.remove("id").unwrap().is_string());
    assert!(entry.remove("request_id").unwrap().is_string());
    assert_eq!(
        found[0],
        json!({
            "first_at": app.now().plus_micros(-60_000_000).to_string(), "last_at": app.now().to_string(),
            "requests": 2, "user_id": user.id.to_string(), "user_name": user.name, "key_id": null, "key_name": null,
            "operation": "POST /api/v1/query",
            "question": r#"{"measures":["count"],"source":"executions","time":{"last":"1h"}}"#,
            "scope": "owned", "address": "192.0.2.7", "status": 200,
        })
    );
}

#[tokio::test]
async fn keys_refusals_and_parameters_are_on_record_too() {
    let app = App::with(Config {
        queries_per_minute: 3,
        ..Config::default()
    })
    .await;
    let (read, ingest) = (app.key("read", None).await, app.key("ingest", None).await);
    app.get("/api/v1/executions/secret?attempt=2", &read).await;
    app.get("/api/v1/executions?limit=0", &read).await;
    ask(&app, &read, "192.0.2.7", json!({"source": "nonsense"})).await;
    app.get("/api/v1/executions", &read).await;
    app.get("/api/v1/executions", &ingest).await;
    // No data, and nobody: not on record.
    app.get("/api/v1/model", &read).await;
    app.get("/api/v1/executions", &Credential::None).await;
    let told: Vec<_> = entries(&app, "").await;
    let told: Vec<_> = told
        .iter()
        .rev()
        .map(|entry| {
            assert_eq!(
                (&entry["user_id"], &entry["key_name"]),
                (&Value::Null, &json!("test"))
            );
            let text = |field: &str| entry[field].as_str().unwrap().to_owned();
            (
                text("operation"),
                text("question"),
                entry["status"].as_u64().unwrap(),
            )
        })
        .collect();
    let expected = [
        (
            "GET /api/v1/executions/{id}",
            "/api/v1/executions/secret?attempt=2",
            404,
        ),
        ("GET /api/v1/executions", "/api/v1/executions?limit=0", 422),
        ("POST /api/v1/query", r#"{"source":"nonsense"}"#, 422),
        ("GET /api/v1/executions", "/api/v1/executions", 429),
        ("GET /api/v1/executions", "/api/v1/executions", 403),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(operation, question, status)| ((*operation).to_owned(), (*question).to_owned(), *status))
        .collect();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn every_route_that_answers_data_is_on_record_and_no_other() {
    let app = App::new().await;
    let key = app.key("ingest,read,admin", Some(Role::Admin)).await;
    for (method, path, _) in ROUTES {
        let path = path.replace("{id}", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071");
        app.send(method.parse().unwrap(), &path, &key, None).await;
    }
    let mut found: Vec<_> = entries(&app, "?limit=1000")
        .await
        .iter()
        .map(|entry| entry["operation"].as_str().unwrap().to_owned())
        .collect();
    let mut expected: Vec<_> = ROUTES
        .iter()
        .filter(|(_, _, need)| *need == Need::Read)
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn entries_are_filtered_paged_and_the_organizations_own() {
    let app = App::new().await;
    let (member, owner) = (app.session(Role::Member).await, app.session(Role::Owner).await);
    let stranger = app.session_of(&app.stranger.1).await;
    let begun = app.now();
    ask(&app, &stranger, "192.0.2.9", question()).await;
    ask(&app, &member, "192.0.2.7", question()).await;
    app.advance(10);
    ask(&app, &owner, "192.0.2.7", question()).await;
    app.get("/api/v1/executions", &owner).await;
    app.get("/api/v1/executions?limit=7", &owner).await;

    assert_eq!(entries(&app, "").await.len(), 4);
    let user = app.users[&Role::Member].id;
    assert_eq!(entries(&app, &format!("?user_id={user}")).await.len(), 1);
    assert_eq!(
        entries(&app, "?operation=GET%20/api/v1/executions").await.len(),
        2
    );
    assert_eq!(entries(&app, "?search=LIMIT%3d7").await.len(), 1);
    assert_eq!(entries(&app, "?search=192.0.2.9").await.len(), 0);
    assert_eq!(
        entries(&app, &format!("?to={}", begun.plus_micros(1)))
            .await
            .len(),
        1
    );
    assert_eq!(
        entries(&app, &format!("?from={}", begun.plus_micros(1)))
            .await
            .len(),
        3
    );

    let first = app.get(&format!("{PATH}?limit=3"), &owner).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let last = app
        .get(&format!("{PATH}?limit=3&cursor={cursor}"), &owner)
        .await
        .json();
    assert_eq!(
        (
            first["entries"].as_array().unwrap().len(),
            last["entries"].as_array().unwrap().len()
        ),
        (3, 1)
    );
    assert_eq!(last["next_cursor"], Value::Null);
    for bad in [
        "limit=0",
        "limit=1001",
        "cursor=x",
        "user_id=x",
        "from=yesterday",
        "unknown=1",
    ] {
        let answer = app.get(&format!("{PATH}?{bad}"), &owner).await;
        assert_eq!(answer.refusal(), (400, "invalid_parameter".to_owned()), "{bad}");
    }
}

#[tokio::test]
async fn the_export_has_everything_and_no_formula() {
    let app = App::new().await;
    let viewer = app.session(Role::Viewer).await;
    let key = {
        let new = tacho_metastore::NewApiKey {
            name: "=HYPERLINK(\"https://evil.example\")".to_owned(),
            scopes: "read".parse().unwrap(),
            user_id: None,
        };
        let made = app
            .metastore
            .create_api_key(app.organization.id, new, app.now())
            .await;
        Credential::Key(made.unwrap().1.expose().to_owned())
    };
    for number in 0..1100 {
        app.get(&format!("/api/v1/executions/{number}"), &viewer).await;
    }
    app.advance(1);
    app.get("/api/v1/executions/last", &key).await;
    let owner = app.session(Role::Owner).await;
    let answer = app.get("/api/v1/audit/export", &owner).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    assert_eq!(reader.headers().unwrap().len(), 13);
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1101);
    assert_eq!(&rows[0][6], "'=HYPERLINK(\"https://evil.example\")");
    assert_eq!(&rows[0][8], "/api/v1/executions/last");
    let mut questions: Vec<_> = rows.iter().map(|row| row[8].to_owned()).collect();
    questions.sort();
    questions.dedup();
    assert_eq!(questions.len(), 1101);
}

#[tokio::test]
async fn what_is_too_old_goes_by_itself() {
    let app = App::with(Config {
        audit: AuditRules {
            keep_days: 30,
            entries_max: 3,
        },
        ..Config::default()
    })
    .await;
    let key = app.key("read", None).await;
    for number in 0..5 {
        app.get(&format!("/api/v1/executions/{number}"), &key).await;
        app.advance(1);
    }
    assert_eq!(entries(&app, "").await.len(), 3);
    app.advance(31 * 86_400);
    app.get("/api/v1/executions/new", &key).await;
    let left = entries(&app, "").await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["question"], "/api/v1/executions/new");
}
