//! Every refusal is a problem, every answer carries an id and the security headers.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, header};
use serde_json::{Value, json};
use tacho_core::Role;

use crate::app::{App, Credential, request};

#[tokio::test]
async fn refusals_of_the_framework_are_problems_too() {
    let app = App::new().await;
    let owner = app.session(Role::Owner).await;
    let with_type = |media_type: &str, body: String| {
        let mut request = request(Method::POST, "/api/v1/users", &owner, Some(Value::Null));
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type.parse().unwrap());
        *request.body_mut() = Body::from(body);
        request
    };
    let get = |path: &str| request(Method::GET, path, &owner, None);
    let cases = [
        (get("/api/v1/nothing"), 404, "not_found"),
        (get("/trpc"), 404, "not_found"),
        (get("/assets/gone.js"), 404, "not_found"),
        (
            request(Method::PUT, "/api/v1/users", &owner, None),
            405,
            "method_not_allowed",
        ),
        (
            request(Method::POST, "/somewhere", &owner, None),
            405,
            "method_not_allowed",
        ),
        (
            request(Method::DELETE, "/api/v1/keys/no-uuid", &owner, None),
            404,
            "not_found",
        ),
        (
            with_type("text/plain", "{}".to_owned()),
            415,
            "unsupported_media_type",
        ),
        (
            with_type("application/json", "{".to_owned()),
            400,
            "malformed_json",
        ),
        (
            with_type("application/json", "[]".to_owned()),
            422,
            "invalid_value",
        ),
        (
            with_type("application/json", " ".repeat(1024 * 1024 + 1)),
            413,
            "payload_too_large",
        ),
    ];
    for (request, status, code) in cases {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = app.call(request).await;
        let code = if code == "payload_too_large" {
            "too_large"
        } else {
            code
        };
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{what}");
        let body = answer.json();
        assert_eq!(body["status"], json!(status));
        assert_eq!(body["type"], format!("https://tacho.dev/problems/{code}"));
        assert_eq!(
            body["request_id"],
            answer.headers["x-request-id"].to_str().unwrap()
        );
        assert!(body["detail"].as_str().unwrap().ends_with('.'), "{body}");
    }
}

#[tokio::test]
async fn a_harmless_request_id_is_kept_and_another_replaced() {
    let app = App::new().await;
    for (sent, is_kept) in [("abc-123", true), ("a b", false), ("", false)] {
        let mut request = request(Method::GET, "/healthz", &Credential::None, None);
        request
            .headers_mut()
            .insert("x-request-id", sent.parse().unwrap());
        let answer = app.call(request).await;
        assert_eq!(answer.headers["x-request-id"] == sent, is_kept, "{sent}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = App::new().await;
    for path in [
        "/",
        "/healthz",
        "/api/v1/nothing",
        "/docs/",
        "/api/v1/openapi.json",
    ] {
        let answer = app.get(path, &Credential::None).await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("script-src 'self';"),
            "{path}"
        );
        assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(answer.headers[header::REFERRER_POLICY], "same-origin");
    }
}

#[tokio::test]
async fn health_and_readiness_and_the_documentation_are_open() {
    let app = App::new().await;
    assert_eq!(
        app.get("/healthz", &Credential::None).await.json(),
        json!({"status": "ok"})
    );
    let ready = app.get("/readyz", &Credential::None).await;
    assert_eq!(
        (ready.status.as_u16(), &ready.json()["status"]),
        (200, &json!("ready"))
    );
    let page = app.get("/docs/", &Credential::None).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("swagger-ui"));
    assert_eq!(
        app.get("/api/v1/openapi.json", &Credential::None).await.json()["info"]["title"],
        "Tacho"
    );

    app.metastore.close().await;
    app.advance(2);
    let degraded = app.get("/readyz", &Credential::None).await;
    assert_eq!(
        (degraded.status.as_u16(), &degraded.json()["status"]),
        (503, &json!("degraded"))
    );
    let answer = app.get("/api/v1/setup", &Credential::None).await;
    assert_eq!(answer.refusal(), (503, "metastore_unavailable".to_owned()));
    assert!(!answer.text.contains("pool"), "inner causes are not sent");
}

#[tokio::test]
async fn figures_are_given_to_the_machine_itself_and_to_admins() {
    let app = App::new().await;
    let from = |address: &str, credential: &Credential, forwarded: bool| {
        let mut request = request(Method::GET, "/metrics", credential, None);
        request
            .extensions_mut()
            .insert(ConnectInfo::<SocketAddr>(address.parse().unwrap()));
        if forwarded {
            request
                .headers_mut()
                .insert("x-forwarded-for", "192.0.2.1".parse().unwrap());
        }
        request
    };
    let admin = app.key("admin", None).await;
    for (request, status) in [
        (from("127.0.0.1:5000", &Credential::None, false), 200),
        (from("[::ffff:127.0.0.1]:5000", &Credential::None, false), 200),
        (from("127.0.0.1:5000", &Credential::None, true), 401),
        (from("192.0.2.1:5000", &Credential::None, false), 401),
        (from("192.0.2.1:5000", &admin, false), 200),
    ] {
        assert_eq!(app.call(request).await.status, status);
    }
}
