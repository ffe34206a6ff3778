//! `CostRecord` of the analytics document: every name is an alias of the cost's own.

use super::testing::{records, shown};

#[test]
fn it_is_a_cost() {
    let records = records(
        r#"{"id":"c-1","timestamp":"2026-11-22T09:30:00Z","userId":"ada","workflowId":"invoice","executionId":"run-7",
            "actionType":"llm_call","credits":1.5,"dollarAmount":0.0042,"metadata":{"model":"large"}}"#,
    );
    assert_eq!(
        shown(&records[0]),
        "cost c-1 #1 timestamp=2026-11-22T09:30:00Z user_id=ada workflow_id=invoice execution_id=run-7 \
         action_type=llm_call credits=1500 amount_usd=4200 metadata={\"model\":\"large\"}"
    );
}
