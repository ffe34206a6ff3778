//! Setting up, signing in and out.

use axum::http::{Method, header};
use serde_json::{Value, json};
use tacho_core::Role;

use crate::app::{Answer, App, Credential, PASSWORD, call, request, start};

fn cookie(answer: &Answer) -> Credential {
    let text = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(text.contains("; HttpOnly; SameSite=Lax"), "{text}");
    let value = text
        .strip_prefix("tacho_session=")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    Credential::Cookie(value.to_owned())
}

async fn sign_in(app: &App, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    app.send(Method::POST, "/api/v1/session", &Credential::None, Some(body))
        .await
}

#[tokio::test]
async fn the_first_owner_sets_up_and_is_signed_in() {
    let (metastore, router, _folder) = App::empty().await;
    let token = metastore.issue_setup_token(start()).await.unwrap().unwrap();
    let post = |body: Value| request(Method::POST, "/api/v1/setup", &Credential::None, Some(body));
    let get = |credential: &Credential, path| request(Method::GET, path, credential, None);
    assert_eq!(
        call(&router, get(&Credential::None, "/api/v1/setup"))
            .await
            .json(),
        json!({"needed": true})
    );

    let mut body = json!({"token": "wrong", "organization": "Acme", "email": "ada@example.com",
                          "password": PASSWORD, "timezone": "Europe/Berlin"});
    let answer = call(&router, post(body.clone())).await;
    assert_eq!(answer.refusal(), (410, "setup_link_invalid".to_owned()));
    body["token"] = token.expose().into();
    let done = call(&router, post(body.clone())).await;
    assert_eq!(done.status, 201);
    let session = call(&router, get(&cookie(&done), "/api/v1/session")).await.json();
    assert_eq!(session, done.json());
    assert_eq!(session["user"]["role"], "owner");
    assert_eq!(session["organization"]["timezone"], "Europe/Berlin");
    assert_eq!(session["permissions"].as_array().unwrap().len(), 8);
    assert_eq!(
        call(&router, get(&Credential::None, "/api/v1/setup"))
            .await
            .json(),
        json!({"needed": false})
    );
    assert_eq!(
        call(&router, post(body)).await.refusal(),
        (409, "already_set_up".to_owned())
    );
}

#[tokio::test]
async fn signing_in_and_out() {
    let app = App::new().await;
    let answer = sign_in(&app, "MEMBER@example.com", PASSWORD).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["user"]["email"], "member@example.com");
    assert_eq!(answer.json()["user"]["timezone"], "Europe/Berlin");
    assert_eq!(answer.json()["permissions"], json!([]));
    let session = cookie(&answer);
    assert_eq!(app.get("/api/v1/session", &session).await.status, 200);
    let out = app.send(Method::DELETE, "/api/v1/session", &session, None).await;
    assert_eq!(out.status, 204);
    assert!(
        out.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(app.get("/api/v1/session", &session).await.refusal().0, 401);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_look_the_same() {
    let app = App::new().await;
    let strip = |answer: Answer| {
        let mut body = answer.json();
        body["request_id"] = Value::Null;
        (answer.status, body)
    };
    let unknown = strip(sign_in(&app, "nobody@example.com", PASSWORD).await);
    let wrong = strip(sign_in(&app, "member@example.com", "wrong password").await);
    assert_eq!(unknown, wrong);
    assert_eq!(wrong.1["code"], "sign_in_failed");
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let app = App::new().await;
    for _ in 0..10 {
        assert_eq!(
            sign_in(&app, "member@example.com", "wrong password")
                .await
                .refusal()
                .0,
            401
        );
    }
    let answer = sign_in(&app, "member@example.com", PASSWORD).await;
    assert_eq!(answer.refusal(), (429, "too_many_sign_ins".to_owned()));
    assert_eq!(answer.headers[header::RETRY_AFTER], "900");
    app.advance(900);
    assert_eq!(sign_in(&app, "member@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn cookies_are_secure_behind_https() {
    let app = App::new().await;
    let body = json!({"email": "member@example.com", "password": PASSWORD});
    let mut request = request(Method::POST, "/api/v1/session", &Credential::None, Some(body));
    request
        .headers_mut()
        .insert("x-forwarded-proto", "https".parse().unwrap());
    let answer = app.call(request).await;
    assert!(
        answer.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .ends_with("; Secure")
    );
}

#[tokio::test]
async fn a_foreign_page_can_not_sign_anybody_in() {
    let app = App::new().await;
    let body = json!({"email": "member@example.com", "password": PASSWORD});
    let mut foreign = request(
        Method::POST,
        "/api/v1/session",
        &Credential::None,
        Some(body.clone()),
    );
    foreign
        .headers_mut()
        .insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    assert_eq!(
        app.call(foreign).await.refusal(),
        (403, "foreign_origin".to_owned())
    );
    let mut form = request(Method::POST, "/api/v1/session", &Credential::None, Some(body));
    form.headers_mut()
        .insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
    assert_eq!(app.call(form).await.refusal().0, 415);
}

#[tokio::test]
async fn a_key_that_acts_as_nobody_has_no_session() {
    let app = App::new().await;
    assert_eq!(
        app.get("/api/v1/session", &app.key("read", None).await)
            .await
            .refusal()
            .0,
        403
    );
    let as_member = app.key("read", Some(Role::Member)).await;
    assert_eq!(
        app.get("/api/v1/session", &as_member).await.json()["user"]["role"],
        "member"
    );
}
