//! How users want pages to be.

use axum::http::Method;
use serde_json::{Value, json};
use tacho_core::Role;

use crate::app::{Answer, App, Credential};

const PATH: &str = "/api/v1/preferences";

async fn put(app: &App, credential: &Credential, body: Value) -> Answer {
    app.send(Method::PUT, PATH, credential, Some(body)).await
}

fn defaults() -> Value {
    json!({
        "default_period": "week", "timezone": null, "theme": "system", "refresh_interval_seconds": 5,
        "pinned_metrics": [], "widget_arrangement": null, "updated_at": null
    })
}

#[tokio::test]
async fn preferences_are_defaults_until_set_and_replaced_as_a_whole() {
    let app = App::new().await;
    let (member, viewer) = (app.session(Role::Member).await, app.session(Role::Viewer).await);
    assert_eq!(app.get(PATH, &member).await.json(), defaults());
    let mut chosen = json!({
        "default_period": "month", "timezone": "Asia/Tokyo", "theme": "dark", "refresh_interval_seconds": 0,
        "pinned_metrics": ["executions.success_rate", "costs.count"],
        "widget_arrangement": {"overview": [{"widget": "kpis", "x": 1.5}], "none": null}
    });
    let set = put(&app, &member, chosen.clone()).await;
    chosen["updated_at"] = json!(app.now().to_string());
    assert_eq!(set.json(), chosen, "{set:?}");
    assert_eq!(app.get(PATH, &member).await.json(), chosen);
    assert_eq!(app.get(PATH, &viewer).await.json(), defaults());
    // The zone is the one in which the user's days are counted.
    let session = app.get("/api/v1/session", &member).await.json();
    assert_eq!(session["user"]["timezone"], "Asia/Tokyo");
    let key = app.key("read", Some(Role::Member)).await;
    assert_eq!(app.get(PATH, &key).await.json(), chosen);

    let replaced = put(&app, &member, json!({"theme": "light"})).await.json();
    let mut expected = defaults();
    expected["theme"] = json!("light");
    expected["updated_at"] = json!(app.now().to_string());
    assert_eq!(replaced, expected);
    let session = app.get("/api/v1/session", &member).await.json();
    assert_eq!(session["user"]["timezone"], "Europe/Berlin");
}

#[tokio::test]
async fn a_bad_choice_is_pointed_at_and_changes_nothing() {
    let app = App::new().await;
    let member = app.session(Role::Member).await;
    let many: Vec<_> = (0..21).map(|number| format!("executions.m{number}")).collect();
    for (body, pointer) in [
        (json!({"default_period": "fortnight"}), "/default_period"),
        (json!({"timezone": "Mars/Base"}), "/timezone"),
        (json!({"theme": "pink"}), "/theme"),
        (
            json!({"refresh_interval_seconds": 2}),
            "/refresh_interval_seconds",
        ),
        (
            json!({"refresh_interval_seconds": -1}),
            "/refresh_interval_seconds",
        ),
        (
            json!({"pinned_metrics": ["executions.count", "executions.nonsense"]}),
            "/pinned_metrics/1",
        ),
        (json!({"pinned_metrics": ["count"]}), "/pinned_metrics/0"),
        (
            json!({"pinned_metrics": ["executions.count", "executions.count"]}),
            "/pinned_metrics/1",
        ),
        (json!({"pinned_metrics": many}), "/pinned_metrics"),
        (json!({"widget_arrangement": [1]}), "/widget_arrangement"),
        (
            json!({"widget_arrangement": {"a": "x".repeat(65_536)}}),
            "/widget_arrangement",
        ),
        (json!({"colour": "red"}), "/colour"),
    ] {
        let answer = put(&app, &member, body.clone()).await;
        assert_eq!(answer.refusal(), (422, "invalid_value".to_owned()), "{body}");
        assert_eq!(answer.json()["pointer"], pointer, "{answer:?}");
    }
    assert_eq!(app.get(PATH, &member).await.json(), defaults());
}

#[tokio::test]
async fn a_key_that_acts_as_nobody_has_none() {
    let app = App::new().await;
    let key = app.key("read", None).await;
    for answer in [app.get(PATH, &key).await, put(&app, &key, json!({})).await] {
        assert_eq!(answer.refusal(), (403, "forbidden".to_owned()));
        assert!(
            answer.json()["detail"]
                .as_str()
                .unwrap()
                .contains("acts as no user")
        );
    }
}
