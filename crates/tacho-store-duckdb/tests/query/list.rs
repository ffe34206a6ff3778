//! Executions listed page by page and shown with their parts.

use jiff::tz::TimeZone;
use tacho_core::Scope;
use tacho_core::record::{Record, RecordType, Value};
use tacho_core::time::Timestamp;
use tacho_query::executions::ExecutionQuery;
use tacho_query::executions::wire::{ExecutionDetail, ExecutionList, ExecutionListParams};

use crate::fixture::{Fixture, Run, Workflow, at, organization, run_record};

const NOW: &str = "2026-11-22T10:00:00Z";

fn workflow(id: &str, owner: &str) -> Workflow {
    Workflow {
        id: id.to_owned(),
        name: Some(format!("The {id}")),
        owner: Some(owner.to_owned()),
    }
}

/// 40 runs at 10 moments, of two workflows and none.
fn runs() -> Vec<Run> {
    (0..40)
        .map(|number| Run {
            id: format!("run-{number}"),
            attempt: 1,
            at: at("2026-11-22T09:00:00Z") + i64::from(number / 4) * 1_000_000,
            status: ["success", "failed", "running"][number as usize % 3],
            workflow: [Some("invoices"), Some("reminders"), None][number as usize % 3].map(str::to_owned),
            user: Some(["ada", "bob"][number as usize % 2].to_owned()),
            error_message: (number % 3 == 1).then(|| "Could not reach 100% of HOSTS".to_owned()),
            cost_micros: Some(1_234_567),
            ..Run::default()
        })
        .collect()
}

fn filled() -> Fixture {
    let fixture = Fixture::new();
    fixture.fill(
        organization(1),
        &runs(),
        &[workflow("invoices", "ada"), workflow("reminders", "bob")],
    );
    fixture
}

fn page(fixture: &Fixture, scope: &Scope, params: &ExecutionListParams) -> ExecutionList {
    let now = NOW.parse().unwrap();
    fixture
        .block_on(fixture.engine.list_executions(scope, params, now, &TimeZone::UTC))
        .unwrap()
}

fn all_pages(fixture: &Fixture, scope: &Scope, mut params: ExecutionListParams) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let page = page(fixture, scope, &params);
        assert!(page.executions.len() <= params.limit.unwrap_or(50) as usize);
        ids.extend(page.executions.into_iter().map(|execution| execution.id));
        match page.next_cursor {
            Some(cursor) => params.cursor = Some(cursor),
            None => return ids,
        }
    }
}

fn expected(keep: impl Fn(&Run) -> bool) -> Vec<String> {
    let mut kept: Vec<Run> = runs().into_iter().filter(|run| keep(run)).collect();
    kept.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    kept.into_iter().map(|run| run.id).collect()
}

fn all() -> Scope {
    Scope::all(organization(1))
}

#[test]
fn pages_show_each_execution_once_newest_first() {
    let fixture = filled();
    for limit in [1, 3, 7, 40, 200] {
        let params = ExecutionListParams {
            limit: Some(limit),
            ..ExecutionListParams::default()
        };
        assert_eq!(all_pages(&fixture, &all(), params), expected(|_| true), "{limit}");
    }
    let first = page(
        &fixture,
        &all(),
        &ExecutionListParams {
            limit: Some(1),
            ..ExecutionListParams::default()
        },
    );
    let execution = &first.executions[0];
    assert_eq!(execution.id, "run-39");
    assert_eq!(execution.workflow_name.as_deref(), Some("The invoices"));
    assert_eq!(execution.cost_usd, Some(1.234567));
    assert_eq!(first.as_of_lsn, 42);
}

