//! Users and keys over HTTP.

use axum::http::Method;
use serde_json::json;
use tacho_core::Role;

use crate::app::{App, Credential, PASSWORD};

#[tokio::test]
async fn a_user_is_made_changed_and_shut_out() {
    let app = App::new().await;
    let admin = app.session(Role::Admin).await;
    let body = json!({"email": "Grace@Example.com", "role": "member", "password": PASSWORD});
    let made = app
        .send(Method::POST, "/api/v1/users", &admin, Some(body.clone()))
        .await;
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!(
        (&made["email"], &made["name"]),
        (&json!("grace@example.com"), &json!("grace"))
    );
    assert_eq!(
        (&made["is_active"], &made["last_sign_in_at"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(made["created_at"], "2026-11-22T09:30:00Z");
    let again = app.send(Method::POST, "/api/v1/users", &admin, Some(body)).await;
    assert_eq!(
        (again.refusal(), &again.json()["pointer"]),
        ((409, "taken".to_owned()), &json!("/email"))
    );

    let grace = app.metastore.user_by_email("grace@example.com").await.unwrap();
    let session = app.session_of(&grace).await;
    let path = format!("/api/v1/users/{}", grace.id);
    let change = json!({"role": "viewer", "name": "Grace Hopper", "is_active": false});
    let changed = app.send(Method::PATCH, &path, &admin, Some(change)).await.json();
    assert_eq!(
        (&changed["role"], &changed["is_active"]),
        (&json!("viewer"), &json!(false))
    );
    assert_eq!(app.get("/api/v1/session", &session).await.status, 401);
}

#[tokio::test]
async fn bad_values_are_refused_with_their_place() {
    let app = App::new().await;
    let admin = app.session(Role::Admin).await;
    let cases = [
        (
            json!({"email": "x", "role": "member", "password": PASSWORD}),
            "invalid_value",
            "/email",
        ),
        (
            json!({"email": "x@y.z", "role": "member", "password": "short"}),
            "password_too_short",
            "/password",
        ),
        (
            json!({"email": "x@y.z", "role": "root", "password": PASSWORD}),
            "invalid_value",
            "/role",
        ),
        (
            json!({"email": "x@y.z", "role": "member", "password": PASSWORD, "a": 1}),
            "invalid_value",
            "/a",
        ),
    ];
    for (body, code, pointer) in cases {
        let answer = app.send(Method::POST, "/api/v1/users", &admin, Some(body)).await;
        assert_eq!(answer.refusal(), (422, code.to_owned()));
        assert_eq!(answer.json()["pointer"], pointer);
    }
}

#[tokio::test]
async fn only_owners_make_and_change_owners_and_one_stays() {
    let app = App::new().await;
    let (admin, owner) = (app.session(Role::Admin).await, app.session(Role::Owner).await);
    let path_of = |role| format!("/api/v1/users/{}", app.users[&role].id);
    let make_owner = json!({"role": "owner"});
    let answer = app
        .send(
            Method::PATCH,
            &path_of(Role::Admin),
            &admin,
            Some(make_owner.clone()),
        )
        .await;
    assert_eq!(answer.refusal().0, 403);
    let answer = app
        .send(
            Method::PATCH,
            &path_of(Role::Owner),
            &admin,
            Some(json!({"is_active": false})),
        )
        .await;
    assert_eq!(answer.refusal().0, 403);
    let body = json!({"email": "x@y.z", "role": "owner", "password": PASSWORD});
    assert_eq!(
        app.send(Method::POST, "/api/v1/users", &admin, Some(body))
            .await
            .refusal()
            .0,
        403
    );
    let as_owner =
        json!({"name": "x", "scopes": ["admin"], "user_id": app.users[&Role::Owner].id.to_string()});
    assert_eq!(
        app.send(Method::POST, "/api/v1/keys", &admin, Some(as_owner))
            .await
            .refusal()
            .0,
        403
    );

    let step_down = json!({"role": "viewer"});
    let answer = app
        .send(
            Method::PATCH,
            &path_of(Role::Owner),
            &owner,
            Some(step_down.clone()),
        )
        .await;
    assert_eq!(answer.refusal(), (409, "last_owner".to_owned()));
    assert_eq!(
        app.send(Method::PATCH, &path_of(Role::Admin), &owner, Some(make_owner))
            .await
            .status,
        200
    );
    assert_eq!(
        app.send(Method::PATCH, &path_of(Role::Owner), &owner, Some(step_down))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_key_is_shown_once_works_and_is_revoked() {
    let app = App::new().await;
    let owner = app.session(Role::Owner).await;
    let body = json!({"name": "CI", "scopes": ["admin"]});
    let made = app.send(Method::POST, "/api/v1/keys", &owner, Some(body)).await;
    assert_eq!(
        (made.status.as_u16(), &made.headers["cache-control"]),
        (201, &"no-store".parse().unwrap())
    );
    let made = made.json();
    let key = Credential::Key(made["key"].as_str().unwrap().to_owned());
    app.advance(61);
    let list = app.get("/api/v1/keys", &key).await;
    assert!(!list.text.contains(made["key"].as_str().unwrap()));
    assert_eq!(list.json()["keys"][0]["last_used_at"], "2026-11-22T09:31:01Z");
    let path = format!("/api/v1/keys/{}", made["id"].as_str().unwrap());
    assert_eq!(app.send(Method::DELETE, &path, &owner, None).await.status, 204);
    assert_eq!(app.get("/api/v1/keys", &key).await.refusal().0, 401);
    let none = app
        .send(
            Method::POST,
            "/api/v1/keys",
            &owner,
            Some(json!({"name": "x", "scopes": []})),
        )
        .await;
    assert_eq!(
        (none.refusal().0, &none.json()["pointer"]),
        (422, &json!("/scopes"))
    );
}
