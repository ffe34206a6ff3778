//! Live clients that do not behave: they cost little, and nobody else notices.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tacho_api::LiveRules;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::client_async;

use crate::app::{App, Credential, Served, request};
use crate::live::{Client, WAIT, app_system, app_with, connect, ids, rules, run, send, upgrade};

/// A client that says whatever bytes it likes.
struct Raw(TcpStream);

impl Raw {
    async fn connect(served: &Served, key: &Credential) -> Self {
        let Credential::Key(key) = key else {
            panic!("a key")
        };
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let request = format!(
            "GET /ws/analytics HTTP/1.1\r\nHost: tacho.local\r\nAuthorization: Bearer {key}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        // RFC 6455, section 1.3, has this answer to this key.
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        Self(stream)
    }

    /// Waits until the server hangs up. Returns the code that it gives, if it still gives one.
    async fn end(mut self) -> Option<u16> {
        let mut said = Vec::new();
        let reading = self.0.read_to_end(&mut said);
        // Hanging up on bytes that were not read is a reset.
        let _ = tokio::time::timeout(WAIT, reading)
            .await
            .expect("the server goes on");
        let close = said
            .windows(2)
            .rposition(|bytes| bytes[0] == 0x88 && bytes[1] >= 2)?;
        let code = said.get(close + 2..close + 4)?;
        Some(u16::from_be_bytes([code[0], code[1]]))
    }
}

/// Some bytes, each seed others.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Somebody who watches meanwhile, until an execution of that id runs.
fn watching(mut client: Client, id: &'static str) -> tokio::task::JoinHandle<Value> {
    tokio::spawn(async move {
        client
            .hear_where(|message| message["type"] == "executions" && ids(message) == [id])
            .await
    })
}

#[tokio::test]
async fn bytes_that_are_no_messages_end_the_connection_and_no_other() {
    let app = app_with(LiveRules {
        heartbeat: Duration::from_millis(300),
        ..rules()
    })
    .await;
    let served = app.served().await;
    let key = app.key("read", None).await;
    let mut quiet = connect(&served, &key).await;
    quiet.subscribe("executions").await;
    let quiet = watching(quiet, "after");

    let mask = [0u8; 4];
    let broken: [(&str, Vec<u8>); 6] = [
        ("an opcode that is none", [&[0x83, 0x80], &mask[..]].concat()),
        ("a reserved bit", [&[0xc1, 0x80], &mask[..]].concat()),
        ("no mask", vec![0x81, 0x02, b'{', b'}']),
        (
            "invalid UTF-8",
            [&[0x81, 0x82], &mask[..], &[0xff, 0xfe]].concat(),
        ),
        (
            "four exabytes",
            [&[0x81, 0xff, 0x3f], &[0xff; 7][..], &mask[..]].concat(),
        ),
        ("a ping of many parts", [&[0x09, 0x80], &mask[..]].concat()),
    ];
    for (what, bytes) in broken {
        let mut raw = Raw::connect(&served, &key).await;
        raw.0.write_all(&bytes).await.unwrap();
        let code = raw.end().await;
        assert!(code.is_none_or(|code| code == 1008), "{what}: {code:?}");
    }
    for seed in 0..20 {
        let mut raw = Raw::connect(&served, &key).await;
        // It may hang up before it has read all.
        let _ = raw.0.write_all(&noise(seed, 5_000)).await;
        raw.end().await;
    }
    send(&app, json!([run("after", "w", "running")])).await;
    quiet.await.unwrap();
    assert_eq!(connections(&served, &app).await, 0);
}

async fn connections(served: &Served, app: &App) -> u64 {
    let counting = async {
        loop {
            let count = app_system(served, app).await["connections"].as_u64().unwrap();
            if count == 0 {
                return count;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(WAIT, counting).await.unwrap_or(u64::MAX)
}

#[tokio::test]
async fn a_message_of_parts_without_end_is_cut_off() {
    let app = app_with(LiveRules {
        heartbeat: Duration::from_millis(300),
        message_bytes_max: 4_096,
        ..rules()
    })
    .await;
    let served = app.served().await;
    let key = app.key("read", None).await;
    // A part of a text of so many bytes, of which another follows.
    let part = |opcode: u8, length: u8| {
        [
            &[opcode, 0x80 | length, 0, 0, 0, 0][..],
            &vec![b' '; length.into()],
        ]
        .concat()
    };
    for length in [100, 0] {
        let mut raw = Raw::connect(&served, &key).await;
        raw.0.write_all(&part(0x01, length)).await.unwrap();
        let (mut reading, mut writing) = raw.0.into_split();
        // Until the server has had enough: of bytes, or of a client that answers no ping.
        let talking = tokio::spawn(async move {
            while writing.write_all(&part(0x00, length)).await.is_ok() {
                tokio::task::yield_now().await;
            }
        });
        let mut said = Vec::new();
        let read = tokio::time::timeout(WAIT, reading.read_to_end(&mut said)).await;
        assert!(read.is_ok(), "goes on with parts of {length} bytes");
        tokio::time::timeout(WAIT, talking).await.unwrap().unwrap();
    }
    assert_eq!(connections(&served, &app).await, 0);
}

#[tokio::test]
async fn who_vanishes_without_a_word_is_forgotten() {
    let app = app_with(LiveRules {
        heartbeat: Duration::from_millis(200),
        ..rules()
    })
    .await;
    let served = app.served().await;
    let gone: Vec<_> = futures_util::future::join_all((0..5).map(|_| async {
        let key = app.key("read", None).await;
        Raw::connect(&served, &key).await
    }))
    .await;
    assert_eq!(connections(&served, &app).await, 0);
    for raw in gone {
        assert_eq!(raw.end().await, Some(1008));
    }
}

#[tokio::test]
async fn ten_thousand_subscriptions_are_refused_one_by_one() {
    let app = app_with(LiveRules {
        messages_max: 0,
        subscriptions_max: 20,
        ..rules()
    })
    .await;
    let served = app.served().await;
    let mut greedy = connect(&served, &app.key("read", None).await).await;
    let (mut taken, mut refused) = (0, 0);
    for number in 0..10_000 {
        let query = json!({"source": "executions", "measures": ["count"], "time": {"last": format!("{}h", number + 1)}});
        let wish = json!({"type": "subscribe", "id": number.to_string(), "channel": "query", "interval": "1m", "query": query});
        greedy.say(wish).await;
        let id = number.to_string();
        let answer = greedy.hear_where(|message| message["id"] == id.as_str()).await;
        match answer["type"].as_str() {
            Some("subscribed") => taken += 1,
            _ => {
                assert_eq!(answer["code"], "too_many_subscriptions", "{answer}");
                refused += 1;
            }
        }
    }
    assert_eq!((taken, refused), (20, 9_980));
    let live = app_system(&served, &app).await;
    assert_eq!(
        (&live["subscriptions"], &live["topics"]),
        (&json!(20), &json!(20))
    );
    let mut other = connect(&served, &app.key("read", None).await).await;
    other.subscribe("executions").await;
}

#[tokio::test]
async fn who_reads_slowly_gets_less_and_the_others_everything() {
    const BATCHES: usize = 34;
    const EACH: usize = 550;
    let app = app_with(rules()).await;
    let served = app.served().await;
    let Credential::Key(key) = app.key("read", None).await else {
        panic!("a key")
    };
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(served.address).await.unwrap();
    let request = upgrade(&served, &Credential::Key(key));
    let stream = tokio_tungstenite::MaybeTlsStream::Plain(stream);
    let mut slow = Client::of(client_async(request, stream).await.unwrap().0);
    slow.subscribe("executions").await;

    let mut quick = connect(&served, &app.key("read", None).await).await;
    quick.subscribe("executions").await;
    for batch in 1..=BATCHES {
        let runs: Vec<_> = (0..EACH)
            .map(|number| run(&format!("{batch}-{number}"), "w", "running"))
            .collect();
        send(&app, json!(runs)).await;
        quick
            .hear_where(|message| message["running"] == batch * EACH)
            .await;
    }
    let mut frames = 0;
    let last = slow
        .hear_where(|message| {
            frames += usize::from(message["type"] == "executions");
            message["running"] == BATCHES * EACH
        })
        .await;
    assert_eq!(last["is_snapshot"], true);
    assert!(frames < BATCHES, "{frames} frames waited for it");
    assert!(app_system(&served, &app).await["frames_skipped_total"].as_u64() > Some(0));
}

#[tokio::test]
async fn events_end_with_the_credential() {
    let app = app_with(rules()).await;
    let key = app.key("read", None).await;
    let request: Request<Body> = request(
        Method::GET,
        "/api/v1/live?channel=metrics&interval=1s",
        &key,
        None,
    );
    let mut body = app.open(request).await.into_body().into_data_stream();
    let first = body.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"id: "));
    let keys = app.metastore.api_keys(app.organization.id).await.unwrap();
    app.metastore
        .revoke_api_key(app.organization.id, keys[0].id, app.now())
        .await
        .unwrap();
    let ending = async {
        let mut last = first;
        while let Some(next) = body.next().await {
            last = next.unwrap();
        }
        last
    };
    let last = tokio::time::timeout(WAIT, ending).await.unwrap();
    let last = String::from_utf8(last.to_vec()).unwrap();
    assert!(
        last.starts_with("event: close\n") && last.contains("unauthenticated"),
        "{last}"
    );
}
