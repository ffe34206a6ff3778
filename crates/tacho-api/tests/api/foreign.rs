//! Another organization's things are not there: not to be listed, read, changed or guessed.

use axum::http::Method;
use serde_json::json;
use tacho_core::Role;
use tacho_metastore::NewApiKey;

use crate::app::App;

#[tokio::test]
async fn things_of_another_organization_can_not_be_touched() {
    let app = App::new().await;
    let stranger = app.session_of(&app.stranger.1).await;
    let new = NewApiKey {
        name: "ours".to_owned(),
        scopes: "read".parse().unwrap(),
        user_id: None,
    };
    let (key, _) = app
        .metastore
        .create_api_key(app.organization.id, new, app.now())
        .await
        .unwrap();
    let member = &app.users[&Role::Member];
    let attempts = [
        (Method::DELETE, format!("/api/v1/keys/{}", key.id), None),
        (
            Method::PATCH,
            format!("/api/v1/users/{}", member.id),
            Some(json!({"role": "viewer"})),
        ),
    ];
    for (method, path, body) in attempts {
        let answer = app.send(method.clone(), &path, &stranger, body).await;
        assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{method} {path}");
    }
    let as_member = json!({"name": "x", "scopes": ["read"], "user_id": member.id.to_string()});
    let answer = app
        .send(Method::POST, "/api/v1/keys", &stranger, Some(as_member))
        .await;
    assert_eq!(
        (answer.refusal().0, answer.json()["pointer"].as_str()),
        (422, Some("/user_id"))
    );

    assert_eq!(app.metastore.user(member.id).await.unwrap().role, Role::Member);
    assert_eq!(
        app.metastore.api_keys(app.organization.id).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn lists_show_the_own_organization_only() {
    let app = App::new().await;
    let stranger = app.session_of(&app.stranger.1).await;
    app.key("read", None).await;
    let keys = app.get("/api/v1/keys", &stranger).await.json();
    assert_eq!(keys, json!({"keys": []}));
    let users = app.get("/api/v1/users", &stranger).await.json();
    let emails: Vec<_> = users["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| &user["email"])
        .collect();
    assert_eq!(emails, ["stranger@example.org"]);
}
