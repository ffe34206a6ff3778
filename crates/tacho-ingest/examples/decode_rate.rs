//! How many records a second one core decodes: `cargo run --release -p tacho-ingest --example decode_rate`.
//!
//! Prints, for submissions of 1,000 records of four kinds and both formats, the median of 41 passes. A typical execution
//! has twelve fields and some 400 bytes.

use std::hint::black_box;
use std::time::Instant;

use tacho_core::Timestamp;
use tacho_ingest::decode::{DecodeOptions, Format, decode};

const RECORDS: usize = 1_000;
const PASSES: usize = 41;

fn execution(n: usize) -> String {
    format!(
        r#"{{"type":"execution","id":"run-{n:08}","workflow_id":"invoice-sync-{}","workflow_version":"v{}","user_id":"user-{}","trigger_type":"scheduled","status":"success","started_at":"2026-11-22T09:{:02}:{:02}.125Z","completed_at":"2026-11-22T10:00:30.5Z","duration_ms":{},"steps_completed":5,"steps_total":5,"credits":1.25,"cost_usd":0.0042}}"#,
        n % 500,
        n % 7,
        n % 40,
        n / 60 % 60,
        n % 60,
        30_000 + n
    )
}

fn with_metadata(n: usize) -> String {
    let mut text = execution(n);
    text.pop();
    text + r#","tags":{"region":"eu-central","customer":"acme"},"metadata":{"host":"worker-3","queue":{"name":"default","depth":12},"labels":["a","b"]}}"#
}

fn document_event(n: usize) -> String {
    format!(
        r#"{{"id":"run-{n}","timestamp":"2026-11-22T09:30:30.000Z","workflowId":"invoice","workflowVersion":3,"userId":"ada","triggerId":"t-1","triggerType":"schedule","status":"completed","duration":{},"stepCount":5,"errorType":null,"errorMessage":null,"metadata":{{"region":"eu"}}}}"#,
        30_000 + n
    )
}

fn metric(n: usize) -> String {
    format!(
        r#"{{"type":"metric","timestamp":"2026-11-22T09:30:{:02}.{:03}Z","name":"queue.depth","kind":"gauge","value":{}.5,"tags":{{"queue":"default","region":"eu"}}}}"#,
        n / 1000 % 60,
        n % 1000,
        n % 90
    )
}

fn main() {
    let received_at = Timestamp::from_micros(1_795_348_800_000_000);
    println!("{:<34}{:>12}{:>12}{:>12}", "", "records/s", "ns/record", "MB/s");
    let kinds: [(&str, fn(usize) -> String); 4] = [
        ("execution, 14 fields", execution),
        ("execution, tags and metadata", with_metadata),
        ("ExecutionEvent, type recognised", document_event),
        ("metric, id from its series", metric),
    ];
    for (kind, record) in kinds {
        let texts: Vec<String> = (0..RECORDS).map(record).collect();
        for (format, body) in [
            (Format::Json, format!("[{}]", texts.join(","))),
            (Format::Ndjson, texts.join("\n")),
        ] {
            let options = DecodeOptions::new(received_at);
            let mut seconds: Vec<f64> = (0..PASSES)
                .map(|_| {
                    let start = Instant::now();
                    let decoded = black_box(decode(format, black_box(body.as_bytes()), &options));
                    let elapsed = start.elapsed().as_secs_f64();
                    assert_eq!(decoded.map(|decoded| decoded.records.len()), Ok(RECORDS));
                    elapsed
                })
                .collect();
            seconds.sort_by(f64::total_cmp);
            let each = seconds[PASSES / 2] / RECORDS as f64;
            println!(
                "{:<34}{:>12.0}{:>12.0}{:>12.0}",
                format!("{kind} ({format:?})"),
                1.0 / each,
                each * 1e9,
                body.len() as f64 / RECORDS as f64 / each / 1e6
            );
        }
    }
}
