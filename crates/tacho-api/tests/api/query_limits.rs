//! How much one user may ask.

use axum::http::Method;
use serde_json::{Value, json};
use tacho_api::Config;
use tacho_core::Role;

use crate::access::{Need, ROUTES};
use crate::app::{Answer, App, Credential};

fn config(per_minute: u32) -> Config {
    Config {
        queries_per_minute: per_minute,
        ..Config::default()
    }
}

fn question() -> Value {
    json!({"source": "executions", "measures": ["count"], "time": {"last": "1h"}})
}

async fn ask(app: &App, credential: &Credential) -> Answer {
    app.send(Method::POST, "/api/v1/query", credential, Some(question()))
        .await
}

fn limit(answer: &Answer) -> (&str, &str) {
    let header = |name| answer.headers[name].to_str().unwrap();
    (header("ratelimit-policy"), header("ratelimit"))
}

#[tokio::test]
async fn a_user_has_a_hundred_requests_a_minute_over_all_sessions_and_keys() {
    let app = App::with(Config::default()).await;
    let policy = "\"default\";q=100;w=60";
    let (here, there) = (app.session(Role::Member).await, app.session(Role::Member).await);
    let key = app.key("read", Some(Role::Member)).await;
    for count in 1..=100 {
        let credential = [&here, &there, &key][count % 3];
        let answer = match count % 2 {
            0 => app.get("/api/v1/executions", credential).await,
            _ => ask(&app, credential).await,
        };
        assert_eq!(answer.status, 200, "{answer:?}");
        let left = format!("\"default\";r={};t={}", 100 - count, (count * 60).div_ceil(100));
        assert_eq!(limit(&answer), (policy, left.as_str()));
    }
    for credential in [&here, &there, &key] {
        let answer = ask(&app, credential).await;
        assert_eq!(answer.refusal(), (429, "too_many_requests".to_owned()));
        assert_eq!(answer.headers["retry-after"], "1");
        assert_eq!(limit(&answer), (policy, "\"default\";r=0;t=60"));
    }
    // Others are not kept from asking, and the user not from what is no question.
    let (viewer, nobody) = (app.session(Role::Viewer).await, app.key("read", None).await);
    assert_eq!(ask(&app, &viewer).await.status, 200);
    assert_eq!(limit(&ask(&app, &nobody).await).1, "\"default\";r=99;t=1");
    assert_eq!(app.get("/api/v1/session", &here).await.status, 200);
    assert_eq!(app.get("/api/v1/model", &here).await.status, 200);

    app.advance(60);
    assert_eq!(limit(&ask(&app, &here).await).1, "\"default\";r=99;t=1");
}

#[tokio::test]
async fn every_route_that_answers_data_is_limited_and_no_other() {
    let app = App::with(config(1_000)).await;
    let owner = app.key("ingest,read,admin", Some(Role::Admin)).await;
    for (method, path, need) in ROUTES {
        let path = path.replace("{id}", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071");
        let answer = app.send(method.parse().unwrap(), &path, &owner, None).await;
        assert_eq!(
            answer.headers.contains_key("ratelimit") && answer.headers.contains_key("ratelimit-policy"),
            *need == Need::Read,
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn refused_requests_count_too() {
    let app = App::with(config(1)).await;
    let ingest = app.key("ingest", None).await;
    assert_eq!(ask(&app, &ingest).await.refusal().0, 403);
    let answer = ask(&app, &ingest).await;
    assert_eq!(answer.headers["ratelimit"], "\"default\";r=0;t=60");
    assert_eq!(answer.refusal().0, 403);
}

#[tokio::test]
async fn without_a_limit_there_are_no_headers() {
    let app = App::with(config(0)).await;
    let member = app.session(Role::Member).await;
    for _ in 0..150 {
        let answer = app.get("/api/v1/executions?limit=1", &member).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.headers.contains_key("ratelimit"));
    }
}
