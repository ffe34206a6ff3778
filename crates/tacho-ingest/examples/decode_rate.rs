//! How many records a second one core decodes: `cargo run --release -p tacho-ingest --example decode_rate`.
//!
//! Prints, for submissions of 1,000 records of four kinds in both formats and for files, the median of 41 passes. A typical
//! execution has fourteen fields and some 330 bytes.

use std::hint::black_box;
use std::time::Instant;

use tacho_core::Timestamp;
use tacho_core::record::RecordType;
use tacho_ingest::decode::{DecodeOptions, Format, csv, decode, ndjson_stream};

const RECORDS: usize = 1_000;
const PASSES: usize = 41;

/// Writes the record of that number.
type Kind = fn(usize) -> String;

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

/// The executions as a table, without the words that JSON repeats.
fn table() -> String {
    let mut table = "id,workflow_id,workflow_version,user_id,trigger_type,status,started_at,completed_at,duration_ms,steps_completed,steps_total,credits,cost_usd\n".to_owned();
    for n in 0..RECORDS {
        table += &format!(
            "run-{n:08},invoice-sync-{},v{},user-{},scheduled,success,2026-11-22T09:{:02}:{:02}.125Z,2026-11-22T10:00:30.5Z,{},5,5,1.25,0.0042\n",
            n % 500,
            n % 7,
            n % 40,
            n / 60 % 60,
            n % 60,
            30_000 + n
        );
    }
    table
}

fn print_rate(name: &str, bytes: usize, mut pass: impl FnMut() -> usize) {
    let mut seconds: Vec<f64> = (0..PASSES)
        .map(|_| {
            let start = Instant::now();
            let count = black_box(pass());
            let elapsed = start.elapsed().as_secs_f64();
            assert_eq!(count, RECORDS);
            elapsed
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    let each = seconds[PASSES / 2] / RECORDS as f64;
    println!(
        "{name:<40}{:>12.0}{:>12.0}{:>12.0}",
        1.0 / each,
        each * 1e9,
        bytes as f64 / RECORDS as f64 / each / 1e6
    );
}

fn main() {
    let options = DecodeOptions::new(Timestamp::from_micros(1_795_348_800_000_000));
    println!("{:<40}{:>12}{:>12}{:>12}", "", "records/s", "ns/record", "MB/s");
    let kinds: [(&str, Kind); 4] = [
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
            print_rate(&format!("{kind} ({format:?})"), body.len(), || {
                decode(format, black_box(body.as_bytes()), &options)
                    .map_or(0, |decoded| decoded.records.len())
            });
        }
    }
    let lines: Vec<String> = (0..RECORDS).map(execution).collect();
    let lines = lines.join("\n");
    print_rate("execution, 14 fields (NDJSON file)", lines.len(), || {
        ndjson_stream::read(black_box(lines.as_bytes()), &options)
            .filter(|item| matches!(item, Ok((_, Ok(_)))))
            .count()
    });
    let table = table();
    print_rate("execution, 13 columns (CSV file)", table.len(), || {
        csv::read(
            black_box(table.as_bytes()),
            csv::TableOptions::new(RecordType::Execution),
            &options,
        )
        .map_or(0, |records| {
            records.filter(|item| matches!(item, Ok((_, Ok(_))))).count()
        })
    });
}
