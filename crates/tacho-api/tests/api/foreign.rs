//! Another organization's things are not there: not to be listed, read, changed or guessed. Walks every route of the
//! description; a new one with a parameter, or that lists something, is declared here or fails the test.

use axum::http::Method;
use serde_json::{Value, json};
use tacho_core::Role;
use tacho_core::fault::Fault;
use tacho_metastore::NewApiKey;

use crate::access::ROUTES;
use crate::app::{App, Credential};
use crate::exports;

/// Things of an organization, by what their paths begin with.
struct Things {
    key: String,
    user: String,
    dead_letter: String,
    execution: &'static str,
    failure: String,
    export: String,
}

impl Things {
    /// One of each, in the organization of the app.
    async fn of(app: &App) -> Self {
        let new = NewApiKey {
            name: "theirs".to_owned(),
            scopes: "ingest".parse().unwrap(),
            user_id: None,
        };
        let made = app
            .metastore
            .create_api_key(app.organization.id, new, app.now())
            .await
            .unwrap();
        let ingest = Credential::Key(made.1.expose().to_owned());
        let records = json!([
            {"type": "execution", "id": "theirs", "workflow_id": "theirs", "status": "failed", "error_type": "theirs",
             "started_at": "2026-11-22T09:00:00Z", "completed_at": "2026-11-22T09:00:10Z"},
            {"type": "execution", "id": "theirs", "status": "exploded"}
        ]);
        let answer = app
            .send(Method::POST, "/api/v1/records", &ingest, Some(records))
            .await
            .json();
        assert_eq!(
            (&answer["accepted"], answer["rejected"].as_array().unwrap().len()),
            (&json!(1), 1)
        );
        app.settle(1).await;
        let letters = app
            .metastore
            .dead_letters(app.organization.id, None, 1, None)
            .await
            .unwrap();
        let owner = app.session(Role::Owner).await;
        Self {
            export: exports::written(app, &owner).await,
            key: made.0.id.to_string(),
            user: app.users[&Role::Member].id.to_string(),
            dead_letter: letters.letters[0].id.to_string(),
            execution: "theirs",
            failure: Fault::of(Some("theirs"), None).unwrap().fingerprint,
        }
    }

    fn at(&self, path: &str) -> String {
        let id = match path.split('/').nth(3) {
            Some("keys") => &self.key,
            Some("users") => &self.user,
            Some("dead-letters") => &self.dead_letter,
            Some("executions" | "workflows") => self.execution,
            // The workflow of the execution has the same id.
            Some("analytics") => self.execution,
            Some("failures") => &self.failure,
            Some("exports") => &self.export,
            _ => panic!("{path}: say here which id of another organization to try"),
        };
        path.replace("{id}", id).replace("{fingerprint}", id)
    }
}

/// A body that would be accepted, for the routes that need one.
fn body(method: &str, path: &str) -> Option<Value> {
    match (method, path) {
        ("PATCH", "/api/v1/users/{id}") => Some(json!({"role": "viewer"})),
        ("PUT", "/api/v1/dead-letters/{id}") => Some(json!({"payload": "{}"})),
        ("POST", "/api/v1/query") => Some(
            json!({"source": "executions", "measures": ["count"], "time": {"period": "all"},
                        "dimensions": ["workflow"]}),
        ),
        _ => None,
    }
}

#[tokio::test]
async fn no_route_shows_or_touches_what_belongs_to_another_organization() {
    let app = App::new().await;
    let things = Things::of(&app).await;
    let stranger = app.session_of(&app.stranger.1).await;
    let mut tried = 0;
    for (method, path, _) in ROUTES {
        // Names procedures, not things.
        let path = &path.replace("{procedures}", "analytics.getExecutionStats");
        let is_list = *method == "GET" || path == "/api/v1/query";
        if path.contains('{') {
            let answer = app
                .send(
                    method.parse().unwrap(),
                    &things.at(path),
                    &stranger,
                    body(method, path),
                )
                .await;
            assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{method} {path}");
            tried += 1;
        } else if is_list {
            let answer = app
                .send(method.parse().unwrap(), path, &stranger, body(method, path))
                .await;
            for theirs in [
                &things.key,
                &things.user,
                &things.dead_letter,
                &things.failure,
                &things.export,
                "theirs",
                "Acme",
                "@example.com",
            ] {
                assert!(
                    !answer.text.contains(theirs),
                    "{method} {path} shows {theirs}: {}",
                    answer.text
                );
            }
            tried += 1;
        }
    }
    assert!(tried >= 22, "{tried}");

    let as_theirs = json!({"name": "x", "scopes": ["read"], "user_id": things.user});
    let answer = app
        .send(Method::POST, "/api/v1/keys", &stranger, Some(as_theirs))
        .await;
    assert_eq!(
        (answer.refusal().0, answer.json()["pointer"].as_str()),
        (422, Some("/user_id"))
    );

    let member = &app.users[&Role::Member];
    assert_eq!(app.metastore.user(member.id).await.unwrap().role, Role::Member);
    assert_eq!(
        app.metastore.api_keys(app.organization.id).await.unwrap().len(),
        1
    );
    assert_eq!(
        app.metastore
            .dead_letter_totals(app.organization.id)
            .await
            .unwrap()
            .open,
        1
    );
}

/// The same walk with the own credentials does show these things, or the test above would prove nothing.
#[tokio::test]
async fn the_own_organization_is_shown_them() {
    let app = App::new().await;
    let things = Things::of(&app).await;
    let owner = app.session(Role::Owner).await;
    for (method, path, _) in ROUTES {
        if *method == "GET" && path.contains('{') && !path.contains("{procedures}") {
            let answer = app.get(&things.at(path), &owner).await;
            assert_eq!(answer.status, 200, "{method} {path}: {answer:?}");
        }
    }
    for (path, theirs) in [
        ("/api/v1/keys", things.key.as_str()),
        ("/api/v1/users", &things.user),
        ("/api/v1/dead-letters", &things.dead_letter),
        ("/api/v1/executions", things.execution),
        ("/api/v1/workflows", things.execution),
        ("/api/v1/failures", &things.failure),
        ("/api/v1/exports", &things.export),
    ] {
        assert!(app.get(path, &owner).await.text.contains(theirs), "{path}");
    }
}