#[test]
fn what_changes_between_pages_is_neither_skipped_nor_repeated() {
    let fixture = filled();
    let params = ExecutionListParams {
        limit: Some(10),
        ..ExecutionListParams::default()
    };
    let first = page(&fixture, &all(), &params);
    let mut ids: Vec<String> = first
        .executions
        .into_iter()
        .map(|execution| execution.id)
        .collect();
    // A newer one arrives.
    let newer = Run {
        id: "new".into(),
        attempt: 1,
        at: at(NOW) - 1,
        status: "queued",
        ..Run::default()
    };
    fixture.apply(organization(1), [run_record(&newer)]);
    ids.extend(all_pages(
        &fixture,
        &all(),
        ExecutionListParams {
            cursor: first.next_cursor,
            ..params
        },
    ));
    assert_eq!(ids, expected(|_| true));
}

#[test]
fn filters_and_scope_hold() {
    let fixture = filled();
    let with = |change: fn(&mut ExecutionListParams)| {
        let mut params = ExecutionListParams {
            limit: Some(9),
            ..ExecutionListParams::default()
        };
        change(&mut params);
        params
    };
    let failed = with(|params| params.status = Some("failed,timeout".into()));
    assert_eq!(
        all_pages(&fixture, &all(), failed),
        expected(|run| run.status == "failed")
    );
    let searched = with(|params| params.search = Some("100% of hosts".into()));
    assert_eq!(
        all_pages(&fixture, &all(), searched),
        expected(|run| run.error_message.is_some())
    );
    let named = with(|params| params.search = Some("the INVOICES".into()));
    let of = |id: &'static str| move |run: &Run| run.workflow.as_deref() == Some(id);
    assert_eq!(all_pages(&fixture, &all(), named), expected(of("invoices")));
    let nothing = with(|params| params.search = Some("%".repeat(3)));
    assert!(all_pages(&fixture, &all(), nothing).is_empty());
    let until = with(|params| params.to = Some("2026-11-22T09:00:02Z".parse().unwrap()));
    assert_eq!(
        all_pages(&fixture, &all(), until),
        expected(|run| run.at < at("2026-11-22T09:00:02Z"))
    );

    let ada = Scope::owned(organization(1), vec!["ada".into()]);
    let visible = |run: &Run| match &run.workflow {
        Some(workflow) => workflow == "invoices",
        None => run.user.as_deref() == Some("ada"),
    };
    assert_eq!(all_pages(&fixture, &ada, with(|_| ())), expected(visible));
    let others = with(|params| params.workflow_id = Some("reminders".into()));
    assert!(all_pages(&fixture, &ada, others).is_empty());
    assert!(all_pages(&fixture, &Scope::owned(organization(1), Vec::new()), with(|_| ())).is_empty());
    assert!(all_pages(&fixture, &Scope::all(organization(2)), with(|_| ())).is_empty());
}

fn part(record_type: RecordType, id: &str, named: &[(&str, Value)]) -> Record {
    let mut fields: Vec<(u8, Value)> = named
        .iter()
        .map(|(name, value)| (record_type.spec().position(name), value.clone()))
        .collect();
    fields.sort_by_key(|(position, _)| *position);
    let updated_at = Timestamp::from_micros(at(NOW));
    Record {
        record_type,
        id: id.into(),
        attempt: 1,
        updated_at,
        is_inferred: false,
        fields,
    }
}

fn detail(fixture: &Fixture, scope: &Scope, id: &str, attempt: Option<u32>) -> Option<ExecutionDetail> {
    let query = ExecutionQuery {
        id: id.to_owned(),
        attempt,
    };
    fixture
        .block_on(fixture.engine.execution(scope, query, NOW.parse().unwrap()))
        .unwrap()
}

