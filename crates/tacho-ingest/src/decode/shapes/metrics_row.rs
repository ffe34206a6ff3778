//! A row of the `metrics` table of the real-time document: every name is an alias of the metric's own. Without an id, its
//! series and time identify it.

use super::testing::{records, shown};

const ROW: &str = r#"{"time":"2026-11-22T09:30:00Z","metric_name":"task.execution.duration","metric_type":"gauge",
    "value":1250.5,"tags":{"region":"eu","shard":3},"metadata":{"source":"worker"}}"#;

#[test]
fn it_is_a_metric_point() {
    let records = records(ROW);
    let text = shown(&records[0]);
    let (id, fields) = text.split_once(" #1 ").unwrap();
    assert!(id.starts_with("metric ~"), "{id}");
    assert_eq!(
        fields,
        "timestamp=2026-11-22T09:30:00Z name=task.execution.duration kind=gauge value=1250.5 \
         metadata={\"source\":\"worker\"} tags={\"region\":\"eu\",\"shard\":\"3\"}"
    );
}

#[test]
fn series_and_time_make_the_id() {
    let id = |json: &str| records(json)[0].id.clone();
    assert_eq!(id(ROW), id(&ROW.replace("1250.5", "7")));
    assert_eq!(
        id(ROW),
        id(&ROW.replace(r#""region":"eu","shard":3"#, r#""shard":"3","region":"eu""#))
    );
    for (from, to) in [
        ("09:30", "09:31"),
        ("\"eu\"", "\"us\""),
        ("task.execution", "task"),
    ] {
        assert_ne!(id(ROW), id(&ROW.replace(from, to)), "{to}");
    }
}
