//! Sending records, and what becomes of those that are refused.

use std::io::Write as _;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, Method, Request};
use serde_json::{Value, json};
use tacho_api::Config;
use tacho_core::Role;

use crate::app::{Answer, App, Credential, request};

fn good(id: &str) -> Value {
    json!({"type": "execution", "id": id, "workflow_id": "invoices", "status": "success",
           "started_at": "2026-11-22T09:00:00Z", "completed_at": "2026-11-22T09:00:10Z"})
}

fn bad(id: &str) -> Value {
    json!({"type": "execution", "id": id, "workflow_id": "invoices", "status": "exploded"})
}

fn body_of(
    credential: &Credential,
    headers: &[(&'static str, &str)],
    body: impl Into<Body>,
) -> Request<Body> {
    let mut request = request(Method::POST, "/api/v1/records", credential, None);
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(HeaderName::from_static(name), value.parse().unwrap());
    }
    *request.body_mut() = body.into();
    request
}

async fn send(app: &App, key: &Credential, records: Value) -> Answer {
    app.send(Method::POST, "/api/v1/records", key, Some(records))
        .await
}

#[tokio::test]
async fn good_records_go_in_and_bad_ones_are_told_by_index() {
    let app = App::new().await;
    let key = app.key("ingest", None).await;
    let answer = send(&app, &key, json!([good("a"), bad("b"), good("c")])).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let answer = answer.json();
    assert_eq!((&answer["accepted"], &answer["lsn"]), (&json!(2), &json!(2)));
    let rejected = answer["rejected"].as_array().unwrap();
    assert_eq!(rejected.len(), 1);
    assert_eq!(
        (&rejected[0]["index"], &rejected[0]["pointer"]),
        (&json!(1), &json!("/status"))
    );
    assert_eq!(rejected[0]["code"], "keyword_unknown");

    let single = send(&app, &key, good("d")).await.json();
    assert_eq!((&single["accepted"], &single["lsn"]), (&json!(1), &json!(3)));
}

#[tokio::test]
async fn lines_and_compressed_bodies_are_the_same_records() {
    let app = App::new().await;
    let key = app.key("ingest", None).await;
    let lines = format!("{}\n\n{}\n", good("a"), good("b"));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(lines.as_bytes()).unwrap();
    let zstd = zstd::encode_all(lines.as_bytes(), 3).unwrap();
    let requests = [
        body_of(&key, &[("content-type", "application/x-ndjson")], lines.clone()),
        body_of(
            &key,
            &[
                ("content-type", "application/x-ndjson; charset=utf-8"),
                ("content-encoding", "gzip"),
            ],
            gzip.finish().unwrap(),
        ),
        body_of(
            &key,
            &[
                ("content-type", "application/x-ndjson"),
                ("content-encoding", "zstd"),
            ],
            zstd,
        ),
    ];
    for request in requests {
        assert_eq!(app.call(request).await.json()["accepted"], 2);
    }
}

#[tokio::test]
async fn a_body_that_unpacks_too_far_or_can_not_be_read_is_refused_whole() {
    let app = App::new().await;
    let key = app.key("ingest", None).await;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..65 {
        bomb.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    }
    let json_type = ("content-type", "application/json");
    let cases = [
        (
            body_of(
                &key,
                &[json_type, ("content-encoding", "gzip")],
                bomb.finish().unwrap(),
            ),
            413,
            "too_large",
        ),
        (
            body_of(&key, &[json_type, ("content-encoding", "gzip")], "no gzip"),
            400,
            "malformed_encoding",
        ),
        (
            body_of(&key, &[json_type, ("content-encoding", "br")], "x"),
            415,
            "unsupported_encoding",
        ),
        (body_of(&key, &[json_type], "[{"), 400, "malformed_body"),
        (body_of(&key, &[json_type], ""), 400, "malformed_body"),
        (
            body_of(&key, &[("content-type", "text/plain")], "[]"),
            415,
            "unsupported_media_type",
        ),
        (
            body_of(&key, &[json_type, ("idempotency-key", "")], "[]"),
            400,
            "invalid_header",
        ),
        (
            body_of(&key, &[json_type, ("x-tacho-strict", "maybe")], "[]"),
            400,
            "invalid_header",
        ),
    ];
    for (request, status, code) in cases {
        assert_eq!(app.call(request).await.refusal(), (status, code.to_owned()));
    }
}

#[tokio::test]
async fn bodies_are_bounded_together_and_in_time() {
    let config = Config {
        bodies_bytes_max: 1000,
        body_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    let app = App::with(config).await;
    let key = app.key("ingest", None).await;
    let json_type = ("content-type", "application/json");
    let answer = app.call(body_of(&key, &[json_type], "[".repeat(1001))).await;
    assert_eq!(answer.refusal(), (503, "overloaded".to_owned()));
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(
        send(&app, &key, good("a")).await.status,
        202,
        "what was refused holds no memory"
    );

    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<&str, std::io::Error>>(1);
    let endless = Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(receiver));
    let answer = app.call(body_of(&key, &[json_type], endless)).await;
    assert_eq!(answer.refusal(), (408, "timeout".to_owned()));
    drop(sender);
}

#[tokio::test]
async fn strict_refuses_unknown_fields_and_an_idempotency_key_gives_ids() {
    let app = App::new().await;
    let key = app.key("ingest", None).await;
    let mut record = good("a");
    record["colour"] = json!("red");
    record.as_object_mut().unwrap().remove("id");
    let json_type = ("content-type", "application/json");
    let plain = app
        .call(body_of(&key, &[json_type], record.to_string()))
        .await
        .json();
    assert_eq!(plain["rejected"][0]["code"], "id_missing");
    let keyed = [json_type, ("idempotency-key", "k-1")];
    assert_eq!(
        app.call(body_of(&key, &keyed, record.to_string())).await.json()["accepted"],
        1
    );
    let strict = [json_type, ("idempotency-key", "k-1"), ("x-tacho-strict", "true")];
    let answer = app.call(body_of(&key, &strict, record.to_string())).await.json();
    assert_eq!(answer["rejected"][0]["code"], "field_unknown");
}

#[tokio::test]
async fn a_refused_record_is_read_mended_and_replayed() {
    let app = App::new().await;
    let (key, admin) = (app.key("ingest", None).await, app.session(Role::Admin).await);
    send(&app, &key, json!([bad("b"), bad("c")])).await;
    let list = app
        .get("/api/v1/dead-letters?state=open&limit=1", &admin)
        .await
        .json();
    assert_eq!(list["total"], 2);
    let letter = &list["dead_letters"][0];
    assert_eq!(
        (&letter["code"], &letter["source"]),
        (&json!("keyword_unknown"), &json!("http"))
    );
    assert_eq!(
        (&letter["record_type"], &letter["pointer"]),
        (&json!("execution"), &json!("/status"))
    );
    let next = list["next_cursor"].as_str().unwrap();
    let second = app
        .get(
            &format!("/api/v1/dead-letters?state=open&limit=1&cursor={next}"),
            &admin,
        )
        .await
        .json();
    assert_eq!(second["next_cursor"], Value::Null);

    let path = format!(
        "/api/v1/dead-letters/{}",
        second["dead_letters"][0]["id"].as_str().unwrap()
    );
    let detail = app.get(&path, &admin).await.json();
    let payload: Value = serde_json::from_str(detail["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload, bad("b"));

    let replay = format!("{path}/replay");
    let answer = app.send(Method::POST, &replay, &admin, None).await;
    assert_eq!(answer.refusal(), (422, "record_rejected".to_owned()));
    assert_eq!(answer.json()["pointer"], "/payload/status");

    let mend = async |payload: String| {
        app.send(Method::PUT, &path, &admin, Some(json!({"payload": payload})))
            .await
            .json()
    };
    let still_bad = mend(bad("b").to_string()).await;
    assert_eq!(
        (&still_bad["valid"], &still_bad["errors"][0]["code"]),
        (&json!(false), &json!("keyword_unknown"))
    );
    assert_eq!(mend("[]".to_owned()).await["valid"], json!(false));
    assert_eq!(
        mend(good("b").to_string()).await,
        json!({"valid": true, "errors": []})
    );

    let done = app.send(Method::POST, &replay, &admin, Some(json!({}))).await;
    assert_eq!((done.status.as_u16(), done.json()), (200, json!({"accepted": 1})));
    let again = app.send(Method::POST, &replay, &admin, None).await;
    assert_eq!(again.refusal(), (409, "dead_letter_settled".to_owned()));
    assert_eq!(
        app.get("/api/v1/dead-letters?state=replayed", &admin)
            .await
            .json()["total"],
        1
    );
    assert_eq!(
        app.get("/api/v1/dead-letters", &admin).await.json()["total"],
        2,
        "no new letter by the failed replay"
    );
}

#[tokio::test]
async fn a_refused_record_is_replayed_with_another_text_or_discarded() {
    let app = App::new().await;
    let (key, admin) = (app.key("ingest", None).await, app.session(Role::Admin).await);
    send(&app, &key, json!([bad("b"), bad("c")])).await;
    let list = app.get("/api/v1/dead-letters", &admin).await.json();
    let path = |at: usize| {
        format!(
            "/api/v1/dead-letters/{}",
            list["dead_letters"][at]["id"].as_str().unwrap()
        )
    };
    let body = json!({"payload": good("c").to_string()});
    let done = app
        .send(Method::POST, &format!("{}/replay", path(0)), &admin, Some(body))
        .await;
    assert_eq!(done.json(), json!({"accepted": 1}));
    assert_eq!(app.send(Method::DELETE, &path(1), &admin, None).await.status, 204);
    assert_eq!(
        app.send(Method::DELETE, &path(1), &admin, None).await.refusal().0,
        409
    );
    let stranger = app.session_of(&app.stranger.1).await;
    for (method, path) in [
        (Method::GET, path(0)),
        (Method::DELETE, path(0)),
        (Method::POST, format!("{}/replay", path(0))),
    ] {
        assert_eq!(
            app.send(method, &path, &stranger, None).await.refusal(),
            (404, "not_found".to_owned())
        );
    }
    let mend = app
        .send(Method::PUT, &path(0), &stranger, Some(json!({"payload": "{}"})))
        .await;
    assert_eq!(mend.refusal().0, 404);
    let bad_cursor = app.get("/api/v1/dead-letters?cursor=x", &admin).await;
    assert_eq!(bad_cursor.refusal(), (400, "invalid_parameter".to_owned()));
    assert_eq!(
        app.get("/api/v1/dead-letters?state=gone", &admin)
            .await
            .refusal()
            .0,
        400
    );
}

#[tokio::test]
async fn the_system_page_tells_what_came_in() {
    let app = App::new().await;
    let (key, manager) = (app.key("ingest", None).await, app.session(Role::Manager).await);
    send(&app, &key, json!([good("a"), bad("b")])).await;
    app.settle(1).await;
    let system = app.get("/api/v1/system", &manager).await.json();
    assert_eq!(
        (
            &system["ingest"]["accepted_total"],
            &system["ingest"]["rejected_total"]
        ),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        (&system["store"]["state"], &system["store"]["applied_lsn"]),
        (&json!("open"), &json!(1))
    );
    assert_eq!(system["store"]["rows"]["execution"], 1);
    assert_eq!(
        (
            &system["journal"]["last_lsn"],
            &system["journal"]["segments_active"]
        ),
        (&json!(1), &json!(1))
    );
    assert_eq!(system["dead_letters"]["open"], 1);
    assert_eq!(system["conflicts"], json!({"total": 0, "recent": []}));
    assert_eq!(system["started_at"], "2026-11-22T09:30:00Z");

    let mut contradicting = good("a");
    contradicting["trigger_type"] = json!("manual");
    let mut other = good("a");
    other["trigger_type"] = json!("webhook");
    send(&app, &key, json!([contradicting, other])).await;
    app.settle(3).await;
    let conflicts = &app.get("/api/v1/system", &manager).await.json()["conflicts"];
    assert_eq!(conflicts["total"], 1);
    assert_eq!(conflicts["recent"][0]["id"], "a");
    assert_eq!(conflicts["recent"][0]["fields"], json!(["trigger_type"]));
    assert_eq!(conflicts["recent"][0]["event_time"], "2026-11-22T09:00:00Z");
}