#[test]
fn an_execution_is_shown_with_its_parts() {
    let fixture = filled();
    let time = || Value::Int(at("2026-11-22T09:00:00Z"));
    let of_run = || ("execution_id", Value::from("run-0"));
    let retry = Run {
        attempt: 2,
        status: "failed",
        ..runs().swap_remove(0)
    };
    let metadata = part(RecordType::Execution, "run-0", &[])
        .record_type
        .spec()
        .position("metadata");
    let mut retry = run_record(&retry);
    retry.fields.push((metadata, Value::from(r#"{"ticket":7}"#)));
    retry
        .fields
        .push((metadata + 1, Value::from(r#"{"team":"ops"}"#)));
    fixture.apply(
        organization(1),
        [
            retry,
            part(
                RecordType::Step,
                "s-1",
                &[of_run(), ("status", Value::Keyword(0)), ("started_at", time())],
            ),
            part(
                RecordType::Cost,
                "c-1",
                &[
                    of_run(),
                    ("timestamp", time()),
                    ("amount_usd", Value::Int(250_000)),
                    ("is_estimate", Value::Bool(true)),
                ],
            ),
            part(
                RecordType::Resource,
                "r-1",
                &[
                    of_run(),
                    ("timestamp", time()),
                    ("cpu_percent", Value::Float(12.5)),
                    ("queue_depth", Value::Int(3)),
                ],
            ),
            part(
                RecordType::Recovery,
                "y-1",
                &[
                    of_run(),
                    ("timestamp", time()),
                    ("strategy", "reload".into()),
                    ("status", "success".into()),
                ],
            ),
            part(
                RecordType::Step,
                "other",
                &[
                    ("execution_id", "run-1".into()),
                    ("status", Value::Keyword(0)),
                    ("started_at", time()),
                ],
            ),
        ],
    );
    let shown = detail(&fixture, &all(), "run-0", None).unwrap();
    assert_eq!(
        (shown.execution.execution.attempt, shown.attempts.as_slice()),
        (2, [1, 2].as_slice())
    );
    assert_eq!(shown.execution.execution.status, "failed");
    assert_eq!(shown.execution.metadata["ticket"], 7);
    assert_eq!(shown.execution.execution.tags["team"], "ops");
    assert_eq!(shown.steps.len(), 1);
    assert_eq!(
        (shown.steps[0].step_id.as_str(), shown.steps[0].status.as_deref()),
        ("s-1", Some("completed"))
    );
    assert_eq!(
        (shown.costs[0].amount_usd, shown.costs[0].is_estimate),
        (Some(0.25), Some(true))
    );
    assert_eq!(
        (shown.resources[0].cpu_percent, shown.resources[0].queue_depth),
        (Some(12.5), Some(3))
    );
    assert_eq!(shown.recoveries[0].strategy.as_deref(), Some("reload"));
    assert!(!shown.is_cut);

    assert_eq!(
        detail(&fixture, &all(), "run-0", Some(1))
            .unwrap()
            .execution
            .execution
            .status,
        "success"
    );
    assert!(detail(&fixture, &all(), "run-0", Some(3)).is_none());
    assert!(detail(&fixture, &all(), "nope", None).is_none());
    assert!(detail(&fixture, &Scope::all(organization(2)), "run-0", None).is_none());
    assert!(
        detail(
            &fixture,
            &Scope::owned(organization(1), vec!["bob".into()]),
            "run-0",
            None
        )
        .is_none()
    );
    // Parts that have not inherited their workflow yet are seen by those who see all.
    let owner = detail(
        &fixture,
        &Scope::owned(organization(1), vec!["ada".into()]),
        "run-0",
        None,
    )
    .unwrap();
    assert!(owner.steps.is_empty());
}

/// As many are listed as are counted under the same filters.
#[test]
fn filters_are_those_of_questions() {
    let fixture = filled();
    let later = Run {
        id: "later".into(),
        attempt: 1,
        at: at("2026-11-21T21:30:00Z"),
        status: "success",
        workflow: Some("invoices".into()),
        duration_ms: Some(1_200),
        tag: Some("prod".into()),
        ..Run::default()
    };
    // Its sender says how long it ran, though it has not ended.
    let open = Run {
        id: "open".into(),
        status: "running",
        ..later.clone()
    };
    fixture.apply(organization(1), [&later, &open].map(run_record));
    let tagged = r#"[{"field": "tags.e/n~v", "op": "eq", "value": "prod"}]"#;
    for (filters, count) in [
        ("[]", 42),
        (tagged, 2),
        (r#"[{"field": "duration", "op": "gte", "value": 1200}]"#, 1),
        (r#"[{"field": "duration_bucket", "op": "eq", "value": 1123}]"#, 1),
        (r#"[{"field": "hour_of_day", "op": "eq", "value": 22}]"#, 2),
        (
            r#"[{"field": "workflow_owner", "op": "eq", "value": "ada"}, {"field": "tags.e/n~v", "op": "is_null"}]"#,
            14,
        ),
        (
            r#"[{"or": [{"field": "status", "op": "eq", "value": "failed"}, {"not": {"field": "user", "op": "is_not_null"}}]}]"#,
            15,
        ),
    ] {
        for scope in [all(), Scope::owned(organization(1), vec!["ada".into()])] {
            let zone = TimeZone::get("Europe/Berlin").unwrap();
            let params = ExecutionListParams {
                filters: Some(filters.to_owned()),
                limit: Some(200),
                ..ExecutionListParams::default()
            };
            let now = NOW.parse().unwrap();
            let list = fixture.block_on(fixture.engine.list_executions(&scope, &params, now, &zone));
            let listed = list.unwrap().executions.len();
            let filters: serde_json::Value = serde_json::from_str(filters).unwrap();
            let question = serde_json::json!({ "source": "executions", "measures": ["count"], "filters": filters,
                "time": { "period": "all" }, "timezone": "Europe/Berlin" });
            let answer = fixture.answer(&scope, question, now);
            assert_eq!(serde_json::json!(listed), answer.rows[0][0], "{filters}");
            if scope == all() {
                assert_eq!(listed, count, "{filters}");
            }
        }
    }
    assert_eq!(
        page(
            &fixture,
            &all(),
            &ExecutionListParams {
                filters: Some(tagged.to_owned()),
                ..ExecutionListParams::default()
            }
        )
        .executions
        .into_iter()
        .map(|execution| (execution.id, execution.duration_ms))
        .collect::<Vec<_>>(),
        [("open".to_owned(), None), ("later".to_owned(), Some(1_200))]
    );
}

#[test]
fn the_longest_and_the_most_expensive_come_first_on_one_page() {
    let fixture = Fixture::new();
    let run = |id: &str, seconds: i64, status: &'static str, duration_ms, cost_micros| Run {
        id: id.into(),
        attempt: 1,
        at: at("2026-11-22T09:00:00Z") + seconds * 1_000_000,
        status,
        duration_ms,
        cost_micros,
        ..Run::default()
    };
    let runs = [
        run("a", 1, "success", Some(500), None),
        run("b", 2, "failed", Some(900), Some(3)),
        run("c", 3, "success", None, Some(7)),
        run("d", 4, "success", Some(500), Some(7)),
        // Not ended: it has no duration yet.
        run("e", 5, "running", Some(5_000), None),
    ];
    fixture.fill(organization(1), &runs, &[]);
    let ordered = |order: &str, limit| {
        let params = ExecutionListParams {
            order: Some(order.to_owned()),
            limit: Some(limit),
            ..ExecutionListParams::default()
        };
        let page = page(&fixture, &all(), &params);
        let ids: Vec<String> = page.executions.into_iter().map(|one| one.id).collect();
        (ids.join(" "), page.next_cursor.is_some())
    };
    assert_eq!(ordered("newest", 50), ("e d c b a".to_owned(), false));
    assert_eq!(ordered("longest", 50), ("b d a e c".to_owned(), false));
    assert_eq!(ordered("costliest", 50), ("d c b e a".to_owned(), false));
    assert_eq!(ordered("newest", 2), ("e d".to_owned(), true));
    assert_eq!(ordered("longest", 2), ("b d".to_owned(), false));
}
