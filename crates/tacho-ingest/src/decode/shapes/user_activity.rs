//! `UserActivity` of the analytics document: every name is an alias of the activity's own.

use super::testing::{records, shown};

#[test]
fn it_is_an_activity() {
    let records = records(
        r#"{"id":"a-1","userId":"ada","timestamp":"2026-11-22T09:30:00Z","sessionId":"sess-9","action":"export",
            "resource":"report","resourceId":"r-3","duration":2400,"metadata":{"format":"pdf"}}"#,
    );
    assert_eq!(
        shown(&records[0]),
        "activity a-1 #1 timestamp=2026-11-22T09:30:00Z user_id=ada session_id=sess-9 action=export resource=report \
         resource_id=r-3 duration_ms=2400 metadata={\"format\":\"pdf\"}"
    );
}
